/**
 * What is said of a capture: the JSON that the command prints and the library gives out. Unknown
 * fields are left out; floats carry nine significant digits.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { PayloadKind } from "../rtp/codec.js";
import type { DelayVariationSeconds, JitterSeconds } from "../rtp/stream.js";
import type { Quality } from "../quality/assess.js";
import type { CodecImpairment } from "../quality/codec-impairment.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import type { RoundTripSummary } from "../rtcp/round-trip.js";
import type { CallReport, DtlsReport } from "./call-report.js";

/** One payload type of a stream. */
export interface PayloadTypeReport {
  readonly payloadType: number;
  readonly packets: number;
  readonly codec?: string;
  readonly clockRateHz?: number;
  readonly kind?: PayloadKind;
}

/** Packets lost or discarded close together (RFC 3611 §4.7.2, Gmin 16). */
export interface BurstReport {
  readonly count: number;
  readonly packets: number;
  /** Share of those packets that were lost or discarded, from 0 to 1. */
  readonly density: number;
  /** Mean length; absent when the packet interval is unknown. */
  readonly durationSeconds?: number;
}

/** One of those bursts where it happened. */
export interface BurstTime {
  /** Arrival of the packet before the first lost one; when the first discarded one was due. */
  readonly from: string;
  /** Arrival of the packet after the last lost one, or of the last discarded one. */
  readonly to: string;
  /** Sequence numbers never seen. */
  readonly packetsMissing: number;
  /** Too late for the simulated fixed buffer. */
  readonly packetsDiscarded: number;
}

/** What lies between bursts. */
export interface GapReport {
  readonly packets: number;
  readonly density: number;
  readonly durationSeconds?: number;
}

/** One interval of a stream, 5 s unless configured otherwise. */
export interface IntervalReport {
  readonly from: string;
  readonly to: string;
  readonly packetsReceived: number;
  readonly packetsExpected: number;
  /** Sequence numbers found missing in this interval; some may have come in the next. */
  readonly packetsMissing: number;
  readonly packetsDuplicated: number;
  readonly packetsReordered: number;
  readonly packetsDiscarded: number;
  readonly payloadBytes: number;
  readonly jitterSeconds?: { readonly mean: number; readonly max: number };
  readonly delayVariationSeconds?: { readonly p95: number; readonly max: number };
  readonly quality?: Pick<Quality, "rFactor" | "mosCq" | "mosLq">;
}

/**
 * The worst stretch of a stream: whole intervals that together last ten seconds, unless the stream is
 * shorter or an interval longer. The interval with the lowest score of its own may lie outside of it.
 */
export interface WorstWindow {
  readonly from: string;
  readonly to: string;
  readonly mosCq?: number;
  readonly mosLq?: number;
}

/** Round-trip times by where they come from. */
export interface RoundTripReport {
  /** Between both ends, by the observer's clock. */
  readonly measured?: RoundTripSummary;
  /** From the observer to the stream's receiver and back: a part of the above. */
  readonly toReceiver?: RoundTripSummary;
  /** As the receiver states it. */
  readonly reported?: RoundTripSummary;
}

/** A stream as the statistics of an attached stack count it; what they lack is absent. */
export interface StackView {
  /** RTP payload, without retransmissions. */
  readonly packetsSent?: number;
  readonly bytesSent?: number;
  readonly packetsReceived?: number;
  readonly bytesReceived?: number;
  /** Of an inbound stream. */
  readonly packetsLost?: number;
  readonly jitterSeconds?: number;
}

/** Requests of a receiver to the sender of a stream (RFC 4585, RFC 5104). */
export interface FeedbackReport {
  readonly nacks: number;
  readonly pictureLossIndications: number;
  readonly fullIntraRequests: number;
}

