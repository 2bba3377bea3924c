import type { MediaAgreement } from "../../../src/call/agreement.js";
import type { IssueKind, IssueReport, MediaFlow } from "../../../src/call/call-report.js";
import type { CallFacts, CallStream, Observation } from "../../../src/call/findings.js";
import { findIssues } from "../../../src/call/issues/find-issues.js";
import type { IntervalReport, PayloadTypeReport, StreamReport } from "../../../src/call/report.js";
import { isoMicroseconds } from "../../../src/net/time.js";
import type { PayloadFormat, PayloadMap } from "../../../src/rtp/codec.js";
import type { SipCall } from "../../../src/sip/call.js";
import { sipCall } from "../sip-calls.js";

const START_MS = Date.UTC(2025, 2, 9, 23, 59, 30);
const INTERVAL_SECONDS = 5;
const PACKETS_PER_SECOND = 50;

/** Milliseconds of a moment in seconds after the INVITE. */
export const at = (seconds: number): number => START_MS + seconds * 1000;

/** The same as a record has it. */
export const iso = (seconds: number): string => isoMicroseconds(at(seconds));

export const PCMU: PayloadTypeReport = {
  payloadType: 0,
  packets: 1000,
  codec: "PCMU",
  clockRateHz: 8000,
  kind: "audio",
};
export const G729: PayloadTypeReport = { ...PCMU, payloadType: 18, codec: "G729" };
export const COMFORT_NOISE: PayloadTypeReport = {
  ...PCMU,
  payloadType: 13,
  codec: "CN",
  kind: "comfort-noise",
};
export const TELEPHONE_EVENT: PayloadTypeReport = {
  ...PCMU,
  payloadType: 101,
  codec: "telephone-event",
  kind: "telephone-event",
};
export const VP8: PayloadTypeReport = {
  payloadType: 96,
  packets: 1000,
  codec: "VP8",
  clockRateHz: 90_000,
  kind: "video",
};

/** What a receiver agreed to: these payload types. */
export function payloads(types: readonly PayloadTypeReport[], parameters?: string): PayloadMap {
  return new Map(
    types.map(({ payloadType, codec = "", clockRateHz = 8000, kind = "audio" }) => {
      const format: PayloadFormat = { name: codec, clockRateHz, kind };
      return [payloadType, parameters === undefined ? format : { ...format, parameters }];
    }),
  );
}

interface Agreed {
  readonly from?: number;
  readonly to?: number;
  readonly mediaType?: string;
  readonly isEarly?: boolean;
  readonly callerMaySend?: boolean;
  readonly calleeMaySend?: boolean;
  readonly payloads?: PayloadMap;
}

/** An agreement from the answer at 5 s on; both may send PCMU, events and comfort noise. */
export function agreement(agreed: Agreed = {}): MediaAgreement {
  const map = agreed.payloads ?? payloads([PCMU, TELEPHONE_EVENT, COMFORT_NOISE]);
  return {
    mediaType: agreed.mediaType ?? "audio",
    mediaIndex: 0,
    fromMs: at(agreed.from ?? 5),
    ...(agreed.to !== undefined && { toMs: at(agreed.to) }),
    isEarly: agreed.isEarly ?? false,
    callerToCallee: { maySend: agreed.callerMaySend ?? true, payloads: map },
    calleeToCaller: { maySend: agreed.calleeMaySend ?? true, payloads: map },
  };
}

interface Streamed extends Omit<Partial<StreamReport>, "payloadTypes"> {
  readonly from?: number;
  readonly to?: number;
  /** Seconds in which it had no packets, each of whole intervals. */
  readonly pauses?: readonly (readonly [from: number, to: number])[];
  readonly mediaType?: string;
  readonly types?: readonly PayloadTypeReport[];
}

