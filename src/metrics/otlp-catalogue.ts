/**
 * A recorder's families as OpenTelemetry collects them: read when they are, with nothing added to what
 * an update costs.
 *
 * @module
 */

import type { Catalogue, FamilyUnit } from "./family.js";
import type { Attributes } from "./otlp-ports.js";
import type { Recorder } from "./recorder.js";
import type { ExposedTable } from "./series-table.js";
import type { Sample, Series } from "./series.js";

/** Sums since the start of the process, or since the last collection. */
export type Temporality = "cumulative" | "delta";

/** Numbers of the enumerations of `@opentelemetry/sdk-metrics`, which is not loaded for them. */
const DELTA = 0;
const CUMULATIVE = 1;
const HISTOGRAM = 0;
const GAUGE = 2;
const SUM = 3;
const DOUBLE = 1;

/** Unified Code for Units of Measure, as OpenTelemetry wants it; what is counted is in braces. */
const UNITS: Readonly<Partial<Record<FamilyUnit, string>>> = {
  seconds: "s",
  milliseconds: "ms",
  bytes: "By",
  ratio: "1",
  score: "1",
  none: "1",
};

type HrTime = [seconds: number, nanoseconds: number];

interface Point<Value> {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Attributes;
  readonly value: Value;
}

interface HistogramValue {
  readonly buckets: { readonly boundaries: number[]; readonly counts: number[] };
  readonly sum: number;
  readonly count: number;
}

interface Descriptor {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly valueType: typeof DOUBLE;
}

interface Facts {
  readonly descriptor: Descriptor;
  readonly aggregationTemporality: typeof DELTA | typeof CUMULATIVE;
}

type MetricData =
  | (Facts & { dataPointType: typeof GAUGE; dataPoints: Point<number>[] })
  | (Facts & { dataPointType: typeof SUM; dataPoints: Point<number>[]; isMonotonic: boolean })
  | (Facts & { dataPointType: typeof HISTOGRAM; dataPoints: Point<HistogramValue>[] });

/** Of a producer beside the SDK's own it is ignored. */
interface NoResource {
  readonly attributes: Attributes;
  merge(other: NoResource | null): NoResource;
  getRawAttributes(): [];
}

interface Collection {
  readonly resourceMetrics: {
    readonly resource: NoResource;
    readonly scopeMetrics: { scope: { readonly name: string }; metrics: MetricData[] }[];
  };
  readonly errors: unknown[];
}

/** Fits `MetricProducer` of `@opentelemetry/sdk-metrics`. */
export interface CatalogueProducer {
  collect(): Promise<Collection>;
}

/** How families are collected. */
export interface CatalogueProducerOptions {
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** @default "cumulative" */
  readonly temporality?: Temporality;
}

/**
 * Every counter, gauge and histogram of a recorder, for `metricProducers` of a metric reader.
 * Summaries are left out: OpenTelemetry has no instrument for them, and each has a histogram beside it.
 * With delta one producer serves one reader.
 */
export function catalogueProducer(
  recorder: Recorder<Catalogue>,
  { nowMs, temporality = "cumulative" }: CatalogueProducerOptions,
): CatalogueProducer {
  const startTime = hrTimeOf(nowMs());
  const deltas = temporality === "delta" ? new Deltas(startTime) : undefined;
  return {
    collect: () => {
      recorder.collect();
      const endTime = hrTimeOf(nowMs());
      const metrics = recorder.tables.flatMap((table) => {
        const data = metricData(table, { startTime, endTime, deltas });
        return data === undefined || data.dataPoints.length === 0 ? [] : [data];
      });
      deltas?.startAgain(endTime);
      const scopeMetrics = [{ scope: { name: "mediaprobe" }, metrics }];
      return Promise.resolve({
        resourceMetrics: { resource: NO_RESOURCE, scopeMetrics },
        errors: [],
      });
    },
  };
}

const NO_RESOURCE: NoResource = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};

/** What was told of each series the last time. */
class Deltas {
  startTime: HrTime;
  readonly #told = new WeakMap<Series, number[]>();

  constructor(startTime: HrTime) {
    this.startTime = startTime;
  }

  /** What is new; nothing if nothing is. A series that was set back begins again. */
  since(series: Series, values: number[]): number[] | undefined {
    const told = this.#told.get(series);
    this.#told.set(series, values);
    if (told === undefined || values.some((value, i) => value < (told[i] ?? 0))) {
      return values.some((value) => value !== 0) ? values : undefined;
    }
    const grown = values.map((value, i) => value - (told[i] ?? 0));
    return grown.some((value) => value !== 0) ? grown : undefined;
  }

  startAgain(at: HrTime): void {
    this.startTime = at;
  }
}

interface Period {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly deltas: Deltas | undefined;
}

function metricData(table: ExposedTable, period: Period): MetricData | undefined {
  const { help, type, unit } = table.family;
  const facts: Facts = {
    descriptor: {
      name: table.name,
      description: help,
      unit: unit === undefined ? "" : (UNITS[unit] ?? `{${unit.replace(/s$/, "")}}`),
      valueType: DOUBLE,
    },
    aggregationTemporality: period.deltas === undefined ? CUMULATIVE : DELTA,
  };
  switch (type) {
    case "counter": {
      const dataPoints = points(table, period, ([value = 0]) => value);
      return { ...facts, dataPointType: SUM, isMonotonic: true, dataPoints };
    }
    case "gauge": {
      const now = { ...period, deltas: undefined };
      const dataPoints = points(table, now, ([value = 0]) => value);
      return { ...facts, dataPointType: GAUGE, dataPoints };
    }
    case "histogram": {
      const dataPoints = points(table, period, histogramValue);
      return { ...facts, dataPointType: HISTOGRAM, dataPoints };
    }
    case "summary":
      return undefined;
  }
}

function points<Value>(
  table: ExposedTable,
  { startTime, endTime, deltas }: Period,
  valueOf: (values: number[], samples: readonly Sample[]) => Value,
): Point<Value>[] {
  const found: Point<Value>[] = [];
  for (const series of table.all()) {
    const samples = series.samples();
    // Of a gauge that shows nothing.
    if (samples.length === 0) continue;
    const values = samples.map(({ value }) => value);
    const told = deltas === undefined ? values : deltas.since(series, values);
    if (told === undefined) continue;
    found.push({
      startTime: deltas?.startTime ?? startTime,
      endTime,
      attributes: attributesOf(samples),
      value: valueOf(told, samples),
    });
  }
  return found;
}

function attributesOf([sample]: readonly Sample[]): Attributes {
  return Object.fromEntries(Object.entries(sample?.labels ?? {}).filter(([key]) => key !== "le"));
}

/** From counts up to each edge, then sum and count, as they are exposed. */
function histogramValue(values: readonly number[], samples: readonly Sample[]): HistogramValue {
  const edges = samples.flatMap(({ labels: { le } }) => (le === undefined ? [] : [Number(le)]));
  const counts = edges.map((_, i) => (values[i] ?? 0) - (i === 0 ? 0 : (values[i - 1] ?? 0)));
  return {
    buckets: { boundaries: edges.filter(Number.isFinite), counts },
    sum: values[edges.length] ?? 0,
    count: values[edges.length + 1] ?? 0,
  };
}

function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
