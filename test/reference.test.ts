import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import {
  burstsAndGaps,
  countSequence,
  cumulativeLossField,
  fractionLossField,
  placePackets,
} from "./support/reference-sequence.js";
import {
  referenceStream,
  type ReferenceOptions,
  type ReferencePacket,
} from "./support/reference.js";

interface Vectors {
  readonly jitter: readonly {
    readonly name: string;
    readonly clockRateHz: number;
    readonly arrivalsSecondsAndTimestamps: readonly (readonly [number, number])[];
    readonly jitterTicks: readonly number[];
    readonly finalMs: number;
  }[];
  readonly sequence: readonly {
    readonly name: string;
    readonly sequenceNumbers: readonly number[];
    readonly withProbation: {
      readonly expected: number;
      readonly received: number;
      readonly cumulativeLost: number;
    };
  }[];
  readonly burstGap: readonly {
    readonly name: string;
    readonly pattern: readonly (readonly ["1" | "0" | "X", number])[];
    readonly gmin: number;
    readonly packetMs: number;
    readonly definition: Readonly<Record<string, number>>;
  }[];
  readonly lossField: {
    readonly cumulative: readonly { readonly hex: string; readonly value: number }[];
    readonly fraction: readonly {
      readonly lost: number;
      readonly expected: number;
      readonly field: number;
    }[];
  };
}

const vectors = JSON.parse(
  readFileSync(new URL("support/vectors.json", import.meta.url), "utf8"),
) as Vectors;

const MS = 1_000_000n;

/** A packet every 20 ms with a timestamp to match, but for what the test says. */
function packet(
  i: number,
  fields: Partial<ReferencePacket> & { lateMs?: number } = {},
): ReferencePacket {
  const { lateMs = 0, ...rest } = fields;
  return {
    sequenceNumber: (1000 + i) & 0xffff,
    timestamp: (160 * i) >>> 0,
    arrivalNs: 20n * MS * BigInt(i) + BigInt(Math.round(lateMs * 1e6)),
    ...rest,
  };
}

function stream(
  count: number,
  fields: (i: number) => Partial<ReferencePacket> & { lateMs?: number } = () => ({}),
): ReferencePacket[] {
  return Array.from({ length: count }, (_, i) => packet(i, fields(i)));
}

function sequenceCounts(sequenceNumbers: readonly number[]): ReturnType<typeof countSequence> {
  return countSequence(placePackets(sequenceNumbers));
}

describe("jitter of RFC 3550 A.8", () => {
  it.each(vectors.jitter)("$name", (vector) => {
    const packets = vector.arrivalsSecondsAndTimestamps.map(([seconds, timestamp], i) => ({
      sequenceNumber: i,
      timestamp,
      arrivalNs: BigInt(Math.round(seconds * 1e9)),
    }));
    const { clockRateHz } = vector;
    const { jitter } = referenceStream(packets, {
      formatOf: () => ({ clockRateHz, kind: "audio" }),
    });
    const toTicks = clockRateHz / 1e9;
    const updates = vector.jitterTicks.slice(1);
    const mean = updates.reduce((sum, ticks) => sum + ticks, 0) / updates.length;
    expect((jitter?.lastNs ?? NaN) / 1e6).toBeCloseTo(vector.finalMs, 6);
    expect((jitter?.meanNs ?? NaN) * toTicks).toBeCloseTo(mean, 5);
    expect((jitter?.maxNs ?? NaN) * toTicks).toBeCloseTo(Math.max(...updates), 5);
  });

  it("leaves telephone-events out, which repeat their first timestamp (RFC 4733 §2.2.1)", () => {
    const formatOf: ReferenceOptions["formatOf"] = (payloadType) => ({
      clockRateHz: 8000,
      kind: payloadType === 101 ? "telephone-event" : "audio",
    });
    const packets = stream(30, (i) =>
      i >= 10 && i < 20 ? { payloadType: 101, timestamp: 1600 } : {},
    );
    expect(referenceStream(packets, { formatOf }).jitter?.maxNs).toBe(0);
  });

  it("does not compare timestamps of two codecs", () => {
    const formatOf: ReferenceOptions["formatOf"] = (payloadType) => ({
      clockRateHz: payloadType === 0 ? 8000 : 48000,
      kind: "audio",
    });
    const packets = stream(30, (i) =>
      i < 10 ? {} : { payloadType: 111, timestamp: 5_000_000 + i * 960 },
    );
    expect(referenceStream(packets, { formatOf }).jitter?.maxNs).toBe(0);
  });

  it("does not compare timestamps across a restart", () => {
    const packets = stream(30, (i) =>
      i < 10 ? {} : { sequenceNumber: 40_000 + i, timestamp: 3_000_000_000 + i * 160 },
    );
    const { jitter, epochs } = referenceStream(packets);
    expect(epochs).toBe(2);
    expect(jitter?.maxNs).toBe(0);
  });

  it("is absent without a clock", () => {
    expect(referenceStream(stream(10), { formatOf: () => undefined }).jitter).toBeUndefined();
  });
});

