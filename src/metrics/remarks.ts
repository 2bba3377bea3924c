/**
 * What could not be recorded as it was handed in: counted always, and said once.
 *
 * @module
 */

import type { SELF_FAMILIES } from "./catalogue/self.js";
import { CounterSeries } from "./counter.js";
import type { LabelValue } from "./label-values.js";
import type { IgnoredReason, Remarks, SeriesTable } from "./series-table.js";

/** Is told what is wrong with updates, once for each family and label. */
export type OnWarning = (message: string) => void;

const REFUSALS: Readonly<Record<LabelValue<"refused-reason">, string>> = {
  "series-limit": "has as many series as it may have; further ones are not recorded",
  "family-limit": "is one too many; it is not recorded",
  frozen: "was not known when the registry was frozen; it is not recorded",
  name: "has no name that Prometheus takes; it is not recorded",
  type: "is of another type; what does not fit it is not recorded",
};

/** So many different warnings are given. */
const MAX_WARNINGS = 1000;

/** Counts remarks in families that are themselves tables, and so come after them. */
export class RemarkCounters implements Remarks {
  readonly #onWarning: OnWarning | undefined;
  readonly #given = new Map<string, Set<string>>();
  #warnings = 0;
  #tables: ReadonlyMap<string, SeriesTable> = new Map();

  constructor(onWarning: OnWarning | undefined) {
    this.#onWarning = onWarning;
  }

  countIn(tables: ReadonlyMap<string, SeriesTable>): void {
    this.#tables = tables;
  }

  unknownValue(metric: string, key: string): void {
    this.#count("metrics_unknown_value_total", metric, key);
    this.#warn(metric, key, "has a value that is not listed; it is counted as another");
  }

  unknownLabel(metric: string, key: string): void {
    this.#count("voiceserver_metrics_unknown_label_total", metric, key);
    this.#warn(metric, key, "is no label of the family; it is left out");
  }

  ignoredSample(metric: string, reason: IgnoredReason): void {
    this.#count("metrics_ignored_samples_total", metric, reason);
  }

  refusedUpdate(metric: string, reason: LabelValue<"refused-reason">): void {
    this.#count("metrics_refused_updates_total", metric, reason);
    this.#warn(metric, "", REFUSALS[reason]);
  }

  droppedSample(metric: string): void {
    this.#count("voiceserver_metrics_observe_dropped_total", metric);
    this.#warn(metric, "", "has more samples waiting than fit; some are dropped", "dropped");
  }

  #count(family: keyof typeof SELF_FAMILIES, metric: string, detail?: string): void {
    const series = this.#tables.get(family)?.at(metric, detail);
    if (series instanceof CounterSeries) series.inc();
  }

  /** @param cause - Each is said once. A label has but one: it is either in a family or not. */
  #warn(metric: string, key: string, what: string, cause = key): void {
    if (this.#onWarning === undefined || this.#warnings >= MAX_WARNINGS) return;
    let given = this.#given.get(metric);
    if (given === undefined) this.#given.set(metric, (given = new Set()));
    if (given.has(cause)) return;
    given.add(cause);
    this.#warnings += 1;
    try {
      this.#onWarning(`${metric}: ${key === "" ? "the family" : `"${key}"`} ${what}`);
    } catch {
      // A listener's fault is no reason to disturb whoever updates.
    }
  }
}
