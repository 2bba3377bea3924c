import { afterEach, describe, expect, it, vi } from "vitest";

import { NativeUnavailableError } from "../../src/errors.js";
import { LiveEngine } from "../../src/native/live-engine.js";
import type { PayloadMap } from "../../src/rtp/codec.js";
import { rtpPacket } from "../support/packets.js";

const PATH = {
  source: { address: "192.0.2.1", port: 4000 },
  destination: { address: "192.0.2.2", port: 5000 },
};
const START_MS = 1_700_000_000_000;
const WIRE_BYTES = 12 + 160 + 28;

/** One map for each clock rate. */
function opusAt(payloadType: number, clockRateHz = 48_000): PayloadMap {
  return new Map([[payloadType, { name: "opus", clockRateHz, kind: "audio" }]]);
}

/** Packets `from` up to `to` of an undisturbed stream. */
function send(
  engine: LiveEngine,
  id: number,
  from: number,
  to: number,
  fields: { readonly ssrc?: number; readonly payloadType?: number } = {},
): void {
  for (let index = from; index < to; ++index) {
    const bytes = rtpPacket({
      sequenceNumber: index,
      timestamp: index * 960,
      payloadType: fields.payloadType ?? 96,
      ssrc: fields.ssrc ?? 7,
    });
    engine.packet(id, bytes, WIRE_BYTES, START_MS + index * 20);
  }
}

afterEach(() => {
  vi.doUnmock("node:module");
  vi.resetModules();
});

