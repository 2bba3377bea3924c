import { describe, expect, it } from "vitest";

import { Engine } from "../src/native/engine.js";
import type { PayloadMap } from "../src/rtp/codec.js";
import type { StreamReport } from "../src/call/report.js";
import { streamReport } from "../src/call/stream-report.js";
import { clockDriftPpm } from "../src/rtp/clock-drift.js";
import type { Burst, StreamMeasurement } from "../src/rtp/stream.js";
import { pcapFile, rtpPacket, udpFrame } from "./support/packets.js";
import {
  impairedRunsByInterval,
  referenceStream,
  type ReferencePacket,
} from "./support/reference.js";
import { troubledStream } from "./support/troubled-stream.js";

const G711: PayloadMap = new Map([[0, { name: "PCMU", clockRateHz: 8000, kind: "audio" }]]);
const source = { address: "192.0.2.1", port: 4000 };
const START_NS = 1_767_603_600_000_000_000n;
const destination = { address: "198.51.100.2", port: 5004 };

async function measured(packets: readonly ReferencePacket[]): Promise<StreamMeasurement[]> {
  const frames = packets.map(({ arrivalNs, ...fields }) => ({
    atNs: arrivalNs,
    bytes: udpFrame({ source, destination, payload: rtpPacket({ ...fields, ssrc: 77 }) }),
  }));
  const engine = new Engine();
  const input = engine.addFeed();
  engine.nameEndpoint(destination, 0, engine.addMap(G711));
  let isFed = false;
  for (let pause = await engine.scan(); pause !== "ended"; pause = await engine.scan()) {
    engine.takeEvents();
    if (pause !== "hungry") continue;
    if (isFed) engine.endFeed(input);
    else engine.feed(input, pcapFile(frames));
    isFed = true;
  }
  await engine.finish();
  return engine.streams(0, 2);
}

/** What is said of the only stream of these packets. */
async function report(packets: readonly ReferencePacket[]): Promise<StreamReport> {
  const [stream, ...others] = await measured(packets);
  expect(others).toEqual([]);
  if (stream === undefined) throw new Error("no stream came of the packets");
  return streamReport(stream, { formatOf: ({ payloadType }) => G711.get(payloadType) });
}

const missedIn = ({
  packetsMissing,
  packetsDiscarded,
}: Pick<Burst, "packetsMissing" | "packetsDiscarded">): number[] => [
  packetsMissing,
  packetsDiscarded,
];

/** How many packets the stream of a seed has. */
const sentBy = (seed: number): number => 100 + ((seed * 397) % 2400);
const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);