/** A PCMU stream of 50 packets a second from 5 s to 65 s, with RTCP, in intervals of 5 s. */
export function stream(flow: MediaFlow, streamed: Streamed = {}): CallStream {
  const { from = 5, to = 65, pauses = [], mediaType = "audio", types = [PCMU], ...rest } = streamed;
  const isCaller = flow === "caller-to-callee";
  const intervals = intervalsOf(from, to, pauses);
  const packets = intervals.reduce((sum, { packetsReceived }) => sum + packetsReceived, 0);
  const [caller, callee] = [
    { address: "192.0.2.1", port: 4000 },
    { address: "192.0.2.2", port: 5000 },
  ];
  const main = types[0] ?? PCMU;
  return {
    flow,
    mediaType,
    firstPacketAtMs: at(from),
    lastPacketAtMs: at(to),
    stream: {
      ssrc: isCaller ? 0xca11e4 : 0xca11ee,
      payloadType: main.payloadType,
      ...(main.codec !== undefined && { codec: main.codec }),
      payloadTypes: types,
      source: isCaller ? caller : callee,
      destination: isCaller ? callee : caller,
      firstPacketAt: iso(from),
      lastPacketAt: iso(to),
      packetsReceived: packets,
      packetsExpected: packets,
      packetsLost: 0,
      packetsMissing: 0,
      packetsDuplicated: 0,
      packetsReordered: 0,
      lossRatio: 0,
      lossRuns: {},
      payloadBytes: packets * 160,
      wireBytes: packets * 200,
      rtcp: { reports: 12 },
      intervals,
      ...rest,
    },
  };
}

function intervalsOf(from: number, to: number, pauses: Streamed["pauses"]): IntervalReport[] {
  const intervals: IntervalReport[] = [];
  for (let start = from; start < to; start += INTERVAL_SECONDS) {
    const end = start + INTERVAL_SECONDS;
    if (pauses?.some(([since, until]) => start >= since && end <= until)) continue;
    const packets = Math.round((Math.min(end, to) - start) * PACKETS_PER_SECOND);
    intervals.push({
      from: iso(start),
      to: iso(end),
      packetsReceived: packets,
      packetsExpected: packets,
      packetsMissing: 0,
      packetsDuplicated: 0,
      packetsReordered: 0,
      packetsDiscarded: 0,
      payloadBytes: packets * 160,
    });
  }
  return intervals;
}

/** The same stream with another number of packets in each of its intervals. */
export function thinned(one: CallStream, packetsReceived: number): CallStream {
  const intervals = one.stream.intervals.map((interval) => ({ ...interval, packetsReceived }));
  return { ...one, stream: { ...one.stream, intervals } };
}

/** A call that was answered after 5 s and hung up by the caller after a minute. */
export const CALL: SipCall = sipCall({
  callId: "a84b4c76e66710",
  caller: { uri: "sip:alice@example.com" },
  callee: { uri: "sip:bob@example.com" },
  invitedAtMs: at(0),
  ringingAtMs: at(1),
  answeredAtMs: at(5),
  finalAtMs: at(5),
  acknowledgedAtMs: at(5.1),
  endedAtMs: at(65),
  byeAnsweredAtMs: at(65.1),
  lastMessageAtMs: at(65.1),
  messages: 7,
});

type Unset<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** The call with other values, or without those that are `undefined`. */
export function call(changes: Unset<SipCall>): SipCall {
  const entries = Object.entries({ ...CALL, ...changes });
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined),
  ) as unknown as SipCall;
}

/** The call as a capture has it that was cut off while it went on. */
export const UNFINISHED: SipCall = call({
  endedAtMs: undefined,
  byeAnsweredAtMs: undefined,
  endedBy: undefined,
  byeReasonClass: undefined,
  lastMessageAtMs: at(5.1),
});

const OBSERVATION: Observation = {
  fromMs: at(-10),
  toMs: at(100),
  kind: "capture",
  hasMedia: true,
  hasCutPackets: false,
  gaps: [],
  isSideAssumed: false,
  hasEncryptedSignalling: false,
};

interface Changes extends Partial<Omit<CallFacts, "observation">> {
  readonly observation?: Partial<Observation>;
}

/** A call of a minute in which both parties are heard all the time. */
export function facts(changes: Changes = {}): CallFacts {
  const { observation, ...rest } = changes;
  return {
    call: CALL,
    streams: [stream("caller-to-callee"), stream("callee-to-caller")],
    agreements: [agreement()],
    reportedFlows: [],
    hasEncryptedRtcp: false,
    ...rest,
    observation: { ...OBSERVATION, ...observation },
  };
}

/** The issues of one kind. */
export function issuesOf(kind: IssueKind, changes: Changes): IssueReport[] {
  return findIssues(facts(changes)).filter((issue) => issue.kind === kind);
}

/** Who, from when and to when, without the words. */
export function scopesOf(
  kind: IssueKind,
  changes: Changes,
): Omit<IssueReport, "kind" | "detail">[] {
  return issuesOf(kind, changes).map(({ direction, from, to }) => ({
    ...(direction !== undefined && { direction }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }));
}
