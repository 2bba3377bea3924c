/**
 * What delay costs a conversation when there is no echo: the factor Idd of ITU-T G.107 (06/2015)
 * §7.4, which G.107.1 and G.107.2 take over.
 *
 * @module
 */

import { requireWithin } from "./range-check.js";

/** How a group of users feels about delay (G.107 §7.4, delay sensitivity class). */
export interface DelaySensitivity {
  /** sT: how steeply annoyance grows. Greater than 0. */
  readonly steepness: number;
  /** mT: the one-way delay below which nobody notices. In milliseconds, greater than 0. */
  readonly minimumPerceivableMs: number;
}

/**
 * The three classes of G.107 §7.4. The constants of "low" and "very low" are unverified: they were
 * not compared with the text of the recommendation.
 */
export const DELAY_SENSITIVITY: Readonly<Record<"default" | "low" | "veryLow", DelaySensitivity>> =
  {
    default: { steepness: 1, minimumPerceivableMs: 100 },
    low: { steepness: 0.55, minimumPerceivableMs: 120 },
    veryLow: { steepness: 0.4, minimumPerceivableMs: 150 },
  };

/**
 * Impairment factor Idd for an absolute one-way delay Ta, on the narrowband scale.
 *
 * @param oneWayDelayMs - Mouth to ear, in milliseconds, 0 or more.
 * @returns R points, 0 up to the minimum perceivable delay and never falling beyond it.
 * @throws {RangeError} If the delay or the class is outside its range.
 */
export function absoluteDelayImpairment(
  oneWayDelayMs: number,
  sensitivity: DelaySensitivity = DELAY_SENSITIVITY.default,
): number {
  const { steepness, minimumPerceivableMs } = sensitivity;
  requireWithin("oneWayDelayMs", oneWayDelayMs, 0, Number.MAX_VALUE);
  requireWithin("steepness", steepness, 0.01, 10);
  requireWithin("minimumPerceivableMs", minimumPerceivableMs, 1, 10_000);
  if (oneWayDelayMs <= minimumPerceivableMs) return 0;
  const x = Math.log2(oneWayDelayMs / minimumPerceivableMs);
  const e = 6 * steepness;
  return 25 * ((1 + x ** e) ** (1 / e) - 3 * (1 + (x / 3) ** e) ** (1 / e) + 2);
}
