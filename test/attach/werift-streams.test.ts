import { describe, expect, it } from "vitest";

import type { InboundStream } from "../../src/call/connection.js";
import { packetsLost, packetsNeverReceived } from "../../src/rtp/stream.js";
import { hostDelay } from "./support/host-delay.js";
import {
  codec,
  connect,
  negotiate,
  newPair,
  newRelay,
  OPUS,
  type Pair,
  PCMU,
  probe,
  type Probe,
  sendRtp,
  until,
} from "./support/werift-pair.js";

const senderOf = (pair: Pair): { ssrc: number; codec: unknown } => {
  const [transceiver] = pair.a.getTransceivers();
  if (transceiver === undefined) throw new Error("A has no transceiver");
  // Some fields are read-only in the types and nowhere else.
  return transceiver.sender as { ssrc: number; codec: unknown };
};

const arrived = (at: Probe): number =>
  at.attachment.inbound().reduce((sum, { wire }) => sum + (wire?.packets ?? 0), 0);

const only = (streams: readonly InboundStream[]): InboundStream => {
  expect(streams).toHaveLength(1);
  const [stream] = streams;
  if (stream === undefined) throw new Error("no stream");
  return stream;
};

const inboundStats = async (pair: Pair): Promise<Record<string, number>[]> => {
  const report = await pair.b.getStats();
  const entries = [...report.values()] as unknown as Record<string, unknown>[];
  return entries.filter(({ type }) => type === "inbound-rtp") as Record<string, number>[];
};

describe("what two peers send each other", () => {
  it("is counted as the relay between them passed it on, both ways", async () => {
    const relay = await newRelay();
    const pair = newPair();
    const [atA, atB] = [probe(pair.a), probe(pair.b)];
    await connect(pair, { relay });
    const delay = hostDelay();
    relay.fate = ({ kind, direction, index }) => {
      if (kind !== "rtp" || direction === "ba") return 1;
      return index % 10 === 3 ? 0 : index % 25 === 6 ? 2 : 1;
    };
    await Promise.all([
      sendRtp(pair.trackA, { count: 200, sequenceNumber: 65_500, timestamp: 2 ** 32 - 48_000 }),
      sendRtp(pair.trackB, { count: 120 }),
    ]);
    await until(() => arrived(atB) === 188 && arrived(atA) === 120);
    const stream = only(atB.attachment.inbound());
    expect(stream.measured).toMatchObject({
      packetsReceived: 188,
      packetsExpected: 200,
      packetsDuplicated: 8,
      restarts: 0,
    });
    expect(stream.format).toMatchObject({ name: "opus", clockRateHz: 48000 });
    const reference = atB.sink.referenceStreams().find(({ ssrc }) => ssrc === stream.ssrc);
    expect(stream.measured).toMatchObject({
      packetsReordered: reference?.packetsReordered,
      packetsDiscarded: reference?.packetsDiscarded,
      payloadBytes: (reference?.wireBytes ?? 0) - 188 * (28 + 12),
    });
    const jitter = reference?.jitterSeconds?.mean ?? NaN;
    expect(stream.measured?.jitterSeconds?.mean).toBeCloseTo(jitter, 5);
    expect(stream.measured && packetsNeverReceived(stream.measured)).toBe(20);
    const passed = relay.count("ab", "rtp");
    expect(stream.wire).toEqual({ packets: passed.packets, bytes: passed.bytes });
    expect(stream.measured?.wireBytes).toBe(passed.bytes + 28 * passed.packets);
    expect(only(atA.attachment.inbound()).measured).toMatchObject({
      packetsReceived: 120,
      packetsExpected: 120,
    });
    const { payload } = atA.attachment.finalSample().totals;
    expect(payload).toMatchObject({ packetsSent: 200, bytesSent: 16_000 });
    const [sent] = atA.attachment.outbound();
    // Before the relay lost or doubled anything.
    expect(sent?.measured).toMatchObject({
      ssrc: stream.ssrc,
      packetsReceived: 200,
      packetsExpected: 200,
      packetsDuplicated: 0,
      payloadBytes: 200 * (passed.bytes / passed.packets - 12),
    });
    expect(sent?.measured?.jitterSeconds?.mean).toBeLessThan(0.02 + delay());
  });

  it("adds up on the wire to what the relay carried, handshake included", async () => {
    const relay = await newRelay();
    const pair = newPair();
    const [atA, atB] = [probe(pair.a), probe(pair.b)];
    await connect(pair, { relay });
    await sendRtp(pair.trackA, { count: 50 });
    await until(() => arrived(atB) === 50);
    const kinds = ["dtls", "rtp", "rtcp"] as const;
    const carried = (direction: "ab" | "ba"): { packets: number; bytes: number } => {
      const counts = kinds.map((kind) => relay.count(direction, kind));
      const packets = counts.reduce((sum, count) => sum + count.packets, 0);
      return { packets, bytes: counts.reduce((sum, count) => sum + count.bytes, 0) };
    };
    const [out, back] = [carried("ab"), carried("ba")];
    expect(atA.attachment.totals().wire).toEqual({
      packetsSent: out.packets,
      bytesSent: out.bytes,
      packetsReceived: back.packets,
      bytesReceived: back.bytes,
    });
  });
});

