/**
 * Writes the record of a call from what is known of it.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import { present } from "../rtcp/present.js";
import type { RoundTripSummary } from "../rtcp/round-trip.js";
import type { CallParty, PartyFacts, SipCall } from "../sip/call.js";
import type { CallEntry } from "./call-entry.js";
import { callQuality, callRoundTrip } from "./call-quality.js";
import type {
  CallReport,
  ConfidenceReport,
  CourseReport,
  IceReport,
  IssueKind,
  IssueReport,
  MediaFlow,
  OutcomeReport,
  PartyReport,
  SessionTimerReport,
  Side,
  TimingsReport,
} from "./call-report.js";
import { findCaveats } from "./confidence.js";
import { seconds } from "./duration.js";
import type { CallFacts, CallStream, Observation } from "./findings.js";
import { identityReport } from "./identity-report.js";
import { findIssues } from "./issues/find-issues.js";
import type { CallDetails, ReportedHandshake, SeenChecks } from "./observer.js";
import { rounded } from "./rounding.js";

/** Everything a record is made of. */
export interface CallMaterial {
  readonly entry: CallEntry;
  /** In order of first packet. */
  readonly streams: readonly CallStream[];
  readonly handshakes: readonly ReportedHandshake[];
  readonly ice: IceReport | undefined;
  readonly checks?: SeenChecks | undefined;
  /** As the attached stack states it. */
  readonly stackRoundTrip?: RoundTripSummary | undefined;
  /** Ways of which RTCP proves that they carry media. */
  readonly reportedFlows: readonly MediaFlow[];
  readonly observation: Observation;
  readonly observationPoint: string;
  readonly localParty: CallParty;
  /** The Call-IDs of other legs of the same conversation. */
  readonly linkedCallIds: readonly string[];
}

/** The record of one call, and what it was made of. */
export function composeCall(material: CallMaterial): {
  readonly report: CallReport;
  readonly details: CallDetails;
} {
  const { entry, streams, handshakes, localParty, linkedCallIds } = material;
  const { call } = entry;
  const isLive = call.direction !== undefined;
  const head = rounded({
    ...(call.hops.length > 1 && {
      hops: call.hops.map(({ source, destination, invitedAtMs, statusCode }) => ({
        source: { ...source },
        destination: { ...destination },
        invitedAt: isoMicroseconds(invitedAtMs),
        ...present("statusCode", statusCode),
      })),
    }),
    course: course(call, streams),
    outcome: outcome(call, localParty),
    timings: timings(call, streams),
    security: {
      ...present("srtpKeying", entry.srtpKeying),
      ...(handshakes.length > 0 && { dtls: handshakes.map(({ handshake }) => handshake) }),
      ...present("stir", identityReport(entry)),
    },
    ...present("ice", material.ice),
    ...present("sessionTimer", sessionTimer(call, isLive ? localParty : undefined)),
  });
  const report: CallReport = {
    schema: "mediaprobe.call/1",
    callId: call.callId,
    ...present("sessionId", call.sessionId),
    ...(linkedCallIds.length > 0 && { linkedCallIds }),
    observationPoint: material.observationPoint,
    transport: entry.transport,
    ...present("caller", party(call.caller)),
    ...present("callee", party(call.callee)),
    localParty,
    ...head,
    ...present("rtt", callRoundTrip(streams, material.stackRoundTrip)),
    streams: streams.map(({ stream }) => stream),
    ...present("quality", callQuality(streams)),
    issues: issues(material),
    confidence: caveats(material),
  };
  return { report, details: { call, handshakes, ...present("checks", material.checks) } };
}

function party({ uri, displayName, endpoint, userAgent }: PartyFacts): PartyReport | undefined {
  if (uri === "" && endpoint === undefined) return undefined;
  return {
    ...(uri !== "" && { uri }),
    ...present("displayName", displayName),
    ...present("endpoint", endpoint),
    ...present("userAgent", userAgent),
  };
}

function course(call: SipCall, streams: readonly CallStream[]): CourseReport {
  const callerToCallee = firstMedia(streams, "caller-to-callee");
  const calleeToCaller = firstMedia(streams, "callee-to-caller");
  const hasMedia = callerToCallee !== undefined || calleeToCaller !== undefined;
  return {
    ...(call.hasInvite && { invitedAt: isoMicroseconds(call.invitedAtMs) }),
    ...present("ringingAt", instant(call.ringingAtMs)),
    ...present("answeredAt", instant(answeredAbout(call))),
    ...(hasMedia && {
      firstMediaAt: {
        ...present("callerToCallee", instant(callerToCallee)),
        ...present("calleeToCaller", instant(calleeToCaller)),
      },
    }),
    ...present("endedAt", instant(call.endedAtMs)),
  };
}

const instant = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : isoMicroseconds(atMs);

