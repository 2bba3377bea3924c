/**
 * All series of one family: from label values to a row of numbers in one typed array.
 *
 * @module
 */

import type { Family } from "./family.js";
import { LabelIndex } from "./label-index.js";
import type { LabelPolicies } from "./label-policy.js";
import type { LabelValue, LabelValuesName } from "./label-values.js";
import type { Cells, LabelPairs, Series } from "./series.js";

/** Why a number is not taken. */
export type IgnoredReason = "not-a-number" | "infinite" | "negative" | "out-of-range";

/** Told of what a family could not take as it was. */
export interface Remarks {
  unknownValue(metric: string, key: string): void;
  unknownLabel(metric: string, key: string): void;
  ignoredSample(metric: string, reason: IgnoredReason): void;
  refusedUpdate(metric: string, reason: LabelValue<"refused-reason">): void;
}

/** Makes the series of a table. */
export type MakeSeries<S> = (cells: Cells, offset: number, labels: LabelPairs) => S;

/** What is exposed: a family's head and its series. */
export interface ExposedTable {
  readonly name: string;
  readonly family: Pick<Family, "type" | "help"> & Partial<Pick<Family, "unit">>;
  /** Every series, in an order that does not depend on which came first. */
  all(): readonly Series[];
  /** Every number back to 0; what was seen stays. */
  reset(): void;
}

/** No family has more labels: `at` has a parameter for each. */
export const MAX_LABELS = 8;

/** How many series a family has at most, unless it says otherwise. */
export const SERIES_LIMIT = 10_000;

/** Up to here a combination of label values is a place in an array; beyond, a key of a map. */
const MAX_ARRAY_COMBINATIONS = 2 ** 28;

/** All series of a family. */
export class SeriesTable<S extends Series = Series> implements Cells, ExposedTable {
  readonly name: string;
  readonly family: Family;
  cells: Float64Array;
  readonly #make: MakeSeries<S>;
  readonly #remarks: Remarks;
  readonly #width: number;
  readonly #labels: readonly LabelIndex[];
  readonly #labelNames: ReadonlySet<string>;
  readonly #first: LabelIndex | undefined;
  readonly #second: LabelIndex | undefined;
  readonly #third: LabelIndex | undefined;
  readonly #limit: number;
  /** By combination. With many and few of them seen, the engine keeps it as a hash table. */
  readonly #byCode: (S | undefined)[] = [];
  /** Instead, where there are too many combinations. */
  readonly #sparse: Map<number, S> | undefined;
  /** Of all series, in order unless new ones came. */
  #codes: number[] = [];
  #inOrder: S[] | undefined;
  /** Takes what has no place, in the first row, and is not exposed. */
  readonly #sink: S;
  #rows = 1;
  readonly #freeRows: number[] = [];
  readonly #rowOf = new Map<number, number>();

  /**
   * @param width Cells of a series.
   * @throws {RangeError} If it has too many labels, or more series from the start than it may have.
   */
  constructor(
    name: string,
    family: Family,
    width: number,
    make: MakeSeries<S>,
    remarks: Remarks,
    policies: LabelPolicies = {},
  ) {
    this.name = name;
    this.family = family;
    this.#make = make;
    this.#remarks = remarks;
    this.#width = width;
    this.#limit = family.seriesLimit ?? SERIES_LIMIT;
    if (family.labels.length > MAX_LABELS) {
      throw new RangeError(`${name} has ${family.labels.length} labels; at most ${MAX_LABELS}`);
    }
    const listener = {
      onUnknown: (label: string): void => {
        remarks.unknownValue(name, label);
      },
      onGone: (label: LabelIndex, place: number): void => {
        this.#removeAll(label, place);
      },
    };
    // The last label varies fastest.
    let combinations = 1;
    this.#labels = family.labels
      .toReversed()
      .map((label) => {
        const index = new LabelIndex(label, combinations, policies, listener);
        combinations *= index.capacity;
        return index;
      })
      .reverse();
    this.#labelNames = new Set(this.#labels.map(({ name }) => name));
    [this.#first, this.#second, this.#third] = this.#labels;
    if (combinations > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`${name} has ${combinations} combinations of label values: too many`);
    }
    if (combinations > MAX_ARRAY_COMBINATIONS) this.#sparse = new Map();
    this.cells = new Float64Array(width);
    this.#sink = make(this, 0, []);
    if (family.series === "all") this.#makeAll();
  }

