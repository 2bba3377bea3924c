import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { analyseCapture } from "../src/capture/analyse.js";
import { endpointKey, type Endpoint } from "../src/net/endpoint.js";
import { generateCapture } from "./bench/generate.mjs";
import { streamsOf } from "./support/analysed.js";

const folder = mkdtempSync(join(tmpdir(), "mediaprobe-truth-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const keyOf = (stream: { ssrc: number; source: Endpoint; destination: Endpoint }): string =>
  [stream.ssrc, endpointKey(stream.source), endpointKey(stream.destination)].join(" ");

describe("a capture of many calls at once", () => {
  it.each([
    { calls: 40, packets: 60_000, seed: 11 },
    { calls: 20, packets: 20_000, seed: 12, ipv6Share: 1, lossRatio: 0.1, reorderRatio: 0.05 },
    { calls: 300, packets: 20_000, seed: 13, duplicateRatio: 0.1, burstRatio: 0.01 },
  ])("gives back the truth it was written from: %o", async (options) => {
    const { bytes, truth } = generateCapture(options);
    const path = join(folder, `${options.seed}.pcap`);
    writeFileSync(path, bytes);
    const report = await analyseCapture({ path });
    expect(streamsOf(report)).toHaveLength(2 * options.calls);
    const streams = new Map(streamsOf(report).map((stream) => [keyOf(stream), stream]));
    for (const call of truth.calls) {
      for (const wanted of call.streams) {
        const stream = streams.get(keyOf(wanted));
        expect(stream).toMatchObject({
          payloadType: wanted.payloadType,
          codec: wanted.payloadType === 0 ? "PCMU" : "PCMA",
          packetsReceived: wanted.packetsReceived,
          packetsExpected: wanted.packetsExpected,
          packetsLost: wanted.packetsLost,
          packetsDuplicated: wanted.packetsDuplicated,
          packetsReordered: wanted.packetsReordered,
          payloadBytes: wanted.payloadBytes,
        });
        const lossRatio = wanted.packetsMissing / wanted.packetsExpected;
        expect(stream?.lossRatio).toBeCloseTo(lossRatio, 8);
        expect(stream?.jitterSeconds?.last).toBeCloseTo(wanted.jitterSeconds.last, 10);
        expect(stream?.jitterSeconds?.mean).toBeCloseTo(wanted.jitterSeconds.mean, 10);
        expect(stream?.jitterSeconds?.max).toBeCloseTo(wanted.jitterSeconds.max, 10);
        const { measured } = stream?.rtt ?? {};
        if (measured) {
          expect(measured.meanSeconds).toBeCloseTo(call.roundTripTimeSeconds, 4);
        }
      }
    }
    expect(report.counters).toMatchObject({
      packets: truth.frames,
      rtp: truth.rtpPackets,
      rtcp: truth.rtcpPackets,
      sip: truth.sipMessages,
      ignored: 0,
      unconfirmedRtp: 0,
    });
  });
});