describe("where the stack's statistics are wrong about what comes in", () => {
  it("names the codec that came and not the lowest payload type (D5)", async () => {
    const codecs = { audio: [codec(OPUS), codec(PCMU)], video: [] };
    const pair = newPair({ a: { codecs }, b: { codecs } });
    const atB = probe(pair.b);
    await connect(pair);
    const delay = hostDelay();
    await sendRtp(pair.trackA, { count: 30 });
    await until(() => arrived(atB) === 30);
    const report = [...(await pair.b.getStats()).values()] as unknown as Record<string, unknown>[];
    const inbound = report.find(({ type }) => type === "inbound-rtp");
    const claimed = report.find(({ id }) => id === inbound?.["codecId"]);
    expect(claimed?.["mimeType"]).toBe("audio/PCMU");
    expect(only(atB.attachment.inbound()).format?.name).toBe("opus");

    senderOf(pair).codec = codec(PCMU);
    await sendRtp(pair.trackA, { count: 30, sequenceNumber: 1030, ticks: 160, timestamp: 9000 });
    await until(() => arrived(atB) === 60);
    const { format, measured } = only(atB.attachment.inbound());
    expect(format).toMatchObject({ name: "PCMU", clockRateHz: 8000 });
    expect(measured?.payloadTypes).toEqual([
      expect.objectContaining({ payloadType: 111, packets: 30 }),
      expect.objectContaining({ payloadType: 0, packets: 30 }),
    ]);
    expect(measured?.jitterSeconds?.max).toBeLessThan(0.03 + delay());
  });

  it("shows packets that no receiver takes, announced or not (D6)", async () => {
    const pair = newPair();
    const atB = probe(pair.b);
    const changeOffer = (sdp: string): string => sdp.replace(/a=ssrc:[^\r\n]*\r\n/g, "");
    await connect(pair, { changeOffer });
    await sendRtp(pair.trackA, { count: 40 });
    await until(() => arrived(atB) === 40);
    expect(await inboundStats(pair)).toEqual([]);
    const stream = only(atB.attachment.inbound());
    expect(stream).toMatchObject({ unrouted: true, measured: { packetsReceived: 40 } });
    expect(stream.format?.name).toBe("opus");
    expect(atB.attachment.totals().unroutedPackets).toBe(40);
  });

  it("shows a source that changed without a word as unrouted, and the first as not (D6)", async () => {
    const pair = newPair();
    const atB = probe(pair.b);
    await connect(pair);
    await sendRtp(pair.trackA, { count: 20 });
    await until(() => arrived(atB) === 20);
    senderOf(pair).ssrc = 0xabcdef01;
    await sendRtp(pair.trackA, { count: 15, sequenceNumber: 1020 });
    await until(() => arrived(atB) === 35);
    const streams = atB.attachment.inbound();
    expect(streams.map(({ unrouted, wire }) => [unrouted, wire?.packets])).toEqual([
      [false, 20],
      [true, 15],
    ]);
    expect(atB.attachment.totals().unroutedPackets).toBe(15);
  });

  it("keeps both sources apart when one replaces the other under one identifier (D7)", async () => {
    const pair = newPair();
    const atB = probe(pair.b);
    await connect(pair);
    await sendRtp(pair.trackA, { count: 50, intervalMs: 2 });
    await until(() => arrived(atB) === 50);
    const { polled } = { polled: atB.wheel.counters.cheap };
    await until(() => atB.wheel.counters.cheap > polled);
    senderOf(pair).ssrc = 0x12345678;
    await negotiate(pair.a, pair.b);
    await sendRtp(pair.trackA, { count: 30, sequenceNumber: 1050, intervalMs: 2 });
    await until(() => arrived(atB) === 80);
    const stats = await inboundStats(pair);
    expect(stats.map(({ packetsReceived }) => packetsReceived)).toEqual([30]);
    const { inbound, totals } = atB.attachment.finalSample();
    expect(inbound.map(({ stack }) => stack?.packetsReceived)).toEqual([50, 30]);
    expect(inbound.map(({ measured }) => measured?.packetsReceived)).toEqual([50, 30]);
    expect(totals.payload.packetsReceived).toBe(80);
  });

  it("tells duplicates from losses (D8)", async () => {
    const relay = await newRelay();
    const pair = newPair();
    const atB = probe(pair.b);
    await connect(pair, { relay });
    relay.fate = ({ kind, index }) =>
      kind === "rtp" ? (index % 10 === 4 ? 0 : index % 10 === 7 ? 2 : 1) : 1;
    await sendRtp(pair.trackA, { count: 100, intervalMs: 2 });
    await until(() => arrived(atB) === 100);
    expect((await inboundStats(pair))[0]?.["packetsLost"]).toBe(0);
    const { measured } = only(atB.attachment.inbound());
    expect(measured).toMatchObject({ packetsDuplicated: 10, packetsExpected: 100 });
    expect(measured && packetsNeverReceived(measured)).toBe(10);
  });

  it("takes a sender that begins anew for that (D8)", async () => {
    const pair = newPair();
    const atB = probe(pair.b);
    await connect(pair);
    await sendRtp(pair.trackA, { count: 50, sequenceNumber: 40_000, intervalMs: 2 });
    await sendRtp(pair.trackA, { count: 50, sequenceNumber: 50_000, intervalMs: 2 });
    await until(() => arrived(atB) === 100);
    expect((await inboundStats(pair))[0]?.["packetsLost"]).toBeGreaterThan(9000);
    const { measured } = only(atB.attachment.inbound());
    expect(measured).toMatchObject({ restarts: 1, packetsReceived: 100 });
    expect(measured && packetsLost(measured)).toBe(0);
  });

  it("keeps a jump of timestamps out of the stack's jitter (D8)", async () => {
    const pair = newPair();
    const atB = probe(pair.b);
    await connect(pair);
    await sendRtp(pair.trackA, { count: 20, intervalMs: 2 });
    await sendRtp(pair.trackA, { count: 3, sequenceNumber: 1020, timestamp: 2 ** 31 });
    await until(() => arrived(atB) === 23);
    const claimed = (await inboundStats(pair))[0]?.["jitter"] ?? 0;
    expect(Math.abs(claimed)).toBeGreaterThan(100);
    const { stack } = atB.attachment.finalSample().inbound[0] ?? {};
    expect(stack?.packetsReceived).toBe(23);
    expect(stack?.jitterSeconds).toBeUndefined();
  });

  it("counts packets of a payload type that was not negotiated (D8)", async () => {
    const pair = newPair();
    const atB = probe(pair.b);
    await connect(pair);
    await sendRtp(pair.trackA, { count: 30, intervalMs: 2 });
    senderOf(pair).codec = codec({ ...OPUS, payloadType: 101 });
    await sendRtp(pair.trackA, { count: 20, sequenceNumber: 1030, intervalMs: 2 });
    senderOf(pair).codec = codec(OPUS);
    await sendRtp(pair.trackA, { count: 30, sequenceNumber: 1050, intervalMs: 2 });
    await until(() => arrived(atB) === 80);
    expect((await inboundStats(pair))[0]?.["packetsLost"]).toBe(20);
    const { measured } = only(atB.attachment.inbound());
    expect(measured).toMatchObject({ packetsReceived: 80, packetsExpected: 80 });
  });

  it("goes on counting when a handler of the application throws", async () => {
    const pair = newPair();
    const atB = probe(pair.b);
    pair.b.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(() => {
        throw new Error("the application's own");
      });
    });
    await connect(pair);
    await sendRtp(pair.trackA, { count: 25 });
    await until(() => arrived(atB) === 25);
    expect(only(atB.attachment.inbound()).measured?.packetsReceived).toBe(25);
  });

  it("counts what came, whatever loss the stack was told to make (D15)", async () => {
    const relay = await newRelay();
    const pair = newPair({ a: { debug: { outboundPacketLoss: 10 } } });
    const [atA, atB] = [probe(pair.a), probe(pair.b)];
    await connect(pair, { relay });
    await sendRtp(pair.trackA, { count: 150, intervalMs: 2 });
    await until(() => arrived(atB) === relay.count("ab", "rtp").packets);
    // A tenth was to be lost, and a tenth is left.
    const { packets } = relay.count("ab", "rtp");
    expect(packets).toBeLessThan(75);
    expect(only(atB.attachment.inbound()).measured?.packetsReceived).toBe(packets);
    expect(atA.attachment.finalSample().outbound[0]?.stack?.packetsSent).toBe(150);
    expect(atA.attachment.totals().wire.packetsSent).toBeLessThan(100);
  });
});
