/**
 * Brings each RTCP record to the stream that it is about. The SSRC alone does not tell: the same
 * one may be in use in several calls at a time, and RTCP may have the stream's ports or the next.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { Path, RtcpRecord } from "./report.js";
import { StreamReports, type ReportedStream } from "./reported-view.js";

/** Streams that records are brought to; the one tracked for longest goes first. */
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

interface Tracked {
  readonly stream: ReportedStream;
  readonly reports: StreamReports;
}

/** The streams of a capture or a process, and what is reported of each. */
export class ReportedStreams {
  readonly #bySsrc = new Map<number, Tracked[]>();
  /** In the order of tracking, for eviction. */
  readonly #tracked = new Set<Tracked>();
  readonly #counters = { delivered: 0, unknown: 0, ambiguous: 0, evicted: 0 };

  get counters(): Readonly<ReportedStreamCounters> {
    return this.#counters;
  }

  /** Begins to bring records to a stream. */
  track(stream: ReportedStream): StreamReports {
    const tracked = { stream, reports: new StreamReports() };
    const sameSsrc = this.#bySsrc.get(stream.ssrc);
    if (sameSsrc === undefined) this.#bySsrc.set(stream.ssrc, [tracked]);
    else sameSsrc.push(tracked);
    this.#tracked.add(tracked);
    if (this.#tracked.size > MAX_REPORTED_STREAMS) this.#evictOldest();
    return tracked.reports;
  }

  /** Takes a record. Kinds that are about no stream are ignored. */
  observe(record: RtcpRecord): void {
    const about = streamOf(record);
    if (about === undefined) return;
    const { ssrc, path } = about;
    let best = 0;
    let found: Tracked | undefined;
    for (const tracked of this.#bySsrc.get(ssrc) ?? []) {
      const fit = fitOf(path, tracked.stream);
      if (fit > best) {
        best = fit;
        found = tracked;
      } else if (fit === best && fit > 0) {
        found = undefined;
      }
    }
    if (found === undefined) {
      this.#counters[best === 0 ? "unknown" : "ambiguous"] += 1;
      return;
    }
    this.#counters.delivered += 1;
    found.reports.observe(record);
  }

  #evictOldest(): void {
    const [oldest] = this.#tracked;
    if (oldest === undefined) return;
    this.#tracked.delete(oldest);
    this.#counters.evicted += 1;
    const { ssrc } = oldest.stream;
    const rest = this.#bySsrc.get(ssrc)?.filter((tracked) => tracked !== oldest) ?? [];
    if (rest.length > 0) this.#bySsrc.set(ssrc, rest);
    else this.#bySsrc.delete(ssrc);
  }
}

/** The stream a record is about, and the way that stream's packets go. */
function streamOf(record: RtcpRecord): { ssrc: number; path: Path } | undefined {
  const { path } = record;
  switch (record.kind) {
    case "report-block":
    case "xr-voip-metrics":
      return {
        ssrc: record.subjectSsrc,
        path: { source: path.destination, destination: path.source },
      };
    case "cname":
    case "bye":
      return { ssrc: record.subjectSsrc, path };
    case "sender-info":
      return { ssrc: record.senderSsrc, path };
    case "receiver-report":
    case "xr-reference-time":
    case "xr-dlrr":
    case "xr-statistics":
    case "feedback":
    case "application":
    case "encrypted":
      return undefined;
  }
}

/** How well RTCP on `path` fits to a stream; 0 not at all. Ports tell more than hosts alone. */
function fitOf(path: Path, stream: ReportedStream): number {
  const isSameHosts =
    path.source.address === stream.source.address &&
    path.destination.address === stream.destination.address;
  if (!isSameHosts) return 0;
  return 1 + portFit(path.source, stream.source) + portFit(path.destination, stream.destination);
}

/** 1 for the RTP port, where both are multiplexed, or the one above it (RFC 3550 §11). */
function portFit(rtcp: Endpoint, rtp: Endpoint): number {
  return rtcp.port === rtp.port || rtcp.port === rtp.port + 1 ? 1 : 0;
}
