/**
 * Streams of a call that only RTCP tells of.
 *
 * @module
 */

import type { UnseenStream } from "../rtcp/unseen-streams.js";
import type { CallEntry } from "./call-entry.js";
import type { MediaFlow, ReportedStreamRecord } from "./call-report.js";
import type { Claim, MediaIndex, Traffic } from "./media-index.js";
import { rounded } from "./rounding.js";

/** Which call traffic of RTCP belongs to: by its own ports, else by RTP's below them (RFC 3550 §11). */
export function rtcpClaim(index: MediaIndex, traffic: Traffic): Claim | undefined {
  const [claim] = index.claims(traffic);
  if (claim !== undefined) return claim;
  const { source, destination } = traffic;
  const [lower] = index.claims({
    ...traffic,
    source: { ...source, port: source.port & ~1 },
    destination: { ...destination, port: destination.port & ~1 },
  });
  return lower;
}

/** What a call's record says of such a stream. */
export function reportedStream(
  entry: CallEntry,
  direction: MediaFlow,
  { ssrc, reports }: UnseenStream,
): ReportedStreamRecord | undefined {
  const rtcp = reports.view(clockRateOf(entry, direction));
  return rtcp && { ssrc, direction, rtcp: rounded(rtcp) };
}

/** The clock that all codecs share that were agreed on for a direction, if they do. */
function clockRateOf(entry: CallEntry, direction: MediaFlow): number | undefined {
  const rates = new Set<number>();
  for (const { callerToCallee, calleeToCaller } of entry.agreements) {
    const { payloads } = direction === "caller-to-callee" ? callerToCallee : calleeToCaller;
    for (const { kind, clockRateHz } of payloads.values()) {
      if (kind === "audio" || kind === "video") rates.add(clockRateHz);
    }
  }
  const [only, ...others] = rates;
  return others.length === 0 ? only : undefined;
}
