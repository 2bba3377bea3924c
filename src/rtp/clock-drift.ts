/**
 * How much faster or slower the sender's media clock runs than the observer's.
 *
 * @module
 */

import type { StreamInterval } from "./stream.js";

/** Fewer intervals than this say more about jitter than about a clock. */
const MIN_INTERVALS = 6;

/** No clock is that far off: timestamps jumped, or count in another unit. */
const MAX_DRIFT_PPM = 20_000;

/** A slope less sure than this is jitter that the least delays could not get rid of. */
const MAX_STANDARD_ERROR_PPM = 50;

/**
 * Drift in parts per million, positive when the sender's clock is slow (its packets come later and
 * later): the least-squares slope of the least delay of each interval over time. The least delay is
 * what queues cannot add to.
 *
 * @returns `undefined` from fewer than six intervals with a delay, or when their least delays scatter
 *   so much that the slope's standard error is above 50 ppm, or drift beyond 20,000 ppm.
 */
export function clockDriftPpm(intervals: readonly StreamInterval[]): number | undefined {
  // Side by side: there is a point for every interval of every stream.
  const xs: number[] = [];
  const ys: number[] = [];
  for (const { fromMs, toMs, leastDelaySeconds } of intervals) {
    if (leastDelaySeconds === undefined) continue;
    xs.push((fromMs + toMs) / 2000);
    ys.push(leastDelaySeconds);
  }
  if (xs.length < MIN_INTERVALS) return undefined;
  const meanX = mean(xs);
  const meanY = mean(ys);
  let covariance = 0;
  let variance = 0;
  for (let point = 0; point < xs.length; point++) {
    const x = (xs[point] ?? NaN) - meanX;
    covariance += x * ((ys[point] ?? NaN) - meanY);
    variance += x ** 2;
  }
  if (variance === 0) return undefined;
  const slope = covariance / variance;
  let scatter = 0;
  for (let point = 0; point < xs.length; point++) {
    scatter += ((ys[point] ?? NaN) - meanY - slope * ((xs[point] ?? NaN) - meanX)) ** 2;
  }
  const standardError = Math.sqrt(scatter / (xs.length - 2) / variance);
  const isKnown =
    standardError * 1e6 <= MAX_STANDARD_ERROR_PPM && Math.abs(slope) * 1e6 <= MAX_DRIFT_PPM;
  return isKnown ? slope * 1e6 : undefined;
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
