/**
 * Metrics by name and labels, as a voice server's own code updates them.
 *
 * @module
 */

import { AllowedLabels, type LooseLabels } from "./allowed-labels.js";
import { CounterSeries } from "./counter.js";
import { DynamicFamily, type DynamicFacts } from "./dynamic-family.js";
import { exposition } from "./exposition.js";
import type { Family } from "./family.js";
import { GaugeSeries } from "./gauge.js";
import { HistogramSeries } from "./histogram.js";
import { OTHER } from "./label-values.js";
import type { Recorder } from "./recorder.js";
import { SampleRing } from "./sample-ring.js";
import { ignoredReason } from "./series-table.js";
import type { LabelPairs, Series } from "./series.js";
import { isMetricName } from "./sound-family.js";
import { SUMMARY_WINDOW, SummarySeries } from "./summary.js";

/** How much a registry takes beside its recorder's catalogue. */
export interface MetricRegistryOptions {
  /** @default 256 */
  readonly maxFamilies?: number;
  /** A family's further series are counted as one, with `other` for each label value. @default 1000 */
  readonly maxSeriesPerFamily?: number;
}

/** Samples that a summary of a host's own keeps at most. */
const MAX_WINDOW = 65_536;

/**
 * Updates families by their names: those of a recorder's catalogue by its rules, others as they come,
 * but bounded. They are exposed together. Updates never throw: what cannot be taken is counted.
 *
 * @example
 * ```ts
 * const registry = new MetricRegistry(recorder);
 * registry.registerLabels("uploads_total", "kind");
 * registry.incCounter("uploads_total", "Uploads.", { kind: "audio" });
 * registry.observeAsync("upload_seconds", "Upload durations.", 0.25);
 * ```
 */
export class MetricRegistry {
  readonly recorder: Recorder;
  readonly #maxFamilies: number;
  readonly #maxSeries: number;
  readonly #families = new Map<string, DynamicFamily>();
  readonly #allowed: AllowedLabels;
  readonly #ring: SampleRing;
  readonly #stopFlushing: () => void;
  #isFrozen = false;

