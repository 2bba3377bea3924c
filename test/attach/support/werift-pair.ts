/**
 * Two real werift peers on loopback, what they send each other, and probes on them.
 *
 * @module
 */

import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
} from "werift";
import { afterEach } from "vitest";

import type { MediaEvent } from "../../../src/call/connection.js";
import type { MediaAttachment } from "../../../src/attach/media-attachment.js";
import { PollWheel } from "../../../src/attach/poll-wheel.js";
import { attachPeerConnection } from "../../../src/attach/peer-connection.js";
import { DoubleSink } from "./double-sink.js";
import { throughRelay, UdpRelay } from "./udp-relay.js";

export type PeerOptions = NonNullable<ConstructorParameters<typeof RTCPeerConnection>[0]>;

export const OPUS = { mimeType: "audio/opus", clockRate: 48000, channels: 2, payloadType: 111 };
export const PCMU = { mimeType: "audio/PCMU", clockRate: 8000, channels: 1, payloadType: 0 };

const cleanups: (() => unknown)[] = [];

/** Has something done after the test, the last first. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function codec(parameters: typeof PCMU): RTCRtpCodecParameters {
  return new RTCRtpCodecParameters(parameters);
}

/** No server, and loopback alone. */
export const LOOPBACK = {
  iceServers: [],
  iceUseIpv6: false,
  iceInterfaceAddresses: { udp4: "127.0.0.1" },
  iceAdditionalHostAddresses: ["127.0.0.1"],
};

/** A peer that asks no server and uses loopback alone; closed after the test. */
export function newPeer(options: PeerOptions = {}): RTCPeerConnection {
  const codecs = { audio: [codec(OPUS)], video: [] };
  const peer = new RTCPeerConnection({ ...LOOPBACK, codecs, ...options });
  atEnd(() => peer.close());
  return peer;
}

/** Without it werift asks a public STUN server. */
export function keepLocal(peer: RTCPeerConnection): void {
  for (const { iceTransport } of peer.dtlsTransports) {
    delete iceTransport.connection.stunServer;
  }
}

export interface Negotiation {
  readonly relay?: UdpRelay;
  readonly changeOffer?: (sdp: string) => string;
  readonly changeAnswer?: (sdp: string) => string;
}

const asIs = (sdp: string): string => sdp;

/** Offer and answer, without waiting for what comes of it. */
export async function negotiate(
  a: RTCPeerConnection,
  b: RTCPeerConnection,
  { relay, changeOffer = asIs, changeAnswer = asIs }: Negotiation = {},
): Promise<void> {
  keepLocal(a);
  keepLocal(b);
  await a.setLocalDescription(await a.createOffer());
  let offer = a.localDescription?.sdp ?? "";
  if (relay !== undefined) {
    const { sdp, realPort } = throughRelay(offer, relay.portForB);
    relay.expect("a", realPort);
    offer = sdp;
  }
  await b.setRemoteDescription({ type: "offer", sdp: changeOffer(offer) });
  keepLocal(b);
  await b.setLocalDescription(await b.createAnswer());
  let answer = b.localDescription?.sdp ?? "";
  if (relay !== undefined) {
    const { sdp, realPort } = throughRelay(answer, relay.portForA);
    relay.expect("b", realPort);
    answer = sdp;
  }
  await a.setRemoteDescription({ type: "answer", sdp: changeAnswer(answer) });
}

export interface Pair {
  readonly a: RTCPeerConnection;
  readonly b: RTCPeerConnection;
  readonly trackA: MediaStreamTrack;
  readonly trackB: MediaStreamTrack;
}

/** Two peers with an audio track each, not negotiated yet. */
export function newPair(options: { a?: PeerOptions; b?: PeerOptions } = {}): Pair {
  const [a, b] = [newPeer(options.a), newPeer(options.b)];
  const [trackA, trackB] = [audioTrack(), audioTrack()];
  a.addTransceiver(trackA, { direction: "sendrecv" });
  b.addTransceiver(trackB, { direction: "sendrecv" });
  return { a, b, trackA, trackB };
}

export function audioTrack(): MediaStreamTrack {
  return new MediaStreamTrack({ kind: "audio" });
}

/**
 * Has a pair come up.
 *
 * @throws {Error} Which vitest.config.ts has tried again, if a client of werift gave up: after half a
 *   second without an answer it sends its ClientHello again, and throws at the second HelloVerifyRequest
 *   that brings (dtls/src/flight/client/flight3.ts). On a machine that stalled for so long that was seen
 *   in one pair of forty, with a probe and without.
 */
export async function connect(pair: Pair, negotiation: Negotiation = {}): Promise<void> {
  await negotiate(pair.a, pair.b, negotiation);
  await connected(pair.a, pair.b);
}

