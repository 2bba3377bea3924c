/**
 * What the score of a stream is made of, in words.
 *
 * @module
 */

import type { StreamReport, WorstWindow } from "../call/report.js";
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
  const worst = notableWorst(stream);
  if (worst === undefined) return undefined;
  return `${worstName(worst)} from ${timeOfDay(worst.from)}: MOS${TIE}${mosText(score(worst) ?? 0)}`;
}

/** "worst 10 s": the ten seconds that fared worst together may be without the worst moment. */
export function worstName({ from, to }: WorstWindow): string {
  return `worst ${countText(Math.max(1, Math.round(secondsBetween(from, to))))}${TIE}s`;
}

/** The worst stretch, where it is a part of the stream that was clearly worse than the whole. */
export function notableWorst(stream: StreamReport): WorstWindow | undefined {
  const { quality, worst } = stream;
  const whole = score(quality);
  const mos = score(worst);
  if (worst === undefined || mos === undefined || whole === undefined) return undefined;
  const isNotable = mos <= whole - NOTABLE_MOS && !isVerySatisfying(mos);
  return isNotable && hasPartWorst(stream) ? worst : undefined;
}

/** Whether the stream is longer than its worst stretch. */
export function hasPartWorst({ worst, firstPacketAt, lastPacketAt }: StreamReport): boolean {
  if (worst === undefined) return false;
  const seconds = secondsBetween(worst.from, worst.to);
  return seconds < 0.9 * secondsBetween(firstPacketAt, lastPacketAt);
}
