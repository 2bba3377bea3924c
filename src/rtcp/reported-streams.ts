/**
 * Brings each RTCP record to the stream that it is about. The SSRC alone does not tell: the same
 * one may be in use in several calls at a time, and RTCP may have the stream's ports or the next.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import { memoized } from "../net/memoized.js";
import type { Path, RtcpRecord } from "./report.js";
import { StreamReports, type ReportedStream } from "./reported-view.js";
import type { UnseenStreams } from "./unseen-streams.js";

/** Streams that records are brought to, unless another limit is set; the one tracked for longest goes first. */
export const MAX_REPORTED_STREAMS = 65_536;

/** How many records found their stream, and why others did not. */
export interface ReportedStreamCounters {
  delivered: number;
  /** No stream of that SSRC between those hosts. */
  unknown: number;
  /** Several streams fit equally well. */
  ambiguous: number;
  /** Streams given up for newer ones. */
  evicted: number;
}

const NONE: readonly Tracked[] = [];

interface Tracked {
  readonly stream: ReportedStream;
  readonly reports: StreamReports;
}

/** Where records of one path went last: about what its source sends, and what its destination does. */
interface Routes {
  ofSource?: Route;
  ofDestination?: Route;
}

interface Route {
  readonly ssrc: number;
  readonly generation: number;
  readonly reports: StreamReports;
}

/** The streams of a capture or a process, and what is reported of each. */
export class ReportedStreams {
  /** By SSRC as a signed number, which maps find sooner. */
  readonly #bySsrc = new Map<number, Tracked[]>();
  /** In the order of tracking, for eviction. */
  readonly #tracked = new Set<Tracked>();
  readonly #counters = { delivered: 0, unknown: 0, ambiguous: 0, evicted: 0 };
  readonly #routes = memoized<Path, Routes>(() => ({}));
  /** Raised when what was found for an SSRC may no longer be what fits best. */
  #generation = 0;
  readonly #unseen: UnseenStreams | undefined;
  readonly #maxStreams: number;

  /** @param unseen Takes the records of which no stream is tracked. */
  constructor(unseen?: UnseenStreams, maxStreams = MAX_REPORTED_STREAMS) {
    this.#unseen = unseen;
    this.#maxStreams = maxStreams;
  }

  get counters(): Readonly<ReportedStreamCounters> {
    return this.#counters;
  }

  /** Begins to bring records to a stream. */
  track(stream: ReportedStream): StreamReports {
    const tracked = { stream, reports: new StreamReports() };
    const sameSsrc = this.#bySsrc.get(stream.ssrc | 0);
    if (sameSsrc === undefined) this.#bySsrc.set(stream.ssrc | 0, [tracked]);
    else {
      sameSsrc.push(tracked);
      this.#generation += 1;
    }
    this.#tracked.add(tracked);
    if (this.#tracked.size > this.#maxStreams) this.#evictOldest();
    return tracked.reports;
  }

  /** Whether there is a stream of that SSRC between these hosts. */
  isTracked({ ssrc, source, destination }: ReportedStream): boolean {
    const all = this.#bySsrc.get(ssrc | 0) ?? NONE;
    return all.some(({ stream }) => fitOf(source, destination, stream) > 0);
  }

  /** Takes a record. Kinds that are about no stream are ignored. */
  observe(record: RtcpRecord): void {
    const { path } = record;
    switch (record.kind) {
      // The stream's packets go against the way of what its receiver says.
      case "report-block":
      case "xr-voip-metrics":
        this.#deliver(record, record.subjectSsrc, path.destination, path.source);
        break;
      case "cname":
      case "bye":
        this.#deliver(record, record.subjectSsrc, path.source, path.destination);
        break;
      case "sender-info":
        this.#deliver(record, record.senderSsrc, path.source, path.destination);
        break;
      case "receiver-report":
      case "xr-reference-time":
      case "xr-dlrr":
      case "xr-statistics":
      case "feedback":
      case "application":
      case "encrypted":
        break;
    }
  }

  /** Brings a record to the stream of that SSRC which fits best. */
  #deliver(record: RtcpRecord, ssrc: number, source: Endpoint, destination: Endpoint): void {
    // A datagram says several things of two streams, and the next one of the same.
    const routes = this.#routes(record.path);
    const isSource = source === record.path.source;
    const known = isSource ? routes.ofSource : routes.ofDestination;
    if (known?.ssrc === ssrc && known.generation === this.#generation) {
      this.#counters.delivered += 1;
      known.reports.observe(record);
      return;
    }
    const reports = this.#find(record, ssrc, source, destination);
    if (reports === undefined) return;
    this.#counters.delivered += 1;
    reports.observe(record);
    const route = { ssrc, generation: this.#generation, reports };
    if (isSource) routes.ofSource = route;
    else routes.ofDestination = route;
  }

  #find(
    record: RtcpRecord,
    ssrc: number,
    source: Endpoint,
    destination: Endpoint,
  ): StreamReports | undefined {
    let best = 0;
    let found: Tracked | undefined;
    for (const tracked of this.#bySsrc.get(ssrc | 0) ?? NONE) {
      const fit = fitOf(source, destination, tracked.stream);
      if (fit > best) {
        best = fit;
        found = tracked;
      } else if (fit === best && fit > 0) {
        found = undefined;
      }
    }
    if (found === undefined) {
      this.#counters[best === 0 ? "unknown" : "ambiguous"] += 1;
      if (best === 0) this.#unseen?.observe(record, ssrc, source, destination);
    }
    return found?.reports;
  }

  #evictOldest(): void {
    const [oldest] = this.#tracked;
    if (oldest === undefined) return;
    this.#tracked.delete(oldest);
    this.#counters.evicted += 1;
    this.#generation += 1;
    const { ssrc } = oldest.stream;
    const rest = this.#bySsrc.get(ssrc | 0)?.filter((tracked) => tracked !== oldest) ?? [];
    if (rest.length > 0) this.#bySsrc.set(ssrc | 0, rest);
    else this.#bySsrc.delete(ssrc | 0);
  }
}

/** How well RTCP between these ends fits to a stream; 0 not at all. Ports tell more than hosts alone. */
function fitOf(source: Endpoint, destination: Endpoint, stream: ReportedStream): number {
  const isSameHosts =
    source.address === stream.source.address && destination.address === stream.destination.address;
  if (!isSameHosts) return 0;
  return 1 + portFit(source, stream.source) + portFit(destination, stream.destination);
}

/** 1 for the RTP port, where both are multiplexed, or the one above it (RFC 3550 §11). */
function portFit(rtcp: Endpoint, rtp: Endpoint): number {
  return rtcp.port === rtp.port || rtcp.port === rtp.port + 1 ? 1 : 0;
}