describe("the engine, held against the definitions", () => {
  it.each(SEEDS)("agrees about a stream with every trouble, seed %i", async (seed) => {
    const packets = troubledStream(seed, sentBy(seed));
    const wanted = referenceStream(packets);
    const streams = await measured(packets);
    expect(streams).toHaveLength(1);
    const [found] = streams;
    const { burstsAndGaps, jitter, delayVariation, lossRuns } = wanted;
    expect(found).toMatchObject({
      packetsReceived: wanted.packetsReceived,
      packetsExpected: wanted.packetsExpected,
      packetsDuplicated: wanted.packetsDuplicated,
      packetsReordered: wanted.packetsReordered,
      packetsDiscarded: wanted.packetsDiscarded,
      adaptiveBuffer: { packetsDiscarded: wanted.packetsDiscardedAdaptive },
      bursts: {
        bursts: burstsAndGaps.bursts,
        burstPackets: burstsAndGaps.burstPackets,
        burstImpaired: burstsAndGaps.burstImpaired,
        gapImpaired: burstsAndGaps.gapImpaired,
      },
      lossRuns: [...lossRuns].toSorted(([a], [b]) => a - b),
      impairedRuns: burstsAndGaps.impairedRuns,
    });
    const bursts = found?.worstBursts ?? [];
    expect(bursts.map(missedIn)).toEqual(wanted.worstBursts.map(missedIn));
    wanted.worstBursts.forEach(({ fromNs, toNs }, i) => {
      const { fromMs = NaN, toMs = NaN } = bursts[i] ?? {};
      // The doubles that carry milliseconds since 1970 are a quarter of a microsecond apart.
      expect(fromMs - (found?.firstPacketAtMs ?? NaN)).toBeCloseTo(fromNs / 1e6, 2);
      expect(toMs - (found?.firstPacketAtMs ?? NaN)).toBeCloseTo(toNs / 1e6, 2);
    });
    expect(found?.intervals.map(({ impairedRuns }) => impairedRuns)).toEqual(
      impairedRunsByInterval(packets),
    );
    expect(found?.jitterSeconds?.last).toBeCloseTo((jitter?.lastNs ?? NaN) / 1e9, 10);
    expect(found?.jitterSeconds?.mean).toBeCloseTo((jitter?.meanNs ?? NaN) / 1e9, 10);
    expect(found?.jitterSeconds?.max).toBeCloseTo((jitter?.maxNs ?? NaN) / 1e9, 10);
    expect(found?.delayVariationSeconds?.max).toBeCloseTo((delayVariation?.maxNs ?? NaN) / 1e9, 6);
    for (const name of ["p50", "p95", "p99"] as const) {
      const exactMs = (delayVariation?.[`${name}Ns`] ?? NaN) / 1e6;
      const foundMs = (found?.delayVariationSeconds?.[name] ?? NaN) * 1e3;
      // Bins are an eighth of a delay wide, counted from a little below the least one.
      expect(Math.abs(foundMs - exactMs)).toBeLessThan((exactMs + 2) / 6);
    }
    const drift = clockDriftPpm(found?.intervals ?? []);
    if (wanted.clockDriftPpm === undefined) expect(drift).toBeUndefined();
    else expect(drift).toBeCloseTo(wanted.clockDriftPpm, 2);
  });

  it.each(SEEDS.slice(0, 20))(
    "agrees about packets seconds late and copied, seed %i",
    async (seed) => {
      // Of every 300 packets some come 2 to 6 s late, and all come again 3 s later, as in a merge.
      const sent = troubledStream(seed, sentBy(seed));
      const late = sent.map((packet, i) => {
        const byNs = i % 300 < seed ? 2_000_000_000 + (seed % 5) * 1_000_000_000 : 0;
        return { ...packet, arrivalNs: packet.arrivalNs + BigInt(byNs) };
      });
      const copies = sent.map((packet) => ({
        ...packet,
        arrivalNs: packet.arrivalNs + 3_000_000_000n,
      }));
      const packets = (seed % 2 === 0 ? late : [...late, ...copies]).toSorted((a, b) =>
        Number(a.arrivalNs - b.arrivalNs),
      );
      const wanted = referenceStream(packets);
      const [found] = await measured(packets);
      expect(found).toMatchObject({
        packetsReceived: wanted.packetsReceived,
        packetsExpected: wanted.packetsExpected,
        packetsDuplicated: wanted.packetsDuplicated,
        packetsReordered: wanted.packetsReordered,
      });
    },
  );

  it.each(SEEDS)("hears no stream worse than all of its intervals, seed %i", async (seed) => {
    const { quality, intervals } = await report(troubledStream(seed, sentBy(seed)));
    const scores = intervals.flatMap((interval) => interval.quality?.mosLq ?? []);
    expect(Math.min(...scores)).toBeLessThanOrEqual(quality?.mosLq ?? Number.NaN);
  });

  it("hears a window of late packets as it hears a whole stream of them", async () => {
    // Six packets of every fifty come with the one after them, three of them too late.
    const packets = Array.from({ length: 1000 }, (_, i): ReferencePacket => ({
      sequenceNumber: i,
      timestamp: 160 * i,
      arrivalNs:
        START_NS + 20_000_000n * BigInt(i % 50 >= 40 && i % 50 < 46 ? i - (i % 50) + 46 : i),
    }));
    const { quality, worst, intervals, packetsDiscarded } = await report(packets);
    expect(packetsDiscarded).toBe(60);
    expect(quality?.costs.lateLoss).toBeGreaterThan(10);
    const scores = [worst, ...intervals.map((interval) => interval.quality)];
    expect(scores.map((one) => one?.mosLq)).toEqual(Array(5).fill(quality?.mosLq));
  });

  it("is tried with every trouble there is", () => {
    const all = SEEDS.map((seed) => referenceStream(troubledStream(seed, sentBy(seed))));
    const some = (count: (one: (typeof all)[number]) => number): boolean =>
      all.some((one) => count(one) > 3);
    expect(some(({ epochs }) => epochs)).toBe(true);
    expect(some(({ packetsMissing }) => packetsMissing - 3000)).toBe(true);
    expect(some(({ packetsDuplicated }) => packetsDuplicated)).toBe(true);
    expect(some(({ packetsReordered }) => packetsReordered)).toBe(true);
    expect(some(({ packetsDiscarded }) => packetsDiscarded)).toBe(true);
    expect(some(({ packetsDiscardedAdaptive }) => packetsDiscardedAdaptive)).toBe(true);
    expect(some(({ burstsAndGaps }) => burstsAndGaps.bursts)).toBe(true);
    expect(all.some(({ clockDriftPpm: drift }) => drift !== undefined)).toBe(true);
  });
});