/** Waits until peers are connected. @throws {Error} As {@link connect}. */
export async function connected(...peers: readonly RTCPeerConnection[]): Promise<void> {
  await until(() => {
    if (peers.some(hasGivenUp)) throw new Error("werift gave up its own handshake");
    return peers.every(({ connectionState }) => connectionState === "connected");
  }, 25_000);
}

function hasGivenUp({ dtlsTransports }: RTCPeerConnection): boolean {
  return dtlsTransports.some(({ role, state }) => role === "client" && state === "failed");
}

export async function newRelay(): Promise<UdpRelay> {
  const relay = await UdpRelay.start();
  atEnd(() => {
    relay.close();
  });
  return relay;
}

/** Waits for something that is not there yet; fails after a while. */
export async function until(condition: () => boolean, withinMs = 15_000): Promise<void> {
  const give = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > give) throw new Error(`waited in vain for ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface RtpOptions {
  readonly count: number;
  readonly sequenceNumber?: number;
  readonly timestamp?: number;
  readonly payloadType?: number;
  readonly ticks?: number;
  readonly payloadBytes?: number;
  readonly intervalMs?: number;
}

/** RTP packets at a steady pace through a track, whose sender sets SSRC and payload type. */
export async function sendRtp(track: MediaStreamTrack, options: RtpOptions): Promise<void> {
  const { count, sequenceNumber = 1000, timestamp = 5000, ticks = 960 } = options;
  const { payloadType = 111, payloadBytes = 80, intervalMs = 4 } = options;
  for (let i = 0; i < count; i += 1) {
    const header = new RtpHeader({
      payloadType,
      sequenceNumber: (sequenceNumber + i) & 0xffff,
      timestamp: (timestamp + i * ticks) >>> 0,
      ssrc: 1,
      marker: i === 0,
    });
    track.writeRtp(new RtpPacket(header, Buffer.alloc(payloadBytes, i & 0xff)));
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Epoch milliseconds that never go back, as the attachments want them. */
export const clock = (): number => performance.timeOrigin + performance.now();

export interface Probe {
  readonly attachment: MediaAttachment;
  readonly events: MediaEvent[];
  readonly sink: DoubleSink;
  readonly wheel: PollWheel;
  readonly errors: unknown[];
  kinds(): string[];
}

export interface ProbeOptions {
  readonly dtlsTimeoutMs?: number;
  readonly iceTimeoutMs?: number;
  readonly periodMs?: number;
}

/** A probe on a peer that remembers what it was told. */
export function probe(peer: RTCPeerConnection, options: ProbeOptions = {}): Probe {
  const { periodMs = 100, ...timeouts } = options;
  const wheel = new PollWheel({ clock, periodMs, slots: 10 });
  const events: MediaEvent[] = [];
  const errors: unknown[] = [];
  const sink = new DoubleSink();
  const attachment = attachPeerConnection(peer, {
    sink,
    wheel,
    clock,
    ...timeouts,
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
  });
  atEnd(() => {
    attachment.detach();
  });
  const kinds = (): string[] => events.map(describeEvent);
  return { attachment, events, sink, wheel, errors, kinds };
}

function describeEvent(event: MediaEvent): string {
  switch (event.kind) {
    case "connection-state":
      return `state ${event.state}`;
    case "dtls-outcome":
      return `dtls ${event.report.result}`;
    case "ice-outcome":
      return `ice ${event.report.result}`;
    case "ice-restart":
      return `restart ${event.attempt} ${event.result}`;
    case "connection-failed":
      return `failed ${event.reason}`;
    case "closed-by-peer":
    case "closed":
      return event.kind;
  }
}

/** How many listen to each event of a peer and its transports, and which own functions they have. */
export function footprint(peer: RTCPeerConnection): Record<string, unknown> {
  const found: Record<string, unknown> = {
    connectionState: peer.connectionStateChange.length,
    iceState: peer.iceConnectionStateChange.length,
    signalingState: peer.signalingStateChange.length,
    transceivers: peer.onTransceiverAdded.length,
    remoteTransceivers: peer.onRemoteTransceiverAdded.length,
    dataChannels: peer.onDataChannel.length,
    own: Object.keys(peer).sort(),
  };
  for (const [index, transport] of peer.dtlsTransports.entries()) {
    found[`transport ${index}`] = {
      state: transport.onStateChange.length,
      rtcp: transport.onRtcp.length,
      rtp: transport.onRtp.length,
      ice: transport.iceTransport.onStateChange.length,
      data: transport.iceTransport.connection.onData.length,
      own: Object.getOwnPropertyNames(transport).sort(),
    };
  }
  return found;
}
