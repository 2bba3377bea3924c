/**
 * The probe's clock.
 *
 * @module
 */

/**
 * Epoch milliseconds with a fraction that never go back: the wall clock at the process's start, and
 * from then on a monotonic one, so that a step of the wall clock does not look like one of the
 * network's.
 */
export function monotonicEpochMs(): number {
  return performance.timeOrigin + performance.now();
}