/**
 * What a probe without probation counts where RFC 3550 A.1 with its probation counts otherwise. In
 * all other cases the first packet is one more expected and one more received.
 */
const WITHOUT_PROBATION: Readonly<Record<string, { expected: number; received: number }>> = {
  // The stray is a sequence of its own; A.1 drops it.
  "jump: one bad then continue": { expected: 6, received: 6 },
  // Both sequences count; A.1 forgets the first one.
  "restart: two sequential after jump": { expected: 6, received: 6 },
  "gap 3000 rejected": { expected: 5, received: 5 },
  // The stray, again.
  "late by 100 = still misorder window edge": { expected: 4, received: 4 },
  // Expected begins at the lowest number, here the late one; A.1 begins at the first packet.
  "late by 99 accepted as misordered": { expected: 100, received: 4 },
  // Every packet counts from the first on; A.1 waits for two in a row.
  "failed probation": { expected: 6, received: 4 },
};

describe("sequence numbers of RFC 3550 A.1, without probation", () => {
  it.each(vectors.sequence)("$name", ({ name, sequenceNumbers, withProbation }) => {
    const counts = sequenceCounts(sequenceNumbers);
    const wanted = WITHOUT_PROBATION[name] ?? {
      expected: withProbation.expected + 1,
      received: withProbation.received + 1,
    };
    expect(counts.packetsExpected).toBe(wanted.expected);
    expect(counts.packetsReceived).toBe(wanted.received);
    expect(counts.packetsLost).toBe(wanted.expected - wanted.received);
    if (!(name in WITHOUT_PROBATION)) expect(counts.packetsLost).toBe(withProbation.cumulativeLost);
  });

  it("begins at the lowest number when the first packet was overtaken", () => {
    const counts = sequenceCounts([0, 65535, 1, 2]);
    expect(counts).toMatchObject({ packetsExpected: 4, packetsMissing: 0, packetsReordered: 1 });
  });

  it("tells duplicates from late packets", () => {
    const counts = sequenceCounts([1, 2, 4, 3, 3, 4, 8]);
    expect(counts).toMatchObject({
      packetsExpected: 8,
      packetsLost: 1,
      packetsMissing: 3,
      packetsDuplicated: 2,
      packetsReordered: 1,
    });
    expect([...counts.lossRuns]).toEqual([[3, 1]]);
  });

  it("keeps loss runs of two sequences apart", () => {
    const counts = sequenceCounts([1, 3, 30_000, 30_001, 30_004]);
    expect(counts).toMatchObject({ epochs: 2, packetsExpected: 8, packetsMissing: 3 });
    expect(counts.lossRuns).toEqual(
      new Map([
        [1, 1],
        [2, 1],
      ]),
    );
  });

  it("begins no sequence where the old one goes on, and loses nothing where it goes on again", () => {
    expect(sequenceCounts([1, 2, 30_000, 3, 30_001])).toMatchObject({
      epochs: 3,
      packetsMissing: 0,
    });
    const numbers = [...Array(200).keys(), 50, 51, 200, 202];
    expect(sequenceCounts(numbers)).toMatchObject({ epochs: 3, packetsMissing: 1 });
  });

  it("counts an outage as loss when the timestamps went on with the wall clock", () => {
    const after = (i: number): number => (i < 5 ? i : i + 4000);
    const packets = stream(10, (i) => packet(after(i)));
    const counts = referenceStream(packets);
    expect(counts).toMatchObject({ epochs: 1, packetsExpected: 4010, packetsMissing: 4000 });
    expect([...counts.lossRuns]).toEqual([[4000, 1]]);
    expect(counts.jitter?.maxNs).toBe(0);
  });

  it("counts no loss over a restart, whose timestamps begin anew", () => {
    const packets = stream(10, (i) =>
      i < 5 ? {} : { sequenceNumber: 1000 + i + 4000, timestamp: 777_000_000 + 160 * i },
    );
    expect(referenceStream(packets)).toMatchObject({
      epochs: 2,
      packetsExpected: 10,
      packetsMissing: 0,
    });
  });
});

