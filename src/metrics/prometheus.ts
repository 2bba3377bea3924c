/**
 * A recorder's families in a registry of prom-client, as a host scrapes it.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { Registry, type Metric } from "prom-client";

import { CONTENT_TYPES, openMetricsName, openMetricsType, SERIES_A_SLICE } from "./exposition.js";
import type { Catalogue } from "./family.js";
import type { Recorder } from "./recorder.js";
import { RegistryReading } from "./registry-reading.js";
import type { ExposedTable } from "./series-table.js";
import type { Exemplar, Head, Series } from "./series.js";

/** What is used of a registry: that of another copy or version of prom-client fits too. */
export interface MetricsRegistry {
  readonly contentType: string;
  getSingleMetric(name: string): unknown;
  registerMetric(metric: Metric): void;
  removeSingleMetric(name: string): void;
}

/** What ends that a recorder's later families come into a registry. */
const ENDINGS = new WeakMap<MetricsRegistry, Map<Recorder<Catalogue>, () => void>>();

/**
 * Puts every family of a recorder into a registry, which from then on exposes what the recorder holds,
 * families that are added later included.
 *
 * @throws {RangeError} If the registry has a metric of one of the names; it then has none of ours.
 */
export function register(recorder: Recorder<Catalogue>): Registry;
export function register<R extends MetricsRegistry>(recorder: Recorder<Catalogue>, registry: R): R;
export function register(
  recorder: Recorder<Catalogue>,
  registry: MetricsRegistry = new Registry(),
): MetricsRegistry {
  for (const { name } of recorder.tables) {
    if (registry.getSingleMetric(name) !== undefined) {
      throw new RangeError(`The registry already has a metric named "${name}"`);
    }
  }
  const turns = new Turns();
  const reading = new RegistryReading(recorder);
  const add = (table: ExposedTable): void => {
    if (registry.getSingleMetric(table.name) !== undefined) return;
    // What prom-client declares is its own classes; what it calls is this.
    const family = new RegisteredFamily(table, reading, registry, turns);
    registry.registerMetric(family as unknown as Metric);
    family.isAlone = true;
  };
  for (const table of recorder.tables) add(table);
  const endings = ENDINGS.get(registry) ?? new Map<Recorder<Catalogue>, () => void>();
  // A host that cleared its registry registers again.
  endings.get(recorder)?.();
  ENDINGS.set(registry, endings.set(recorder, recorder.onTable(add)));
  return registry;
}

/** Takes a recorder's families out of a registry, and nobody else's. */
export function unregister(recorder: Recorder<Catalogue>, registry: MetricsRegistry): void {
  const endings = ENDINGS.get(registry);
  endings?.get(recorder)?.();
  endings?.delete(recorder);
  for (const table of recorder.tables) {
    const metric = registry.getSingleMetric(table.name);
    if (metric instanceof RegisteredFamily && metric.table === table) {
      registry.removeSingleMetric(table.name);
    }
  }
}

/** Whether a metric of a registry is a family of a recorder. */
export function isRegisteredFamily(metric: unknown): boolean {
  return metric instanceof RegisteredFamily;
}

/**
 * What a host has its registry write on each line. The field is private to prom-client: absent where it
 * is called otherwise.
 */
export function defaultLabelsOf(
  registry: MetricsRegistry,
): Readonly<Record<string, unknown>> | undefined {
  const { _defaultLabels: labels } = registry as {
    readonly _defaultLabels?: Readonly<Record<string, unknown>> | null;
  };
  return typeof labels === "object" && labels !== null ? labels : undefined;
}

/**
 * Shares out turns of the event loop among the families of a registry, which prom-client reads all at
 * once.
 */
class Turns {
  #left = SERIES_A_SLICE;
  #next: Promise<void> | undefined;

  /** How many series may be rendered now. */
  get left(): number {
    return this.#left;
  }

  take(series: number): void {
    this.#left -= series;
  }

  /** Waits until others had their turn. */
  next(): Promise<void> {
    this.#next ??= setImmediate().then(() => {
      this.#left = SERIES_A_SLICE;
      this.#next = undefined;
    });
    return this.#next;
  }
}

interface RowExemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

/** A line as prom-client puts it together. */
interface Row {
  readonly metricName?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Told by their identity apart from others. */
  readonly sharedLabels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: RowExemplar | undefined;
}

/** What prom-client makes of the rows of several workers. */
type Aggregator = "sum" | "first" | "omit";

interface Rows {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: Aggregator;
  readonly values: readonly Row[];
}

/** One family as prom-client sees it. */
class RegisteredFamily {
  readonly table: ExposedTable;
  readonly help: string;
  readonly type: string;
  /** Across the workers of a cluster. */
  readonly aggregator: Aggregator;
  /** Only its own registry has it, and asks for text. */
  isAlone = false;
  readonly #reading: RegistryReading;
  readonly #registry: MetricsRegistry;
  readonly #turns: Turns;
  #wasAlone = false;
  #isNamedForOpenMetrics = false;

