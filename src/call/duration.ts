/**
 * Durations between instants.
 *
 * @module
 */

/**
 * How long it took, to the microsecond, which is what instants since the epoch carry. Unknown where
 * the end comes before the beginning: a clock was set back, or two disagree.
 */
export function seconds(fromMs: number | undefined, toMs: number | undefined): number | undefined {
  const difference = signedSeconds(fromMs, toMs);
  return difference === undefined || difference < 0 ? undefined : difference;
}

/** As {@link seconds}, where the later instant may come first: then it is negative. */
export function signedSeconds(
  fromMs: number | undefined,
  toMs: number | undefined,
): number | undefined {
  if (fromMs === undefined || toMs === undefined) return undefined;
  return Math.round((toMs - fromMs) * 1000) / 1e6;
}
