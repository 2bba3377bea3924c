/**
 * Which streams to look at first.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { score } from "./satisfaction.js";

/** Where what could not be better, or worse, is put: the ends of the scale of scores. */
export const BEST_PLACE = 4.5;
export const WORST_PLACE = 1;
/** The loss at which a stream without a score is put beside the worst of those with one. */
const HOPELESS_LOSS_RATIO = 0.2;

/**
 * The streams, worst first: by score, then by loss, then by how many packets were too late. Equal
 * ones stay as they were.
 *
 * A stream that has no score is put where its loss would put it, so that a broken one is not hidden
 * behind the good ones. That decides its place and is shown nowhere.
 */
export function worstFirst(streams: readonly StreamReport[]): StreamReport[] {
  return streams
    .map((stream) => ({ stream, place: placeOf(stream) }))
    .sort(
      (a, b) =>
        a.place - b.place ||
        b.stream.lossRatio - a.stream.lossRatio ||
        (b.stream.packetsDiscarded ?? 0) - (a.stream.packetsDiscarded ?? 0),
    )
    .map(({ stream }) => stream);
}

/** The score of a stream, or what stands for it among those that have one. */
export function placeOf({ quality, lossRatio }: StreamReport): number {
  const hopeless = Math.min(1, lossRatio / HOPELESS_LOSS_RATIO);
  return score(quality) ?? BEST_PLACE - (BEST_PLACE - WORST_PLACE) * hopeless;
}