  constructor(
    table: ExposedTable,
    reading: RegistryReading,
    registry: MetricsRegistry,
    turns: Turns,
  ) {
    this.table = table;
    this.#reading = reading;
    this.#registry = registry;
    this.#turns = turns;
    this.help = table.family.help;
    this.type = table.family.type;
    this.aggregator = aggregatorOf(table);
  }

  /**
   * What asks for it is a registry that takes it in: one that others were merged into has default labels
   * and a content type of its own, which cannot be asked for.
   */
  get name(): string {
    this.#wasAlone = this.isAlone;
    this.isAlone = false;
    return this.table.name;
  }

  /**
   * prom-client takes `_total` off for OpenMetrics and never puts it back: it is not let. It does so
   * right before it reads a counter, whichever registry that is for, and asks for the name for it: no
   * registry takes it in.
   */
  set name(name: string) {
    this.isAlone = this.#wasAlone;
    this.#isNamedForOpenMetrics = name !== this.table.name;
  }

  /** As data: who writes it, as a cluster's primary does, has a format of its own. */
  get(): Promise<Rows> {
    return this.#reading.read(() => this.#asRows(false, rowOf));
  }

  /**
   * For text: all lines as the name of one. prom-client would put default labels, and what OpenMetrics
   * wants of counters, on the last line only; with these it gets rows, and so do other registries.
   */
  getForPromString(): Promise<Rows> {
    const isOpenMetrics = this.#isOpenMetrics() || this.#isNamedForOpenMetrics;
    this.#isNamedForOpenMetrics = false;
    const isText = this.isAlone && !isOpenMetrics && this.#hasNoDefaultLabels();
    return this.#reading.read(() =>
      isText ? this.#asText() : this.#asRows(isOpenMetrics, textRowOf),
    );
  }

  reset(): void {
    this.table.reset();
  }

  async #asRows(isOpenMetrics: boolean, row: MakeRow): Promise<Rows> {
    const { table } = this;
    const values: Row[] = [];
    for await (const part of this.#parts()) {
      for (const series of part) {
        series.eachLine((head, value, exemplar) => {
          values.push(row(table.name, head, value, exemplar));
        });
      }
    }
    return isOpenMetrics
      ? this.#rows(openMetricsName(table), openMetricsType(table), values)
      : this.#rows(table.name, this.type, values);
  }

  async #asText(): Promise<Rows> {
    let text = "";
    for await (const part of this.#parts()) {
      for (const series of part) text += series.text();
    }
    const { name } = this.table;
    if (text === "") return this.#rows(name, this.type, []);
    // The last line without its end, which is prom-client's to write.
    const end = text.lastIndexOf(" ");
    const value = Number(text.slice(end + 1));
    return this.#rows(name, this.type, [{ metricName: text.slice(0, end), labels: {}, value }]);
  }

  /** All series, in so many parts that others get a turn. */
  async *#parts(): AsyncGenerator<readonly Series[]> {
    const all = this.table.all();
    for (let done = 0; done < all.length;) {
      while (this.#turns.left <= 0) await this.#turns.next();
      const part = all.slice(done, done + this.#turns.left);
      done += part.length;
      this.#turns.take(part.length);
      yield part;
    }
  }

  #isOpenMetrics(): boolean {
    return this.#registry.contentType !== CONTENT_TYPES.prometheus;
  }

  /** Where they are not known, rows are safe. */
  #hasNoDefaultLabels(): boolean {
    const labels = defaultLabelsOf(this.#registry);
    return labels !== undefined && Object.keys(labels).length === 0;
  }

  #rows(name: string, type: string, values: readonly Row[]): Rows {
    return { name, help: this.help, type, aggregator: this.aggregator, values };
  }
}

/**
 * Quantiles of several processes have no sum, nor have times, shares and scores that are as they are.
 * What says 1 of a process, as of its version, is the same in all.
 */
function aggregatorOf({ name, family: { type, unit = "none" } }: ExposedTable): Aggregator {
  if (type === "summary") return "omit";
  if (type !== "gauge") return "sum";
  if (name.endsWith("_info")) return "first";
  return ["seconds", "ratio", "score"].includes(unit) ? "omit" : "sum";
}

/** A line of a family as prom-client puts it together. */
type MakeRow = (family: string, head: Head, value: number, exemplar: Exemplar | undefined) => Row;

/** As data, where what is absent is no field. */
const rowOf: MakeRow = (family, { name, labels }, value, exemplar) => ({
  ...(name === family ? {} : { metricName: name }),
  labels,
  value,
  ...(exemplar === undefined ? {} : { exemplar: rowExemplar(exemplar) }),
});

/**
 * For text: prom-client 15 writes labels that are said to be shared once, and takes them from the
 * others, which older versions know alone. One shape for all rows: spread together they would take
 * three times as long to read.
 */
const textRowOf: MakeRow = (family, { name, labels }, value, exemplar) => ({
  metricName: name === family ? undefined : name,
  labels,
  sharedLabels: labels,
  value,
  exemplar: exemplar && rowExemplar(exemplar),
});

function rowExemplar({ labels, value, atSeconds }: Exemplar): RowExemplar {
  return { labelSet: labels, value, timestamp: atSeconds };
}
