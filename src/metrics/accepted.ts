/**
 * Which samples a family takes.
 *
 * @module
 */

import type { AcceptedRange } from "./family.js";

/** A range with its defaults filled in. NaN is in none. */
export class Accepted {
  readonly #min: number;
  readonly #max: number;
  readonly #excludesMin: boolean;

  constructor({ min = 0, max = Number.MAX_VALUE, excludesMin = false }: AcceptedRange = {}) {
    this.#min = min;
    this.#max = max;
    this.#excludesMin = excludesMin;
  }

  has(value: number): boolean {
    return (this.#excludesMin ? value > this.#min : value >= this.#min) && value <= this.#max;
  }
}
