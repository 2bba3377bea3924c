/**
 * The media of a call of which an agent sends nothing but RTCP.
 *
 * @module
 */

import type { CallEntry } from "../call/call-entry.js";
import type { MediaFlow, ReportedStreamRecord } from "../call/call-report.js";
import type { LiveMedia } from "../call/live-media.js";
import { reportedStream } from "../call/reported-stream.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import type { RtcpRecord } from "../rtcp/report.js";
import { ReportedStreams } from "../rtcp/reported-streams.js";
import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";
import { UnseenStreams } from "../rtcp/unseen-streams.js";

/** Streams of one call that reports are kept of. */
const MAX_STREAMS = 64;

/** Gathers the reports on one call's media. */
export class AgentMedia implements LiveMedia {
  readonly seesPackets = false;
  readonly #unseen = new UnseenStreams(MAX_STREAMS);
  readonly #reports = new ReportedStreams(this.#unseen);
  /** Which way goes what comes from an endpoint. */
  readonly #flows = new Map<string, MediaFlow>();
  readonly #roundTrip = new RoundTripAccumulator();

  /** `flow` is the way that the record's datagram went. */
  observe(record: RtcpRecord, flow: MediaFlow): void {
    const { source, destination } = record.path;
    if (this.#flows.size < 2 * MAX_STREAMS) {
      this.#flows.set(endpointKey(source), flow);
      this.#flows.set(endpointKey(destination), reversed(flow));
    }
    this.#reports.observe(record);
  }

  addRoundTrip(seconds: number): void {
    this.#roundTrip.add(seconds);
  }

  sample(): void {
    // Nothing waits: what came was taken.
  }

  streams(): readonly [] {
    return [];
  }

  handshakes(): readonly [] {
    return [];
  }

  ice(): undefined {
    return undefined;
  }

  stackRoundTrip(): undefined {
    return undefined;
  }

  measuredRoundTrip(): RoundTripSummary | undefined {
    return this.#roundTrip.summary();
  }

  reportedFlows(): readonly MediaFlow[] {
    const flows = new Set<MediaFlow>();
    for (const { source } of this.#unseen.streams) {
      const flow = this.#flowFrom(source);
      if (flow !== undefined) flows.add(flow);
    }
    return [...flows];
  }

  reportedStreams(entry: CallEntry): readonly ReportedStreamRecord[] {
    return Array.from(this.#unseen.streams, (stream) => {
      const flow = this.#flowFrom(stream.source);
      return flow && reportedStream(entry, flow, stream);
    }).filter((record) => record !== undefined);
  }

  #flowFrom(source: Endpoint): MediaFlow | undefined {
    return this.#flows.get(endpointKey(source));
  }
}

const reversed = (flow: MediaFlow): MediaFlow =>
  flow === "caller-to-callee" ? "callee-to-caller" : "caller-to-callee";
