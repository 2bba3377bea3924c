/**
 * What the records of a capture's calls say against themselves.
 *
 * @module
 */

import type { CallReport, ConfidenceKind } from "../call/call-report.js";
import type { CaptureReport } from "../call/report.js";
import { TIE } from "../report/display-text.js";
import { countText } from "../report/quantity.js";
import { type Finding, limited } from "./finding.js";

/** What to do where frames are cut short. */
export const WHOLE_PACKETS = "Capture whole packets: tcpdump -s 0.";

/** Whether there is SIP of which no call is made out, for what is behind the cut of its frames. */
export function hidesCalls({ calls, counters }: CaptureReport): boolean {
  return calls.length === 0 && counters.sip > 0 && counters.packetsCut > 0;
}

/** A finding for the calls that carry the caveat: how many, and the first one's words. */
export function caveat(
  calls: readonly CallReport[],
  kind: ConfidenceKind,
  remedy: string,
): Finding | undefined {
  const details = calls.flatMap(({ confidence }) => {
    const found = confidence.find((one) => one.kind === kind);
    return found === undefined ? [] : [found.detail];
  });
  const [first] = details;
  if (first === undefined) return undefined;
  return limited(ofAll(TITLES[kind], details.length, calls.length), first, remedy);
}

/** "Calls not seen to end: 2 of 14." */
export function ofAll(what: string, count: number, all: number): string {
  return `${what}: ${countText(count)}${TIE}of${TIE}${countText(all)}.`;
}

/** What the calls are that carry it. */
const TITLES: Readonly<Record<ConfidenceKind, string>> = {
  "side-assumed": "Calls of which the callee is assumed to be the local side",
  "one-sided-signalling": "Calls with messages of one direction only",
  "no-media-captured": "Calls without any media in the capture",
  "one-sided-media": "Calls with media of one direction only",
  "capture-gap": "Calls during which the capture lost packets",
  "capture-ended": "Calls not seen to end",
  "capture-began-late": "Calls that began before the capture",
  "answer-unseen": "Calls of which the answer was not captured",
  "packets-cut": "Calls with messages that may be cut short",
  "signalling-encrypted": "Calls beside encrypted signalling",
  "mirrored-copies": "Calls with media captured twice",
  "call-evicted": "Calls given up for newer ones",
  "stream-shared": "Calls that share a stream with another",
  "dtls-1.3": "Calls secured by DTLS 1.3",
};
