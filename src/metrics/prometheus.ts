/**
 * A recorder's families in a registry of prom-client, as a host scrapes it.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { Registry, type Metric } from "prom-client";

import { CONTENT_TYPES, openMetricsName, SERIES_A_SLICE } from "./exposition.js";
import type { Catalogue } from "./family.js";
import type { Recorder } from "./recorder.js";
import type { SeriesTable } from "./series-table.js";

/** What is used of a registry: that of another copy or version of prom-client fits too. */
export interface MetricsRegistry {
  readonly contentType: string;
  getSingleMetric(name: string): unknown;
  registerMetric(metric: Metric): void;
  removeSingleMetric(name: string): void;
}

/**
 * Puts every family of a recorder into a registry, which from then on exposes what the recorder holds.
 *
 * @throws {RangeError} If the registry has a metric of one of the names; it then has none of ours.
 */
export function register(recorder: Recorder<Catalogue>): Registry;
export function register<R extends MetricsRegistry>(recorder: Recorder<Catalogue>, registry: R): R;
export function register(
  recorder: Recorder<Catalogue>,
  registry: MetricsRegistry = new Registry(),
): MetricsRegistry {
  const tables = [...recorder.tables];
  for (const { name } of tables) {
    if (registry.getSingleMetric(name) !== undefined) {
      throw new RangeError(`The registry already has a metric named "${name}"`);
    }
  }
  for (const table of tables) {
    // What prom-client declares is its own classes; what it calls is this.
    registry.registerMetric(new RegisteredFamily(table, registry) as unknown as Metric);
  }
  return registry;
}

/** Takes a recorder's families out of a registry, and nobody else's. */
export function unregister(recorder: Recorder<Catalogue>, registry: MetricsRegistry): void {
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

/** A line as prom-client puts it together. */
interface Row {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Rows {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: "sum" | "omit";
  readonly values: readonly Row[];
}

/** One family as prom-client sees it. */
class RegisteredFamily {
  readonly table: SeriesTable;
  readonly help: string;
  readonly type: string;
  /** Across the workers of a cluster. Quantiles of workers have no sum. */
  readonly aggregator: "sum" | "omit";
  readonly #registry: MetricsRegistry;

  constructor(table: SeriesTable, registry: MetricsRegistry) {
    this.table = table;
    this.#registry = registry;
    this.help = table.family.help;
    this.type = table.family.type;
    this.aggregator = this.type === "summary" ? "omit" : "sum";
  }

  get name(): string {
    return this.table.name;
  }

  /** prom-client takes `_total` off for OpenMetrics and never puts it back: it is not let. */
  set name(_: string) {
    return;
  }

  /** As rows. */
  get(): Promise<Rows> {
    const name = this.#isOpenMetrics() ? openMetricsName(this.table) : this.name;
    const values: Row[] = [];
    for (const series of this.table.all()) {
      for (const sample of series.samples()) {
        const { labels, value } = sample;
        const ofFamily = sample.name === this.name;
        values.push(ofFamily ? { labels, value } : { metricName: sample.name, labels, value });
      }
    }
    return Promise.resolve(this.#rows(name, values));
  }

  /**
   * For text: all lines as the name of one. prom-client would put default labels, and what OpenMetrics
   * wants of counters, on the last line only; with these it gets rows.
   */
  async getForPromString(): Promise<Rows> {
    if (!this.#isPlain()) return this.get();
    let text = "";
    let rendered = 0;
    for (const series of this.table.all()) {
      text += series.text();
      rendered += 1;
      if (rendered % SERIES_A_SLICE === 0) await setImmediate();
    }
    if (text === "") return this.#rows(this.name, []);
    const end = text.lastIndexOf(" ");
    const value = Number(text.slice(end + 1));
    return this.#rows(this.name, [{ metricName: text.slice(0, end), labels: {}, value }]);
  }

  reset(): void {
    this.table.reset();
  }

  #isOpenMetrics(): boolean {
    return this.#registry.contentType !== CONTENT_TYPES.prometheus;
  }

  /** The field is private to prom-client: where it is called otherwise, rows are safe. */
  #isPlain(): boolean {
    if (this.#isOpenMetrics()) return false;
    const { _defaultLabels: labels } = this.#registry as { _defaultLabels?: unknown };
    return typeof labels === "object" && labels !== null && Object.keys(labels).length === 0;
  }

  #rows(name: string, values: readonly Row[]): Rows {
    return { name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}
