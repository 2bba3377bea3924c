/**
 * What RTCP in a capture says of its streams: the receivers' reports, and round-trip times as they
 * show from the middle of the path.
 *
 * @module
 */

import type { Traffic } from "../call/media-index.js";
import type { RoundTripReport } from "../call/report.js";
import type { RtcpEvent } from "../native/events.js";
import { MidPathRoundTrip } from "../rtcp/mid-path-round-trip.js";
import type { Draft } from "../rtcp/present.js";
import type { RtcpRecord } from "../rtcp/report.js";
import { ReportedStreams } from "../rtcp/reported-streams.js";
import type { ReportedStream, ReportedView, StreamReports } from "../rtcp/reported-view.js";
import { type UnseenStream, UnseenStreams } from "../rtcp/unseen-streams.js";
import { ReportedMedia } from "./reported-media.js";
import { RoundTrips, type TimedStream } from "./round-trips.js";

/** Datagrams that are taken in one piece. */
const DATAGRAMS_AT_ONCE = 16;
/** Streams of which only reports are seen. */
const MAX_UNSEEN_STREAMS = 65_536;
/** Pairs of ends that talk at a time: as many as the streams that are measured may need. */
const MAX_CONVERSATIONS = 131_072;

/**
 * Gathers all RTCP of a capture. Reports are brought to streams that are known: what comes in the
 * batch that also shows a stream's first packets waits until that batch was accounted.
 */
export class RtcpKnowledge {
  readonly #midPath = new MidPathRoundTrip(MAX_CONVERSATIONS);
  readonly #unseen = new UnseenStreams(MAX_UNSEEN_STREAMS);
  // Of as many streams as the engine measures: what is reported of each is kept for its report anyway.
  readonly #streams = new ReportedStreams(this.#unseen, Infinity);
  readonly #reports: StreamReports[] = [];
  readonly #reported = new ReportedMedia();
  #waiting: RtcpEvent[] = [];
  readonly #roundTrips = new RoundTrips();

  /** Pairs of ends, their sources, and streams of which only reports are seen, given up for others. */
  get evicted(): number {
    const { evictedConversations, evictedSources } = this.#midPath.counters;
    return evictedConversations + evictedSources + this.#unseen.refused + this.#roundTrips.evicted;
  }

  /** Streams of which nothing but reports was seen. */
  *unseen(): Generator<UnseenStream> {
    for (const stream of this.#unseen.streams) {
      // Its packets may have come later.
      if (!this.#streams.isTracked(stream)) yield stream;
    }
  }

  /** How many streams are known. */
  get tracked(): number {
    return this.#reports.length;
  }

  /** Takes the streams that came since, in the engine's order. */
  track(streams: readonly ReportedStream[]): void {
    for (const stream of streams) this.#reports.push(this.#streams.track(stream));
  }

  /** Takes a datagram, which is read when its batch is {@link RtcpKnowledge.settle}d. */
  observe(event: RtcpEvent): void {
    this.#waiting.push(event);
  }

  /**
   * Reads what waited, when all streams of its batch are known and before the events of the next one
   * are taken. Yields between pieces of the work.
   */
  *settle(): Generator<undefined, void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    let done = 0;
    for (const event of waiting) {
      done += 1;
      if (done % DATAGRAMS_AT_ONCE === 0) yield;
      for (let number = 0; number < event.recordCount; number++) {
        const record = event.record(number);
        if (record !== undefined) this.#read(record);
      }
    }
  }

  #read(record: RtcpRecord): void {
    this.#streams.observe(record);
    this.#reported.observe(record);
    for (const sample of this.#midPath.observe(record)) this.#roundTrips.add(sample);
  }

  /** Media that RTCP proves, though its packets need not show. */
  provenTraffic(): Generator<Traffic> {
    return this.#reported.traffic();
  }

  /** What was reported about the stream with that number. */
  reportedOn(index: number, clockRateHz: number | undefined): ReportedView | undefined {
    return this.#reports[index]?.view(clockRateHz);
  }

  /** Round-trip times of the path of the stream with that number. */
  roundTripOf(
    stream: TimedStream,
    index: number,
    reported: ReportedView | undefined,
  ): RoundTripReport | undefined {
    // RTCP may go between ports that have nothing to do with the stream's (RFC 3605, NAT).
    const beside = this.#reports[index]?.rtcpPath;
    const apart = beside && { ...stream, ...beside };
    const measured = this.#roundTrips.whole(stream) ?? (apart && this.#roundTrips.whole(apart));
    const toReceiver =
      this.#roundTrips.toReceiver(stream) ?? (apart && this.#roundTrips.toReceiver(apart));
    const stated = reported?.roundTrip;
    if (measured === undefined && toReceiver === undefined && stated === undefined) {
      return undefined;
    }
    const report: Draft<RoundTripReport> = {};
    if (measured !== undefined) report.measured = measured;
    if (toReceiver !== undefined) report.toReceiver = toReceiver;
    if (stated !== undefined) report.reported = stated;
    return report;
  }
}
