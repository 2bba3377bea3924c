import { describe, expect, it } from "vitest";

import { streamReport } from "../../src/call/stream-report.js";
import type { PayloadFormat } from "../../src/rtp/codec.js";
import type { PayloadTypeCount, StreamMeasurement } from "../../src/rtp/stream.js";

const audio = (name: string, clockRateHz = 8000): PayloadFormat => ({
  name,
  clockRateHz,
  kind: "audio",
});
const FORMATS = new Map<number, PayloadFormat>([
  [0, audio("PCMU")],
  [8, audio("PCMA")],
  [13, { name: "CN", clockRateHz: 8000, kind: "comfort-noise" }],
  [63, { name: "red", clockRateHz: 48_000, kind: "redundancy", parameters: "111/111" }],
  [111, audio("opus", 48_000)],
]);

function report(...payloadTypes: PayloadTypeCount[]): ReturnType<typeof streamReport> {
  const packets = payloadTypes.reduce((sum, count) => sum + count.packets, 0);
  const stream: StreamMeasurement = {
    ssrc: 1,
    source: { address: "192.0.2.1", port: 4000 },
    destination: { address: "192.0.2.2", port: 5000 },
    firstPacketAtMs: 0,
    lastPacketAtMs: packets * 20,
    packetsReceived: packets,
    packetsExpected: packets,
    packetsDuplicated: 0,
    packetsReordered: 0,
    restarts: 0,
    packetsDiscarded: 0,
    adaptiveBuffer: { packetsDiscarded: 0 },
    lossRuns: [],
    worstBursts: [],
    impairedPackets: 0,
    impairedRuns: 0,
    bursts: { bursts: 0, burstPackets: 0, burstImpaired: 0, gapImpaired: 0 },
    payloadBytes: packets * 160,
    wireBytes: packets * 200,
    frameTicks: 160,
    payloadTypes,
    intervals: [],
  };
  return streamReport(stream, { formatOf: ({ payloadType }) => FORMATS.get(payloadType) });
}

describe("streamReport", () => {
  it("adds up a payload type that several descriptions named before it takes the most frequent", () => {
    const { payloadType, codec, payloadTypes } = report(
      { payloadType: 8, packets: 60, map: 3 },
      { payloadType: 0, packets: 40, map: 1 },
      { payloadType: 0, packets: 40, map: 2 },
    );
    expect({ payloadType, codec }).toEqual({ payloadType: 0, codec: "PCMU" });
    expect(payloadTypes.map(({ packets }) => packets)).toEqual([80, 60]);
  });

  it("rates the codec that comfort noise stands in for", () => {
    const { codec, qualityBasis, quality } = report(
      { payloadType: 13, packets: 60, map: 0 },
      { payloadType: 0, packets: 40, map: 0 },
    );
    expect(codec).toBe("CN");
    expect(qualityBasis?.name).toMatch(/711/);
    expect(quality?.scale).toBe("narrowband");
  });

  it("rates what redundant audio carries", () => {
    expect(report({ payloadType: 63, packets: 100, map: 0 }).quality?.scale).toBe("fullband");
  });

  it("has no score where no codec has nine tenths of the speech", () => {
    const mixed = (packets: number): boolean =>
      report(
        { payloadType: 0, packets: 100 - packets, map: 0 },
        { payloadType: 111, packets, map: 0 },
      ).quality !== undefined;
    expect(mixed(10)).toBe(true);
    expect(mixed(11)).toBe(false);
  });
});