/** One RTP stream: a 5-tuple and an SSRC. */
export interface StreamReport {
  readonly ssrc: number;
  /** The most frequent payload type, and what it stands for. */
  readonly payloadType: number;
  readonly codec?: string;
  readonly clockRateHz?: number;
  readonly payloadTypes: readonly PayloadTypeReport[];
  readonly direction?: "caller-to-callee" | "callee-to-caller";
  /** Of the call's media section it belongs to, in lower case: `audio`, `video`, `image`. */
  readonly mediaType?: string;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly firstPacketAt: string;
  readonly lastPacketAt: string;
  /** Duplicates included. */
  readonly packetsReceived: number;
  readonly packetsExpected: number;
  /** Expected minus received, signed (RFC 3550 §6.4.1). */
  readonly packetsLost: number;
  /** Sequence numbers never seen. */
  readonly packetsMissing: number;
  readonly packetsDuplicated: number;
  readonly packetsReordered: number;
  /** Too late for the simulated fixed buffer. Absent for streams that are not speech. */
  readonly packetsDiscarded?: number;
  /** Sequence numbers never seen, over those expected. From 0 to 1. */
  readonly lossRatio: number;
  readonly sequenceRestarts?: number;
  readonly jitterSeconds?: JitterSeconds;
  readonly delayVariationSeconds?: DelayVariationSeconds;
  /** How many runs of lost packets there were, by length. */
  readonly lossRuns: Readonly<Record<string, number>>;
  readonly burst?: BurstReport;
  /** The worst of them, at most 32, in order. Absent where there is none. */
  readonly bursts?: readonly BurstTime[];
  readonly gap?: GapReport;
  /** Positive: the sender's clock is slow. */
  readonly clockDriftPpm?: number;
  readonly packetizationSeconds?: number;
  readonly adaptiveBuffer?: {
    readonly packetsDiscarded: number;
    readonly meanDelaySeconds?: number;
  };
  readonly payloadBytes: number;
  /** IP packets, headers included. */
  readonly wireBytes: number;
  readonly rtt?: RoundTripReport;
  /** What the receiving end reported about this stream. */
  readonly rtcp?: ReportedView;
  /** Absent in a capture. */
  readonly stack?: StackView;
  /** What the far end asked of us. Absent in a capture, and where it asked for nothing. */
  readonly feedback?: FeedbackReport;
  /** It reached the socket of an attached stack that has no receiver for it. */
  readonly isUnrouted?: true;
  readonly quality?: Quality;
  /** Which codec values that quality rests on, and how sure they are. */
  readonly qualityBasis?: Pick<CodecImpairment, "name" | "status">;
  readonly worst?: WorstWindow;
  readonly intervals: readonly IntervalReport[];
}

/** Counters of everything that was read, and of what could not be. */
export interface CaptureCounters {
  /** Frames in the file. */
  readonly packets: number;
  /** Bytes of those frames on the wire. */
  readonly bytes: number;
  /** Frames of which the capture holds only the beginning. */
  readonly packetsCut: number;
  readonly rtp: number;
  readonly rtcp: number;
  /** SRTCP among them, of which only the first header is readable. */
  readonly rtcpEncrypted: number;
  readonly sip: number;
  /** Connections to the port of SIP over TLS (5061) that were seen to begin; what is in them is not. */
  readonly sipOverTls: number;
  readonly dtls: number;
  readonly stun: number;
  readonly turnChannelData: number;
  /** Frames that held part of a datagram which later parts completed. */
  readonly fragments: number;
  /** Well-formed frames of anything else. */
  readonly ignored: number;
  /** Packets that looked like RTP but never formed a stream. */
  readonly unconfirmedRtp: number;
  /** Bytes of TCP streams with SIP that were never captured. */
  readonly tcpBytesSkipped: number;
  readonly malformed: Readonly<Record<string, number>>;
  readonly evicted: Readonly<Record<string, number>>;
}

/** Why a capture was not read to its end, in a sentence. */
export interface CaptureDamage {
  readonly reason: string;
  /** Bytes from the start of the (decompressed) input. */
  readonly offset: number;
  readonly sentence: string;
}

/** How one of the inputs was captured, as its own headers say. Of several interfaces, of all of them. */
export interface CaptureInput {
  readonly format: "pcap" | "pcapng";
  readonly interfaces: number;
  /** LINKTYPE_* of tcpdump.org, of the first interface. Absent without an interface. */
  readonly linkType?: number;
  /** Bytes that were kept of a packet at most. Absent where no limit is stated. */
  readonly snapLengthBytes?: number;
  /** What the times of packets are rounded to. Absent without an interface. */
  readonly timestampResolutionSeconds?: number;
  /** Packets lost by whoever captured, over the whole capture. Absent where the input does not say. */
  readonly packetsDropped?: number;
}

/** A DTLS handshake that belongs to no call. */
export interface HandshakeReport extends DtlsReport {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly startedAt: string;
  /** The client offered `use_srtp`; else the handshake is of something other than media. */
  readonly offersSrtp: boolean;
}

/** The report on one capture. */
export interface CaptureReport {
  readonly schema: "mediaprobe.report/1";
  readonly file: string;
  readonly firstPacketAt?: string;
  readonly lastPacketAt?: string;
  readonly damage?: CaptureDamage;
  /** In the order in which `file` names them. */
  readonly inputs: readonly CaptureInput[];
  /** In the order in which they were first seen. */
  readonly calls: readonly CallReport[];
  /** Those that belong to no call. */
  readonly streams: readonly StreamReport[];
  /** Those that belong to no call. */
  readonly handshakes: readonly HandshakeReport[];
  readonly counters: CaptureCounters;
}
