/**
 * A number that goes up and down.
 *
 * @module
 */

import { NumberSeries } from "./series.js";

/** One series of a gauge family. */
export class GaugeSeries extends NumberSeries {
  /** What is not finite is not taken, but noted. */
  set(value: number): void {
    if (Number.isFinite(value)) this.cells.cells[this.offset] = value;
    else this.cells.ignore(value);
  }

  /** `change` may be negative. */
  add(change: number): void {
    if (Number.isFinite(change)) this.set(this.value + change);
    else this.cells.ignore(change);
  }
}
