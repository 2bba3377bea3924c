/**
 * Round-trip times seen from the middle of a path, as in a capture: a report of one end answers the
 * other end's, and both pass the observer. Each answer gives the half beyond the observer; the
 * halves of both sides make the whole.
 *
 * @module
 */

import { memoized } from "../net/memoized.js";
import { RecentMap } from "../net/recent-map.js";
import type { Answer, RoundTripCounters } from "./sent-reports.js";
import type { Path, RtcpRecord } from "./report.js";
import type { RoundTripSample } from "./round-trip.js";
import { isAnswer, isAnswerable, roundTripCounters, SentReports } from "./sent-reports.js";

/** Pairs of end points, unless another limit is set; the one silent for longest goes first. */
export const MAX_CONVERSATIONS = 65_536;

/** Halves further apart than this are not added up: the path may have changed. */
export const MAX_PAIRING_AGE_MS = 30_000;

/** One of the two ends: what it sent, and the newest half that its answers gave. */
interface Side {
  readonly sent: SentReports;
  newest: MidPathSample | undefined;
  /** Who gave that answer. */
  reporterSsrc: number;
}

/** A round-trip time, and since when the source has reported whose report was answered. */
export interface MidPathSample extends RoundTripSample {
  readonly sinceMs: number;
}

const NO_SAMPLES: readonly MidPathSample[] = [];

/**
 * Matches reports with what they answer, by path and SSRC. An SSRC that occurs in two calls is two
 * sources. A path is known by its addresses and ports; RTP's and RTCP's ports, which differ in the
 * lowest bit (RFC 3550 §11), count as one.
 */
export class MidPathRoundTrip {
  readonly #maxConversations: number;
  readonly #counters = roundTripCounters();
  readonly #conversations = new RecentMap<string, readonly [Side, Side]>();
  /** The one that was touched last: mostly the next record is of the same datagram. */
  #newestKey: string | undefined;
  #newest: readonly [Side, Side] | undefined;

  /** @param maxConversations - Each takes some 2.3 KB of memory. */
  constructor(maxConversations = MAX_CONVERSATIONS) {
    this.#maxConversations = maxConversations;
  }

  get counters(): Readonly<RoundTripCounters> {
    return this.#counters;
  }

  /**
   * Takes a record, in the order of time. Gives the half that it completes, and with a recent half
   * of the other side the whole.
   */
  observe(record: RtcpRecord): readonly MidPathSample[] {
    if (isAnswerable(record)) {
      const { key, isForward } = conversationOf(record.path);
      const sides = this.#touched(key);
      sides[isForward ? 0 : 1].sent.note(record);
    } else if (isAnswer(record)) {
      return this.#answer(record);
    }
    return NO_SAMPLES;
  }

  #answer(record: Answer): readonly MidPathSample[] {
    const { atMs, path, subjectSsrc: ssrc } = record;
    const { key, isForward } = conversationOf(path);
    const sides = this.#touched(key);
    const reporter = sides[isForward ? 0 : 1];
    const other = sides[isForward ? 1 : 0];
    const seconds = other.sent.secondsTo(record);
    const sinceMs = other.sent.sinceMs(record);
    if (seconds === undefined || sinceMs === undefined) return NO_SAMPLES;
    const source = record.kind === "report-block" ? "sr" : "xr";
    const half: MidPathSample = { atMs, path, ssrc, kind: "half", seconds, source, sinceMs };
    reporter.newest = half;
    reporter.reporterSsrc = record.senderSsrc;
    const far = other.newest;
    if (far === undefined || atMs - far.atMs > MAX_PAIRING_AGE_MS) return [half];
    // What strangers to both ends gave, before this source came, was of another call on these ports.
    const isOfOthers = far.ssrc !== record.senderSsrc && other.reporterSsrc !== ssrc;
    if (isOfOthers && far.atMs < sinceMs) return [half];
    return [half, { ...half, kind: "full", seconds: seconds + far.seconds }];
  }

  /** The side of the lower end and that of the higher one. */
  #touched(key: string): readonly [Side, Side] {
    if (this.#newest !== undefined && key === this.#newestKey) return this.#newest;
    let sides = this.#conversations.touch(key);
    if (sides === undefined) {
      sides = [this.#newSide(), this.#newSide()];
      this.#conversations.add(key, sides);
      if (this.#conversations.size > this.#maxConversations) {
        this.#conversations.forgetOldest();
        this.#counters.evictedConversations += 1;
      }
    }
    this.#newestKey = key;
    this.#newest = sides;
    return sides;
  }

  #newSide(): Side {
    return { sent: new SentReports(this.#counters), newest: undefined, reporterSsrc: 0 };
  }
}

/** The pair of ends that a path belongs to, and which of its two ways it is. */
const conversationOf = memoized((path: Path): { key: string; isForward: boolean } => {
  const source = hostAndPortPair(path.source);
  const destination = hostAndPortPair(path.destination);
  // Two ends may share host and port pair; then the ports themselves tell them apart.
  const isForward =
    source === destination ? path.source.port <= path.destination.port : source < destination;
  return { key: isForward ? `${source}|${destination}` : `${destination}|${source}`, isForward };
});

function hostAndPortPair({ address, port }: Path["source"]): string {
  return `${address}/${port >> 1}`;
}
