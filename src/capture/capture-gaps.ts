/**
 * Stretches in which a capture itself seems to have lost packets: every stream in it misses some at
 * the same time, whoever sent it, though none of them does otherwise.
 *
 * @module
 */

import type { Observation } from "../call/findings.js";
import {
  missedInInterval,
  packetsNeverReceived,
  type StreamInterval,
  type StreamMeasurement,
} from "../rtp/stream.js";

/** Streams are compared in stretches of this length, that of an interval unless configured. */
const STRETCH_MS = 5000;
/** An interval that misses such a share stands out… */
const MISSING_SHARE = 0.2;
/** …in a stream that misses less than this as a whole. */
const USUAL_SHARE = 0.1;
/** Stretches that are looked at: a week. A longer capture is not searched beyond. */
const MAX_STRETCHES = 120_960;

interface Stretch {
  active: number;
  troubled: number;
  readonly senders: Set<string>;
}

/** Looks for gaps over all streams of a capture. */
export class CaptureGaps {
  readonly #stretches = new Map<number, Stretch>();

  add(stream: StreamMeasurement): void {
    const isUsuallyWhole =
      packetsNeverReceived(stream) < USUAL_SHARE * Math.max(1, stream.packetsExpected);
    // In its first and last interval a stream may begin and end.
    let isInHole = false;
    for (const interval of stream.intervals.slice(1, -1).toReversed()) {
      // Loss is noticed where packets come again: the empty intervals before are of the same hole.
      const isEmpty = interval.packetsExpected === 0;
      if (!isEmpty) {
        isInHole =
          isUsuallyWhole && missedInInterval(interval) > MISSING_SHARE * interval.packetsExpected;
      }
      this.#note(interval, stream.source.address, isInHole);
    }
  }

  /** Where two senders or more were heard and all that they sent has holes, in order of time. */
  found(): Observation["gaps"] {
    const gaps: { fromMs: number; toMs: number }[] = [];
    for (const [number, { active, troubled, senders }] of [...this.#stretches].sort(
      ([a], [b]) => a - b,
    )) {
      if (troubled < active || senders.size < 2) continue;
      const fromMs = number * STRETCH_MS;
      const last = gaps.at(-1);
      if (last?.toMs === fromMs) last.toMs += STRETCH_MS;
      else gaps.push({ fromMs, toMs: fromMs + STRETCH_MS });
    }
    return gaps;
  }

  #note({ fromMs, toMs }: StreamInterval, sender: string, isTroubled: boolean): void {
    const number = Math.floor((fromMs + toMs) / 2 / STRETCH_MS);
    let stretch = this.#stretches.get(number);
    if (stretch === undefined) {
      if (this.#stretches.size >= MAX_STRETCHES) return;
      stretch = { active: 0, troubled: 0, senders: new Set() };
      this.#stretches.set(number, stretch);
    }
    stretch.active += 1;
    if (isTroubled) stretch.troubled += 1;
    if (stretch.senders.size < 2) stretch.senders.add(sender);
  }
}
