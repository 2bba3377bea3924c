import { describe, expect, it } from "vitest";

import { assessQuality } from "../../src/quality/assess.js";
import { findCodec } from "../../src/quality/codecs.js";
import { worstWindow } from "../../src/quality/worst-window.js";
import type { WindowConditions, WindowInterval } from "../../src/quality/worst-window.js";

const START_MS = 1_767_600_000_123.25;
const pcmu = findCodec({ name: "PCMU", clockRateHz: 8000 });
const conditions: WindowConditions = { codec: pcmu, rttSeconds: 0.1 };

interface Counts {
  readonly lost?: number;
  readonly discarded?: number;
  readonly runs?: number;
  readonly duplicated?: number;
  readonly expected?: number;
  /** Intervals without media before this one. */
  readonly gap?: number;
}

/** Intervals of 5 s, or `seconds`, of 50 packets a second. */
function intervals(counts: readonly Counts[], seconds = 5): WindowInterval[] {
  let fromMs = START_MS;
  return counts.map((count) => {
    const packetsExpected = count.expected ?? seconds * 50;
    const packetsDuplicated = count.duplicated ?? 0;
    fromMs += (count.gap ?? 0) * seconds * 1000;
    const interval = {
      fromMs,
      toMs: fromMs + seconds * 1000,
      packetsExpected,
      packetsReceived: packetsExpected - (count.lost ?? 0) + packetsDuplicated,
      packetsDuplicated,
      packetsDiscarded: count.discarded ?? 0,
      impairedRuns: count.runs ?? count.lost ?? 0,
    };
    fromMs = interval.toMs;
    return interval;
  });
}

/** Where the worst window lies, in seconds from the start. */
function bounds(
  of: readonly WindowInterval[],
  changes: Partial<WindowConditions> = {},
): readonly [from: number, to: number] | undefined {
  const worst = worstWindow(of, { ...conditions, ...changes });
  return worst && [(worst.fromMs - START_MS) / 1000, (worst.toMs - START_MS) / 1000];
}