  constructor(
    recorder: Recorder,
    { maxFamilies = 256, maxSeriesPerFamily = 1000 }: MetricRegistryOptions = {},
  ) {
    this.recorder = recorder;
    this.#maxFamilies = maxFamilies;
    this.#maxSeries = maxSeriesPerFamily;
    this.#allowed = new AllowedLabels(recorder.remarks);
    this.#ring = new SampleRing(
      (name, help, value) => {
        this.observe(name, help, value);
      },
      (name) => {
        recorder.remarks.droppedSample(name);
      },
    );
    this.#stopFlushing = recorder.onCollect(() => {
      this.flush();
    });
  }

  /**
   * Declares which labels a family may have, in place of what was declared before. Without any it has
   * none; before, all that have a sound name.
   *
   * @throws {Error} If the registry is frozen.
   */
  registerLabels(metric: string, ...keys: string[]): void {
    this.#requireThawed(`registerLabels("${metric}")`);
    this.#allowed.declareKeys(metric, keys);
  }

  /**
   * Declares which values a label may have; others are counted as `other`.
   *
   * @throws {Error} If the registry is frozen.
   */
  registerValues(metric: string, key: string, ...values: string[]): void {
    this.#requireThawed(`registerValues("${metric}")`);
    this.#allowed.declareValues(metric, key, values);
  }

  /**
   * Takes no further families, but for those of the catalogue and those whose labels were declared, and no
   * further declarations. Updates of others are not taken, but counted.
   */
  freeze(): void {
    this.#isFrozen = true;
  }

  incCounter(name: string, help: string, labels: LooseLabels = {}): void {
    this.addCounter(name, help, labels, 1);
  }

  /** What is not above 0 is not added, and makes no series. */
  addCounter(name: string, help: string, labels: LooseLabels, amount: number): void {
    if (amount === 0) return;
    if (!(Number.isFinite(amount) && amount > 0)) {
      this.#ignore(name, amount);
      return;
    }
    const series = this.#series(name, { type: "counter", help }, labels);
    if (series instanceof CounterSeries) series.add(amount);
  }

  /** What is not finite is not shown, and makes no series. */
  setGauge(name: string, help: string, labels: LooseLabels, value: number): void {
    if (!Number.isFinite(value)) {
      this.#ignore(name, value);
      return;
    }
    const series = this.#series(name, { type: "gauge", help }, labels);
    if (series instanceof GaugeSeries) series.set(value);
  }

  /** @param change May be negative. What is not finite makes no series. */
  addGauge(name: string, help: string, labels: LooseLabels, change: number): void {
    if (!Number.isFinite(change)) {
      this.#ignore(name, change);
      return;
    }
    const series = this.#series(name, { type: "gauge", help }, labels);
    if (series instanceof GaugeSeries) series.add(change);
  }

  observe(name: string, help: string, value: number): void {
    this.observeN(name, help, value, SUMMARY_WINDOW);
  }

  /**
   * @param maxSamples How many of the newest samples the quantiles are taken from, to 65,536: as the first
   * update says, and 2048 where it does not say a number above 0. A family of the catalogue has its own.
   */
  observeN(name: string, help: string, value: number, maxSamples: number): void {
    const isGiven = Number.isFinite(maxSamples) && maxSamples >= 1;
    const window = isGiven ? Math.min(Math.floor(maxSamples), MAX_WINDOW) : SUMMARY_WINDOW;
    const series = this.#series(name, { type: "summary", help, window }, {});
    if (series instanceof SummarySeries || series instanceof HistogramSeries) series.observe(value);
  }

  /**
   * {@link observe} a little later: within this turn of the event loop, at the next scrape, or on
   * {@link flush}. Of more than 4096 that wait, the newest are dropped and counted.
   */
  observeAsync(name: string, help: string, value: number): void {
    this.#ring.push(name, help, value);
  }

  /** How many samples `observeAsync` could not keep. */
  get asyncDroppedCount(): number {
    return this.#ring.dropped;
  }

  /** Records every sample that waits. */
  flush(): void {
    this.#ring.flush();
  }

  /** Records every sample that waits, and lets the recorder go. What is recorded stays. */
  close(): void {
    this.flush();
    this.#stopFlushing();
  }

  /** Hands out everything the recorder holds in the text format of Prometheus, made before it is written. */
  writePromText(write: (text: string) => void): void {
    write(exposition(this.recorder));
  }

  #ignore(name: string, value: number): void {
    this.recorder.remarks.ignoredSample(name, ignoredReason(value));
  }

  #requireThawed(call: string): void {
    if (!this.#isFrozen) return;
    throw new Error(`${call} comes after freeze(). Declare everything before.`);
  }

  #series(name: string, facts: DynamicFacts, labels: LooseLabels): Series | undefined {
    const { remarks } = this.recorder;
    const declared = this.recorder.tableOf(name);
    if (declared !== undefined) {
      if (!fits(declared.family.type, facts.type)) {
        remarks.refusedUpdate(name, "type");
        return undefined;
      }
      return declared.with(Object.fromEntries(this.#allowed.filter(name, labels)));
    }
    const family = this.#families.get(name) ?? this.#add(name, facts);
    if (family === undefined) return undefined;
    if (family.family.type !== facts.type) {
      remarks.refusedUpdate(name, "type");
      return undefined;
    }
    const pairs = this.#allowed.filter(name, labels);
    if (family.size < this.#maxSeries || family.has(pairs)) return family.at(pairs);
    return this.#atOther(family, pairs);
  }

  /** One place for all that is beyond: without keys of its own, or they could be ever others. */
  #atOther(family: DynamicFamily, pairs: LabelPairs): Series {
    for (const [key] of pairs) this.recorder.remarks.unknownValue(family.name, key);
    return family.at([["overflow", OTHER]]);
  }

  #add(name: string, facts: DynamicFacts): DynamicFamily | undefined {
    const { remarks } = this.recorder;
    if (!isMetricName(name)) {
      remarks.refusedUpdate(name, "name");
      return undefined;
    }
    if (this.#isFrozen && !this.#allowed.has(name)) {
      remarks.refusedUpdate(name, "frozen");
      return undefined;
    }
    if (this.#families.size >= this.#maxFamilies) {
      remarks.refusedUpdate(name, "family-limit");
      return undefined;
    }
    const help = typeof facts.help === "string" && facts.help !== "" ? facts.help : name;
    const family = new DynamicFamily(
      name,
      { ...facts, help, age: this.recorder.summaryAge },
      remarks,
    );
    try {
      this.recorder.add(family);
    } catch {
      // Another registry of this recorder has the name.
      remarks.refusedUpdate(name, "type");
      return undefined;
    }
    this.#families.set(name, family);
    return family;
  }
}

/** A distribution may be of either kind. */
function fits(declared: Family["type"], asked: DynamicFacts["type"]): boolean {
  return declared === asked || (asked === "summary" && declared === "histogram");
}
