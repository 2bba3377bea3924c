/**
 * Whether round-trip times can be known from a capture.
 *
 * @module
 */

import type { CaptureReport } from "../call/report.js";
import { everyStream } from "../report/every-stream.js";
import { ofAll } from "./caveats.js";
import { blind, limited, ok, subject, type Subject } from "./finding.js";

const UNKNOWN = "Round-trip times are unknown, and with them MOS CQ, which counts delay.";
const ATTACH = "Attach the probe in the server, which reads RTCP before it is encrypted.";

/** RTCP of streams, and what it tells of the path. */
export function roundTrips(report: CaptureReport): Subject {
  const streams = everyStream(report);
  const { rtcp, rtcpEncrypted } = report.counters;
  const about = (findings: Parameters<typeof subject>[1]): Subject =>
    subject("round trips", findings);
  if (streams.length === 0) {
    return about([blind("There is no stream to have one.", "No round-trip time is known.")]);
  }
  if (rtcp === 0) {
    return about([
      blind(
        "There is no RTCP.",
        UNKNOWN,
        "Capture all of udp: RTCP has the port above RTP's unless both share one. Where it is not sent at all, let the endpoints send it.",
      ),
    ]);
  }
  if (rtcpEncrypted === rtcp) {
    return about([
      blind(ofAll("Packets of RTCP that are encrypted (SRTCP)", rtcp, rtcp), UNKNOWN, ATTACH),
    ]);
  }
  const measured = streams.filter(({ rtt }) => rtt?.measured !== undefined);
  const stated = streams.filter(
    ({ rtt }) => rtt?.measured === undefined && rtt?.reported !== undefined,
  );
  const silent = streams.filter(
    ({ rtt, rtcp: view }) => rtt === undefined && (view === undefined || view.reports === 0),
  );
  const unmatched = streams.length - measured.length - stated.length - silent.length;
  const of = (what: string, count: number): string => ofAll(what, count, streams.length);
  const none = measured.length + stated.length === 0;
  return about([
    measured.length === 0
      ? undefined
      : ok(of("Streams with a measured round-trip time", measured.length)),
    stated.length === 0
      ? undefined
      : limited(
          of("Streams with a round-trip time that an end states", stated.length),
          "It is taken at its word: the capture holds no reports to measure it by.",
          "Capture where the RTCP of both directions passes.",
        ),
    silent.length === 0
      ? undefined
      : (none ? blind : limited)(
          of("Streams without a report of the receiving end", silent.length),
          UNKNOWN,
          "Capture where the RTCP of both directions passes, and for as long as calls last: reports come every five seconds.",
        ),
    unmatched === 0
      ? undefined
      : (none ? blind : limited)(
          of("Streams with reports that answer no sender report in the capture", unmatched),
          UNKNOWN,
          "Capture where the RTCP of both directions passes, and for as long as calls last.",
        ),
    rtcpEncrypted === 0
      ? undefined
      : limited(
          ofAll("Packets of RTCP that are encrypted (SRTCP)", rtcpEncrypted, rtcp),
          "What they report is unknown.",
          ATTACH,
        ),
  ]);
}
