/**
 * A family that no catalogue declares: its labels are those of its updates, so far as they are allowed.
 *
 * @module
 */

import { CounterSeries } from "./counter.js";
import type { Family } from "./family.js";
import { GaugeSeries } from "./gauge.js";
import { ignoredReason, type ExposedTable, type Remarks } from "./series-table.js";
import type { Cells, LabelPairs, Series } from "./series.js";
import { SUMMARY_WIDTH, type SummaryAge, SummarySeries } from "./summary.js";

/** What of a declared family such a one has too. */
export type DynamicFacts = Pick<Family, "help"> & {
  readonly type: "counter" | "gauge" | "summary";
  /** Of a summary: how many samples its quantiles are taken from. */
  readonly window?: number;
  readonly age?: SummaryAge | undefined;
};

/** Series by the labels they were first seen with. */
export class DynamicFamily implements Cells, ExposedTable {
  readonly name: string;
  readonly family: DynamicFacts;
  cells: Float64Array;
  readonly #width: number;
  readonly #remarks: Remarks;
  readonly #series = new Map<string, Series>();
  #inOrder: readonly Series[] | undefined;

  constructor(name: string, family: DynamicFacts, remarks: Remarks) {
    this.name = name;
    this.family = family;
    this.#remarks = remarks;
    this.#width = family.type === "summary" ? SUMMARY_WIDTH : 1;
    this.cells = new Float64Array(this.#width);
  }

  get size(): number {
    return this.#series.size;
  }

  /** @param labels In order of their names. */
  has(labels: LabelPairs): boolean {
    return this.#series.has(JSON.stringify(labels));
  }

  /** @param labels In order of their names. */
  at(labels: LabelPairs): Series {
    const key = JSON.stringify(labels);
    const found = this.#series.get(key);
    if (found !== undefined) return found;
    const offset = this.#series.size * this.#width;
    if (offset + this.#width > this.cells.length) {
      const larger = new Float64Array(this.cells.length * 2);
      larger.set(this.cells);
      this.cells = larger;
    }
    const series = this.#make(offset, labels);
    this.#series.set(key, series);
    this.#inOrder = undefined;
    return series;
  }

  all(): readonly Series[] {
    this.#inOrder ??= [...this.#series.keys()].sort().flatMap((key) => this.#series.get(key) ?? []);
    return this.#inOrder;
  }

  reset(): void {
    this.cells.fill(0);
  }

  ignore(value: number): void {
    this.#remarks.ignoredSample(this.name, ignoredReason(value));
  }

  #make(offset: number, labels: LabelPairs): Series {
    const { type, window, age } = this.family;
    switch (type) {
      case "counter":
        return new CounterSeries(this, offset, labels);
      case "gauge":
        return new GaugeSeries(this, offset, labels);
      case "summary":
        return new SummarySeries(
          { accepts: { min: -Number.MAX_VALUE }, age, ...(window === undefined ? {} : { window }) },
          this,
          offset,
          labels,
        );
    }
  }
}
