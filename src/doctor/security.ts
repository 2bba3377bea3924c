/**
 * What a capture shows of how media was secured.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CaptureReport } from "../call/report.js";
import { everyStream } from "../report/every-stream.js";
import { countOf } from "../report/quantity.js";
import { caveat, hidesCalls, ofAll, WHOLE_PACKETS } from "./caveats.js";
import { blind, type Finding, limited, ok, subject, type Subject } from "./finding.js";

/** Keys of media. */
export function security(report: CaptureReport): Subject {
  const { calls, handshakes } = report;
  const keyed = (keying: CallReport["security"]["srtpKeying"]): CallReport[] =>
    calls.filter((call) => call.security.srtpKeying === keying);
  const dtls = keyed("dtls");
  const unseen = dtls.filter((call) => call.security.dtls === undefined);
  const [sdes, clear] = [keyed("sdes"), keyed("none")];
  const of = (what: string, count: number): string => ofAll(what, count, calls.length);
  const unkeyed = keyed(undefined);
  const undescribed = unkeyed.filter((call) => call.streams.length > 0 || isAnsweredCut(call));
  const silent = unkeyed.length - undescribed.length;
  return subject("security", [
    dtls.length > unseen.length
      ? ok(of("Calls with a DTLS handshake", dtls.length - unseen.length))
      : undefined,
    sdes.length === 0 ? undefined : ok(of("Calls of SRTP with keys in the SDP", sdes.length)),
    clear.length === 0 ? undefined : ok(of("Calls with media in the clear", clear.length)),
    silent === 0 ? undefined : ok(of("Calls that did not come to media", silent)),
    unseen.length === 0
      ? undefined
      : limited(
          of("Calls of DTLS-SRTP without a handshake in the capture", unseen.length),
          "Whether it succeeded, by which cipher and certificate, is unknown.",
          "Begin to capture before the calls do, at the leg whose media is encrypted.",
        ),
    caveat(calls, "dtls-1.3", "Attach the probe in the server, which knows what it agreed on."),
    undescribed.length === 0
      ? undefined
      : limited(
          of("Calls without the whole descriptions of both parties", undescribed.length),
          "Whether their media was encrypted is unknown.",
          `Begin to capture before the calls do. ${WHOLE_PACKETS}`,
        ),
    calls.length > 0 ? undefined : withoutCalls(report),
    calls.length > 0 && handshakes.length > 0
      ? limited(
          `${countOf(handshakes.length, "DTLS handshake")} of no call that was seen.`,
          "Whether their certificates are those that were promised is unknown.",
        )
      : undefined,
  ]);
}

/** It was to have media, and what was said of that may be behind the cut of a frame. */
function isAnsweredCut({ course, confidence }: CallReport): boolean {
  return course.answeredAt !== undefined && confidence.some(({ kind }) => kind === "packets-cut");
}

function withoutCalls(report: CaptureReport): Finding {
  const { handshakes, counters } = report;
  const isHidden = hidesCalls(report);
  if (everyStream(report).length === 0 && !isHidden) {
    return blind("There is neither a call nor media.", "There is nothing to be secured.");
  }
  const without = isHidden ? "without a call that can be made out" : "without signalling";
  const remedy = isHidden
    ? WHOLE_PACKETS
    : "Capture the signalling as well: its SDP says how media is to be secured.";
  if (handshakes.length > 0) {
    return limited(
      `${countOf(handshakes.length, "DTLS handshake")}, ${without}.`,
      "Whether their certificates are those that were promised is unknown.",
      remedy,
    );
  }
  if (counters.rtcpEncrypted > 0) {
    return limited(
      "Media is encrypted, as its RTCP shows; no handshake is in the capture.",
      "How its keys were agreed on is unknown.",
      remedy,
    );
  }
  return blind(
    isHidden
      ? "There is no handshake, and no call can be made out of the signalling."
      : "There is neither signalling nor a handshake.",
    "RTP alone does not tell whether it is encrypted.",
    remedy,
  );
}
