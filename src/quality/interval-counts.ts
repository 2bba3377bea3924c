/**
 * What intervals of a stream amount to, for their quality.
 *
 * @module
 */

import type { StreamInterval } from "../rtp/stream.js";
import type { QualityCounts } from "./assess.js";
import { burstRatio } from "./burst.js";

/** Of an interval, what its quality is computed from. */
export type CountedInterval = Pick<
  StreamInterval,
  "packetsExpected" | "packetsReceived" | "packetsDuplicated" | "packetsDiscarded" | "impairedRuns"
>;

/**
 * Counts of the intervals from `start` to before `end`, as those of a whole stream: what one interval
 * misses may have arrived in the next, and a run may go on there.
 */
export function intervalCounts(
  intervals: readonly CountedInterval[],
  start: number,
  end: number,
): QualityCounts {
  let packetsExpected = 0;
  let packetsOnce = 0;
  let packetsDiscarded = 0;
  let runs = 0;
  for (let index = start; index < end; index++) {
    const interval = intervals[index];
    if (interval === undefined) continue;
    packetsExpected += interval.packetsExpected;
    packetsOnce += interval.packetsReceived - interval.packetsDuplicated;
    packetsDiscarded += interval.packetsDiscarded;
    runs += interval.impairedRuns;
  }
  const packetsNeverReceived = Math.max(0, packetsExpected - packetsOnce);
  return {
    packetsExpected,
    packetsNeverReceived,
    packetsDiscarded,
    burstRatio: burstRatio({
      packetsExpected,
      packetsMissed: packetsNeverReceived + packetsDiscarded,
      runs: Math.max(0, runs),
    }),
  };
}
