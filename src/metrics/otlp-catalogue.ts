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
  const told = new Told(temporality, startTime);
  return {
    collect: () => {
      recorder.collect();
      const endTime = hrTimeOf(nowMs());
      const metrics = recorder.tables.flatMap((table) => {
        const data = metricData(table, temporality, { startTime, endTime, told });
        return data === undefined || data.dataPoints.length === 0 ? [] : [data];
      });
      told.startAgain(endTime);
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

/** What was told of each series the last time, and since when it counts. */
class Told {
  readonly #isDelta: boolean;
  readonly #last = new WeakMap<Series, { readonly values: number[]; readonly startTime: HrTime }>();
  /** When the last collection ended, before the first when the producer was made. */
  #lastTime: HrTime;

  constructor(temporality: Temporality, startTime: HrTime) {
    this.#isDelta = temporality === "delta";
    this.#lastTime = startTime;
  }

  /**
   * What is to be told; of deltas nothing if nothing is new. A series that was set back, or made anew after
   * it was given up, begins again: when, is not known better than after the last collection.
   */
  next(
    series: Series,
    values: number[],
  ): { readonly values: number[]; readonly startTime: HrTime } | undefined {
    const last = this.#last.get(series);
    const isAnew = last === undefined || values.some((value, i) => value < (last.values[i] ?? 0));
    const startTime = isAnew ? this.#lastTime : last.startTime;
    this.#last.set(series, { values, startTime });
    if (!this.#isDelta) return { values, startTime };
    const grown = isAnew ? values : values.map((value, i) => value - (last.values[i] ?? 0));
    if (grown.every((value) => value === 0)) return undefined;
    return { values: grown, startTime: this.#lastTime };
  }

  startAgain(at: HrTime): void {
    this.#lastTime = at;
  }
}

interface Period {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  /** Of what does not count there is none. */
  readonly told: Told | undefined;
}

function metricData(
  table: ExposedTable,
  temporality: Temporality,
  period: Period,
): MetricData | undefined {
  const { help, type, unit } = table.family;
  const facts: Facts = {
    descriptor: {
      name: table.name,
      description: help,
      unit: unit === undefined ? "" : (UNITS[unit] ?? `{${unit.replace(/s$/, "")}}`),
      valueType: DOUBLE,
    },
    aggregationTemporality: temporality === "delta" ? DELTA : CUMULATIVE,
  };
  switch (type) {
    case "counter": {
      const dataPoints = points(table, period, ([value = 0]) => value);
      return { ...facts, dataPointType: SUM, isMonotonic: true, dataPoints };
    }
    case "gauge": {
      const now = { ...period, told: undefined };
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
  { startTime, endTime, told }: Period,
  valueOf: (values: number[], samples: readonly Sample[]) => Value,
): Point<Value>[] {
  const found: Point<Value>[] = [];
  for (const series of table.all()) {
    const samples = series.samples();
    // Of a gauge that shows nothing.
    if (samples.length === 0) continue;
    const values = samples.map(({ value }) => value);
    const next = told === undefined ? { startTime, values } : told.next(series, values);
    if (next === undefined) continue;
    found.push({
      startTime: next.startTime,
      endTime,
      attributes: attributesOf(samples),
      value: valueOf(next.values, samples),
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
