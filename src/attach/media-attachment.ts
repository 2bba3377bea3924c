/**
 * What an attached peer connection gives out, whatever stack it is of: how it came up, what flowed,
 * and three views of each stream. `measured` is counted here, packet by packet and report by report;
 * `reported` is what the far end states; `stack` is what the stack's own statistics say.
 *
 * @module
 */

import type { CallRoundTripReport, DtlsReport, IceReport } from "../call/call-report.js";
import type { Endpoint } from "../net/endpoint.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import type { PayloadFormat, PayloadMap } from "../rtp/codec.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { PollWheel } from "./poll-wheel.js";

/** What takes RTP packets and measures their streams: the live engine. */
export interface PacketSink {
  /** A number for what flows from one endpoint to another. */
  openFlow(path: { readonly source: Endpoint; readonly destination: Endpoint }): number;
  /** What was measured of it till the end. The number is free again. */
  closeFlow(id: number): readonly StreamMeasurement[];
  setPayloads(id: number, payloads: PayloadMap): void;
  /**
   * Takes one RTP or SRTP packet. `bytes` are only read during the call.
   *
   * @param wireBytes Of the IP packet, headers included.
   * @param arrivalMs Epoch milliseconds with a fraction.
   */
  packet(id: number, bytes: Uint8Array, wireBytes: number, arrivalMs: number): void;
  /** Accounts for all packets taken so far. */
  drain(): void;
  streams(id: number): readonly StreamMeasurement[];
}

/** Something a peer connection may or may not let be seen. */
export type MediaCapability =
  | "connection-state"
  /** What flows in, as it comes off the socket. */
  | "inbound-packets"
  | "received-rtcp"
  | "sent-rtcp"
  | "dtls-outcome"
  | "ice-outcome"
  /** Counters of the pair that is in use: what really left. */
  | "selected-pair"
  | "session-descriptions"
  /** `getStats`. */
  | "statistics"
  /** Collectors that cost a fraction of `getStats`. */
  | "cheap-statistics"
  | "data-channels"
  /** The measuring engine: without it there is no `measured` view. */
  | "packet-sink"
  /** XR, BYE and APP packets of RTCP. */
  | "extended-reports";

/** Why a connection failed. */
export type ConnectionFailureReason =
  /** No pair of candidates ever worked. */
  | "ice-failed"
  /** The path went away, and did not come back. */
  | "ice-lost"
  | "dtls-failed"
  | "dtls-timeout"
  | "fingerprint-mismatch"
  | "no-fingerprint"
  | "no-srtp-profile"
  /** Closed by this side before it was up. */
  | "aborted"
  | "unknown";

/** `RTCPeerConnectionState` (W3C webrtc §4.3.3). */
export type PeerConnectionState =
  "new" | "connecting" | "connected" | "disconnected" | "failed" | "closed";

/** What happens to a connection. */
export type MediaEvent = { readonly atMs: number } & (
  | { readonly kind: "connection-state"; readonly state: PeerConnectionState }
  | { readonly kind: "dtls-outcome"; readonly report: DtlsReport }
  | { readonly kind: "ice-outcome"; readonly report: IceReport }
  | {
      readonly kind: "ice-restart";
      /** From 1. */
      readonly attempt: number;
      readonly result: "started" | "ok" | "failed";
      readonly durationSeconds?: number;
    }
  | { readonly kind: "connection-failed"; readonly reason: ConnectionFailureReason }
  | {
      /** The far end closed DTLS: its side of the call is over, whatever state this side shows. */
      readonly kind: "closed-by-peer";
      /** False where a plaintext alert did it, which anyone on the path can send. */
      readonly isAuthenticated: boolean;
    }
  | { readonly kind: "closed"; readonly sample: MediaSample }
);

/** An inbound stream as the stack counts it. */
export interface StackInbound {
  readonly kind?: string;
  readonly packetsReceived: number;
  /** RTP payload. */
  readonly bytesReceived: number;
  readonly packetsLost: number;
  /** Left out where it is negative or above 5 s. */
  readonly jitterSeconds?: number;
  /** What the sender's last report said. */
  readonly sender?: { readonly packetsSent: number; readonly bytesSent: number };
}

/** An outbound stream as the stack counts it. */
export interface StackOutbound {
  readonly kind?: string;
  /** Without retransmissions. Those that never left included. */
  readonly packetsSent: number;
  /** RTP payload. */
  readonly bytesSent: number;
  /** Counted by the stack while nothing left. */
  readonly packetsNotSent: number;
  readonly bytesNotSent: number;
  /** What the receiver's last report said, its sign restored. */
  readonly remote?: { readonly packetsLost?: number; readonly fractionLost?: number };
}

