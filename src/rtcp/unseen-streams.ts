/**
 * What RTCP says of streams whose packets are not seen: those that went another way, or all where
 * only reports come by.
 *
 * @module
 */

import { type Endpoint, endpointKey } from "../net/endpoint.js";
import type { RtcpRecord } from "./report.js";
import { type ReportedStream, StreamReports } from "./reported-view.js";

/** Such a stream; its endpoints are those of the RTCP. */
export interface UnseenStream extends ReportedStream {
  readonly reports: StreamReports;
  readonly fromMs: number;
  /** When it was last reported on. */
  readonly toMs: number;
}

/** Gathers reports by stream. */
export class UnseenStreams {
  readonly #limit: number;
  readonly #streams = new Map<
    string,
    { -readonly [Key in keyof UnseenStream]: UnseenStream[Key] }
  >();
  #refused = 0;

  /** @param limit Streams that are kept; further ones are refused. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Records about streams beyond the limit. */
  get refused(): number {
    return this.#refused;
  }

  /** In the order in which they were first reported on. */
  get streams(): Iterable<UnseenStream> {
    return this.#streams.values();
  }

  /** Takes a record about the stream of that SSRC from `source` to `destination`. */
  observe(record: RtcpRecord, ssrc: number, source: Endpoint, destination: Endpoint): void {
    const key = `${ssrc} ${endpointKey(source)} ${endpointKey(destination)}`;
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      if (!provesMedia(record)) return;
      if (this.#streams.size >= this.#limit) {
        this.#refused += 1;
        return;
      }
      const { atMs } = record;
      const reports = new StreamReports();
      stream = { ssrc, source, destination, reports, fromMs: atMs, toMs: atMs };
      this.#streams.set(key, stream);
    }
    stream.toMs = record.atMs;
    stream.reports.observe(record);
  }
}

/**
 * Whether there must have been media for this to be reported. Who only receives has an SSRC too, and a
 * name, but no stream; and who may send but does not reports that nothing was sent.
 */
export function provesMedia(record: RtcpRecord): boolean {
  if (record.kind === "sender-info") return record.packetsSent > 0;
  return record.kind === "report-block" || record.kind === "xr-voip-metrics";
}
