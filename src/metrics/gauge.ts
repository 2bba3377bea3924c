/**
 * A number that goes up and down.
 *
 * @module
 */

import { NumberSeries } from "./series.js";

/** One series of a gauge family. */
export class GaugeSeries extends NumberSeries {
  #counted = 0;

  /** What is not finite is not taken, but noted. */
  set(value: number): void {
    if (Number.isFinite(value)) this.cells.cells[this.offset] = value;
    else this.cells.ignore(value);
  }

  /** Has no line until it is set again: what it showed is not known any more. */
  clear(): void {
    this.cells.cells[this.offset] = Number.NaN;
  }

  /**
   * Adds to a count that only this method changes, and shows it: so that a host who resets its registry
   * has the truth again soon, and several may count in one gauge. It does not fall below 0.
   */
  count(change: number): void {
    this.#counted = Math.max(0, this.#counted + change);
    this.set(this.#counted);
  }

  /** `change` may be negative. */
  add(change: number): void {
    const { value } = this;
    if (Number.isFinite(change)) this.set(Number.isNaN(value) ? change : value + change);
    else this.cells.ignore(change);
  }
}
