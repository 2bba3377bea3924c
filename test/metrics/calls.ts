/**
 * Calls to record: a plain answered one, of which a test changes what it is about.
 *
 * @module
 */

import type { CallReport } from "../../src/call/call-report.js";
import type { CallContext } from "../../src/call/observer.js";
import type { IntervalReport, StreamReport } from "../../src/call/report.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { Catalogue } from "../../src/metrics/family.js";
import type { Recorder } from "../../src/metrics/recorder.js";
import type { Quality } from "../../src/quality/assess.js";
import type { SipCall } from "../../src/sip/call.js";

const CALLER = { address: "192.0.2.1", port: 5060 };
const CALLEE = { address: "192.0.2.2", port: 5060 };

/** A call of which nothing has been counted. */
export function someCall(changes: Partial<SipCall> = {}): SipCall {
  return {
    callId: "a84b4c76e66710",
    caller: { uri: "sip:alice@example.com", endpoint: CALLER },
    callee: { uri: "sip:bob@example.com", endpoint: CALLEE },
    invitedAtMs: 0,
    hasInvite: true,
    lastMessageAtMs: 0,
    attempts: 1,
    isCancelled: false,
    cancelReasons: [],
    reasons: [],
    isCallerAssumed: false,
    wasConfirmed: false,
    isAnswerUnseen: false,
    answerRetransmissions: 0,
    isAckMissing: false,
    isByeUnanswered: false,
    isByeGlare: false,
    isDefunct: false,
    vouching: { identities: [] },
    hops: [],
    forkTags: [],
    messages: 1,
    retransmissions: 0,
    conflictingFinals: 0,
    isOneSided: false,
    isTruncated: false,
    ...changes,
  };
}

/** What a call table would say of any call. */
export function context(
  localParty: "caller" | "callee" = "callee",
  transport: "sip" | "webrtc" = "sip",
): CallContext {
  return { localPartyOf: () => localParty, transportOf: () => transport };
}

/** The record of an answered call that was hung up. */
export function someReport(changes: Partial<CallReport> = {}): CallReport {
  return {
    schema: "mediaprobe.call/1",
    callId: "a84b4c76e66710",
    observationPoint: "test",
    transport: "sip",
    localParty: "callee",
    course: {
      invitedAt: "2026-01-02T03:04:05.000000Z",
      answeredAt: "2026-01-02T03:04:08.000000Z",
      endedAt: "2026-01-02T03:05:08.000000Z",
    },
    outcome: {
      statusCode: 200,
      statusClass: "2xx",
      via: "response",
      attempts: 1,
      cancelled: false,
      byeReasonClass: "normal",
    },
    timings: {},
    security: {},
    streams: [],
    issues: [],
    confidence: [],
    ...changes,
  };
}

/** G.711 from the caller, of ten seconds without loss. */
export function someStream(changes: Partial<StreamReport> = {}): StreamReport {
  return {
    ssrc: 1,
    payloadType: 0,
    codec: "PCMU",
    clockRateHz: 8000,
    payloadTypes: [{ payloadType: 0, packets: 500, codec: "PCMU", kind: "audio" }],
    direction: "caller-to-callee",
    source: { address: "192.0.2.1", port: 4000 },
    destination: { address: "192.0.2.2", port: 4000 },
    firstPacketAt: "2026-01-02T03:04:08.000000Z",
    lastPacketAt: "2026-01-02T03:04:18.000000Z",
    packetsReceived: 500,
    packetsExpected: 500,
    packetsLost: 0,
    packetsMissing: 0,
    packetsDuplicated: 0,
    packetsReordered: 0,
    packetsDiscarded: 0,
    lossRatio: 0,
    lossRuns: {},
    payloadBytes: 80_000,
    wireBytes: 100_000,
    intervals: [],
    ...changes,
  };
}

/** Five seconds, or another length, `startSeconds` after a stream's first packet. */
export function someInterval(
  startSeconds: number,
  changes: Partial<IntervalReport> = {},
  seconds = 5,
): IntervalReport {
  const first = Date.UTC(2026, 0, 2, 3, 4, 8);
  const at = (after: number): string =>
    new Date(first + after * 1000).toISOString().replace("Z", "000Z");
  return {
    from: at(startSeconds),
    to: at(startSeconds + seconds),
    packetsReceived: 250,
    packetsExpected: 250,
    packetsMissing: 0,
    packetsDuplicated: 0,
    packetsReordered: 0,
    packetsDiscarded: 0,
    payloadBytes: 40_000,
    ...changes,
  };
}

/** A rating with these scores. */
export function someQuality(mosLq: number, mosCq?: number, scale?: Quality["scale"]): Quality {
  return {
    rFactor: 80,
    mosLq,
    scale: scale ?? "narrowband",
    costs: { codec: 0, randomLoss: 0, lateLoss: 0 },
    ...(mosCq !== undefined && { mosCq }),
  };
}

/** Series that are not at 0, of families whose names start so: what is in a line to its number. */
export function counted(recorder: Recorder<Catalogue>, start: string): Record<string, number> {
  const lines = exposition(recorder)
    .split("\n")
    .filter((line) => line.startsWith(start) && !line.endsWith(" 0"));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
