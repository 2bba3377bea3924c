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
  readonly #excludesMin: boolean;

  constructor({ min = 0, max = Number.MAX_VALUE, excludesMin = false }: AcceptedRange = {}) {
    this.#min = min;
    this.#max = max;
    this.#excludesMin = excludesMin;
  }

  /** Also of what is no number at all, which a host without types may hand in. */
  has(value: number): boolean {
    return (
      Number.isFinite(value) &&
      (this.#excludesMin ? value > this.#min : value >= this.#min) &&
      value <= this.#max
    );
  }
}
