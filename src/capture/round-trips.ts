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

/** What round-trip times are kept of, unless that is more; the oldest goes first. */
const MAX_ROUND_TRIPS = 65_536;

/** The times that the reports of one path gave last. */
interface Latest {
  ssrc: number;
  generation: number;
  times: RoundTripAccumulator | undefined;
}

/** Gathers round-trip times. */
export class RoundTrips {
  readonly #keyOf: (path: Path, ssrc: number) => string;
  readonly #times = new Map<string, RoundTripAccumulator>();
  readonly #latest = memoized<Path, Latest>(() => ({
    ssrc: NaN,
    generation: 0,
    times: undefined,
  }));
  #evicted = 0;

  /** @param keyOf - What the times that a report on that path gave are kept under. */
  constructor(keyOf: (path: Path, ssrc: number) => string) {
    this.#keyOf = keyOf;
  }

  /** How many were given up for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes a time that a report on this path about that source gave. */
  add(path: Path, ssrc: number, seconds: number): void {
    // Nearly always those of the last time.
    const latest = this.#latest(path);
    if (latest.times === undefined || latest.ssrc !== ssrc || latest.generation !== this.#evicted) {
      latest.times = this.#timesOf(this.#keyOf(path, ssrc));
      latest.ssrc = ssrc;
      latest.generation = this.#evicted;
    }
    latest.times.add(seconds);
  }

  summary(key: string): RoundTripSummary | undefined {
    return this.#times.get(key)?.summary();
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
export function conversationKey({ source, destination }: Path): string {
  const [one, other] = [portPair(source), portPair(destination)];
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** A stream, by its own direction. */
export function streamKey({ ssrc, source, destination }: ReportedStream): string {
  return `${String(ssrc)} ${portPair(source)} ${portPair(destination)}`;
}

/** RTP and RTCP share a port or have neighbouring ones (RFC 3550 §11). */
function portPair({ address, port }: Endpoint): string {
  return endpointKey({ address, port: port & ~1 });
}
