/**
 * The intervals of a stream as reports carry them: most of what is said of a long stream.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import type { QualityAssessor, QualityScores } from "../quality/assess.js";
import { intervalCounts } from "../quality/interval-counts.js";
import type { Draft } from "../rtcp/present.js";
import { missedInInterval, type StreamInterval } from "../rtp/stream.js";
import type { IntervalReport } from "./report.js";
import { rounded, roundedNumber } from "./rounding.js";

/** The reports on a stream's intervals, in their order, with every float rounded. */
export function intervalReports(
  intervals: readonly StreamInterval[],
  assessor: QualityAssessor,
): IntervalReport[] {
  let endMs = Number.NaN;
  let end = "";
  let untroubled: QualityScores | undefined;
  return intervals.map((interval, index) => {
    const from = interval.fromMs === endMs ? end : isoMicroseconds(interval.fromMs);
    endMs = interval.toMs;
    end = isoMicroseconds(endMs);
    const missed = missedInInterval(interval);
    const isUntroubled = missed === 0 && interval.packetsDiscarded === 0;
    // Without loss all intervals with packets due score the same.
    if (!isUntroubled || untroubled === undefined || interval.packetsExpected <= 0) {
      const unrounded = assessor.scores(intervalCounts(intervals, index, index + 1));
      const scores = unrounded && rounded(unrounded);
      if (isUntroubled) untroubled ??= scores;
      return intervalReport(from, end, interval, missed, scores);
    }
    return intervalReport(from, end, interval, missed, untroubled);
  });
}

function intervalReport(
  from: string,
  to: string,
  interval: StreamInterval,
  missed: number,
  scores: QualityScores | undefined,
): IntervalReport {
  const report: Draft<IntervalReport> = {
    from,
    to,
    packetsReceived: interval.packetsReceived,
    packetsExpected: interval.packetsExpected,
    packetsMissing: missed,
    packetsDuplicated: interval.packetsDuplicated,
    packetsReordered: interval.packetsReordered,
    packetsDiscarded: interval.packetsDiscarded,
    payloadBytes: interval.payloadBytes,
  };
  const { jitterSeconds, delayVariationSeconds } = interval;
  if (jitterSeconds !== undefined) {
    report.jitterSeconds = {
      mean: roundedNumber(jitterSeconds.mean),
      max: roundedNumber(jitterSeconds.max),
    };
  }
  if (delayVariationSeconds !== undefined) {
    report.delayVariationSeconds = {
      p95: roundedNumber(delayVariationSeconds.p95),
      max: roundedNumber(delayVariationSeconds.max),
    };
  }
  if (scores !== undefined) report.quality = scores;
  return report;
}
