/**
 * Round-trip times by the conversations and streams that they are of.
 *
 * @module
 */

import { type Endpoint, endpointKey } from "../net/endpoint.js";
import { memoized } from "../net/memoized.js";
import type { Path } from "../rtcp/report.js";
import type { ReportedStream } from "../rtcp/reported-view.js";
import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";

/** Conversations and streams whose times are kept; the oldest goes first. */
const MAX_ROUND_TRIPS = 131_072;

/** Where the times go that the reports of one path give; nearly always where the last ones went. */
interface Places {
  generation: number;
  whole: RoundTripAccumulator | undefined;
  toReceiver: RoundTripAccumulator | undefined;
  /** The source that `toReceiver` is of. */
  ssrc: number;
}

/** Gathers the round-trip times of a capture. */
export class RoundTrips {
  readonly #times = new Map<string, RoundTripAccumulator>();
  readonly #places = memoized<Path, Places>(() => ({
    generation: 0,
    whole: undefined,
    toReceiver: undefined,
    ssrc: 0,
  }));
  #evicted = 0;

  /** How many were given up for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes a round trip between both ends of a path. */
  addWhole(path: Path, seconds: number): void {
    const places = this.#placesOf(path);
    places.whole ??= this.#timesOf(conversationKey(path));
    places.whole.add(seconds);
  }

  /** Takes one between the observer and the receiver of a stream, whose report on it took this path. */
  addToReceiver(path: Path, ssrc: number, seconds: number): void {
    const places = this.#placesOf(path);
    if (places.toReceiver === undefined || places.ssrc !== ssrc) {
      // Reports go against the stream's direction.
      const stream = { ssrc, source: path.destination, destination: path.source };
      places.toReceiver = this.#timesOf(streamKey(stream));
      places.ssrc = ssrc;
    }
    places.toReceiver.add(seconds);
  }

  /** Those between both ends of a stream. */
  whole(stream: ReportedStream): RoundTripSummary | undefined {
    return this.#times.get(conversationKey(stream))?.summary();
  }

  /** Those between the observer and the stream's receiver. */
  toReceiver(stream: ReportedStream): RoundTripSummary | undefined {
    return this.#times.get(streamKey(stream))?.summary();
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

  #timesOf(key: string): RoundTripAccumulator {
    const known = this.#times.get(key);
    if (known !== undefined) return known;
    const times = new RoundTripAccumulator();
    this.#times.set(key, times);
    if (this.#times.size > MAX_ROUND_TRIPS) {
      const [oldest] = this.#times.keys();
      if (oldest !== undefined) this.#times.delete(oldest);
      this.#evicted += 1;
    }
    return times;
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