describe("worstWindow", () => {
  it("is the ten seconds with most loss, across interval bounds", () => {
    const of = intervals([{}, { lost: 20 }, {}, { lost: 12 }, { lost: 12 }, {}]);
    expect(bounds(of)).toEqual([15, 25]);
  });

  it("scores the window's counts as a whole", () => {
    const of = intervals([{}, { lost: 6, runs: 2, discarded: 3 }, { lost: 4, runs: 1 }, {}]);
    const expected = assessQuality({
      codec: pcmu,
      rttSeconds: 0.1,
      packetsExpected: 500,
      packetsNeverReceived: 10,
      packetsDiscarded: 3,
      burstRatio: (13 / 3) * (1 - 13 / 500),
    });
    expect(worstWindow(of, conditions)).toEqual({
      fromMs: START_MS + 5000,
      toMs: START_MS + 15_000,
      mosCq: expected?.mosCq,
      mosLq: expected?.mosLq,
    });
  });

  it("finds the same by trying every pair of intervals", () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 50; round++) {
      const of = intervals(
        Array.from({ length: 2 + random(20) }, () => {
          const lost = random(60);
          return { lost, runs: Math.max(1, random(lost + 1)), discarded: random(20) };
        }),
      );
      const scores = of.slice(1).map((second, index) => {
        const pair = [of[index] ?? second, second];
        return worstWindow(pair, conditions)?.mosCq ?? Number.NaN;
      });
      expect(worstWindow(of, conditions)?.mosCq).toBe(Math.min(...scores));
    }
  });

  it("is the first of equals, and the whole of a stream shorter than ten seconds", () => {
    expect(bounds(intervals([{}, {}, {}, {}]))).toEqual([0, 10]);
    expect(bounds(intervals([{ lost: 3 }]))).toEqual([0, 5]);
  });

  it("takes intervals that were merged beyond ten seconds one by one", () => {
    expect(bounds(intervals([{}, { lost: 9 }, { lost: 8 }], 20))).toEqual([20, 40]);
    expect(bounds(intervals([{}, { lost: 9 }, { lost: 8 }], 10))).toEqual([10, 20]);
  });

  it("does not reach over a pause in the media", () => {
    const of = intervals([{}, { lost: 20 }, { lost: 30, gap: 12 }, { gap: 3 }]);
    expect(bounds(of)).toEqual([70, 75]);
  });

  it("passes over windows in which nothing was due, also where counts went backwards", () => {
    const of = intervals([{ expected: 0 }, { expected: -1 }, { expected: 0 }, { lost: 5 }, {}]);
    expect(bounds(of)).toEqual([10, 20]);
    expect(worstWindow(intervals([{ expected: 0 }]), conditions)).toBeUndefined();
    expect(worstWindow([], conditions)).toBeUndefined();
  });

  it("lets a packet that came in the next interval make up for the one it was missed in", () => {
    const of = intervals([
      { lost: 4, runs: 1 },
      { lost: -4, runs: 0 },
    ]);
    expect(worstWindow(of, conditions)).toEqual(worstWindow(intervals([{}, {}]), conditions));
  });

  it("does not let duplicates make up for losses", () => {
    const of = intervals([{}, { lost: 20, duplicated: 20 }, {}, {}]);
    expect(bounds(of)).toEqual([0, 10]);
    const plain = worstWindow(intervals([{}, { lost: 20 }, {}, {}]), conditions);
    expect(worstWindow(of, conditions)).toEqual(plain);
  });

  it("goes by the listening score where no round-trip time is known", () => {
    const of = intervals([{}, {}, { lost: 9 }, {}]);
    const worst = worstWindow(of, { codec: pcmu });
    expect(Object.keys(worst ?? {})).toEqual(["fromMs", "toMs", "mosLq"]);
    expect(bounds(of, { rttSeconds: undefined })).toEqual([5, 15]);
  });

  it("tells bad windows from worse ones where both score 1", () => {
    const of = intervals([{ lost: 200 }, {}, {}, { lost: 240 }, { lost: 240 }]);
    expect(worstWindow(of, { ...conditions, rttSeconds: 10 })?.mosCq).toBe(1);
    expect(bounds(of, { rttSeconds: 10 })).toEqual([15, 25]);
  });

  it("is absent without a codec, and when a window with loss cannot be rated", () => {
    expect(worstWindow(intervals([{}, {}]), { codec: undefined })).toBeUndefined();
    const codec = findCodec({ name: "AMR-WB", clockRateHz: 16_000, parameters: "mode-set=4" });
    expect(bounds(intervals([{}, {}, {}]), { codec })).toEqual([0, 10]);
    expect(worstWindow(intervals([{}, {}, { lost: 1 }]), { codec })).toBeUndefined();
  });

  it("can be longer or shorter", () => {
    const of = intervals([{ lost: 10 }, {}, { lost: 11 }, {}, { lost: 12 }, {}]);
    expect(bounds(of, { windowSeconds: 5 })).toEqual([20, 25]);
    expect(bounds(of, { windowSeconds: 15 })).toEqual([10, 25]);
  });

  it.each([0, 3601, Number.NaN])("rejects a window of %d s", (windowSeconds) => {
    expect(() => worstWindow(intervals([{}]), { ...conditions, windowSeconds })).toThrow(
      "windowSeconds",
    );
  });

  it("does not depend on the order of the intervals", () => {
    const of = intervals([{}, { lost: 20 }, { lost: 4 }, {}, { lost: 12 }]);
    expect(bounds(of.toReversed())).toEqual([5, 15]);
  });

  it("rejects intervals that end before they start, and unknown times", () => {
    const of = intervals([{}, {}, {}]);
    const unknown = of.map((interval) => ({ ...interval, fromMs: Number.NaN }));
    expect(() => worstWindow(unknown, conditions)).toThrow("fromMs");
    const backwards = of.map((interval) => ({ ...interval, toMs: interval.fromMs - 1 }));
    expect(() => worstWindow(backwards, conditions)).toThrow("toMs");
  });
});
