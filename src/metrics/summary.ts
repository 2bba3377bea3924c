/**
 * Exact quantiles of the newest samples, and count and sum of all there were.
 *
 * @module
 */

import { Accepted } from "./accepted.js";
import type { SummaryFamily } from "./family.js";
import { Series, type Cells, type Head, type LabelPairs } from "./series.js";

/** How many of the newest samples the quantiles are taken from, unless a family says otherwise. */
export const SUMMARY_WINDOW = 2048;

/** Which quantiles are exposed. */
export const SUMMARY_QUANTILES = [0.5, 0.9, 0.95, 0.99] as const;

/** Cells of a series: count, then sum. */
export const SUMMARY_WIDTH = 2;

/** Until when quantiles are also of old samples. Sum and count are of all there ever were. */
export interface SummaryAge {
  /** How old a sample may be, in seconds. Above 0. */
  readonly maxAgeSeconds: number;
  /** Milliseconds from any origin that never go back. */
  readonly nowMs: () => number;
}

/** @throws {RangeError} If the age is not above 0. */
export function requireSoundAge({ maxAgeSeconds }: SummaryAge): void {
  if (maxAgeSeconds > 0) return;
  throw new RangeError(`maxAgeSeconds is ${maxAgeSeconds}; it must be above 0`);
}

let sorted = new Float64Array(SUMMARY_WINDOW);

/** One series of a summary family. */
export class SummarySeries extends Series {
  readonly #accepted: Accepted;
  readonly #newest: Float64Array;
  readonly #age: SummaryAge | undefined;
  /** When each of the newest came; empty where their age does not matter. */
  readonly #timesMs: Float64Array;
  readonly #scratch = new Float64Array(SUMMARY_QUANTILES.length + SUMMARY_WIDTH);

  constructor(
    family: Pick<SummaryFamily, "accepts" | "window"> & { readonly age?: SummaryAge | undefined },
    cells: Cells,
    offset: number,
    labels: LabelPairs,
  ) {
    super(cells, offset, labels);
    this.#accepted = new Accepted(family.accepts);
    this.#newest = new Float64Array(family.window ?? SUMMARY_WINDOW);
    this.#age = family.age;
    this.#timesMs = new Float64Array(family.age === undefined ? 0 : this.#newest.length);
  }

  /** Takes a sample; one outside the family's range is only noted. */
  observe(value: number): void {
    if (!this.#accepted.has(value)) {
      this.cells.ignore(value);
      return;
    }
    const { cells } = this.cells;
    const count = cells[this.offset] ?? 0;
    const place = count % this.#newest.length;
    this.#newest[place] = value;
    if (this.#age !== undefined) this.#timesMs[place] = this.#age.nowMs();
    cells[this.offset] = count + 1;
    cells[this.offset + 1] = (cells[this.offset + 1] ?? 0) + value;
  }

  /** How many samples it has taken, those forgotten included. */
  get count(): number {
    return this.cells.cells[this.offset] ?? 0;
  }

  protected override makeHeads(): Head[] {
    return [
      ...SUMMARY_QUANTILES.map((q) => this.head("", [["quantile", String(q)]])),
      this.head("_sum"),
      this.head("_count"),
    ];
  }

  protected override values(): Float64Array {
    const { cells } = this.cells;
    const samples = this.#samples().sort();
    SUMMARY_QUANTILES.forEach((q, i) => {
      this.#scratch[i] = quantileOf(samples, q);
    });
    this.#scratch[SUMMARY_QUANTILES.length] = cells[this.offset + 1] ?? 0;
    this.#scratch[SUMMARY_QUANTILES.length + 1] = this.count;
    return this.#scratch;
  }

  /** Those that quantiles are of, in any order. Valid until the next call. */
  #samples(): Float64Array {
    if (sorted.length < this.#newest.length) sorted = new Float64Array(this.#newest.length);
    const kept = Math.min(this.count, this.#newest.length);
    if (this.#age === undefined) {
      sorted.set(this.#newest.subarray(0, kept));
      return sorted.subarray(0, kept);
    }
    const oldestMs = this.#age.nowMs() - this.#age.maxAgeSeconds * 1000;
    let young = 0;
    for (let i = 0; i < kept; i += 1) {
      if ((this.#timesMs[i] ?? 0) < oldestMs) continue;
      sorted[young] = this.#newest[i] ?? 0;
      young += 1;
    }
    return sorted.subarray(0, young);
  }
}

/**
 * A quantile of sorted samples by linear interpolation between the two around rank q (n − 1): type 7
 * of Hyndman and Fan. NaN of no samples, which has no line: a 0 there would be a claim.
 *
 * @param q From 0 to 1.
 */
export function quantileOf(samples: Float64Array, q: number): number {
  const rank = q * (samples.length - 1);
  const below = samples[Math.floor(rank)] ?? Number.NaN;
  const above = samples[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}
