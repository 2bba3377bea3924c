/**
 * What of the media a capture shows.
 *
 * @module
 */

import type { CaptureReport, StreamReport } from "../call/report.js";
import { endpointKey } from "../net/endpoint.js";
import { everyStream } from "../report/every-stream.js";
import { countOf } from "../report/quantity.js";
import { caveat, ofAll } from "./caveats.js";
import { blind, type Finding, limited, ok, subject, type Subject } from "./finding.js";

const BOTH_WAYS =
  "Capture where both directions pass, or at both ends, and read both with --merge.";

/** RTP, and whether it is there both ways. */
export function media(report: CaptureReport): Subject {
  const { calls, counters, streams: loose } = report;
  const streams = everyStream(report);
  if (streams.length === 0) {
    const like = counters.unconfirmedRtp;
    const seen =
      like === 0 ? "There is no RTP." : `${countOf(like, "packet")} like RTP form no stream.`;
    return subject("media", [
      blind(
        seen,
        "How anything sounded is unknown.",
        "Capture all of udp: media has ports of its own, which the signalling names.",
      ),
    ]);
  }
  return subject("media", [
    ok(`${countOf(streams.length, "stream")} of ${countOf(counters.rtp, "packet")}.`),
    caveat(calls, "no-media-captured", BOTH_WAYS),
    caveat(calls, "one-sided-media", BOTH_WAYS),
    caveat(calls, "stream-shared", "Begin to capture before the calls do: then their offers tell."),
    loose.length > 0 && calls.length > 0
      ? limited(
          ofAll("Streams without a call that was seen", loose.length, streams.length),
          "Who is heard in them is unknown.",
          "Capture the signalling of all calls, from before they begin.",
        )
      : undefined,
    unanswered(loose),
  ]);
}

/** Streams of no call between two places where nothing goes the other way. */
function unanswered(loose: readonly StreamReport[]): Finding | undefined {
  const ways = new Set(loose.map(({ source, destination }) => way(source, destination)));
  const alone = loose.filter(({ source, destination }) => !ways.has(way(destination, source)));
  if (alone.length === 0) return undefined;
  return limited(
    ofAll("Streams without a call, and without one the other way", alone.length, loose.length),
    "Whether they were sent one way, or one way was captured, cannot be told.",
    BOTH_WAYS,
  );
}

function way(from: StreamReport["source"], to: StreamReport["source"]): string {
  return `${endpointKey(from)} ${endpointKey(to)}`;
}
