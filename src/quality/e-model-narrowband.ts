/**
 * The whole narrowband E-model, ITU-T G.107 (06/2015) §7, with the symbols of the recommendation.
 *
 * @module
 */

import { absoluteDelayImpairment, DELAY_SENSITIVITY } from "./delay-impairment.js";
import { effectiveEquipmentImpairment } from "./equipment-impairment.js";
import { requireWithin } from "./range-check.js";

/** Every input of G.107. What is left out has the default of §7.7. */
export interface NarrowbandParameters {
  /** SLR, send loudness rating. Default 8 dB. */
  readonly slrDb: number;
  /** RLR, receive loudness rating. Default 2 dB. */
  readonly rlrDb: number;
  /** STMR, sidetone masking rating. Default 15 dB. */
  readonly stmrDb: number;
  /** LSTR, listener sidetone rating. Default STMR + Dr, which is 18 dB. */
  readonly lstrDb?: number;
  /** Ds, D-value of the telephone, send side. Default 3. */
  readonly ds: number;
  /** Dr, D-value of the telephone, receive side. Default 3. */
  readonly dr: number;
  /** TELR, talker echo loudness rating. Default 65 dB. */
  readonly telrDb: number;
  /** WEPL, weighted echo path loss. Default 110 dB. */
  readonly weplDb: number;
  /** T, mean one-way delay of the echo path. In milliseconds, 0 or more. Default 0. */
  readonly tMs: number;
  /** Tr, round-trip delay in the four-wire loop. In milliseconds, 0 or more. Default 0. */
  readonly trMs: number;
  /** Ta, absolute one-way delay. In milliseconds, 0 or more. Default 0. */
  readonly taMs: number;
  /** sT, delay sensitivity. Default 1. */
  readonly st: number;
  /** mT, minimum perceivable delay. In milliseconds. Default 100. */
  readonly mtMs: number;
  /** Number of quantization distortion units, 1 or more. Default 1. */
  readonly qdu: number;
  /** Ie, equipment impairment factor, from 0 to 95. Default 0. */
  readonly ie: number;
  /** Bpl, packet-loss robustness factor, greater than 0. Default 4.3 (1 in older editions). */
  readonly bpl: number;
  /** Ppl, packet-loss probability. In percent, from 0 to 100. Default 0. */
  readonly pplPercent: number;
  /** BurstR, burst ratio, 1 or more. Default 1. */
  readonly burstRatio: number;
  /** Nc, circuit noise referred to the 0 dBr point. Default −70 dBm0p. */
  readonly ncDbm0p: number;
  /** Nfor, noise floor at the receive side. Default −64 dBmp. */
  readonly nforDbmp: number;
  /** Ps, room noise at the send side. Default 35 dB(A). */
  readonly psDb: number;
  /** Pr, room noise at the receive side. Default 35 dB(A). */
  readonly prDb: number;
  /** A, advantage factor, from 0 to 20. Default 0. */
  readonly a: number;
}

/** The defaults of G.107 §7.7. They rate 93.206. */
export const NARROWBAND_DEFAULTS: Omit<NarrowbandParameters, "lstrDb"> = {
  slrDb: 8,
  rlrDb: 2,
  stmrDb: 15,
  ds: 3,
  dr: 3,
  telrDb: 65,
  weplDb: 110,
  tMs: 0,
  trMs: 0,
  taMs: 0,
  st: DELAY_SENSITIVITY.default.steepness,
  mtMs: DELAY_SENSITIVITY.default.minimumPerceivableMs,
  qdu: 1,
  ie: 0,
  bpl: 4.3,
  pplPercent: 0,
  burstRatio: 1,
  ncDbm0p: -70,
  nforDbmp: -64,
  psDb: 35,
  prDb: 35,
  a: 0,
};

/** A rating and what it is made of: R = Ro − Is − Id − Ie-eff + A (G.107 eq. 7-1). */
export interface NarrowbandRating {
  /** R, unclamped: below 0 for hopeless calls, above 100 with an advantage factor. */
  readonly r: number;
  /** Ro, basic signal-to-noise ratio. */
  readonly ro: number;
  /** Is, what happens simultaneously with the voice: Iolr + Ist + Iq. */
  readonly is: number;
  /** Iolr, too low an overall loudness rating. */
  readonly iolr: number;
  /** Ist, sidetone that is not optimal. */
  readonly ist: number;
  /** Iq, quantizing distortion. */
  readonly iq: number;
  /** Id, delay: Idte + Idle + Idd. */
  readonly id: number;
  /** Idte, talker echo. Slightly below 0 around T = 1 ms, as the formula has it. */
  readonly idte: number;
  /** Idle, listener echo: 0.149 at the defaults. */
  readonly idle: number;
  /** Idd, too long a delay in itself. */
  readonly idd: number;
  /** Ie-eff, codec and loss. */
  readonly ieEff: number;
  /** A, advantage of access. */
  readonly a: number;
}

/** Loudness, levels and noise: what a formula can be computed for, not what is sensible. */
const DECIBELS = [-200, 200] as const;
/** A day, beyond which a delay is a mistake in units. */
const DELAY_MS = [0, 86_400_000] as const;

