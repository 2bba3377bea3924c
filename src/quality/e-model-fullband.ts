/**
 * The fullband E-model, ITU-T G.107.2: ratings up to 148. It models noise, pure delay and loss, and
 * no echo.
 *
 * Verified against two other implementations: Ro, Idd, Ie-eff without bursts, conversion to MOS.
 * Unverified: the place of BurstR.
 *
 * @module
 */

import { absoluteDelayImpairment } from "./delay-impairment.js";
import { effectiveEquipmentImpairment } from "./equipment-impairment.js";
import { requireWithin } from "./range-check.js";

/** Ro,FB: the rating of an undisturbed fullband connection. */
export const FULLBAND_RO = 148;

/** How much longer the fullband scale is than the narrowband one, for delay. */
const DELAY_SCALE = 1.48;

/** The inputs of G.107.2 that a rating here depends on. */
export interface FullbandParameters {
  /** Ie,fb, from 0 to 132. Default 0. */
  readonly ie: number;
  /** Bpl,fb, greater than 0. Default 4.3, that of G.107: unverified for this scale. */
  readonly bpl: number;
  /** Ppl, in percent, from 0 to 100. Default 0. */
  readonly pplPercent: number;
  /** BurstR, 1 or more. Default 1. */
  readonly burstRatio: number;
  /** Ta, absolute one-way delay. In milliseconds, 0 or more. Default 0. */
  readonly taMs: number;
  /** A, advantage factor, from 0 to 20. Default 0. */
  readonly a: number;
}

/** The defaults: a connection that rates 148. */
export const FULLBAND_DEFAULTS: FullbandParameters = {
  ie: 0,
  bpl: 4.3,
  pplPercent: 0,
  burstRatio: 1,
  taMs: 0,
  a: 0,
};

/** A fullband rating and what it is made of. Is,FB is 0; Id,FB is Idd alone. */
export interface FullbandRating {
  /** R, unclamped. */
  readonly r: number;
  readonly ro: number;
  readonly idd: number;
  readonly ieEff: number;
  readonly a: number;
}

/**
 * Transmission rating of a fullband connection.
 *
 * @throws {RangeError} If a parameter is outside the range given in {@link FullbandParameters}.
 */
export function rateFullband(parameters: Partial<FullbandParameters> = {}): FullbandRating {
  const p = { ...FULLBAND_DEFAULTS, ...parameters };
  requireWithin("a", p.a, 0, 20);
  const ieEff = effectiveEquipmentImpairment("fullband", {
    ie: p.ie,
    bpl: p.bpl,
    lossPercent: p.pplPercent,
    burstRatio: p.burstRatio,
  });
  const idd = fullbandDelayImpairment(p.taMs);
  return { r: FULLBAND_RO - idd - ieEff + p.a, ro: FULLBAND_RO, idd, ieEff, a: p.a };
}

/**
 * Idd,FB: what a one-way delay costs on the fullband scale, in R points.
 *
 * @param oneWayDelayMs - Mouth to ear, in milliseconds, 0 or more.
 * @throws {RangeError} If the delay is outside its range.
 */
export function fullbandDelayImpairment(oneWayDelayMs: number): number {
  return DELAY_SCALE * absoluteDelayImpairment(oneWayDelayMs);
}
