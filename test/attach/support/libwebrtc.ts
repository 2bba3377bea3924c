/**
 * Peer connections of libwebrtc, as `@roamhq/wrtc` has them. Its types want a browser's; what the
 * tests use is written down here.
 *
 * @module
 */

import { createRequire } from "node:module";

import { atEnd } from "./werift-pair.js";

export interface Description {
  readonly type: string;
  readonly sdp: string;
}

interface Channel {
  onopen: (() => void) | null;
  send(text: string): void;
}

export interface Peer {
  readonly connectionState: string;
  readonly iceConnectionState: string;
  readonly localDescription: Description | null;
  readonly remoteDescription: Description | null;
  onconnectionstatechange: (() => void) | null;
  onicecandidate: ((event: { readonly candidate: object | null }) => void) | null;
  addTrack(track: object): void;
  addIceCandidate(candidate: object): Promise<void>;
  createDataChannel(label: string): Channel;
  createOffer(options?: { iceRestart?: boolean }): Promise<Description>;
  createAnswer(): Promise<Description>;
  setLocalDescription(description: Description): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  getStats(): Promise<Map<string, Readonly<Record<string, unknown>>>>;
  close(): void;
}

interface AudioSource {
  createTrack(): object;
  onData(data: { samples: Int16Array; sampleRate: number }): void;
}

const { RTCPeerConnection, nonstandard } = createRequire(import.meta.url)("@roamhq/wrtc") as {
  readonly RTCPeerConnection: new () => Peer;
  readonly nonstandard: { readonly RTCAudioSource: new () => AudioSource };
};

/** Two connections, each with a tone to send. */
export function newPeers(): { a: Peer; b: Peer } {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const sources = [a, b].map((peer) => {
    const source = new nonstandard.RTCAudioSource();
    peer.addTrack(source.createTrack());
    return source;
  });
  const samples = Int16Array.from({ length: 480 }, (_, at) => 8000 * Math.sin(at / 7));
  const timer = setInterval(() => {
    for (const source of sources) source.onData({ samples, sampleRate: 48_000 });
  }, 10);
  const trickle = (to: Peer): Peer["onicecandidate"] => {
    return ({ candidate }) => {
      if (candidate !== null) to.addIceCandidate(candidate).catch(() => undefined);
    };
  };
  a.onicecandidate = trickle(b);
  b.onicecandidate = trickle(a);
  atEnd(() => {
    clearInterval(timer);
    a.close();
    b.close();
  });
  return { a, b };
}

/** Offer and answer, without waiting for what comes of it. */
export async function negotiatePeers(
  { a, b }: { readonly a: Peer; readonly b: Peer },
  { change = (sdp: string) => sdp, iceRestart = false } = {},
): Promise<void> {
  await a.setLocalDescription(await a.createOffer({ iceRestart }));
  await b.setRemoteDescription(a.localDescription ?? { type: "offer", sdp: "" });
  await b.setLocalDescription(await b.createAnswer());
  await a.setRemoteDescription({ type: "answer", sdp: change(b.localDescription?.sdp ?? "") });
}
