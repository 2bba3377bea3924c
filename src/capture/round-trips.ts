/**
 * Round-trip times by the conversations and streams that they are of.
 *
 * @module
 */

import { type Endpoint, endpointKey } from "../net/endpoint.js";
import { memoized } from "../net/memoized.js";
import type { Path } from "../rtcp/report.js";
import type { ReportedStream } from "../rtcp/reported-view.js";
import type { MidPathSample } from "../rtcp/mid-path-round-trip.js";
import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";

/** Sources whose times are kept; those of the oldest conversation go first. */
const MAX_ROUND_TRIPS = 262_144;

/** Those of one conversation; the oldest goes first. Nearly always there are two. */
const MAX_SOURCES = 1024;

/** The times that answers to one source gave. */
interface Answered {
  readonly ssrc: number;
  readonly times: RoundTripAccumulator;
  /** From the first report of the source to the last answer. */
  readonly fromMs: number;
  toMs: number;
}

/** Where the times go that the reports of one path give; nearly always where the last ones went. */
interface Places {
  generation: number;
  whole: Answered | undefined;
  toReceiver: Answered | undefined;
}

/** A stream, and when it was. */
export type TimedStream = ReportedStream & {
  readonly firstPacketAtMs: number;
  readonly lastPacketAtMs: number;
};

/** Gathers the round-trip times of a capture. */
export class RoundTrips {
  readonly #answered = new Map<string, Answered[]>();
  readonly #places = memoized<Path, Places>(() => ({
    generation: 0,
    whole: undefined,
    toReceiver: undefined,
  }));
  #size = 0;
  #evicted = 0;

  /** How many were given up for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes a round trip. Its report went against the direction of the stream that it is about. */
  add({ kind, path, ssrc, seconds, atMs, sinceMs }: MidPathSample): void {
    const places = this.#placesOf(path);
    const place = kind === "full" ? "whole" : "toReceiver";
    let answered = places[place];
    if (answered?.ssrc !== ssrc) {
      const stream = { ssrc, source: path.destination, destination: path.source };
      const key = kind === "full" ? conversationKey(path) : streamKey(stream);
      answered = this.#answeredIn(key, ssrc, sinceMs);
      places[place] = answered;
    }
    answered.times.add(seconds);
    answered.toMs = atMs;
  }

  /**
   * Those between both ends of a stream: of all sources at its time, for they share the path. Another
   * call may have the same ports before or after it.
   */
  whole(stream: TimedStream): RoundTripSummary | undefined {
    const all = this.#answered.get(conversationKey(stream)) ?? [];
    const own = all.find(({ ssrc }) => ssrc === stream.ssrc);
    const fromMs = Math.min(stream.firstPacketAtMs, own?.fromMs ?? Infinity);
    const toMs = Math.max(stream.lastPacketAtMs, own?.toMs ?? -Infinity);
    const beside = all.filter((one) => one.fromMs <= toMs && one.toMs >= fromMs);
    const [only, ...others] = beside.sort((a, b) => a.toMs - b.toMs);
    if (others.length === 0) return only?.times.summary();
    const together = new RoundTripAccumulator();
    for (const { times } of beside) together.addAll(times);
    return together.summary();
  }

  /** Those between the observer and the stream's receiver. */
  toReceiver(stream: ReportedStream): RoundTripSummary | undefined {
    return this.#answered.get(streamKey(stream))?.[0]?.times.summary();
  }

  #placesOf(path: Path): Places {
    const places = this.#places(path);
    if (places.generation !== this.#evicted) {
      places.whole = undefined;
      places.toReceiver = undefined;
      places.generation = this.#evicted;
    }
    return places;
  }

  #answeredIn(key: string, ssrc: number, fromMs: number): Answered {
    const all = this.#answered.get(key) ?? [];
    const known = all.find((one) => one.ssrc === ssrc);
    if (known !== undefined) return known;
    const answered = { ssrc, times: new RoundTripAccumulator(), fromMs, toMs: fromMs };
    const kept = all.slice(1 - MAX_SOURCES);
    // Another array for each: the room that one keeps for more would mostly stay empty.
    this.#answered.set(key, kept.concat(answered));
    this.#size += kept.length + 1 - all.length;
    this.#evicted += all.length - kept.length;
    if (this.#size > MAX_ROUND_TRIPS) {
      const [oldest] = this.#answered;
      if (oldest !== undefined) {
        this.#answered.delete(oldest[0]);
        this.#size -= oldest[1].length;
        this.#evicted += oldest[1].length;
      }
    }
    return answered;
  }
}

/** Both ways between two ends. */
function conversationKey({ source, destination }: Path): string {
  const [one, other] = [portPair(source), portPair(destination)];
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** A stream, by its own direction. */
function streamKey({ ssrc, source, destination }: ReportedStream): string {
  return `${String(ssrc)} ${portPair(source)} ${portPair(destination)}`;
}

/** RTP and RTCP share a port or have neighbouring ones (RFC 3550 §11). */
function portPair({ address, port }: Endpoint): string {
  return endpointKey({ address, port: port & ~1 });
}
