/**
 * All series of one family: from label values to a row of numbers in one typed array.
 *
 * @module
 */

import type { Family } from "./family.js";
import { LabelIndex } from "./label-index.js";
import type { Cells, LabelPairs, Series } from "./series.js";

/** Why a number is not taken. */
export type IgnoredReason = "not-a-number" | "infinite" | "negative" | "out-of-range";

/** Told of what a family could not take as it was. */
export interface Remarks {
  unknownValue(metric: string, key: string): void;
  unknownLabel(metric: string, key: string): void;
  ignoredSample(metric: string, reason: IgnoredReason): void;
}

/** Makes the series of a table. */
export type MakeSeries<S> = (cells: Cells, offset: number, labels: LabelPairs) => S;

/** No family has more labels: `at` has a parameter for each. */
export const MAX_LABELS = 8;

/** A family with more combinations of label values is a mistake. */
const MAX_COMBINATIONS = 2 ** 28;

/**
 * What a value without a place stands at: so far below 0 that the other labels do not lift the sum
 * above it, and still a small integer to the engine.
 */
const UNPLACED = -(2 ** 28);

/** All series of a family. */
export class SeriesTable<S extends Series = Series> implements Cells {
  readonly name: string;
  readonly family: Family;
  cells: Float64Array;
  readonly #make: MakeSeries<S>;
  readonly #remarks: Remarks;
  readonly #width: number;
  readonly #labels: readonly LabelIndex[];
  readonly #first: LabelIndex | undefined;
  readonly #second: LabelIndex | undefined;
  readonly #third: LabelIndex | undefined;
  readonly #combinations: number;
  /** By combination. With many and few of them seen, the engine keeps it as a hash table. */
  readonly #byCode: (S | undefined)[] = [];
  /** Ascending. */
  readonly #codes: number[] = [];
  /** Takes what belongs nowhere, in the first row, and is not exposed. */
  readonly #sink: S;
  #rows = 1;

  /** @param width Cells of a series. */
  constructor(name: string, family: Family, width: number, make: MakeSeries<S>, remarks: Remarks) {
    this.name = name;
    this.family = family;
    this.#make = make;
    this.#remarks = remarks;
    this.#width = width;
    if (family.labels.length > MAX_LABELS) {
      throw new RangeError(`${name} has ${family.labels.length} labels; at most ${MAX_LABELS}`);
    }
    const unknown = (label: string): void => {
      remarks.unknownValue(name, label);
    };
    // The last label varies fastest.
    let combinations = 1;
    this.#labels = family.labels
      .toReversed()
      .map((label) => {
        const index = new LabelIndex(label, combinations, UNPLACED, unknown);
        combinations *= index.capacity;
        return index;
      })
      .reverse();
    [this.#first, this.#second, this.#third] = this.#labels;
    this.#combinations = combinations;
    if (this.#combinations > MAX_COMBINATIONS) {
      throw new RangeError(`${name} has ${this.#combinations} series; at most ${MAX_COMBINATIONS}`);
    }
    this.cells = new Float64Array(width);
    this.#sink = make(this, 0, []);
    if (family.series === "all") this.#makeAll();
  }

  /**
   * The series with these label values, in the order of the family's labels. Allocates only when it
   * makes a series, and never throws: an update with a value that has no place goes nowhere.
   */
  at(a = "", b = "", c = "", d = "", e = "", f = "", g = "", h = ""): S {
    let code = 0;
    if (this.#first !== undefined) code += this.#first.offsetOf(a);
    if (this.#second !== undefined) code += this.#second.offsetOf(b);
    if (this.#third !== undefined) code += this.#third.offsetOf(c);
    if (this.#labels.length > 3) code += this.#offsetOfRest(d, e, f, g, h);
    if (code < 0) return this.#sink;
    return this.#byCode[code] ?? this.#makeSeries(code);
  }

  /** The same by label names. Labels that the family does not have are left out, and counted. */
  with(labels: Readonly<Record<string, string>>): S {
    for (const key in labels) {
      if (!this.#labels.some(({ name }) => name === key)) {
        this.#remarks.unknownLabel(this.name, key);
      }
    }
    return this.at(...this.#labels.map(({ name }) => labels[name] ?? ""));
  }

  /** Every series, in an order that does not depend on which came first. */
  *all(): Generator<S> {
    for (const code of [...this.#codes]) {
      const series = this.#byCode[code];
      if (series !== undefined) yield series;
    }
  }

  /** Notes a number that is not taken. */
  ignore(value: number): void {
    this.#remarks.ignoredSample(this.name, ignoredReason(value));
  }

  /** Every number back to 0; what was seen stays. */
  reset(): void {
    this.cells.fill(0);
  }

  /** Apart from the first three, so that what most families need is small enough to be inlined. */
  #offsetOfRest(d: string, e: string, f: string, g: string, h: string): number {
    let code = this.#labels[3]?.offsetOf(d) ?? 0;
    if (this.#labels.length > 4) code += this.#labels[4]?.offsetOf(e) ?? 0;
    if (this.#labels.length > 5) code += this.#labels[5]?.offsetOf(f) ?? 0;
    if (this.#labels.length > 6) code += this.#labels[6]?.offsetOf(g) ?? 0;
    if (this.#labels.length > 7) code += this.#labels[7]?.offsetOf(h) ?? 0;
    return code;
  }

  #makeAll(): void {
    if (!this.#labels.every(({ isClosed }) => isClosed)) {
      throw new TypeError(`${this.name} learns values of a label; its series must be "seen"`);
    }
    for (let code = 0; code < this.#combinations; code += 1) this.#makeSeries(code);
  }

  #makeSeries(code: number): S {
    const offset = this.#rows * this.#width;
    this.#rows += 1;
    if (offset + this.#width > this.cells.length) {
      const larger = new Float64Array(this.cells.length * 2 + this.#width);
      larger.set(this.cells);
      this.cells = larger;
    }
    const series = this.#make(this, offset, this.#pairsOf(code));
    this.#byCode[code] = series;
    // Mostly the largest yet: the family makes all of its series, or labels are learned.
    let place = this.#codes.length;
    while (place > 0 && (this.#codes[place - 1] ?? code) > code) place -= 1;
    this.#codes.splice(place, 0, code);
    return series;
  }

  #pairsOf(code: number): LabelPairs {
    let rest = code;
    return this.#labels
      .toReversed()
      .map((label): [string, string] => {
        const place = rest % label.capacity;
        rest = (rest - place) / label.capacity;
        return [label.name, label.valueAt(place)];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function ignoredReason(value: number): IgnoredReason {
  if (Number.isNaN(value)) return "not-a-number";
  if (!Number.isFinite(value)) return "infinite";
  return value < 0 ? "negative" : "out-of-range";
}
