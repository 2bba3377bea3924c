/**
 * The wideband E-model, ITU-T G.107.1 (06/2019): ratings up to 129.
 *
 * Verified against other implementations: Ro, Ie-eff and the conversion to MOS. Unverified: the
 * talker echo terms (Corrigendum 1 of 01/2020 changed eq. 7-6, and one implementation was all there
 * was to compare with), and that Idd is that of G.107. Listener echo is not modelled.
 *
 * @module
 */

import { absoluteDelayImpairment } from "./delay-impairment.js";
import { effectiveEquipmentImpairment } from "./equipment-impairment.js";
import { requireWithin } from "./range-check.js";

/** Ro,WB: the rating of an undisturbed wideband connection. */
export const WIDEBAND_RO = 129;

/** The inputs of G.107.1 that a rating here depends on. */
export interface WidebandParameters {
  /** Ie,wb, from 0 to 95. Default 0. */
  readonly ie: number;
  /** Bpl,wb, greater than 0. Default 4.3, that of G.107: unverified for this scale. */
  readonly bpl: number;
  /** Ppl, in percent, from 0 to 100. Default 0. */
  readonly pplPercent: number;
  /** Ta, absolute one-way delay. In milliseconds, 0 or more. Default 0. */
  readonly taMs: number;
  /** T, mean one-way delay of the echo path. In milliseconds, 0 or more. Default 0. */
  readonly tMs: number;
  /** TELR, talker echo loudness rating. Default 65 dB. */
  readonly telrDb: number;
  /** A, advantage factor, from 0 to 20. Default 0. */
  readonly a: number;
}

/** The defaults: a connection that rates 129. */
export const WIDEBAND_DEFAULTS: WidebandParameters = {
  ie: 0,
  bpl: 4.3,
  pplPercent: 0,
  taMs: 0,
  tMs: 0,
  telrDb: 65,
  a: 0,
};

/** A wideband rating and what it is made of. Is,WB is 0. */
export interface WidebandRating {
  /** R, unclamped. */
  readonly r: number;
  readonly ro: number;
  /** Id,WB: Idte + Idd. */
  readonly id: number;
  readonly idte: number;
  readonly idd: number;
  readonly ieEff: number;
  readonly a: number;
}

/**
 * Transmission rating of a wideband connection.
 *
 * @throws {RangeError} If a parameter is outside the range given in {@link WidebandParameters}.
 */
export function rateWideband(parameters: Partial<WidebandParameters> = {}): WidebandRating {
  const p = { ...WIDEBAND_DEFAULTS, ...parameters };
  requireWithin("a", p.a, 0, 20);
  const ieEff = effectiveEquipmentImpairment("wideband", {
    ie: p.ie,
    bpl: p.bpl,
    lossPercent: p.pplPercent,
    burstRatio: 1,
  });
  const idte = talkerEcho(p.telrDb, p.tMs);
  const idd = absoluteDelayImpairment(p.taMs);
  const id = idte + idd;
  return { r: WIDEBAND_RO - id - ieEff + p.a, ro: WIDEBAND_RO, id, idte, idd, ieEff, a: p.a };
}

/** Idte,WB. Unverified, see the module's comment. */
function talkerEcho(telrDb: number, tMs: number): number {
  requireWithin("telrDb", telrDb, -200, 200);
  requireWithin("tMs", tMs, 0, 86_400_000);
  if (tMs < 1) return 0;
  const k = tMs < 100 ? 0.08 * tMs + 10 : 18;
  const path = 40 * Math.log10((1 + tMs / 10) / (1 + tMs / 150));
  const terv = telrDb + k - path + 6 * Math.exp(-0.3 * tMs * tMs);
  const re = 80 + 3 * (terv - 14);
  const half = (WIDEBAND_RO - re) / 2;
  return (half + Math.sqrt(half * half + 100) - 1) * (1 - Math.exp(-tMs));
}
