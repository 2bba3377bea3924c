/**
 * The ten seconds that somebody will complain about.
 *
 * @module
 */

import type { StreamInterval } from "../rtp/stream.js";
import { QualityAssessor } from "./assess.js";
import type { Quality, QualityConditions } from "./assess.js";
import { type CountedInterval, intervalCounts } from "./interval-counts.js";
import { requireWithin } from "./range-check.js";

/** What a window is computed from. */
export type WindowInterval = CountedInterval & Pick<StreamInterval, "fromMs" | "toMs">;

/** What holds for the whole stream. */
export interface WindowConditions extends QualityConditions {
  /** Length of the window, from 1 to 3600. Default 10. */
  readonly windowSeconds?: number | undefined;
}

/** The worst window of a stream. */
export interface QualityWindow {
  /** Start of its first interval and end of its last one, on the clock of the intervals. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Absent without a round-trip time. */
  readonly mosCq?: number;
  readonly mosLq: number;
}

/** Interval bounds are sums of doubles. */
const TOLERANCE_MS = 1;

/**
 * The window in which a stream was worst, by rating; of equals, the first.
 *
 * A window starts where an interval starts and holds all intervals that end within its length, and at
 * least one. So it is longer than asked for where intervals are, and holds less where nothing was
 * sent. Intervals without packets due are passed over.
 *
 * Absent when no window can be rated. Absent as well when some can and others cannot: which was the
 * worst is not known then.
 *
 * @throws {RangeError} If an interval ends before it starts, or a condition is outside its range.
 */
export function worstWindow(
  intervals: readonly WindowInterval[],
  conditions: WindowConditions,
): QualityWindow | undefined {
  const windowMs = 1000 * (conditions.windowSeconds ?? 10);
  requireWithin("windowSeconds", windowMs / 1000, 1, 3600);
  for (const { fromMs, toMs } of intervals) {
    requireWithin("fromMs of an interval", fromMs, -Number.MAX_VALUE, Number.MAX_VALUE);
    requireWithin("toMs of an interval", toMs, fromMs, Number.MAX_VALUE);
  }
  return worstOf(inOrder(intervals), windowMs, new QualityAssessor(conditions));
}

/** By their starts, as intervals nearly always come. */
function inOrder(intervals: readonly WindowInterval[]): readonly WindowInterval[] {
  let latestMs = -Infinity;
  for (const { fromMs } of intervals) {
    if (fromMs < latestMs) return intervals.toSorted((a, b) => a.fromMs - b.fromMs);
    latestMs = fromMs;
  }
  return intervals;
}

/** A window as it is compared with others. */
interface RatedWindow {
  readonly start: number;
  readonly end: number;
  readonly rFactor: number;
}

function worstOf(
  intervals: readonly WindowInterval[],
  windowMs: number,
  assessor: QualityAssessor,
): QualityWindow | undefined {
  let worst: RatedWindow | undefined;
  let end = 0;
  for (let start = 0; start < intervals.length; start++) {
    const previousEnd = end;
    end = windowEnd(intervals, start, Math.max(end, start + 1), windowMs);
    // Part of the window before.
    if (end === previousEnd) continue;
    const counts = intervalCounts(intervals, start, end);
    if (counts.packetsExpected <= 0) continue;
    const listening = assessor.listening(counts);
    if (listening === undefined) return undefined;
    const window = { start, end, rFactor: assessor.rFactor(listening) };
    if (worst === undefined || isWorse(window, worst, intervals, assessor)) worst = window;
  }
  if (worst === undefined) return undefined;
  const scores = assessor.scores(intervalCounts(intervals, worst.start, worst.end));
  const from = intervals[worst.start];
  const to = intervals[worst.end - 1];
  if (scores === undefined || from === undefined || to === undefined) return undefined;
  const { mosCq, mosLq } = scores;
  return {
    fromMs: from.fromMs,
    toMs: to.toMs,
    ...(mosCq === undefined ? {} : { mosCq }),
    mosLq,
  };
}

/** Where the window ends that starts there and holds at least what is before `atLeast`. */
function windowEnd(
  intervals: readonly WindowInterval[],
  start: number,
  atLeast: number,
  windowMs: number,
): number {
  const untilMs = (intervals[start]?.fromMs ?? NaN) + windowMs + TOLERANCE_MS;
  let end = atLeast;
  for (let next = intervals[end]; next !== undefined; next = intervals[end]) {
    if (next.toMs > untilMs) break;
    end++;
  }
  return end;
}

/** Ratings stop at 0, costs do not. */
function isWorse(
  one: RatedWindow,
  other: RatedWindow,
  intervals: readonly WindowInterval[],
  assessor: QualityAssessor,
): boolean {
  if (one.rFactor !== other.rFactor) return one.rFactor < other.rFactor;
  if (one.rFactor !== 0) return false;
  const cost = ({ start, end }: RatedWindow): number =>
    totalCost(assessor.quality(intervalCounts(intervals, start, end)));
  return cost(one) > cost(other);
}

function totalCost(quality: Quality | undefined): number {
  return Object.values(quality?.costs ?? {}).reduce<number>(
    (total, cost: number) => total + cost,
    0,
  );
}
