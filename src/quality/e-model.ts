/**
 * What a measured stream costs on its scale, in R points: the E-model as a probe can use it.
 *
 * A probe measures loss and delay. It does not hear echo, noise or loudness, so those keep the
 * defaults of G.107 §7.7. There T = Tr = 0, the state without echo: by default only the absolute
 * delay Ta carries what was measured, and delay costs Idd. Who knows the echo loss of a network
 * states it as `telrDb`; then T = Ta and Tr = 2T as well, and talker and listener echo join in.
 * (The popular formula 0.024d + 0.11(d − 177.3) is a fit of Id with an echo loss of 65 dB. Used
 * where echo is cancelled, it takes points for something that nobody hears.)
 *
 * @module
 */

import { absoluteDelayImpairment } from "./delay-impairment.js";
import { FULLBAND_RO, fullbandDelayImpairment } from "./e-model-fullband.js";
import { rateNarrowband } from "./e-model-narrowband.js";
import { rateWideband, WIDEBAND_RO } from "./e-model-wideband.js";
import type { Scale } from "./mos.js";

const NARROWBAND = rateNarrowband();

const BEST_RATING: Readonly<Record<Scale, number>> = {
  narrowband: NARROWBAND.r,
  wideband: WIDEBAND_RO,
  fullband: FULLBAND_RO,
};

/** The rating of a stream that costs nothing: 93.206, 129 or 148. */
export function bestRating(scale: Scale): number {
  return BEST_RATING[scale];
}

/**
 * What a one-way delay costs on this scale, in R points, 0 or more.
 *
 * @param oneWayDelayMs - Mouth to ear, in milliseconds, 0 or more.
 * @param telrDb - Talker echo loudness rating; leave out where echo is unknown or cancelled. It is
 * unverified on the wideband scale and has no effect on the fullband one, which models no echo.
 * @throws {RangeError} If an argument is outside its range.
 */
export function delayCost(scale: Scale, oneWayDelayMs: number, telrDb?: number): number {
  if (scale === "fullband") return fullbandDelayImpairment(oneWayDelayMs);
  if (telrDb === undefined) return absoluteDelayImpairment(oneWayDelayMs);
  const path = { taMs: oneWayDelayMs, tMs: oneWayDelayMs, telrDb };
  // Around 1 ms Idte is a little below 0; a delay must not win points.
  if (scale === "wideband") {
    const { idte, idd } = rateWideband(path);
    return Math.max(0, idte) + idd;
  }
  const { idte, idle, idd } = rateNarrowband({ ...path, trMs: 2 * oneWayDelayMs });
  return Math.max(0, idte) + idle - NARROWBAND.idle + idd;
}
