/**
 * The time axis that all of a call's views share: seconds since the call began.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { StreamReport } from "../call/report.js";

/** From where to where the axis goes. */
export interface TimeSpan {
  /** Epoch milliseconds of second 0. */
  readonly originMs: number;
  /** More than 0. */
  readonly seconds: number;
}

/** A second, so that a call of one message has an axis too. */
const LEAST_SECONDS = 1;

/** The axis of a call, whose steps may have been seen before or after what its record tells. */
export function callSpan(
  { course, streams }: Pick<CallReport, "course" | "streams">,
  stepsAtMs: readonly number[] = [],
): TimeSpan {
  const { invitedAt, ringingAt, answeredAt, endedAt } = course;
  const marks = [invitedAt, ringingAt, answeredAt, endedAt].filter((one) => one !== undefined);
  return spanOf([...marks.map(Date.parse), ...stepsAtMs, ...mediaMarks(streams)]);
}

/** The axis of streams without a call. */
export function streamSpan(streams: readonly StreamReport[]): TimeSpan {
  return spanOf(mediaMarks(streams));
}

function mediaMarks(streams: readonly StreamReport[]): number[] {
  return streams.flatMap(({ firstPacketAt, lastPacketAt }) => [
    Date.parse(firstPacketAt),
    Date.parse(lastPacketAt),
  ]);
}

function spanOf(marks: readonly number[]): TimeSpan {
  let from = Infinity;
  let to = -Infinity;
  for (const mark of marks) {
    from = Math.min(from, mark);
    to = Math.max(to, mark);
  }
  if (from > to) return { originMs: 0, seconds: LEAST_SECONDS };
  return { originMs: from, seconds: Math.max(LEAST_SECONDS, (to - from) / 1000) };
}

/** An ISO 8601 instant as seconds on the axis. */
export function secondsAt({ originMs }: TimeSpan, instant: string): number {
  return (Date.parse(instant) - originMs) / 1000;
}
