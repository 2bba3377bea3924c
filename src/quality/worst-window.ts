/**
 * The ten seconds that somebody will complain about.
 *
 * @module
 */

import type { StreamInterval } from "../rtp/stream.js";
import { assessQuality } from "./assess.js";
import type { Quality, QualityInput } from "./assess.js";
import { burstRatio } from "./burst.js";
import { requireWithin } from "./range-check.js";

/** What a window is computed from. `lossRuns` are runs of packets never received. */
export type WindowInterval = Pick<
  StreamInterval,
  | "fromMs"
  | "toMs"
  | "packetsExpected"
  | "packetsReceived"
  | "packetsDuplicated"
  | "packetsDiscarded"
  | "lossRuns"
>;

/** What holds for the whole stream. */
export interface WindowConditions extends Pick<
  QualityInput,
  "codec" | "bufferDelayMs" | "packetizationMs" | "rttSeconds" | "telrDb"
> {
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
  const inOrder = intervals.toSorted((a, b) => a.fromMs - b.fromMs);

  let worst: { readonly window: readonly WindowInterval[]; readonly quality: Quality } | undefined;
  for (const window of windows(inOrder, windowMs)) {
    const total = sum(window);
    if (total.packetsExpected <= 0) continue;
    const quality = assessQuality({ ...conditions, ...total });
    if (quality === undefined) return undefined;
    if (worst === undefined || isWorse(quality, worst.quality)) worst = { window, quality };
  }
  const from = worst?.window[0];
  const to = worst?.window.at(-1);
  if (worst === undefined || from === undefined || to === undefined) return undefined;
  const { mosCq, mosLq } = worst.quality;
  return {
    fromMs: from.fromMs,
    toMs: to.toMs,
    ...(mosCq === undefined ? {} : { mosCq }),
    mosLq,
  };
}

/** Ratings stop at 0, costs do not. */
function isWorse(one: Quality, other: Quality): boolean {
  if (one.rFactor !== other.rFactor) return one.rFactor < other.rFactor;
  return one.rFactor === 0 && totalCost(one) > totalCost(other);
}

function totalCost({ costs }: Quality): number {
  return Object.values(costs).reduce<number>((total, cost: number) => total + cost, 0);
}

/** Every window that is not part of another one. */
function* windows(
  intervals: readonly WindowInterval[],
  windowMs: number,
): Generator<readonly WindowInterval[]> {
  let end = 0;
  for (const [start, first] of intervals.entries()) {
    const previousEnd = end;
    end = Math.max(end, start + 1);
    for (let next = intervals[end]; next !== undefined; next = intervals[end]) {
      if (next.toMs > first.fromMs + windowMs + TOLERANCE_MS) break;
      end++;
    }
    if (end > previousEnd) yield intervals.slice(start, end);
  }
}

/** Counts of a window: a packet missed in one interval may have arrived in the next. */
function sum(
  window: readonly WindowInterval[],
): Pick<
  QualityInput,
  "packetsExpected" | "packetsNeverReceived" | "packetsDiscarded" | "burstRatio"
> {
  let packetsExpected = 0;
  let packetsOnce = 0;
  let packetsDiscarded = 0;
  let runs = 0;
  for (const interval of window) {
    packetsExpected += interval.packetsExpected;
    packetsOnce += interval.packetsReceived - interval.packetsDuplicated;
    packetsDiscarded += interval.packetsDiscarded;
    runs += interval.lossRuns;
  }
  const packetsNeverReceived = Math.max(0, packetsExpected - packetsOnce);
  return {
    packetsExpected,
    packetsNeverReceived,
    packetsDiscarded,
    burstRatio: burstRatio({ packetsExpected, packetsMissed: packetsNeverReceived, runs }),
  };
}
