/**
 * What a codec costs and what loss adds to it: the effective equipment impairment factor Ie-eff of
 * ITU-T G.107 (06/2015) §7.5, G.107.1 and G.107.2.
 *
 * @module
 */

import type { Scale } from "./mos.js";
import { requireWithin } from "./range-check.js";

/**
 * The most that codec and loss together can cost on each scale: the constant that Ie is subtracted
 * from in the formula. On the wideband scale this is 95 as on the narrowband one, not 129.
 */
export const EQUIPMENT_IMPAIRMENT_MAX: Readonly<Record<Scale, number>> = {
  narrowband: 95,
  wideband: 95,
  fullband: 132,
};

/** What the decoder had to work with. */
export interface EquipmentConditions {
  /** Ie: R points the codec costs without loss. From 0 to the scale's maximum. */
  readonly ie: number;
  /** Bpl: packet-loss robustness. Greater than 0; the higher, the more is concealed. */
  readonly bpl: number;
  /** Ppl: packets the decoder did not get, late ones included. In percent, from 0 to 100. */
  readonly lossPercent: number;
  /**
   * BurstR: mean loss run over that of random loss, 1 or more. G.107 validates it to 2, and beyond
   * for losses under 2 %. G.107.1 has no such term: the wideband scale takes no account of it. In
   * G.107.2 it is unverified: its place in the formula is taken to be that of G.107.
   */
  readonly burstRatio: number;
}

/**
 * Effective equipment impairment factor Ie-eff, in R points.
 *
 * Held at the scale's maximum, which the formula only passes for long outages that lie far outside
 * the bursts it was made for.
 *
 * @returns From `ie` to the scale's maximum. Never falls when loss or burst ratio rises.
 * @throws {RangeError} If a condition is outside the range given in {@link EquipmentConditions}.
 */
export function effectiveEquipmentImpairment(
  scale: Scale,
  conditions: EquipmentConditions,
): number {
  const { ie, bpl, lossPercent, burstRatio } = conditions;
  requireWithin("ie", ie, 0, EQUIPMENT_IMPAIRMENT_MAX[scale]);
  requireWithin("bpl", bpl, 1e-3, 1e6);
  requireWithin("lossPercent", lossPercent, 0, 100);
  requireWithin("burstRatio", burstRatio, 1, Number.MAX_VALUE);
  return soundEquipmentImpairment(scale, ie, bpl, lossPercent, burstRatio);
}

/** {@link effectiveEquipmentImpairment} of conditions that are known to be within their ranges. */
export function soundEquipmentImpairment(
  scale: Scale,
  ie: number,
  bpl: number,
  lossPercent: number,
  burstRatio: number,
): number {
  const max = EQUIPMENT_IMPAIRMENT_MAX[scale];
  const perceivedBursts = scale === "wideband" ? 1 : burstRatio;
  const share = lossPercent / (lossPercent / perceivedBursts + bpl);
  return Math.min(max, ie + (max - ie) * share);
}
