/**
 * What happens to a peer connection and flows over it, whatever stack it is of: what attachments give
 * out and sinks take. Three views of each stream stand side by side: `measured` is counted by us,
 * packet by packet and report by report; `reported` is what the far end states; `stack` is what the
 * stack's own statistics say.
 *
 * @module
 */

import type { DtlsRole } from "../dtls/association.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import type { PayloadFormat } from "../rtp/codec.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { CallRoundTripReport, DtlsReport, IceReport } from "./call-report.js";
import type { FeedbackReport } from "./report.js";

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

/** A DTLS handshake of an attached connection. */
export interface AttachedHandshake extends DtlsReport {
  /** Of the attached side. Absent where the stack does not tell. */
  readonly localRole?: DtlsRole;
}

/** What happens to a connection. */
export type MediaEvent = { readonly atMs: number } & (
  | { readonly kind: "connection-state"; readonly state: PeerConnectionState }
  | { readonly kind: "dtls-outcome"; readonly report: AttachedHandshake }
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
  /** As it left. */
  readonly measured?: StreamMeasurement;
  readonly reported?: ReportedView;
  readonly feedback: FeedbackReport;
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
  readonly dtls: readonly AttachedHandshake[];
  readonly ice?: IceReport;
  readonly inbound: readonly InboundStream[];
  readonly outbound: readonly OutboundStream[];
  readonly roundTrip: CallRoundTripReport;
  readonly totals: MediaTotals;
}

/** Which connection it is, and which call its media is of where that is known. */
export interface ConnectionIdentity {
  /** Unique among the connections of one probe. */
  readonly connectionId: string;
  readonly callId?: string;
}

/** What happened to an attached connection. */
export type ConnectionEvent = ConnectionIdentity &
  (
    | MediaEvent
    /** Nobody watches it any more, and it goes on. */
    | { readonly kind: "detached"; readonly atMs: number }
  );

/** What flowed since the last time: never negative, whatever becomes of the stack's counters. */
export interface ConnectionTraffic extends ConnectionIdentity {
  readonly atMs: number;
  readonly wire: Traffic;
  readonly payload: Traffic;
  readonly dataChannels: Omit<MediaTotals["dataChannels"], "opened" | "closed">;
  readonly unroutedPackets: number;
}
