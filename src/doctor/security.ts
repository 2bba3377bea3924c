/**
 * What a capture shows of how media was secured.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CaptureReport } from "../call/report.js";
import { everyStream } from "../report/every-stream.js";
import { countOf } from "../report/quantity.js";
import { caveat, ofAll } from "./caveats.js";
import { blind, type Finding, limited, ok, subject, type Subject } from "./finding.js";

/** Keys of media. */
export function security(report: CaptureReport): Subject {
  const { calls, handshakes, counters } = report;
  const keyed = (keying: CallReport["security"]["srtpKeying"]): CallReport[] =>
    calls.filter((call) => call.security.srtpKeying === keying);
  const dtls = keyed("dtls");
  const unseen = dtls.filter((call) => call.security.dtls === undefined);
  const [sdes, clear] = [keyed("sdes"), keyed("none")];
  const of = (what: string, count: number): string => ofAll(what, count, calls.length);
  const unkeyed = keyed(undefined);
  const undescribed = unkeyed.filter((call) => call.streams.length > 0);
  const silent = unkeyed.length - undescribed.length;
  const hasMedia = everyStream(report).length > 0;
  const isProven = counters.rtcpEncrypted > 0 || handshakes.length > 0;
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
          of("Calls without the descriptions of both parties", undescribed.length),
          "Whether their media was encrypted is unknown.",
          "Capture whole packets, and from before the calls begin.",
        ),
    calls.length > 0 || !hasMedia ? undefined : withoutCalls(handshakes.length, isProven),
    calls.length > 0 || hasMedia
      ? undefined
      : blind("There is neither a call nor media.", "There is nothing to be secured."),
    calls.length > 0 && handshakes.length > 0
      ? limited(
          `${countOf(handshakes.length, "DTLS handshake")} of no call that was seen.`,
          "Whether their certificates are those that were promised is unknown.",
        )
      : undefined,
  ]);
}

function withoutCalls(handshakes: number, isProven: boolean): Finding {
  const remedy = "Capture the signalling as well: its SDP says how media is to be secured.";
  if (handshakes > 0) {
    return limited(
      `${countOf(handshakes, "DTLS handshake")}, without signalling.`,
      "Whether their certificates are those that were promised is unknown.",
      remedy,
    );
  }
  return isProven
    ? limited(
        "Media is encrypted, as its RTCP shows; no handshake is in the capture.",
        "How its keys were agreed on is unknown.",
        remedy,
      )
    : blind(
        "There is neither signalling nor a handshake.",
        "RTP alone does not tell whether it is encrypted.",
        remedy,
      );
}
