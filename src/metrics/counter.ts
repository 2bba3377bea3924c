/**
 * A number that only grows.
 *
 * @module
 */

import { NumberSeries } from "./series.js";

/** One series of a counter family. */
export class CounterSeries extends NumberSeries {
  /** Counts one. */
  inc(): void {
    const { cells } = this.cells;
    cells[this.offset] = (cells[this.offset] ?? 0) + 1;
  }

  /** Counts `amount`. What is negative or not finite is not taken, but noted; 0 changes nothing. */
  add(amount: number): void {
    if (Number.isFinite(amount) && amount > 0) {
      const { cells } = this.cells;
      cells[this.offset] = (cells[this.offset] ?? 0) + amount;
    } else if (amount !== 0) {
      this.cells.ignore(amount);
    }
  }
}