const LIMITS: Readonly<Record<keyof NarrowbandParameters, readonly [low: number, high: number]>> = {
  slrDb: DECIBELS,
  rlrDb: DECIBELS,
  stmrDb: DECIBELS,
  lstrDb: DECIBELS,
  ds: DECIBELS,
  dr: DECIBELS,
  telrDb: DECIBELS,
  weplDb: DECIBELS,
  tMs: DELAY_MS,
  trMs: DELAY_MS,
  taMs: DELAY_MS,
  st: [0.01, 10],
  mtMs: [1, 10_000],
  qdu: [1, 100],
  ie: [0, 95],
  bpl: [1e-3, 1e6],
  pplPercent: [0, 100],
  burstRatio: [1, Number.MAX_VALUE],
  ncDbm0p: DECIBELS,
  nforDbmp: DECIBELS,
  psDb: DECIBELS,
  prDb: DECIBELS,
  a: [0, 20],
};

/**
 * Transmission rating of a narrowband connection.
 *
 * @throws {RangeError} If a parameter is outside the range given in {@link NarrowbandParameters}.
 */
export function rateNarrowband(parameters: Partial<NarrowbandParameters> = {}): NarrowbandRating {
  const p = { ...NARROWBAND_DEFAULTS, ...parameters };
  for (const [name, [low, high]] of Object.entries(LIMITS)) {
    const value = p[name as keyof NarrowbandParameters];
    if (value !== undefined) requireWithin(name, value, low, high);
  }
  const no = noiseSum(p);
  const ro = 15 - 1.5 * (p.slrDb + no);
  const { iolr, ist, iq } = simultaneous(p, no, ro);
  const { idte, idle, idd } = delay(p, no, ro, ist);
  const ieEff = effectiveEquipmentImpairment("narrowband", {
    ie: p.ie,
    bpl: p.bpl,
    lossPercent: p.pplPercent,
    burstRatio: p.burstRatio,
  });
  const is = iolr + ist + iq;
  const id = idte + idle + idd;
  return {
    r: ro - is - id - ieEff + p.a,
    ro,
    is,
    iolr,
    ist,
    iq,
    id,
    idte,
    idle,
    idd,
    ieEff,
    a: p.a,
  };
}

/** No: the power sum of all noise sources, in dBm0p (§7.2). */
function noiseSum(p: NarrowbandParameters): number {
  const lstr = p.lstrDb ?? p.stmrDb + p.dr;
  const olr = p.slrDb + p.rlrDb;
  const nos = p.psDb - p.slrDb - p.ds - 100 + 0.004 * (p.psDb - olr - p.ds - 14) ** 2;
  const pre = p.prDb + 10 * Math.log10(1 + power((10 - lstr) / 10));
  const nor = p.rlrDb - 121 + pre + 0.008 * (pre - 35) ** 2;
  const nfo = p.nforDbmp + p.rlrDb;
  return (
    10 * Math.log10(power(p.ncDbm0p / 10) + power(nos / 10) + power(nor / 10) + power(nfo / 10))
  );
}

/** The three parts of Is (§7.3). */
function simultaneous(
  p: NarrowbandParameters,
  no: number,
  ro: number,
): { readonly iolr: number; readonly ist: number; readonly iq: number } {
  const xolr = p.slrDb + p.rlrDb + 0.2 * (64 + no - p.rlrDb);
  const iolr = 20 * ((1 + (xolr / 8) ** 8) ** (1 / 8) - xolr / 8);

  const echoed = Math.exp(-p.tMs / 4) * power(-p.telrDb / 10);
  const stmro = -10 * Math.log10(power(-p.stmrDb / 10) + echoed);
  const ist =
    12 * (1 + ((stmro - 13) / 6) ** 8) ** (1 / 8) -
    28 * (1 + ((stmro + 1) / 19.4) ** 35) ** (1 / 35) -
    13 * (1 + ((stmro - 3) / 33) ** 13) ** (1 / 13) +
    29;

  const q = 37 - 15 * Math.log10(p.qdu);
  const g = 1.07 + 0.258 * q + 0.0602 * q * q;
  const y = (ro - 100) / 15 + 46 / 8.4 - g / 9;
  const z = 46 / 30 - g / 40;
  const iq = 15 * Math.log10(1 + power(y) + power(z));
  return { iolr, ist, iq };
}

/** The three parts of Id (§7.4). */
function delay(
  p: NarrowbandParameters,
  no: number,
  ro: number,
  ist: number,
): { readonly idte: number; readonly idle: number; readonly idd: number } {
  const rle = 10.5 * (p.weplDb + 7) * (p.trMs + 1) ** -0.25;
  const idle = (ro - rle) / 2 + Math.sqrt((ro - rle) ** 2 / 4 + 169);
  const idd = absoluteDelayImpairment(p.taMs, { steepness: p.st, minimumPerceivableMs: p.mtMs });
  return { idte: talkerEcho(p, no, ist), idle, idd };
}

/** Idte (§7.4). Echo that comes back within 1 ms is sidetone and counted there. */
function talkerEcho(p: NarrowbandParameters, no: number, ist: number): number {
  if (p.tMs < 1) return 0;
  const t = p.tMs;
  const path = 40 * Math.log10((1 + t / 10) / (1 + t / 150));
  // Strong sidetone hides echo; very weak sidetone makes it stand out.
  const masking = p.stmrDb < 9 ? ist / 2 : 0;
  const terv = p.telrDb - path + 6 * Math.exp(-0.3 * t * t) + masking;
  const roe = -1.5 * (no - p.rlrDb);
  const re = 80 + 2.5 * (terv - 14);
  const half = (roe - re) / 2;
  const idte = (half + Math.sqrt(half * half + 100) - 1) * (1 - Math.exp(-t));
  return p.stmrDb > 20 ? Math.hypot(idte, ist) : idte;
}

function power(exponent: number): number {
  return 10 ** exponent;
}
