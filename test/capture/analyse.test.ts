import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { analyseCapture, analyseMerged } from "../../src/capture/analyse.js";
import type { CaptureReport } from "../../src/call/report.js";
import { CaptureFormatError, CaptureOpenError } from "../../src/errors.js";
import { fixtureCapture } from "../support/fixtures.js";
import {
  bytesOf,
  ethernetFrame,
  ipPacket,
  pcapFile,
  rtpPacket,
  udpFrame,
} from "../support/packets.js";
import { smallCall } from "../support/small-call.js";

const fed = (...chunks: Uint8Array[]): Promise<CaptureReport> =>
  analyseCapture({ stream: Readable.from(chunks), name: "call" });

describe("analyseCapture", () => {
  const capture = pcapFile(smallCall());

  it("reports the stream, its loss, its clock from SDP and the round trip from RTCP", async () => {
    const { streams, counters } = await fed(capture);
    expect(counters).toMatchObject({ packets: 9, rtp: 5, rtcp: 2, sip: 2, ignored: 0 });
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({
      codec: "opus",
      clockRateHz: 48_000,
      packetsReceived: 5,
      packetsExpected: 6,
      packetsLost: 1,
      lossRatio: 0.166666667,
      lossRuns: { "1": 1 },
      payloadBytes: 15,
      rtcp: { reports: 1, packetsLost: 1 },
    });
    // 50 ms between report and answer, less 655/65536 s that the receiver held it.
    expect(streams[0]?.rtt?.toReceiver?.meanSeconds).toBeCloseTo(0.05 - 655 / 65536, 6);
    expect(streams[0]?.rtt?.measured).toBeUndefined();
    expect(streams[0]?.quality?.mosCq).toBeUndefined();
    expect(streams[0]?.quality?.mosLq).toBeGreaterThan(1);
  });

  it("gives the same report wherever the bytes are split", async () => {
    const whole = await fed(capture);
    for (let split = 1; split < capture.length; split++) {
      const report = await fed(capture.subarray(0, split), capture.subarray(split));
      expect(report, `split at ${String(split)}`).toEqual(whole);
    }
  }, 120_000);

  it("gives the same report byte by byte, and for gzip split anywhere", async () => {
    const whole = await fed(capture);
    expect(await fed(...Array.from(capture, (byte) => Uint8Array.of(byte)))).toEqual(whole);
    const packed = gzipSync(capture);
    for (const split of [1, 2, 11, packed.length - 1]) {
      expect(await fed(packed.subarray(0, split), packed.subarray(split))).toEqual(whole);
    }
  });

  it("reports what came before a cut, at every length, and says where it stops", async () => {
    for (let length = 24; length < capture.length; length += 7) {
      const { damage, counters } = await fed(capture.subarray(0, length));
      const isWhole = damage === undefined;
      expect(isWhole || damage.sentence.includes(`after ${String(counters.packets)} packet`)).toBe(
        true,
      );
    }
  });

  it("reports a gzip file that breaks off up to the break", async () => {
    const packed = gzipSync(bytesOf(capture, pcapFile(smallCall()).subarray(24)));
    const { damage, counters } = await fed(packed.subarray(0, packed.length - 12));
    expect(counters.packets).toBeGreaterThan(0);
    expect(damage).toMatchObject({ reason: "unreadable" });
  });

  it("reads all that a gzip file holds which was cut short, more than a piece of it too", async () => {
    const packed = readFileSync(fixtureCapture("hold-dtmf"));
    for (const share of [0.5, 0.84, 0.9, 0.99]) {
      const cut = packed.subarray(0, Math.floor(packed.length * share));
      const held = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH });
      const { damage, counters } = await fed(cut);
      expect(damage).toMatchObject({ reason: "unreadable", offset: held.length });
      expect(counters.packets).toBe((await fed(held)).counters.packets);
    }
  });

  it("says where a gzip file is damaged whose pieces were taken before", async () => {
    const packed = readFileSync(fixtureCapture("hold-dtmf"));
    const { damage, counters } = await fed(bytesOf(packed, Buffer.from("not gzip")));
    expect(damage).toMatchObject({ reason: "unreadable" });
    expect(counters.packets).toBeGreaterThan(1000);
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["text", Buffer.from("this is no capture, whatever its name")],
    ["the start of a pcap header", pcapFile([]).subarray(0, 12)],
  ])("throws for %s", async (_what, bytes) => {
    await expect(fed(bytes)).rejects.toThrow(CaptureFormatError);
  });

  it("names the file that cannot be opened, and why", async () => {
    await expect(analyseCapture({ path: "/nowhere/call.pcap" })).rejects.toThrow(
      "/nowhere/call.pcap cannot be read: there is no such file",
    );
    await expect(analyseCapture({ path: tmpdir() })).rejects.toThrow(CaptureOpenError);
  });

  it.each([
    [{ fixedBufferMs: 0 }, "fixedBufferMs is 0; it must be from 1 to 10000"],
    [{ intervalMs: Number.NaN }, "intervalMs is NaN"],
    [{ adaptiveBufferMinMs: 50, adaptiveBufferMaxMs: 40 }, "adaptiveBufferMaxMs is 40"],
  ])("rejects %o", async (options, message) => {
    const stream = Readable.from([capture]);
    await expect(analyseCapture({ stream, name: "call" }, options)).rejects.toThrow(message);
  });

  it("never counts packets that ICMP quotes", async () => {
    const quoted = ipPacket("192.0.2.1", "192.0.2.2", new Uint8Array(0));
    const icmp = bytesOf([3, 3, 0, 0, 0, 0, 0, 0], quoted, rtpPacket({}));
    const frames = Array.from({ length: 20 }, (_, index) => ({
      atNs: BigInt(index) * 20_000_000n,
      bytes: ethernetFrame(ipPacket("192.0.2.2", "192.0.2.1", icmp, { protocol: 1 })),
    }));
    const { streams, counters } = await fed(pcapFile(frames));
    expect(streams).toEqual([]);
    expect(counters).toMatchObject({ packets: 20, rtp: 0, ignored: 20 });
  });

  it("stays bounded when every packet has an SSRC of its own, and counts them", async () => {
    const frames = Array.from({ length: 3000 }, (_, index) => ({
      atNs: BigInt(index) * 1_000_000n,
      bytes: udpFrame({
        source: { address: "192.0.2.1", port: 4000 },
        destination: { address: "192.0.2.2", port: 5000 },
        payload: rtpPacket({ ssrc: Math.imul(index, 0x9e3779b1) >>> 0, sequenceNumber: index }),
      }),
    }));
    const { streams, counters } = await fed(pcapFile(frames));
    expect(streams).toEqual([]);
    expect(counters.unconfirmedRtp).toBe(3000);
  });

  it("refuses streams beyond the limit, and counts their packets", async () => {
    const flow = (port: number, index: number): Uint8Array =>
      udpFrame({
        source: { address: "192.0.2.1", port },
        destination: { address: "192.0.2.2", port: 5000 },
        payload: rtpPacket({ ssrc: port, sequenceNumber: index, timestamp: index * 160 }),
      });
    const frames = Array.from({ length: 40 }, (_, index) => ({
      atNs: BigInt(index) * 10_000_000n,
      bytes: flow(4000 + (index % 4), Math.floor(index / 4)),
    }));
    const stream = Readable.from([pcapFile(frames)]);
    const { streams, counters } = await analyseCapture({ stream, name: "x" }, { maxStreams: 2 });
    expect(streams.map(({ packetsReceived }) => packetsReceived)).toEqual([10, 10]);
    expect(counters.evicted["streams"]).toBeGreaterThan(0);
  });

  it("ends early when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const stream = Readable.from([capture]);
    await expect(analyseCapture({ stream, name: "call" }, { signal })).rejects.toThrow("enough");
  });
});

