/**
 * Which samples a family takes.
 *
 * @module
 */

import type { AcceptedRange } from "./family.js";

/** A range with its defaults filled in. Only finite numbers are in any. */
export class Accepted {
  readonly #min: number;
  readonly #max: number;

  constructor({ min = 0, max = Number.MAX_VALUE, excludesMin = false }: AcceptedRange = {}) {
    this.#min = excludesMin ? nextAbove(min) : min;
    this.#max = max;
  }

  /** Also of what is no number at all, which a host without types may hand in. */
  has(value: number): boolean {
    return Number.isFinite(value) && value >= this.#min && value <= this.#max;
  }
}

/** The next larger number that there is. */
function nextAbove(value: number): number {
  let step = Number.MIN_VALUE;
  while (value + step === value) step *= 2;
  return value + step;
}
