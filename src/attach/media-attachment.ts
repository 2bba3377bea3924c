/**
 * A probe's place at a peer connection, whatever stack it is of: what it is given, and how what it
 * knows is asked for.
 *
 * @module
 */

import type { CallRoundTripReport, IceReport } from "../call/call-report.js";
import type {
  AttachedHandshake,
  InboundStream,
  MediaEvent,
  MediaSample,
  MediaTotals,
  OutboundStream,
  PeerConnectionState,
} from "../call/connection.js";
import type { Endpoint } from "../net/endpoint.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { StatedSession } from "../call/live-media.js";
import type { CallRtcp } from "../call/observer.js";
import type { PollWheel } from "./poll-wheel.js";

/** What takes RTP packets and measures their streams: the live engine. */
export interface PacketSink {
  /** A number for what flows from one endpoint to another. */
  openFlow(path: { readonly source: Endpoint; readonly destination: Endpoint }): number;
  /** What was measured of it till the end. The number is free again. */
  closeFlow(id: number): readonly StreamMeasurement[];
  /** The destination's map goes before the source's. @default "destination" */
  setPayloads(id: number, payloads: PayloadMap, describedBy?: "source" | "destination"): void;
  /**
   * Takes one RTP or SRTP packet. `bytes` are only read during the call.
   *
   * @param wireBytes Of the IP packet, headers included.
   * @param arrivalMs Epoch milliseconds with a fraction.
   */
  packet(id: number, bytes: Uint8Array, wireBytes: number, arrivalMs: number): void;
  /** Counts one packet of RTCP, which the tap's owner reads. */
  rtcpSeen(): void;
  /** Accounts for all packets taken so far. */
  drain(): void;
  streams(id: number): readonly StreamMeasurement[];
}

/** Something a peer connection may or may not let be seen. */
export type MediaCapability =
  | "connection-state"
  /** What flows in, as it comes off the socket. */
  | "inbound-packets"
  /** What goes out, as it is given to the socket. */
  | "sent-packets"
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
  /** Of several transports the worst; `undefined` while there is none. */
  dtls(): AttachedHandshake | undefined;
  /** One for each transport whose handshake began. */
  handshakes(): readonly AttachedHandshake[];
  /** Of several transports the worst. */
  ice(): IceReport | undefined;
  inbound(): readonly InboundStream[];
  outbound(): readonly OutboundStream[];
  roundTrip(): CallRoundTripReport;
  totals(): MediaTotals;
  /** Of this side; `undefined` while there is no transport. */
  iceCredentials(): IceCredentials | undefined;
  /** The descriptions in force, the offer first; none before they are set. */
  descriptions(): readonly StatedSession[];
  /** Everything as it is now; after the end, as it was then. */
  finalSample(): MediaSample;
  /** Takes every hook out and closes the flows. Further calls do nothing. */
  detach(): void;
}

/** RTCP as it passed. Whose call it is about is for others to say. */
export type TappedRtcp = Omit<CallRtcp, "callId">;

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
  /** Offer and answer were exchanged: other descriptions may be in force. */
  readonly onNegotiated?: () => void;
  /** Is given what RTCP says, both ways, a packet or what was sent together at a time. */
  readonly onRtcp?: (rtcp: TappedRtcp) => void;
  /** The stack's statistics were read anew. */
  readonly onPolled?: () => void;
  /** Is told what a callback threw. */
  readonly onError?: (error: unknown) => void;
}
