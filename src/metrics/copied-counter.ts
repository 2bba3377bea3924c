/**
 * Counters that somebody else counts.
 *
 * @module
 */

import type { CounterSeries } from "./counter.js";

/** Brings counters up to totals that are kept elsewhere. A total that falls has begun anew. */
export class CopiedCounters {
  readonly #totals = new WeakMap<CounterSeries, number>();

  copy(series: CounterSeries, total: number | undefined): void {
    if (total === undefined || !(Number.isFinite(total) && total >= 0)) return;
    const before = this.#totals.get(series) ?? 0;
    this.#totals.set(series, total);
    series.add(total >= before ? total - before : total);
  }
}
