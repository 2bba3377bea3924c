/**
 * What of the signalling a capture shows.
 *
 * @module
 */

import type { CaptureReport } from "../call/report.js";
import { callsText } from "../report/call-table.js";
import { bytesText, countOf } from "../report/quantity.js";
import { caveat, hidesCalls, WHOLE_PACKETS } from "./caveats.js";
import { blind, type Finding, limited, ok, subject, type Subject } from "./finding.js";

const WITHOUT_SIP =
  "Who called whom, whether it was answered, and what was agreed on is unknown; streams stand alone.";
const ALL_SEGMENTS =
  "Capture on the server itself, write to a faster disk, or widen the buffer (-B), so that no segment is dropped.";
const BOTH_WAYS =
  "Capture where both directions pass: on the server itself, or on its mirrored port.";

/** Messages, and the calls that they make. */
export function signalling(report: CaptureReport): Subject {
  const { calls, counters } = report;
  const { sip, sipOverTls, tcpBytesSkipped, packetsCut } = counters;
  return subject("signalling", [
    encrypted(sip, sipOverTls),
    sip === 0 && sipOverTls === 0
      ? blind("There is no SIP.", WITHOUT_SIP, "Capture port 5060 as well, of udp and tcp.")
      : undefined,
    sip === 0 ? undefined : messages(report),
    side(report),
    caveat(calls, "one-sided-signalling", BOTH_WAYS),
    caveat(calls, "capture-began-late", "Begin to capture before the calls do."),
    caveat(calls, "answer-unseen", BOTH_WAYS),
    caveat(calls, "capture-ended", "Go on capturing until the calls have ended."),
    caveat(calls, "packets-cut", packetsCut > 0 ? WHOLE_PACKETS : ALL_SEGMENTS),
    tcpBytesSkipped === 0
      ? undefined
      : limited(
          `${bytesText(tcpBytesSkipped)} of SIP over TCP were not captured.`,
          "Messages in them are not seen.",
          `Begin to capture before the connections do. ${packetsCut > 0 ? WHOLE_PACKETS : ALL_SEGMENTS}`,
        ),
  ]);
}

/** No part of a call is unseen because of it, so that it limits nothing. */
function side({ calls }: CaptureReport): Finding | undefined {
  const assumed = caveat(
    calls,
    "side-assumed",
    "State the networks of the observed side: --local 10.0.0.0/8.",
  );
  return assumed && ok(assumed.seen, assumed.remedy);
}

function messages(report: CaptureReport): Finding {
  const { calls, counters } = report;
  const { sip } = counters;
  if (calls.length > 0) return ok(`${countOf(sip, "message")}, ${callsText(calls)}.`);
  const seen = `${countOf(sip, "message")}, none of them of a call.`;
  if (!hidesCalls(report)) return ok(seen);
  return limited(
    seen,
    "Frames are cut short: what says to which call a message belongs may be behind the cut.",
    WHOLE_PACKETS,
  );
}

function encrypted(sip: number, connections: number): Finding | undefined {
  if (connections === 0) return undefined;
  return (sip === 0 ? blind : limited)(
    `${countOf(connections, "connection")} of SIP over TLS (port 5061) began.`,
    sip === 0
      ? WITHOUT_SIP
      : "Messages in them cannot be read: calls may be missing, or parts of them.",
    "Attach the probe in the server, or have the server send its SIP by HEP (mediaprobe serve).",
  );
}