/** Requests that a receiver made of a sender (RFC 4585, RFC 5104). */
export interface FeedbackCounts {
  readonly nacks: number;
  readonly pictureLossIndications: number;
  readonly fullIntraRequests: number;
}

/** What comes in with one SSRC on one path. */
export interface InboundStream {
  readonly ssrc: number;
  /** Of the last packet. */
  readonly payloadType?: number;
  readonly format?: PayloadFormat;
  /** It reached the socket, and the stack dropped it: no receiver knows its SSRC. */
  readonly unrouted: boolean;
  /** UDP payloads. */
  readonly wire?: { readonly packets: number; readonly bytes: number };
  readonly measured?: StreamMeasurement;
  readonly reported?: ReportedView;
  readonly stack?: StackInbound;
}

/** What goes out with one SSRC. */
export interface OutboundStream {
  readonly ssrc: number;
  readonly format?: PayloadFormat;
  readonly reported?: ReportedView;
  readonly feedback: FeedbackCounts;
  readonly stack?: StackOutbound;
}

/** Packets and bytes both ways. */
export interface Traffic {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** What went over a connection in its life so far. */
export interface MediaTotals {
  /** UDP payloads of DTLS, SRTP and SRTCP that were on the wire; no STUN, no IP headers. */
  readonly wire: Traffic;
  /** RTP payload that reached the application, and that it sent and which left. */
  readonly payload: Traffic;
  readonly dataChannels: {
    readonly opened: number;
    readonly closed: number;
    readonly messagesSent: number;
    readonly messagesReceived: number;
    readonly bytesSent: number;
    readonly bytesReceived: number;
  };
  /** RTP packets that no receiver took. */
  readonly unroutedPackets: number;
  /** RTP packets beyond the SSRCs that are kept apart: none of their streams is measured. */
  readonly untrackedPackets: number;
  /** RTCP that the stack could not send. */
  readonly rtcpSendFailures: number;
}

/** Everything about a connection at one moment. */
export interface MediaSample {
  readonly atMs: number;
  readonly state: PeerConnectionState;
  readonly dtls: readonly DtlsReport[];
  readonly ice?: IceReport;
  readonly inbound: readonly InboundStream[];
  readonly outbound: readonly OutboundStream[];
  readonly roundTrip: CallRoundTripReport;
  readonly totals: MediaTotals;
}

/** What joins a connection to the dialog that negotiated it (RFC 8445 §5.3). */
export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

/** A probe's place at a peer connection. All of it can still be read after it was detached. */
export interface MediaAttachment {
  readonly id: string;
  readonly state: PeerConnectionState;
  readonly capabilities: {
    readonly present: readonly MediaCapability[];
    readonly missing: readonly MediaCapability[];
  };
  /** How often a callback threw: the clock, the sink, `onEvent`. */
  readonly faults: number;
  /** Of several transports the worst; `undefined` while there is none. */
  dtls(): DtlsReport | undefined;
  /** One for each transport whose handshake began. */
  handshakes(): readonly DtlsReport[];
  /** Of several transports the worst. */
  ice(): IceReport | undefined;
  inbound(): readonly InboundStream[];
  outbound(): readonly OutboundStream[];
  roundTrip(): CallRoundTripReport;
  totals(): MediaTotals;
  /** Of this side; `undefined` while there is no transport. */
  iceCredentials(): IceCredentials | undefined;
  /** Everything as it is now; after the end, as it was then. */
  finalSample(): MediaSample;
  /** Takes every hook out and closes the flows. Further calls do nothing. */
  detach(): void;
}

/** How to watch a connection. */
export interface MediaAttachOptions {
  /** Without one there is no `measured` view of streams. */
  readonly sink: PacketSink | undefined;
  readonly wheel: PollWheel;
  /** Epoch milliseconds that never go back: a monotonic clock with a fixed base. */
  readonly clock: () => number;
  /** After which a handshake without an end counts as timed out. @default 10000 */
  readonly dtlsTimeoutMs?: number;
  /** After which ICE without an end counts as failed, a restart too. @default 20000 */
  readonly iceTimeoutMs?: number;
  readonly onEvent?: (event: MediaEvent) => void;
  /** Is told what a callback threw. */
  readonly onError?: (error: unknown) => void;
}
