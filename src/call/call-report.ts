/**
 * The record of one call: the same from a live call and from a capture of it. Unknown fields are left
 * out; instants are ISO 8601 with microseconds in UTC; floats carry nine significant digits.
 *
 * @module
 */

import type { DtlsAlert, DtlsResult } from "../dtls/association.js";
import type { Endpoint } from "../net/endpoint.js";
import type { Quality } from "../quality/assess.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import type { RoundTripSummary } from "../rtcp/round-trip.js";
import type { ByeReasonClass, CallParty, OutcomeVia, RefreshResult } from "../sip/call.js";
import type { VoiceQualityMetrics, VoiceQualityReport } from "../sip/voice-quality.js";
import type { PeerVerdict, StirResult } from "../stir/outcome.js";
import type { StirReason, VerifierCode } from "../stir/reason.js";
import type { Signer } from "../stir/verify.js";
import type { StreamReport } from "./report.js";

/** Which way media flows. */
export type MediaFlow = "caller-to-callee" | "callee-to-caller";

/** Relative to the observed side. */
export type Side = "local" | "remote";

/** How the call's media travels: `webrtc` when a leg's media is DTLS-SRTP with ICE. */
export type CallTransport = "sip" | "webrtc";

/** How SRTP gets its keys: by DTLS (RFC 5764), in the descriptions (RFC 4568), or there is none. */
export type SrtpKeying = "dtls" | "sdes" | "none";

/** One of the two parties. */
export interface PartyReport {
  /** As SIP names it. */
  readonly uri?: string;
  readonly displayName?: string;
  /** Where its signalling comes from. */
  readonly endpoint?: Endpoint;
  readonly userAgent?: string;
}

/** The milestones of a call. */
export interface CourseReport {
  readonly invitedAt?: string;
  readonly ringingAt?: string;
  readonly answeredAt?: string;
  readonly firstMediaAt?: {
    readonly callerToCallee?: string;
    readonly calleeToCaller?: string;
  };
  readonly endedAt?: string;
}

/** What came of a call. */
export interface OutcomeReport {
  readonly statusCode?: number;
  readonly statusClass?: "1xx" | "2xx" | "3xx" | "4xx" | "5xx" | "6xx";
  readonly via?: OutcomeVia;
  /** The call was answered, as what followed proves, but the answer was not captured. */
  readonly isAnswerUnseen?: true;
  readonly attempts: number;
  readonly cancelled: boolean;
  readonly endedBy?: CallParty;
  readonly endedBySide?: Side;
  readonly byeReasonClass?: ByeReasonClass;
  readonly reasons?: readonly {
    readonly protocol: string;
    readonly cause?: number;
    readonly text?: string;
  }[];
}

/** Durations of RFC 6076 and their like, in seconds. */
export interface TimingsReport {
  /** First INVITE to the first provisional above 100, else to the final response (RFC 6076 §4.3). */
  readonly postDialDelaySeconds?: number;
  /** First 180 to the answer. */
  readonly ringSeconds?: number;
  /** First INVITE to the answer. */
  readonly setupSeconds?: number;
  /** Answer to the end (RFC 6076 §4.5). */
  readonly durationSeconds?: number;
  /** BYE to its answer (RFC 6076 §4.4). */
  readonly disconnectDelaySeconds?: number;
  /** Answer to the first media in the later direction; negative for early media. */
  readonly firstMediaDelaySeconds?: number;
}

/** One DTLS handshake of the call. */
export interface DtlsReport {
  readonly result: DtlsResult;
  /** First packet of the handshake; live, when the stack began it. */
  readonly startedAt?: string;
  /** Whose end sent the ClientHello. */
  readonly clientParty?: CallParty;
  readonly alert?: Pick<DtlsAlert, "level" | "code" | "name" | "by">;
  readonly durationSeconds?: number;
  readonly version?: string;
  readonly cipher?: string;
  readonly srtpProfile?: string;
  /** Absent where its datagrams were not seen. */
  readonly retransmissions?: number;
}

/** Who vouches for the caller, by our own verification. */
export interface StirReport {
  readonly result: StirResult;
  /** Of the PASSporT. Only claimed unless `result` is `verified`. */
  readonly attestation?: "A" | "B" | "C";
  /** Present unless `result` is `verified`, or nobody vouches at all. */
  readonly reason?: StirReason;
  /** What a verifier would answer for that reason (RFC 8224 §6.2.2). */
  readonly code?: VerifierCode;
  /** Whose certificate verifies the signature, trusted or not. */
  readonly signer?: Signer;
  /** What others made of it. Absent where nobody says anything. */
  readonly peer?: PeerVerdict;
}

/** How media found its path. */
export interface IceReport {
  readonly result: "ok" | "failed" | "lost";
  /** First check; live, when the stack began to check. Absent where it had begun before anybody looked. */
  readonly startedAt?: string;
  /** When the first pair was chosen: its nomination was answered; live, the stack had a path. */
  readonly selectedAt?: string;
  /** First check to the first success. */
  readonly durationSeconds?: number;
  readonly restarts?: number;
  readonly localCandidateType?: string;
  readonly remoteCandidateType?: string;
}