describe("analyseMerged", () => {
  const folder = mkdtempSync(join(tmpdir(), "mediaprobe-"));
  const frames = smallCall();
  const paths = [join(folder, "a.pcap"), join(folder, "b.pcap.gz"), join(folder, "all.pcap")];
  const [a = "", b = "", all = ""] = paths;

  beforeAll(() => {
    writeFileSync(a, pcapFile(frames.filter((_, index) => index % 2 === 0)));
    writeFileSync(b, gzipSync(pcapFile(frames.filter((_, index) => index % 2 === 1))));
    writeFileSync(all, pcapFile(frames));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("puts frames of several captures in order of time", async () => {
    const whole = await analyseCapture({ path: all });
    const merged = await analyseMerged([a, b]);
    expect(merged).toEqual({
      ...whole,
      file: `${a} + ${b}`,
      inputs: [...whole.inputs, ...whole.inputs],
    });
  });

  it("does not care in which order they are named", async () => {
    expect(await analyseMerged([b, a])).toEqual(await analyseMerged([a, b]));
  });

  it("says what it takes when it is given something else", async () => {
    const wrong = [{ path: all }] as unknown as string[];
    await expect(analyseMerged(wrong)).rejects.toThrow("it must hold paths as strings");
    const bare = "call.pcap" as unknown as { path: string };
    await expect(analyseCapture(bare)).rejects.toThrow("it must be { path } or { stream, name }");
  });

  it("rejects an empty list", async () => {
    await expect(analyseMerged([])).rejects.toThrow(RangeError);
  });
});