describe("bursts and gaps of RFC 3611 §4.7.2", () => {
  const q8 = (part: number, whole: number): number =>
    whole === 0 ? 0 : Math.min(255, Math.floor((part * 256) / whole));

  it.each(vectors.burstGap)("$name", ({ pattern, gmin, packetMs, definition }) => {
    const impaired = pattern.flatMap(([state, length]) =>
      new Array<boolean>(length).fill(state !== "1"),
    );
    const found = burstsAndGaps(impaired, gmin);
    expect({
      bursts: found.bursts,
      gaps: found.gaps,
      burstPackets: found.burstPackets,
      gapPackets: found.gapPackets,
      burstLost: found.burstImpaired,
      gapLost: found.gapImpaired,
      burstDensity: q8(found.burstImpaired, found.burstPackets),
      gapDensity: q8(found.gapImpaired, found.gapPackets),
      burstDurationMeanMs: found.bursts && (found.burstPackets * packetMs) / found.bursts,
      gapDurationMeanMs: found.gaps && (found.gapPackets * packetMs) / found.gaps,
      burstDurationTotalMs: found.burstPackets * packetMs,
      gapDurationTotalMs: found.gapPackets * packetMs,
    }).toMatchObject(
      Object.fromEntries(Object.entries(definition).filter(([name]) => !name.endsWith("Rate"))),
    );
  });

  it("takes packets that came too late for the buffer as discarded", () => {
    const packets = stream(60, (i) => (i === 30 || i === 32 ? { lateMs: 61 } : {})).filter(
      (_, i) => i !== 31,
    );
    packets.sort((a, b) => Number(a.arrivalNs - b.arrivalNs));
    const { burstsAndGaps: found, packetsDiscarded } = referenceStream(packets);
    expect(packetsDiscarded).toBe(2);
    expect(found).toMatchObject({ bursts: 1, burstPackets: 3, burstImpaired: 3, gapPackets: 57 });
  });
});

describe("report block fields of RFC 3550 §6.4.1", () => {
  it.each(vectors.lossField.cumulative)("cumulative loss $value is $hex", ({ hex, value }) => {
    expect(cumulativeLossField(value)).toBe(Number.parseInt(hex, 16));
  });

  it.each(vectors.lossField.fraction)("$lost of $expected is $field", (vector) => {
    expect(fractionLossField(vector.lost, vector.expected)).toBe(vector.field);
  });
});