/** RFC 4028. */
export interface SessionTimerReport {
  readonly intervalSeconds: number;
  /** Relative to the observed side live, to the call in a capture. */
  readonly refresher: Side | CallParty;
  readonly refreshes: readonly { readonly at: string; readonly result: RefreshResult }[];
}

/** Round-trip times by whose word they are. */
export interface CallRoundTripReport {
  readonly measured?: RoundTripSummary;
  readonly reported?: RoundTripSummary;
  readonly stack?: RoundTripSummary;
}

/** The call's worst stretch. */
export interface WorstReport {
  readonly direction: MediaFlow;
  readonly from: string;
  readonly to: string;
  readonly mosCq?: number;
  readonly mosLq?: number;
}

/** How each direction sounded. */
export interface CallQualityReport {
  readonly callerToCallee?: Quality;
  readonly calleeToCaller?: Quality;
  readonly worst?: WorstReport;
}

/** What is wrong with a call. */
export const ISSUE_KINDS = [
  "one-way-audio",
  "no-media",
  "media-after-bye",
  "early-media-cut",
  "dead-air",
  "wrong-payload-type",
  "codec-changed",
  "rtcp-missing",
  "clock-drift",
  "late-answer",
  "late-media",
  "session-timer-expiring",
  "ack-missing",
  "bye-unanswered",
  "divergent-views",
] as const;
export type IssueKind = (typeof ISSUE_KINDS)[number];

/** One thing wrong with a call, and when. */
export interface IssueReport {
  readonly kind: IssueKind;
  /** Absent where it concerns both. */
  readonly direction?: MediaFlow;
  readonly from?: string;
  readonly to?: string;
  /** A sentence for a person. */
  readonly detail: string;
}

/** Why something of a record may be less than the truth. */
export const CONFIDENCE_KINDS = [
  "side-assumed",
  "one-sided-signalling",
  "no-media-captured",
  "one-sided-media",
  "capture-gap",
  "capture-ended",
  "capture-began-late",
  "answer-unseen",
  "packets-cut",
  "signalling-encrypted",
  "mirrored-copies",
  "call-evicted",
  "stream-shared",
  "dtls-1.3",
] as const;
export type ConfidenceKind = (typeof CONFIDENCE_KINDS)[number];

/** One caveat. */
export interface ConfidenceReport {
  readonly kind: ConfidenceKind;
  /** A sentence for a person. */
  readonly detail: string;
}

/** What RTCP says of a stream of the call whose packets were not seen. */
export interface ReportedStreamRecord {
  readonly ssrc: number;
  readonly direction: MediaFlow;
  readonly rtcp: ReportedView;
}

/** What one end states of the audio it hears. */
export interface VoiceQuality extends Omit<VoiceQualityMetrics, "startedAtMs" | "stoppedAtMs"> {
  readonly startedAt?: string;
  readonly stoppedAt?: string;
}

/** What a phone reported in a message of its own (RFC 6035). */
export interface VoiceQualityRecord {
  /** When the message was seen. */
  readonly at: string;
  readonly kind: VoiceQualityReport["kind"];
  /** Whose phone; absent where nothing tells. */
  readonly by?: CallParty;
  /** How the other party sounded there. */
  readonly heard?: VoiceQuality;
  /** How it sounded to the other party, as far as the phone was told. */
  readonly told?: VoiceQuality;
}

/** The same call on one hop of the capture. */
export interface HopReport {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly invitedAt: string;
  readonly statusCode?: number;
}

/** The record of one call. */
export interface CallReport {
  readonly schema: "mediaprobe.call/1";
  readonly callId: string;
  /** RFC 7989. */
  readonly sessionId?: string;
  /** Call-IDs of other legs of the same conversation. */
  readonly linkedCallIds?: readonly string[];
  /** The user agent or capture that saw it. */
  readonly observationPoint: string;
  readonly transport: CallTransport;
  readonly caller?: PartyReport;
  readonly callee?: PartyReport;
  /** Which party is local; live it is known, in a capture stated or assumed. */
  readonly localParty?: CallParty;
  /** Where a capture shows the call on more than one hop. */
  readonly hops?: readonly HopReport[];
  readonly course: CourseReport;
  readonly outcome: OutcomeReport;
  readonly timings: TimingsReport;
  readonly security: {
    /** What both parties agreed on; absent without whole descriptions of both. */
    readonly srtpKeying?: SrtpKeying;
    readonly dtls?: readonly DtlsReport[];
    readonly stir?: StirReport;
  };
  readonly ice?: IceReport;
  readonly sessionTimer?: SessionTimerReport;
  readonly rtt?: CallRoundTripReport;
  readonly streams: readonly StreamReport[];
  /** Where RTCP was seen without its media. */
  readonly reportedStreams?: readonly ReportedStreamRecord[];
  readonly quality?: CallQualityReport;
  readonly voiceQualityReports?: readonly VoiceQualityRecord[];
  readonly issues: readonly IssueReport[];
  readonly confidence: readonly ConfidenceReport[];
}
