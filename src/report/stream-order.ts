/**
 * Which streams to look at first.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { score } from "./satisfaction.js";

const BEST_MOS = 4.5;
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
    .map((stream) => ({ stream, place: score(stream.quality) ?? scoreOfPlace(stream) }))
    .sort(
      (a, b) =>
        a.place - b.place ||
        b.stream.lossRatio - a.stream.lossRatio ||
        (b.stream.packetsDiscarded ?? 0) - (a.stream.packetsDiscarded ?? 0),
    )
    .map(({ stream }) => stream);
}

function scoreOfPlace({ lossRatio }: StreamReport): number {
  return BEST_MOS - (BEST_MOS - 1) * Math.min(1, lossRatio / HOPELESS_LOSS_RATIO);
}
