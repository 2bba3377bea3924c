/**
 * What RTCP in a capture says of its streams: the receivers' reports, and round-trip times as they
 * show from the middle of the path.
 *
 * @module
 */

import type { RoundTripReport } from "../call/report.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import { memoized } from "../net/memoized.js";
import { MidPathRoundTrip } from "../rtcp/mid-path-round-trip.js";
import type { Path, RtcpRecord } from "../rtcp/report.js";
import { ReportedStreams } from "../rtcp/reported-streams.js";
import type { ReportedStream, ReportedView, StreamReports } from "../rtcp/reported-view.js";
import { RoundTripAccumulator } from "../rtcp/round-trip.js";

/** Pairs of endpoints whose round-trip times are kept; the oldest goes first. */
const MAX_ROUND_TRIPS = 65_536;

/**
 * Gathers all RTCP of a capture. Reports are brought to streams that are known: what comes in the
 * batch that also shows a stream's first packets waits until that batch was accounted.
 */
export class RtcpKnowledge {
  readonly #midPath = new MidPathRoundTrip();
  readonly #streams = new ReportedStreams();
  readonly #reports: StreamReports[] = [];
  #waiting: RtcpRecord[] = [];
  readonly #whole = new Map<string, RoundTripAccumulator>();
  readonly #toReceiver = new Map<string, RoundTripAccumulator>();
  #evicted = 0;

  /** Streams and pairs of endpoints given up for newer ones. */
  get evicted(): number {
    const { evictedConversations, evictedSources } = this.#midPath.counters;
    return this.#evicted + evictedConversations + evictedSources + this.#streams.counters.evicted;
  }

  /** How many streams are known. */
  get tracked(): number {
    return this.#reports.length;
  }

  /** Takes the streams that came since, in the engine's order, then delivers what waited. */
  track(streams: readonly ReportedStream[]): void {
    for (const stream of streams) this.#reports.push(this.#streams.track(stream));
    for (const record of this.#waiting) this.#streams.observe(record);
    if (this.#waiting.length > 0) this.#waiting = [];
  }

  observe(record: RtcpRecord): void {
    this.#waiting.push(record);
    for (const { kind, seconds, path, ssrc } of this.#midPath.observe(record)) {
      const keys = keysOf(path);
      if (kind === "full") this.#add(this.#whole, keys.conversation, seconds);
      else this.#add(this.#toReceiver, keys.ofStream(ssrc), seconds);
    }
  }

  /** What was reported about the stream with that number. */
  reportedOn(index: number, clockRateHz: number | undefined): ReportedView | undefined {
    return this.#reports[index]?.view(clockRateHz);
  }

  /** Round-trip times of the stream's path. */
  roundTripOf(
    stream: ReportedStream,
    reported: ReportedView | undefined,
  ): RoundTripReport | undefined {
    const measured = this.#whole.get(conversationKey(stream))?.summary();
    const toReceiver = this.#toReceiver
      .get(`${String(stream.ssrc)} ${forwardKey(stream)}`)
      ?.summary();
    const stated = reported?.roundTrip;
    if (measured === undefined && toReceiver === undefined && stated === undefined) {
      return undefined;
    }
    return {
      ...(measured === undefined ? {} : { measured }),
      ...(toReceiver === undefined ? {} : { toReceiver }),
      ...(stated === undefined ? {} : { reported: stated }),
    };
  }

  #add(to: Map<string, RoundTripAccumulator>, key: string, seconds: number): void {
    let times = to.get(key);
    if (times === undefined) {
      times = new RoundTripAccumulator();
      to.set(key, times);
      if (to.size > MAX_ROUND_TRIPS) {
        const [oldest] = to.keys();
        if (oldest !== undefined) to.delete(oldest);
        this.#evicted += 1;
      }
    }
    times.add(seconds);
  }
}

/** RTP and RTCP share a port or have neighbouring ones (RFC 3550 §11). */
function portPair({ address, port }: Endpoint): string {
  return endpointKey({ address, port: port & ~1 });
}

function forwardKey({ source, destination }: Path): string {
  return `${portPair(source)} ${portPair(destination)}`;
}

function conversationKey({ source, destination }: Path): string {
  const [one, other] = [portPair(source), portPair(destination)];
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** What round-trip times that one path's reports gave are kept under. */
class PathKeys {
  readonly conversation: string;
  readonly #reverse: string;
  #ssrc = NaN;
  #ofStream = "";

  constructor(path: Path) {
    this.conversation = conversationKey(path);
    this.#reverse = forwardKey({ source: path.destination, destination: path.source });
  }

  /** Reports come from the stream's receiver, against the stream's direction. */
  ofStream(ssrc: number): string {
    // Nearly always that of the last time.
    if (ssrc !== this.#ssrc) {
      this.#ssrc = ssrc;
      this.#ofStream = `${String(ssrc)} ${this.#reverse}`;
    }
    return this.#ofStream;
  }
}

const keysOf = memoized((path: Path) => new PathKeys(path));
