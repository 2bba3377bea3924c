/**
 * Writes the record of a call from what is known of it.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import { type Draft, present } from "../rtcp/present.js";
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
  ReportedStreamRecord,
  SessionTimerReport,
  Side,
  TimingsReport,
  VoiceQualityRecord,
} from "./call-report.js";
import { findCaveats } from "./confidence.js";
import { seconds, signedSeconds } from "./duration.js";
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
  /** By our clock, where it is not known stream by stream. */
  readonly measuredRoundTrip?: RoundTripSummary | undefined;
  /** Ways of which RTCP proves that they carry media. */
  readonly reportedFlows: readonly MediaFlow[];
  /** What RTCP says of streams whose packets were not seen. */
  readonly reportedStreams?: readonly ReportedStreamRecord[];
  /** What the parties' phones reported. */
  readonly voiceQuality?: readonly VoiceQualityRecord[];
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
  const { reportedStreams = [], voiceQuality = [] } = material;
  const { call } = entry;
  const isLive = call.direction !== undefined;
  // Filled in field by field, in the order in which they are read: there may be very many calls.
  const report = { schema: "mediaprobe.call/1", callId: call.callId } as Draft<CallReport>;
  if (call.sessionId !== undefined) report.sessionId = call.sessionId;
  if (linkedCallIds.length > 0) report.linkedCallIds = linkedCallIds;
  report.observationPoint = material.observationPoint;
  report.transport = entry.transport;
  const [caller, callee] = [party(call.caller), party(call.callee)];
  if (caller !== undefined) report.caller = caller;
  if (callee !== undefined) report.callee = callee;
  report.localParty = localParty;
  if (call.hops.length > 1) report.hops = hops(call);
  const firstMedia = firstMediaOf(material);
  report.course = course(call, firstMedia);
  report.outcome = outcome(call, localParty);
  report.timings = rounded(timings(call, firstMedia));
  report.security = rounded(security(entry, handshakes));
  if (material.ice !== undefined) report.ice = rounded(material.ice);
  const timer = sessionTimer(call, isLive ? localParty : undefined);
  if (timer !== undefined) report.sessionTimer = rounded(timer);
  const rtt = callRoundTrip(material);
  if (rtt !== undefined) report.rtt = rtt;
  report.streams = streams.map(({ stream }) => stream);
  if (reportedStreams.length > 0) report.reportedStreams = reportedStreams;
  const quality = callQuality(streams);
  if (quality !== undefined) report.quality = quality;
  if (voiceQuality.length > 0) report.voiceQualityReports = voiceQuality;
  const known = facts(material);
  report.issues = issues(entry, known);
  report.confidence = caveats(material, known);
  return { report, details: { call, handshakes, ...present("checks", material.checks) } };
}

function hops(call: SipCall): NonNullable<CallReport["hops"]> {
  return call.hops.map(({ source, destination, invitedAtMs, statusCode }) => ({
    source: { ...source },
    destination: { ...destination },
    invitedAt: isoMicroseconds(invitedAtMs),
    ...present("statusCode", statusCode),
  }));
}

function security(
  entry: CallEntry,
  handshakes: readonly ReportedHandshake[],
): CallReport["security"] {
  const { srtpKeying } = entry;
  const report: Draft<CallReport["security"]> = {};
  if (srtpKeying !== undefined) report.srtpKeying = srtpKeying;
  if (handshakes.length > 0) report.dtls = handshakes.map(({ handshake }) => handshake);
  const stir = identityReport(entry);
  if (stir !== undefined) report.stir = stir;
  return report;
}

function party({ uri, displayName, endpoint, userAgent }: PartyFacts): PartyReport | undefined {
  if (uri === "" && endpoint === undefined) return undefined;
  const report: Draft<PartyReport> = {};
  if (uri !== "") report.uri = uri;
  if (displayName !== undefined) report.displayName = displayName;
  if (endpoint !== undefined) report.endpoint = endpoint;
  if (userAgent !== undefined) report.userAgent = userAgent;
  return report;
}

function course(call: SipCall, { callerToCallee, calleeToCaller }: FirstMedia): CourseReport {
  const answeredAtMs = answeredAbout(call);
  const report: Draft<CourseReport> = {};
  if (call.hasInvite) report.invitedAt = isoMicroseconds(call.invitedAtMs);
  if (call.ringingAtMs !== undefined) report.ringingAt = isoMicroseconds(call.ringingAtMs);
  if (answeredAtMs !== undefined) report.answeredAt = isoMicroseconds(answeredAtMs);
  const firstMediaAt: Draft<NonNullable<CourseReport["firstMediaAt"]>> = {};
  if (callerToCallee !== undefined) firstMediaAt.callerToCallee = isoMicroseconds(callerToCallee);
  if (calleeToCaller !== undefined) firstMediaAt.calleeToCaller = isoMicroseconds(calleeToCaller);
  if (callerToCallee !== undefined || calleeToCaller !== undefined) {
    report.firstMediaAt = firstMediaAt;
  }
  if (call.endedAtMs !== undefined) report.endedAt = isoMicroseconds(call.endedAtMs);
  return report;
}