describe("LiveEngine", () => {
  it("tells of a stream what its packets showed, under the flow's endpoints", () => {
    const engine = new LiveEngine();
    const id = engine.openFlow(PATH);
    engine.setPayloads(id, opusAt(96));
    send(engine, id, 0, 100);
    expect(engine.streams(id)).toEqual([
      expect.objectContaining({
        ...PATH,
        ssrc: 7,
        packetsReceived: 100,
        packetsExpected: 100,
        payloadBytes: 100 * 160,
        wireBytes: 100 * WIRE_BYTES,
        firstPacketAtMs: START_MS,
        lastPacketAtMs: START_MS + 99 * 20,
        frameTicks: 960,
        jitterSeconds: { last: 0, mean: 0, max: 0 },
      }),
    ]);
  });

  it("keeps arrival times to the microsecond", () => {
    const engine = new LiveEngine();
    const id = engine.openFlow(PATH);
    engine.setPayloads(id, opusAt(96));
    engine.packet(id, rtpPacket({ payloadType: 96 }), WIRE_BYTES, START_MS + 0.123);
    engine.packet(
      id,
      rtpPacket({ payloadType: 96, sequenceNumber: 1, timestamp: 960 }),
      WIRE_BYTES,
      START_MS + 20.124,
    );
    const [stream] = engine.streams(id);
    expect(stream?.jitterSeconds?.last).toBeCloseTo(1e-6 / 16, 12);
  });

  it("knows static payload types without being told, and others where the options say so", () => {
    const [plain, told] = [new LiveEngine(), new LiveEngine({ defaultPayloads: opusAt(96) })];
    for (const [engine, payloadType, isTimed] of [
      [plain, 0, true],
      [plain, 96, false],
      [told, 96, true],
      [told, 0, false],
    ] as const) {
      const id = engine.openFlow(PATH);
      send(engine, id, 0, 10, { payloadType });
      expect(engine.closeFlow(id).map(({ jitterSeconds }) => jitterSeconds !== undefined)).toEqual([
        isTimed,
      ]);
    }
  });

  it("accounts by itself when the ring is full", () => {
    const engine = new LiveEngine({ ringPackets: 16 });
    const id = engine.openFlow(PATH);
    engine.setPayloads(id, opusAt(96));
    send(engine, id, 0, 1000);
    expect(engine.streams(id)[0]?.packetsReceived).toBe(1000);
    expect(engine.streams(id)[0]?.packetsReceived).toBe(1000);
  });

  it("counts what is no RTP, by what it is", () => {
    const engine = new LiveEngine();
    const id = engine.openFlow(PATH);
    const take = (...bytes: number[]): void => {
      engine.packet(id, Uint8Array.from(bytes), 100, START_MS);
    };
    take();
    take(0x80);
    take(0x16, 0xfe, 0xfd);
    take(0x80, 192, 0, 1);
    take(0x81, 223, 0, 1);
    take(0x80, 0);
    take(0x80, 0, ...new Array<number>(9).fill(0));
    take(0x8f, 0, ...new Array<number>(20).fill(0));
    take(0x90, 0, ...new Array<number>(13).fill(0));
    engine.packet(id, new Uint8Array(0x1_0000).fill(0x80), 65_535, START_MS);
    expect(engine.counters()).toMatchObject({ ignored: 3, rtcp: 2, malformedRtp: 5, rtp: 0 });
  });

  it("leaves out packets without a time, and takes a wire length outside 16 bits as the nearest", () => {
    const engine = new LiveEngine();
    const id = engine.openFlow(PATH);
    engine.setPayloads(id, opusAt(96));
    const bytes = rtpPacket({ payloadType: 96 });
    for (const atMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e18]) {
      engine.packet(id, bytes, WIRE_BYTES, atMs);
    }
    expect(engine.counters()).toMatchObject({ untimed: 4, rtp: 0 });
    for (const wireBytes of [Number.NaN, -5, 1e9, 100.5])
      engine.packet(id, bytes, wireBytes, START_MS);
    expect(engine.streams(id)[0]).toMatchObject({ packetsReceived: 4, wireBytes: 65_535 + 100 });
  });

  it("shows an IPv4 peer of a dual-stack socket as the IPv4 address it is", () => {
    const engine = new LiveEngine();
    const id = engine.openFlow({
      source: { address: "::ffff:192.0.2.1", port: 4000 },
      destination: PATH.destination,
    });
    send(engine, id, 0, 4);
    expect(engine.closeFlow(id)).toMatchObject([PATH]);
  });

  it.each([
    ["source address is fe80::1%eth0", { ...PATH, source: { address: "fe80::1%eth0", port: 1 } }],
    [
      "destination address is host.local",
      { ...PATH, destination: { address: "host.local", port: 1 } },
    ],
    ["destination port is 65536", { ...PATH, destination: { address: "192.0.2.2", port: 65_536 } }],
    ["source port is 1.5", { ...PATH, source: { address: "192.0.2.2", port: 1.5 } }],
    ["both must be IPv4 or both IPv6", { ...PATH, source: { address: "2001:db8::1", port: 1 } }],
  ])("refuses a path: %s", (message, path) => {
    const engine = new LiveEngine();
    expect(() => engine.openFlow(path)).toThrow(RangeError);
    expect(() => engine.openFlow(path)).toThrow(message);
  });

  it.each([
    { ringPackets: 15 },
    { ringPackets: Number.NaN },
    { maxFlows: 65_537 },
    { maxStreamsPerFlow: 0 },
    { intervalMs: 1 },
  ])("refuses the option %o", (options) => {
    expect(() => new LiveEngine(options)).toThrow(RangeError);
    expect(() => new LiveEngine(options)).toThrow(Object.keys(options)[0]);
  });

  it("never takes the packets of a closed flow for those of the next in its place", () => {
    const engine = new LiveEngine({ maxFlows: 1 });
    const first = engine.openFlow(PATH);
    send(engine, first, 0, 10);
    expect(engine.closeFlow(first)).toHaveLength(1);
    const second = engine.openFlow(PATH);
    expect(second).not.toBe(first);
    send(engine, first, 10, 20);
    send(engine, 0, 10, 20);
    send(engine, Number.NaN, 10, 20);
    send(engine, second + 1, 10, 20);
    expect(engine.counters().unknownFlow).toBe(40);
    expect(engine.streams(first)).toEqual([]);
    expect(engine.closeFlow(first)).toEqual([]);
    engine.setPayloads(first, opusAt(96));
    expect(engine.streams(second)).toEqual([]);
    send(engine, second, 20, 30);
    expect(engine.closeFlow(second)).toMatchObject([{ packetsReceived: 10 }]);
  });

  it("gives no flow beyond the limit, and takes that for one without packets", () => {
    const engine = new LiveEngine({ maxFlows: 2 });
    const open = [engine.openFlow(PATH), engine.openFlow(PATH)];
    const refused = engine.openFlow(PATH);
    expect(refused).toBe(0);
    send(engine, refused, 0, 10);
    engine.setPayloads(refused, opusAt(96));
    expect(engine.closeFlow(refused)).toEqual([]);
    expect(engine.counters()).toMatchObject({ refusedFlows: 1, unknownFlow: 10 });
    engine.closeFlow(open[0] ?? 0);
    expect(engine.openFlow(PATH)).not.toBe(0);
  });

  it("keeps a flow within its limit of streams", () => {
    const engine = new LiveEngine({ maxStreamsPerFlow: 3 });
    const id = engine.openFlow(PATH);
    engine.setPayloads(id, opusAt(96));
    for (let ssrc = 1; ssrc <= 3; ++ssrc) send(engine, id, 0, ssrc === 2 ? 1 : 10, { ssrc });
    send(engine, id, 0, 10, { ssrc: 4 });
    send(engine, id, 0, 10, { ssrc: 5 });
    expect(engine.closeFlow(id).map(({ ssrc }) => ssrc)).toEqual([1, 3, 4]);
    expect(engine.counters()).toMatchObject({ evictedStreams: 1, refused: 10 });
  });

  it("resolves the map that a stream's payload type had, from when it was named", () => {
    const engine = new LiveEngine();
    const id = engine.openFlow(PATH);
    engine.setPayloads(id, opusAt(96, 16_000), "source");
    send(engine, id, 0, 10);
    engine.setPayloads(id, opusAt(96, 48_000));
    send(engine, id, 10, 40);
    const [stream] = engine.closeFlow(id);
    expect(
      stream?.payloadTypes.map(({ map, packets }) => [
        packets,
        engine.map(map).get(96)?.clockRateHz,
      ]),
    ).toEqual([
      [30, 48_000],
      [10, 16_000],
    ]);
  });

  it("finds numbers for any number of maps as flows come and go, and never one that is in use", () => {
    const engine = new LiveEngine();
    const lasting = engine.openFlow(PATH);
    engine.setPayloads(lasting, opusAt(96, 1));
    for (let rate = 2; rate < 10_000; ++rate) {
      const id = engine.openFlow(PATH);
      engine.setPayloads(id, opusAt(96, rate));
      engine.setPayloads(id, opusAt(96, rate));
      send(engine, id, 0, 1);
      const [stream] = engine.closeFlow(id);
      const [count] = stream?.payloadTypes ?? [];
      expect(engine.map(count?.map ?? 0).get(96)?.clockRateHz).toBe(rate);
    }
    send(engine, lasting, 0, 1);
    const [count] = engine.streams(lasting)[0]?.payloadTypes ?? [];
    expect(engine.map(count?.map ?? 0).get(96)?.clockRateHz).toBe(1);
    expect(engine.counters().refusedPayloadMaps).toBe(0);
  });

  it("falls back to the default map when open flows hold every number", () => {
    const engine = new LiveEngine({ defaultPayloads: opusAt(96) });
    const ids = Array.from({ length: 4096 }, (_, index) => {
      const id = engine.openFlow(PATH);
      engine.setPayloads(id, opusAt(96, index + 1));
      return id;
    });
    expect(engine.counters().refusedPayloadMaps).toBe(1);
    const last = ids.at(-1) ?? 0;
    send(engine, last, 0, 5);
    expect(engine.streams(last)[0]?.payloadTypes).toEqual([
      { payloadType: 96, packets: 5, map: 0 },
    ]);
    engine.closeFlow(ids[0] ?? 0);
    engine.setPayloads(last, opusAt(96, 4096));
    expect(engine.counters().refusedPayloadMaps).toBe(1);
  });

  it("says that the addon is missing where it is", async () => {
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => () => {
        throw new Error("no such file");
      },
    }));
    const { LiveEngine: Unavailable } = await import("../../src/native/live-engine.js");
    expect(() => new Unavailable()).toThrow(
      expect.objectContaining({ name: NativeUnavailableError.name }),
    );
  });
});