describe("delay variation of RFC 5481 §4.2", () => {
  it("is the delay above the least of its own five seconds", () => {
    // Delays 0 to 9 ms over and over, and all of them 100 ms more from the second interval on.
    const packets = stream(500, (i) => ({ lateMs: (i % 10) + (i < 250 ? 0 : 100) }));
    expect(referenceStream(packets).delayVariation).toEqual({
      p50Ns: 4e6,
      p95Ns: 9e6,
      p99Ns: 9e6,
      maxNs: 9e6,
    });
  });

  it("holds across the wrap of timestamps", () => {
    const packets = stream(100, (i) => ({ timestamp: (0xffff_ff00 + 160 * i) >>> 0 }));
    expect(referenceStream(packets).delayVariation?.maxNs).toBe(0);
  });
});

describe("clock drift", () => {
  it.each([100, -40])("finds a sender's clock that loses %d µs a second", (ppm) => {
    const packets = stream(50 * 60, (i) => ({ lateMs: i * 20 * ppm * 1e-6 + (i % 7) }));
    expect(referenceStream(packets).clockDriftPpm).toBeCloseTo(ppm, 0);
  });

  it("is absent when the least delays scatter too much", () => {
    const wandering = (ms: number): number | undefined =>
      referenceStream(stream(2000, (i) => ({ lateMs: ms * ((i >> 8) % 3) }))).clockDriftPpm;
    expect(wandering(0.1)).toBeDefined();
    expect(wandering(10)).toBeUndefined();
  });

  it("is absent below six intervals", () => {
    expect(referenceStream(stream(1250)).clockDriftPpm).toBeUndefined();
    expect(referenceStream(stream(1251)).clockDriftPpm).toBe(0);
  });
});

describe("fixed playout buffer", () => {
  const discarded = (
    lateMs: (i: number) => number,
    fields: (i: number) => Partial<ReferencePacket> = () => ({}),
  ): number =>
    referenceStream(stream(100, (i) => ({ lateMs: lateMs(i), ...fields(i) }))).packetsDiscarded;

  it("plays what is exactly as late as the buffer is long", () => {
    expect(discarded((i) => (i === 50 ? 60 : 0))).toBe(0);
    expect(discarded((i) => (i === 50 ? 60.001 : 0))).toBe(1);
  });

  it("starts over with the tenth late packet in a row", () => {
    expect(discarded((i) => (i >= 50 ? 80 : 0))).toBe(9);
  });

  it("starts over where a talkspurt begins", () => {
    expect(
      discarded(
        (i) => (i >= 50 ? 80 : 0),
        (i) => ({ marker: i === 52 }),
      ),
    ).toBe(2);
  });

  it("starts over when packets come so early that it overflows", () => {
    expect(discarded((i) => (i < 50 ? 0 : i < 80 ? -61 : 0))).toBe(9);
    expect(discarded((i) => (i < 50 ? 0 : i < 80 ? -60 : 0))).toBe(0);
  });

  it("does not discard a copy", () => {
    const packets = stream(50);
    packets.splice(11, 0, packet(10, { lateMs: 0.1 }));
    packets.splice(20, 0, packet(10, { lateMs: 170 }));
    const counts = referenceStream(packets);
    expect(counts).toMatchObject({ packetsDuplicated: 2, packetsDiscarded: 0 });
  });
});

describe("adaptive playout buffer of Ramjee et al. 1994", () => {
  const late = (lateMs: (i: number) => number, count = 3000): number =>
    referenceStream(stream(count, (i) => ({ lateMs: lateMs(i) }))).packetsDiscardedAdaptive;

  it("holds packets 20 ms at the least", () => {
    expect(late((i) => (i === 5 ? 20 : 0))).toBe(0);
    expect(late((i) => (i === 5 ? 20.001 : 0))).toBe(1);
  });

  it("grows with the variation until nothing is late", () => {
    const spread = (i: number): number => ((i * 37) % 100) * 0.5;
    const early = late(spread, 300);
    expect(early).toBeGreaterThan(0);
    expect(late(spread, 6000)).toBeLessThan(2 * early);
  });
});
