/**
 * Which samples a family takes.
 *
 * @module
 */

import type { AcceptedRange } from "./family.js";

/** A range with its defaults filled in. Only finite numbers are in any. */
export class Accepted {
  /** The least and the most. As fields they would be boxed, each in its own way. */
  readonly #ends: Float64Array;

  constructor({ min = 0, max = Number.MAX_VALUE, excludesMin = false }: AcceptedRange = {}) {
    this.#ends = Float64Array.of(excludesMin ? nextAbove(min) : min, max);
  }

  /** Also of what is no number at all, which a host without types may hand in. */
  has(value: number): boolean {
    return (
      Number.isFinite(value) &&
      value >= (this.#ends[0] ?? Infinity) &&
      value <= (this.#ends[1] ?? -Infinity)
    );
  }
}

/** The next larger number that there is. */
function nextAbove(value: number): number {
  let step = Number.MIN_VALUE;
  while (value + step === value) step *= 2;
  return value + step;
}
