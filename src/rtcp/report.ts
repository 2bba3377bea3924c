/**
 * The statements of RTCP, one record each: RFC 3550 §6, extended reports RFC 3611, feedback
 * RFC 4585. Fields of the wire keep their units and say so; what the sender left open is absent.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";

/** Which way a datagram went. */
export interface Path {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

interface Statement {
  /** When its datagram was captured or arrived: epoch milliseconds with a fraction. */
  readonly atMs: number;
  readonly path: Path;
  readonly senderSsrc: number;
}

interface StatementAbout extends Statement {
  /** Whom it is about. */
  readonly subjectSsrc: number;
}

/** The sender information of a sender report (RFC 3550 §6.4.1). */
export interface SenderInfo extends Statement {
  readonly kind: "sender-info";
  /** Seconds since 1900, modulo 2^32. Both parts are 0 from a sender without a clock. */
  readonly ntpSeconds: number;
  /** In units of 2^-32 s. */
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  /** Since the sender began, modulo 2^32. */
  readonly packetsSent: number;
  /** Payload only, modulo 2^32. */
  readonly bytesSent: number;
}

/** A receiver report as such; its blocks are records of their own (RFC 3550 §6.4.2). */
export interface ReceiverReport extends Statement {
  readonly kind: "receiver-report";
  readonly blocks: number;
}

/** One report block of a sender or receiver report (RFC 3550 §6.4.1). */
export interface ReportBlock extends StatementAbout {
  readonly kind: "report-block";
  /** Of the packets expected since the reporter's previous report: 0 to 255/256. */
  readonly fractionLost: number;
  /** Since the beginning of reception. Negative when duplicates outnumber losses. */
  readonly packetsLost: number;
  /** Sequence number in the lower 16 bits, its cycles in the upper. */
  readonly extendedHighestSequence: number;
  /** Interarrival jitter in units of the RTP clock. */
  readonly jitterTicks: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 before the first. */
  readonly lsr: number;
  /** Delay since that report arrived, in units of 1/65536 s. */
  readonly dlsr: number;
}

/** The canonical name of a source (RFC 3550 §6.5.1). */
export interface Cname extends StatementAbout {
  readonly kind: "cname";
  readonly cname: string;
}

/** A source leaves (RFC 3550 §6.6). */
export interface Bye extends StatementAbout {
  readonly kind: "bye";
  readonly reason?: string;
}

/** A receiver's reference time, so that it can measure round trips too (RFC 3611 §4.4). */
export interface XrReferenceTime extends Statement {
  readonly kind: "xr-reference-time";
  readonly ntpSeconds: number;
  /** In units of 2^-32 s. */
  readonly ntpFraction: number;
}

/** The answer to a reference time (RFC 3611 §4.5). */
export interface XrDlrr extends StatementAbout {
  readonly kind: "xr-dlrr";
  /** Middle 32 bits of the last reference time of `subjectSsrc`; 0 before the first. */
  readonly lrr: number;
  /** Delay since it arrived, in units of 1/65536 s. */
  readonly dlrr: number;
}

/** Smallest, largest, mean and standard deviation of something. */
export interface Spread {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
}

/** A statistics summary; a part that the reporter did not flag is absent (RFC 3611 §4.6). */
export interface XrStatistics extends StatementAbout {
  readonly kind: "xr-statistics";
  readonly beginSequence: number;
  /** One past the last. */
  readonly endSequence: number;
  readonly packetsLost?: number;
  readonly packetsDuplicated?: number;
  /** Relative transit times, in units of the RTP clock. */
  readonly jitterTicks?: Spread;
  readonly ttl?: Spread & { readonly kind: "ipv4" | "ipv6" };
}

/** What a receiver states of its de-jitter buffer (RFC 3611 §4.7.6 and §4.7.7). */
export interface JitterBufferReport {
  readonly adaptation?: "non-adaptive" | "adaptive";
  /** How fast it adapts, 0 to 15. */
  readonly rate: number;
  readonly nominalSeconds: number;
  readonly maximumSeconds: number;
  readonly absoluteMaximumSeconds: number;
}

/** Losses and discards within bursts, or between them (RFC 3611 §4.7.2). */
export interface BurstReport {
  /** Share of packets lost or discarded, 0 to 255/256. */
  readonly densityRatio: number;
  /** Mean length. */
  readonly durationSeconds: number;
}

/** What a receiver states of a call it hears; what it does not know is absent (RFC 3611 §4.7). */
export interface VoipMetrics {
  /** Since the beginning of reception, 0 to 255/256. */
  readonly lossRatio: number;
  /** Too late or too early for its buffer, since the beginning of reception, 0 to 255/256. */
  readonly discardRatio: number;
  readonly burst: BurstReport;
  readonly gap: BurstReport;
  /** The fewest packets received in a row that end a burst. */
  readonly gmin: number;
  /** As the reporter measured it. */
  readonly roundTripSeconds?: number;
  readonly endSystemDelaySeconds?: number;
  /** Relative to 0 dBm0. */
  readonly signalLevelDbm?: number;
  readonly noiseLevelDbm?: number;
  readonly residualEchoReturnLossDb?: number;
  /** 0 to 100. */
  readonly rFactor?: number;
  /** Of a network beyond the reporter, 0 to 100. */
  readonly externalRFactor?: number;
  /** Listening quality, 1 to 5. */
  readonly mosLq?: number;
  /** Conversational quality, 1 to 5. */
  readonly mosCq?: number;
  readonly packetLossConcealment?: "disabled" | "enhanced" | "standard";
  readonly jitterBuffer: JitterBufferReport;
}

/** A VoIP metrics block (RFC 3611 §4.7). */
export interface XrVoipMetrics extends StatementAbout {
  readonly kind: "xr-voip-metrics";
  readonly metrics: VoipMetrics;
}

/** A feedback message to the media source `subjectSsrc` (RFC 4585 §6.1). */
export interface Feedback extends StatementAbout {
  readonly kind: "feedback";
  readonly layer: "transport" | "payload";
  /** FMT. With `transport` 1 is a generic NACK; with `payload` 1 is PLI, 4 FIR (RFC 5104). */
  readonly format: number;
  /** Length of the control information. */
  readonly controlBytes: number;
}

/** An application-defined packet (RFC 3550 §6.7). */
export interface Application extends Statement {
  readonly kind: "application";
  readonly subtype: number;
  /** Four characters. */
  readonly name: string;
  readonly dataBytes: number;
}

/** SRTCP: all that is readable of it (RFC 3711 §3.4). */
export interface Encrypted extends Statement {
  readonly kind: "encrypted";
  /** Of the first packet. */
  readonly packetType: number;
}

/** Any statement of RTCP. */
export type RtcpRecord =
  | SenderInfo
  | ReceiverReport
  | ReportBlock
  | Cname
  | Bye
  | XrReferenceTime
  | XrDlrr
  | XrStatistics
  | XrVoipMetrics
  | Feedback
  | Application
  | Encrypted;
