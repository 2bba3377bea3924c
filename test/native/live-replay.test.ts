import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import type { PayloadMap } from "../../src/rtp/codec.js";
import { fixtureCapture, fixtureNames } from "../support/fixtures.js";
import { bytesOf, pcapFile, rtpPacket, udpFrame } from "../support/packets.js";
import { replayed, tapped, tappedDatagrams } from "./both-ways.js";

/** What a tap cannot see as the capture shows it, or is not in the form that is read here. */
const NOT_TAPPED: Readonly<Record<string, string>> = {
  "link-types": "other links than Ethernet",
  "sip-dialogs": "pcapng, and no media",
  "webrtc-turn": "media inside TURN channels",
};

/** Fixtures that must have media, so that the comparison is of something. */
const WITH_MEDIA = [
  "impaired-call",
  "sequence-wrap",
  "sender-restart",
  "opus-dtx",
  "codec-change",
  "webrtc-video",
  "video-rtx-red",
  "hold-dtmf",
  "hold-music",
  "ipv6-call",
  "nat-media",
];

function bytesOfFixture(name: string): Uint8Array {
  const path = fixtureCapture(name);
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** Numbers from 0 up to `end`, the same in every run. */
function randomNumbers(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

describe("LiveEngine beside Engine", () => {
  const names = fixtureNames().filter((name) => !(name in NOT_TAPPED));

  it.each(names)("measures every stream of %s as a replay does", async (name) => {
    const capture = bytesOfFixture(name);
    const datagrams = tappedDatagrams(capture);
    const { measured, namings } = await replayed(capture);
    expect(tapped(datagrams, namings)).toEqual(measured);
    if (WITH_MEDIA.includes(name)) expect(measured.streams.length).toBeGreaterThan(0);
  });

  it.each(WITH_MEDIA)("comes to the same end of %s however often it is read", async (name) => {
    const capture = bytesOfFixture(name);
    const datagrams = tappedDatagrams(capture);
    const { measured, namings } = await replayed(capture);
    const random = randomNumbers(datagrams.length);
    let reads = 0;
    const end = tapped(datagrams, namings, { ringPackets: 16 }, (engine, flow) => {
      if (random(20) === 0) reads += engine.streams(flow).length;
      if (random(20) === 0) engine.drain();
    });
    expect(reads).toBeGreaterThan(0);
    expect(end).toEqual(measured);
  });

  it("says mid-life what a replay of the capture up to there says", async () => {
    const capture = bytesOfFixture("impaired-call");
    const datagrams = tappedDatagrams(capture);
    const { namings } = await replayed(capture);
    for (const share of [0.2, 0.5, 0.77]) {
      const until = datagrams[Math.floor(datagrams.length * share)]?.frame ?? 0;
      const head = capture.subarray(0, offsetOf(capture, until));
      const { measured } = await replayed(head);
      const seen = new Map<number, unknown>();
      tapped(
        datagrams.filter(({ frame }) => frame < until),
        namings,
        {},
        (engine, flow) => seen.set(flow, engine.streams(flow).map(withoutMaps)),
      );
      expect(new Set([...seen.values()].flat())).toEqual(
        new Set((measured.streams as Measurement[]).map(withoutMaps)),
      );
    }
  });

  it("reads headers of random bits as the engine's own reader does", async () => {
    const random = randomNumbers(77);
    const source = { address: "192.0.2.1", port: 4000 };
    const destination = { address: "192.0.2.2", port: 5000 };
    const payloads: PayloadMap = new Map([
      [96, { name: "opus", clockRateHz: 48_000, kind: "audio" }],
    ]);
    const frames = Array.from({ length: 20_000 }, (_, index) => ({
      atNs: BigInt(index) * 20_000_000n + BigInt(random(9_000)) * 1000n,
      bytes: udpFrame({ source, destination, payload: randomPacket(index, random) }),
    }));
    const capture = pcapFile(frames);
    const { measured, namings } = await replayed(capture, [
      { frame: 0, endpoint: destination, payloads },
    ]);
    expect(measured.malformedRtp).toBeGreaterThan(100);
    expect(measured.rtp).toBeGreaterThan(10_000);
    expect(tapped(tappedDatagrams(capture), namings)).toEqual(measured);
  });
});

interface Measurement {
  payloadTypes: readonly { payloadType: number; packets: number }[];
}

function withoutMaps(stream: Measurement): unknown {
  const payloadTypes = stream.payloadTypes.map(({ payloadType, packets }) => ({
    payloadType,
    packets,
  }));
  return { ...stream, payloadTypes };
}

function offsetOf(capture: Uint8Array, frame: number): number {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  let at = 24;
  for (let i = 0; i < frame; ++i) at += 16 + view.getUint32(at + 8, true);
  return at;
}

/** An RTP packet whose flags, lengths and padding are true or not. */
function randomPacket(index: number, random: (end: number) => number): Uint8Array {
  const packet = rtpPacket({
    payloadType: random(8) === 0 ? random(128) : 96,
    marker: random(10) === 0,
    sequenceNumber: index,
    timestamp: index * 960,
    ssrc: random(3),
    csrcs: Array.from({ length: random(4) }, () => random(2 ** 32)),
    ...(random(3) === 0 && { extension: { profile: 0xbede, bytes: [random(256), random(256)] } }),
    payload: Array.from({ length: random(60) }, () => random(256)),
    paddingBytes: random(4) === 0 ? 1 + random(20) : 0,
  });
  if (random(4) === 0) packet[0] = 0x80 | random(64);
  if (random(40) === 0) packet[1] = random(256);
  const last = packet.length - 1;
  if (random(10) === 0) packet[last] = random(256);
  return random(20) === 0 ? bytesOf(packet.subarray(0, 2 + random(last - 1))) : packet;
}
