import { describe, expect, it } from "vitest";

import { burstRatio, burstRatioOfRuns, gilbertLoss } from "../../src/quality/burst.js";
import { distance, vectors } from "./vectors.js";

describe("burstRatioOfRuns", () => {
  it.each(vectors.burst_ratio.from_runs)("is $BurstR for $pattern_rle", (vector) => {
    const packets = vector.pattern_rle.reduce((total, [, length]) => total + length, 0);
    const runs = vector.pattern_rle
      .filter(([kind]) => kind === "0")
      .map(([, length]) => [length, 1] as const);
    expect(distance(burstRatioOfRuns(runs, packets), vector.BurstR)).toBeLessThan(1e-9);
  });

  it("weighs each length by how often it occurred", () => {
    const runs = [
      [1, 6],
      [4, 1],
    ] as const;
    expect(burstRatioOfRuns(runs, 1000)).toBeCloseTo((10 / 7) * 0.99, 12);
  });

  it.each([[[-1, 1]], [[1, -1]], [[Number.NaN, 1]]] as const)("rejects the run %j", (run) => {
    expect(() => burstRatioOfRuns([run], 100)).toThrow(RangeError);
  });
});

describe("burstRatio", () => {
  it.each([
    { why: "nothing was lost", packetsExpected: 100, packetsMissed: 0, runs: 0 },
    { why: "nothing was expected", packetsExpected: 0, packetsMissed: 0, runs: 0 },
    { why: "more was missed than expected", packetsExpected: 10, packetsMissed: 12, runs: 1 },
    { why: "everything was lost", packetsExpected: 100, packetsMissed: 100, runs: 1 },
    { why: "losses avoid one another", packetsExpected: 100, packetsMissed: 50, runs: 50 },
    {
      why: "runs were counted that filled up later",
      packetsExpected: 100,
      packetsMissed: 1,
      runs: 5,
    },
  ])("is 1 where $why", ({ packetsExpected, packetsMissed, runs }) => {
    expect(burstRatio({ packetsExpected, packetsMissed, runs })).toBe(1);
  });

  it("takes a loss whose run is still open as one run", () => {
    expect(burstRatio({ packetsExpected: 250, packetsMissed: 50, runs: 0 })).toBeCloseTo(40, 12);
  });

  it.each([
    { packetsExpected: 10, packetsMissed: -1, runs: 0 },
    { packetsExpected: 10, packetsMissed: 1, runs: -1 },
    { packetsExpected: Number.NaN, packetsMissed: 1, runs: 1 },
  ])("rejects %o", (loss) => {
    expect(() => burstRatio(loss)).toThrow(RangeError);
  });
});

describe("gilbertLoss", () => {
  it.each(vectors.burst_ratio.gilbert)(
    "loses $Ppl % at BurstR $BurstR for p $p, q $q",
    (vector) => {
      const loss = gilbertLoss(vector.p, vector.q);
      expect(distance(loss.lossRatio * 100, vector.Ppl)).toBeLessThan(1e-9);
      expect(distance(loss.burstRatio, vector.BurstR)).toBeLessThan(1e-9);
    },
  );

  it.each([
    { p: 0.02, q: 0.2 },
    { p: 0.05, q: 0.5 },
    { p: 0.1, q: 0.9 },
  ])("is what the runs of a simulated Gilbert channel measure: %o", ({ p, q }) => {
    const packets = 400_000;
    let seed = 12_345;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    let packetsMissed = 0;
    let runs = 0;
    let isLost = false;
    for (let i = 0; i < packets; i++) {
      const wasLost: boolean = isLost;
      isLost = wasLost ? random() >= q : random() < p;
      if (isLost) packetsMissed++;
      if (isLost && !wasLost) runs++;
    }
    const theory = gilbertLoss(p, q);
    expect(packetsMissed / packets).toBeCloseTo(theory.lossRatio, 2);
    const measured = burstRatio({ packetsExpected: packets, packetsMissed, runs });
    expect(distance(measured / theory.burstRatio, 1)).toBeLessThan(0.03);
  });

  it.each([
    [-0.1, 0.5],
    [0.1, 1.1],
    [0, 0],
    [Number.NaN, 0.5],
  ])("rejects p %d, q %d", (p, q) => {
    expect(() => gilbertLoss(p, q)).toThrow(RangeError);
  });
});
