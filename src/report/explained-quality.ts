/**
 * What the score of a stream is made of, in words.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { TIE } from "./display-text.js";
import { countText, mosText, pointsText, secondsBetween, timeOfDay } from "./quantity.js";
import { isVerySatisfying, score } from "./satisfaction.js";

type Quality = NonNullable<StreamReport["quality"]>;

/** The rating of a stream that nothing costs anything, by scale (G.107, G.107.1, G.107.2). */
export const BEST_RATINGS: Readonly<Record<Quality["scale"], number>> = {
  narrowband: 93.206,
  wideband: 129,
  fullband: 148,
};

/** Costs under this print as 0. */
const LEAST_SHOWN_POINTS = 0.05;
/** A difference of scores from which one is worth a word. */
const NOTABLE_MOS = 0.2;

/** Which costs took the rating down; absent while users are very satisfied. */
export function costsClause({ quality }: Pick<StreamReport, "quality">): string | undefined {
  if (quality === undefined || isVerySatisfying(score(quality) ?? 0)) return undefined;
  const { costs } = quality;
  const parts = (
    [
      ["codec", costs.codec],
      ["loss", costs.randomLoss],
      ["bursts", costs.burstLoss],
      ["late packets", costs.lateLoss],
      ["delay", costs.delay],
    ] as const
  )
    .filter(([, points]) => points !== undefined && points >= LEAST_SHOWN_POINTS)
    .map(([name, points = 0]) => `${name.replace(" ", TIE)}${TIE}−${pointsText(points)}`);
  if (parts.length === 0) return undefined;
  const best = pointsText(BEST_RATINGS[quality.scale]);
  return `R${TIE}${pointsText(quality.rFactor)} of ${best}: ${parts.join(", ")}`;
}

/** The worst stretch, where it is worse than the whole. */
export function worstClause(stream: StreamReport): string | undefined {
  const { quality, worst, firstPacketAt, lastPacketAt } = stream;
  const whole = score(quality);
  const mos = score(worst);
  if (worst === undefined || mos === undefined || whole === undefined) return undefined;
  const seconds = secondsBetween(worst.from, worst.to);
  const isWhole = seconds >= 0.9 * secondsBetween(firstPacketAt, lastPacketAt);
  if (isWhole || mos > whole - NOTABLE_MOS || isVerySatisfying(mos)) return undefined;
  const stretch = countText(Math.max(1, Math.round(seconds)));
  return `worst ${stretch}${TIE}s from ${timeOfDay(worst.from)}: MOS${TIE}${mosText(mos)}`;
}
