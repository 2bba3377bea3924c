/**
 * Durations between instants.
 *
 * @module
 */

/** To the microsecond, which is what instants since the epoch carry. */
export function seconds(fromMs: number | undefined, toMs: number | undefined): number | undefined {
  if (fromMs === undefined || toMs === undefined) return undefined;
  return Math.round((toMs - fromMs) * 1000) / 1e6;
}
