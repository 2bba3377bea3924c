/**
 * How the lost packets of a stream lie: in how many runs, and how long ones.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";

/** More lengths of runs than this are not told apart: the longest is then a lower bound. */
const RUN_LENGTHS_KEPT = 10;

/** What is known of the runs. */
export interface LossRuns {
  /** How many there are. */
  readonly runs: number;
  /** Packets of the longest, 0 where there is none. */
  readonly longest: number;
  /** It may have been longer. */
  readonly isLowerBound: boolean;
  /** How long that lasted. Absent where packets do not come one by one in time, as of video. */
  readonly longestSeconds?: number;
}

/** The runs of packets that were lost one after the other. */
export function lossRunsOf(stream: StreamReport): LossRuns {
  const lengths = Object.keys(stream.lossRuns).map(Number);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const { packetizationSeconds, packetsDiscarded } = stream;
  // The packets of a video frame come at once, so there a run says nothing of time.
  const isTimed = packetizationSeconds !== undefined && packetsDiscarded !== undefined;
  return {
    runs: Object.values(stream.lossRuns).reduce((sum, count) => sum + count, 0),
    longest,
    isLowerBound: lengths.length >= RUN_LENGTHS_KEPT,
    ...(isTimed && { longestSeconds: longest * packetizationSeconds }),
  };
}
