/**
 * A probe's place at a plain RTP socket: what it is given, and how what it knows is asked for.
 *
 * @module
 */

import type { CallRoundTripReport } from "../call/call-report.js";
import type { InboundStream, OutboundStream, Traffic } from "../call/connection.js";
import type { CallRtcp } from "../call/observer.js";
import type { Endpoint } from "../net/endpoint.js";
import type { Path, RtcpRecord } from "../rtcp/report.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { LiveStreamSurroundings } from "./connection-media.js";
import type { MediaAttachment, PacketSink } from "./media-attachment.js";

/** Takes one RTCP datagram apart. */
export type RtcpDecoder = (
  payload: Uint8Array,
  origin: { readonly atMs: number; readonly path: Path },
) => { readonly verdict: string; readonly records: readonly RtcpRecord[] };

/** What all attached sockets have in common. */
export interface RtpSocketOptions extends LiveStreamSurroundings {
  /** Without one nothing is measured. */
  readonly sink: PacketSink | undefined;
  /** Without one nothing is known of RTCP. */
  readonly decodeRtcp: RtcpDecoder | undefined;
  /** Epoch milliseconds that never go back. */
  readonly clock: () => number;
  /** Is given what RTCP says of the calls on the sockets, both ways, a datagram at a time. */
  readonly onRtcp?: (rtcp: CallRtcp) => void;
  /** Is told what a callback threw. */
  readonly onError?: (error: unknown) => void;
}

/** Which call the media of a socket is of, where its descriptions do not say. */
export interface RtpBinding {
  readonly callId: string;
  /** Of the INVITE; without it, any call with that Call-ID. */
  readonly fromTag?: string;
  /** @default "audio" */
  readonly mediaType?: string;
  /** What payload types stand for in what the socket receives, and in what it sends. */
  readonly receives?: PayloadMap;
  readonly sends?: PayloadMap;
}

/** What a socket has seen that went into no statistics, and what went wrong. All count datagrams. */
export interface RtpSocketCounters {
  /** Neither RTP nor RTCP: STUN, DTLS, keep-alives. */
  readonly ignored: number;
  readonly rtcp: number;
  readonly encryptedRtcp: number;
  readonly malformedRtcp: number;
  /** Of remote ends beyond `MAX_REMOTES`. */
  readonly refused: number;
  /** Remote ends of few packets that made room for others. */
  readonly evictedRemotes: number;
  /** Between the end of a call and the beginning of the next. */
  readonly betweenCalls: number;
  /** Sent to a host by its name: how they went is not known here. */
  readonly sentByName: number;
  /** The socket threw, or told its callback of an error. They are in what was sent all the same. */
  readonly sendFailures: number;
  /** `error` events of the socket. */
  readonly errors: number;
}

/** A probe's place at a socket. All of it can still be read after it was detached. */
export interface RtpSocketAttachment {
  readonly id: string;
  /** The socket's own end; `undefined` before it is bound. */
  readonly local: Endpoint | undefined;
  readonly capabilities: MediaAttachment["capabilities"];
  readonly faults: number;
  readonly counters: RtpSocketCounters;
  /** UDP payloads of RTP and RTCP. */
  readonly traffic: Traffic;
  /** Of the calls that are on it now, and of none. */
  inbound(): readonly InboundStream[];
  outbound(): readonly OutboundStream[];
  roundTrip(): CallRoundTripReport;
  /** Brings what is on the socket, and what will be, to a call until that is over. */
  bind(binding: RtpBinding): void;
  /** Takes the hooks out and ends what is measured. Further calls do nothing. */
  detach(): void;
}