/** When the first packet of each way came, as far as that is known. */
interface FirstMedia {
  readonly callerToCallee: number | undefined;
  readonly calleeToCaller: number | undefined;
}

function firstMediaOf({ streams, observation }: CallMaterial): FirstMedia {
  const knownOf = (flow: MediaFlow): number | undefined => {
    const first = firstPacket(streams, flow);
    if (first === undefined || observation.kind !== "live") return first;
    // Where nobody had looked before, it was the first that anybody saw.
    if (observation.isMediaWhole === false) return undefined;
    return observation.gaps.some(({ fromMs }) => fromMs < first) ? undefined : first;
  };
  return {
    callerToCallee: knownOf("caller-to-callee"),
    calleeToCaller: knownOf("callee-to-caller"),
  };
}

function firstPacket(streams: readonly CallStream[], flow: MediaFlow): number | undefined {
  let first: number | undefined;
  for (const one of streams) {
    if (one.flow !== flow) continue;
    if (first === undefined || one.firstPacketAtMs < first) first = one.firstPacketAtMs;
  }
  return first;
}

const CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx", "6xx"] as const;

function outcome(call: SipCall, localParty: CallParty): OutcomeReport {
  const { statusCode, endedBy, reasons, isAnswerUnseen } = call;
  const side: Side | undefined =
    endedBy === undefined ? undefined : endedBy === localParty ? "local" : "remote";
  const statusClass = isAnswerUnseen ? "2xx" : classOf(statusCode);
  // What became of an answered call says more than that it was answered.
  const via = call.isAbandoned === true ? "abandoned" : call.via;
  const report = {} as Draft<OutcomeReport>;
  if (statusCode !== undefined) report.statusCode = statusCode;
  if (statusClass !== undefined) report.statusClass = statusClass;
  if (via !== undefined) report.via = via;
  if (isAnswerUnseen) report.isAnswerUnseen = isAnswerUnseen;
  report.attempts = call.attempts;
  report.cancelled = call.isCancelled;
  if (endedBy !== undefined) report.endedBy = endedBy;
  if (side !== undefined) report.endedBySide = side;
  if (call.byeReasonClass !== undefined) report.byeReasonClass = call.byeReasonClass;
  if (reasons.length > 0) report.reasons = reasons.map((reason) => ({ ...reason }));
  return report;
}

function classOf(statusCode: number | undefined): (typeof CLASSES)[number] | undefined {
  return statusCode === undefined ? undefined : CLASSES[Math.floor(statusCode / 100) - 1];
}

function timings(call: SipCall, { callerToCallee, calleeToCaller }: FirstMedia): TimingsReport {
  const { invitedAtMs, ringingAtMs, endedAtMs, byeAnsweredAtMs } = call;
  const invited = call.hasInvite ? invitedAtMs : undefined;
  const refused = needsCredentials(call) ? undefined : call.finalAtMs;
  const answered = call.isAnswerUnseen ? undefined : call.answeredAtMs;
  const latestMedia =
    callerToCallee === undefined || calleeToCaller === undefined
      ? undefined
      : Math.max(callerToCallee, calleeToCaller);
  const hasBye = call.byeReasonClass !== undefined && call.isByeUnseen !== true;
  const report: Draft<TimingsReport> = {};
  const add = (name: keyof TimingsReport, duration: number | undefined): void => {
    if (duration !== undefined) report[name] = duration;
  };
  add("postDialDelaySeconds", seconds(invited, call.progressAtMs ?? refused));
  add("ringSeconds", seconds(ringingAtMs, answered));
  add("setupSeconds", seconds(invited, answered));
  add("durationSeconds", seconds(answeredAbout(call), endedAtMs));
  if (hasBye) add("disconnectDelaySeconds", seconds(endedAtMs, byeAnsweredAtMs));
  add("firstMediaDelaySeconds", signedSeconds(answered, latestMedia));
  return report;
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

function issues(entry: CallEntry, known: CallFacts): IssueReport[] {
  const found = findIssues(known);
  if (!entry.sharesStream) return found;
  return found.filter(({ kind }) => !NEED_OWN_STREAMS.has(kind));
}

function facts({ entry, streams, observation, reportedFlows }: CallMaterial): CallFacts {
  const { call, agreements, isSecure } = entry;
  return { call, streams, agreements, observation, reportedFlows, hasEncryptedRtcp: isSecure };
}

function caveats(material: CallMaterial, known: CallFacts): ConfidenceReport[] {
  const { entry, handshakes } = material;
  const found = findCaveats(known);
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