function firstMedia(streams: readonly CallStream[], flow: MediaFlow): number | undefined {
  const starts = streams.filter((one) => one.flow === flow).map((one) => one.firstPacketAtMs);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

const CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx", "6xx"] as const;

function outcome(call: SipCall, localParty: CallParty): OutcomeReport {
  const { statusCode, endedBy, reasons, isAnswerUnseen } = call;
  const side: Side | undefined =
    endedBy === undefined ? undefined : endedBy === localParty ? "local" : "remote";
  return {
    ...present("statusCode", statusCode),
    ...present("statusClass", isAnswerUnseen ? "2xx" : classOf(statusCode)),
    // What became of an answered call says more than that it was answered.
    ...present("via", call.isAbandoned === true ? "abandoned" : call.via),
    ...(isAnswerUnseen && { isAnswerUnseen }),
    attempts: call.attempts,
    cancelled: call.isCancelled,
    ...present("endedBy", endedBy),
    ...present("endedBySide", side),
    ...present("byeReasonClass", call.byeReasonClass),
    ...(reasons.length > 0 && { reasons: reasons.map((reason) => ({ ...reason })) }),
  };
}

function classOf(statusCode: number | undefined): (typeof CLASSES)[number] | undefined {
  return statusCode === undefined ? undefined : CLASSES[Math.floor(statusCode / 100) - 1];
}

function timings(call: SipCall, streams: readonly CallStream[]): TimingsReport {
  const { invitedAtMs, ringingAtMs, endedAtMs, byeAnsweredAtMs } = call;
  const invited = call.hasInvite ? invitedAtMs : undefined;
  const refused = needsCredentials(call) ? undefined : call.finalAtMs;
  const answered = call.isAnswerUnseen ? undefined : call.answeredAtMs;
  const latestMedia = [
    firstMedia(streams, "caller-to-callee"),
    firstMedia(streams, "callee-to-caller"),
  ].reduce((later, one) =>
    later === undefined || one === undefined ? undefined : Math.max(later, one),
  );
  const hasBye = call.byeReasonClass !== undefined;
  return {
    ...present("postDialDelaySeconds", seconds(invited, call.progressAtMs ?? refused)),
    ...present("ringSeconds", seconds(ringingAtMs, answered)),
    ...present("setupSeconds", seconds(invited, answered)),
    ...present("durationSeconds", seconds(answeredAbout(call), endedAtMs)),
    ...present("disconnectDelaySeconds", hasBye ? seconds(endedAtMs, byeAnsweredAtMs) : undefined),
    ...present("firstMediaDelaySeconds", seconds(answered, latestMedia)),
  };
}

/** An answer that was not captured came just before its ACK; without that, nobody knows when. */
function answeredAbout(call: SipCall): number | undefined {
  return call.isAnswerUnseen ? call.acknowledgedAtMs : call.answeredAtMs;
}

/** Its final response asks for credentials: no indication of anything (RFC 6076 §4.3.2). */
function needsCredentials({ statusCode }: SipCall): boolean {
  return statusCode === 401 || statusCode === 402 || statusCode === 407;
}

function sessionTimer(
  { sessionTimer: timer }: SipCall,
  localParty: CallParty | undefined,
): SessionTimerReport | undefined {
  if (timer === undefined) return undefined;
  const { intervalSeconds, refresher, refreshes } = timer;
  return {
    intervalSeconds,
    refresher: localParty === undefined ? refresher : refresher === localParty ? "local" : "remote",
    refreshes: refreshes.map(({ atMs, result }) => ({ at: isoMicroseconds(atMs), result })),
  };
}

/** Findings that mean nothing where another call's record holds the stream. */
const NEED_OWN_STREAMS: ReadonlySet<IssueKind> = new Set([
  "no-media",
  "one-way-audio",
  "dead-air",
  "media-after-bye",
  "early-media-cut",
  "codec-changed",
  "wrong-payload-type",
]);

function issues(material: CallMaterial): IssueReport[] {
  const found = findIssues(facts(material));
  if (!material.entry.sharesStream) return found;
  return found.filter(({ kind }) => !NEED_OWN_STREAMS.has(kind));
}

function facts({ entry, streams, observation, reportedFlows }: CallMaterial): CallFacts {
  const { call, agreements, isSecure } = entry;
  return { call, streams, agreements, observation, reportedFlows, hasEncryptedRtcp: isSecure };
}

function caveats(material: CallMaterial): ConfidenceReport[] {
  const { entry, handshakes } = material;
  const found = findCaveats(facts(material));
  if (material.observation.isEvicted === true) {
    found.push({
      kind: "call-evicted",
      detail:
        "More calls were kept than there is room for: this one was given up early, " +
        "and its media is unknown.",
    });
  }
  if (entry.sharesStream) {
    found.push({
      kind: "stream-shared",
      detail:
        "Another call used the same addresses, ports and SSRC at the same time: " +
        "their packets cannot be told apart and are all counted for one of them.",
    });
  }
  if (handshakes.some(({ handshake }) => handshake.version === "1.3")) {
    found.push({
      kind: "dtls-1.3",
      detail:
        "DTLS 1.3 encrypts certificates and the SRTP profile: " +
        "neither the fingerprint nor the profile could be checked.",
    });
  }
  return found;
}