  /** How many series there can be. */
  get bound(): number {
    const combinations = this.#labels.reduce((product, { capacity }) => product * capacity, 1);
    return Math.min(combinations, this.#limit);
  }

  /**
   * The series with these label values, in the order of the family's labels. Allocates only when it
   * makes a series, and never throws: what is not listed is counted as `other`.
   */
  at(a = "", b = "", c = "", d = "", e = "", f = "", g = "", h = ""): S {
    let code = 0;
    if (this.#first !== undefined) code += this.#first.offsetOf(a);
    if (this.#second !== undefined) code += this.#second.offsetOf(b);
    if (this.#third !== undefined) code += this.#third.offsetOf(c);
    if (this.#labels.length > 3) code += this.#offsetOfRest(d, e, f, g, h);
    if (this.#sparse !== undefined) return this.#sparse.get(code) ?? this.#makeSeries(code);
    return this.#byCode[code] ?? this.#makeSeries(code);
  }

  /** The same by label names. Labels that the family does not have are left out, and counted. */
  with(labels: Readonly<Record<string, string>>): S {
    // No array of keys and none of values is made: it would be garbage of every update.
    for (const key in labels) {
      if (!this.#labelNames.has(key) && Object.hasOwn(labels, key)) {
        this.#remarks.unknownLabel(this.name, key);
      }
    }
    return this.at(
      this.#valueIn(labels, 0),
      this.#valueIn(labels, 1),
      this.#valueIn(labels, 2),
      this.#valueIn(labels, 3),
      this.#valueIn(labels, 4),
      this.#valueIn(labels, 5),
      this.#valueIn(labels, 6),
      this.#valueIn(labels, 7),
    );
  }

  all(): readonly S[] {
    if (this.#inOrder === undefined) {
      this.#codes.sort((a, b) => a - b);
      this.#inOrder = this.#codes.flatMap((code) => this.#seriesOf(code) ?? []);
    }
    return this.#inOrder;
  }

  /** Gives up the series with a value that came and may go. */
  forget(list: LabelValuesName, value: string): void {
    for (const label of this.#labels) if (label.list === list) label.forget(value);
  }

  /** Notes a number that is not taken. */
  ignore(value: number): void {
    this.#remarks.ignoredSample(this.name, ignoredReason(value));
  }

  reset(): void {
    this.cells.fill(0);
    for (const series of this.all()) series.forgetExemplars();
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

  #seriesOf(code: number): S | undefined {
    return this.#sparse === undefined ? this.#byCode[code] : this.#sparse.get(code);
  }

  /** Those of stated values; `other` comes when something is counted there. */
  #makeAll(): void {
    if (!this.#labels.every(({ stated }) => stated > 0)) {
      throw new TypeError(`${this.name} learns values of a label; its series must be "seen"`);
    }
    const stated = this.#labels.reduce((product, label) => product * label.stated, 1);
    if (stated > this.#limit) {
      throw new RangeError(`${this.name} has ${stated} series; at most ${this.#limit}`);
    }
    let codes = [0];
    for (const { stated: values, stride } of this.#labels) {
      codes = codes.flatMap((code) =>
        Array.from({ length: values }, (_, place) => code + place * stride),
      );
    }
    for (const code of codes) this.#makeSeries(code);
  }

  #makeSeries(code: number): S {
    if (this.#codes.length >= this.#limit) {
      this.#remarks.refusedUpdate(this.name, "series-limit");
      return this.#sink;
    }
    const row = this.#freeRows.pop() ?? this.#rows++;
    const offset = row * this.#width;
    if (offset + this.#width > this.cells.length) {
      const larger = new Float64Array(this.cells.length * 2 + this.#width);
      larger.set(this.cells);
      this.cells = larger;
    }
    this.cells.fill(0, offset, offset + this.#width);
    const series = this.#make(this, offset, this.#pairsOf(code));
    if (this.#sparse === undefined) this.#byCode[code] = series;
    else this.#sparse.set(code, series);
    this.#rowOf.set(code, row);
    this.#codes.push(code);
    this.#inOrder = undefined;
    return series;
  }

  #removeAll({ stride, capacity }: LabelIndex, place: number): void {
    this.#codes = this.#codes.filter((code) => {
      if (Math.floor(code / stride) % capacity !== place) return true;
      this.#remove(code);
      return false;
    });
  }

  #remove(code: number): void {
    this.#seriesOf(code)?.retire(0);
    if (this.#sparse === undefined) this.#byCode[code] = undefined;
    else this.#sparse.delete(code);
    const row = this.#rowOf.get(code);
    this.#rowOf.delete(code);
    if (row !== undefined) this.#freeRows.push(row);
    this.#inOrder = undefined;
  }

  #valueIn(labels: Readonly<Record<string, string>>, place: number): string {
    const label = this.#labels[place];
    return label === undefined ? "" : (labels[label.name] ?? "");
  }

  /** A label without a value is none. */
  #pairsOf(code: number): LabelPairs {
    let rest = code;
    return this.#labels
      .toReversed()
      .map((label): [string, string] => {
        const place = rest % label.capacity;
        rest = (rest - place) / label.capacity;
        return [label.name, label.valueAt(place)];
      })
      .filter(([, value]) => value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Why a family of any kind does not take a number. */
export function ignoredReason(value: unknown): IgnoredReason {
  if (typeof value !== "number" || Number.isNaN(value)) return "not-a-number";
  if (!Number.isFinite(value)) return "infinite";
  return value < 0 ? "negative" : "out-of-range";
}
