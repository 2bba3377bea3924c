/**
 * From a transmission rating R to a mean opinion score and back: ITU-T G.107 (06/2015) annex B and
 * appendix I, G.107.1 annex A, G.107.2 annex A.
 *
 * The three scales are not comparable. A 4.4 on the wideband scale and a 4.4 on the narrowband one
 * are answers to different questions, so every score must travel with its scale.
 *
 * @module
 */

import { requireWithin } from "./range-check.js";

/** Which E-model a rating belongs to: G.107, G.107.1 or G.107.2. */
export type Scale = "narrowband" | "wideband" | "fullband";

/** What a rating of each scale is divided by before the cubic, which is made for 0 to 100. */
const RATING_DIVISOR: Readonly<Record<Scale, number>> = {
  narrowband: 1,
  wideband: 1.29,
  fullband: 1.48,
};

/** The lowest score there is: "bad". */
export const MOS_MIN = 1;
/** The highest score the E-model gives. People do not agree on a 5. */
export const MOS_MAX = 4.5;

/**
 * Mean opinion score for a rating R of the given scale (annex B).
 *
 * R is held within its scale first: outside, the cubic climbs again and turns the worst calls into
 * good ones. Inside, the cubic falls below 1 for 0 \< R \< 6.5, where no score exists.
 *
 * @returns 1 (bad) to 4.5 (excellent).
 * @throws {RangeError} If `r` is not a number.
 */
export function mosFromR(r: number, scale: Scale = "narrowband"): number {
  if (Number.isNaN(r)) throw new RangeError(`r is ${r}; it must be a number`);
  const x = r / RATING_DIVISOR[scale];
  if (x <= 0) return MOS_MIN;
  if (x >= 100) return MOS_MAX;
  return Math.max(MOS_MIN, 1 + 0.035 * x + x * (x - 60) * (100 - x) * 7e-6);
}

/**
 * The rating R of the given scale that has this mean opinion score (G.107 appendix I).
 *
 * @param mos - From 1 to 4.5. All ratings from 0 to 6.5 score 1; the highest of them is returned.
 * @returns 6.5 to 100 on the narrowband scale, 1.29 or 1.48 times that on the others.
 * @throws {RangeError} If `mos` is outside its range.
 */
export function rFromMos(mos: number, scale: Scale = "narrowband"): number {
  requireWithin("mos", mos, MOS_MIN, MOS_MAX);
  const y = 15 * Math.sqrt(-903_522 + 1_113_960 * mos - 202_500 * mos * mos);
  const h = Math.atan2(y, 18_566 - 6_750 * mos) / 3;
  const x = (20 / 3) * (8 - Math.sqrt(226) * Math.cos(h + Math.PI / 3));
  return x * RATING_DIVISOR[scale];
}
