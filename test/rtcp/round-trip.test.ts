import { describe, expect, it } from "vitest";

import {
  boundedRoundTrip,
  MAX_CLAMPED_NEGATIVE_SECONDS,
  MAX_ROUND_TRIP_SECONDS,
  ntpMiddle,
  ntpMiddleAt,
  PERCENTILE_WINDOW,
  RoundTripAccumulator,
  roundTrip,
} from "../../src/rtcp/round-trip.js";

describe("roundTrip", () => {
  it.each([
    ["RFC 3550 figure 2", 0xb7108000, 0xb7052000, 0x00054000, 6.125],
    ["100 ms", 0x00020000, 0x0001199a, 0x0000cccc, 0.100006103515625],
    ["a wrap of the 16-bit seconds", 0x00008000, 0xffff8000, 0x0000c000, 0.25],
    ["negative by rounding", 0x00010000, 0x00008000, 0x00008010, 0],
    ["nothing", 0x00010000, 0x00010000, 0, 0],
  ])("is A - LSR - DLSR: %s", (_, arrival, lsr, dlsr, seconds) => {
    expect(roundTrip(arrival, lsr, dlsr)).toEqual({ seconds });
  });

  it("is undefined before the first sender report, whatever the delay says", () => {
    expect(roundTrip(0x00010000, 0, 0)).toEqual({ fault: "no-report" });
    expect(roundTrip(0x00010000, 0, 0x8000)).toEqual({ fault: "no-report" });
  });

  it("does not depend on where in the 18-hour cycle it is measured", () => {
    for (let arrival = 1; arrival < 2 ** 32; arrival += 104_729_993) {
      const lsr = (arrival - 0x18000 + 2 ** 32) % 2 ** 32;
      if (lsr !== 0) expect(roundTrip(arrival, lsr, 0x10000)).toEqual({ seconds: 0.5 });
    }
  });

  it("discards what no network does", () => {
    expect(roundTrip(0x00010000, 0x00020000, 0)).toEqual({ fault: "negative" });
    expect(roundTrip(0x00150000, 0x00010000, 0)).toEqual({ fault: "too-long" });
    expect(roundTrip(0x00010000, 0x00010000, 0x80000000)).toEqual({ fault: "negative" });
  });

  it.each([
    ["arrival", [-1, 1, 1]],
    ["lastReport", [1, 2 ** 32, 1]],
    ["delay", [1, 1, 0.5]],
    ["delay", [1, 1, NaN]],
  ] as const)("rejects an %s that is no 32-bit word", (name, [arrival, last, delay]) => {
    expect(() => roundTrip(arrival, last, delay)).toThrow(RangeError);
    expect(() => roundTrip(arrival, last, delay)).toThrow(name);
  });
});

describe("boundedRoundTrip", () => {
  it("clamps what a coarse clock makes negative, and no more", () => {
    expect(boundedRoundTrip(-0.00083)).toEqual({ seconds: 0 });
    expect(boundedRoundTrip(-MAX_CLAMPED_NEGATIVE_SECONDS)).toEqual({ seconds: 0 });
    expect(boundedRoundTrip(-MAX_CLAMPED_NEGATIVE_SECONDS - 1e-6)).toEqual({ fault: "negative" });
  });

  it("keeps what is at the bound, and discards what is beyond it or no number", () => {
    expect(boundedRoundTrip(MAX_ROUND_TRIP_SECONDS)).toEqual({ seconds: MAX_ROUND_TRIP_SECONDS });
    expect(boundedRoundTrip(MAX_ROUND_TRIP_SECONDS + 1e-6)).toEqual({ fault: "too-long" });
    expect(boundedRoundTrip(NaN)).toEqual({ fault: "too-long" });
  });
});

describe("ntpMiddle", () => {
  it("is the LSR of RFC 3550 figure 2", () => {
    expect(ntpMiddle(0xb44db705, 0x20000000)).toBe(0xb7052000);
  });

  it("stays unsigned", () => {
    expect(ntpMiddle(0xffffffff, 0xffffffff)).toBe(0xffffffff);
  });

  it("agrees with the NTP time of an instant in 64-bit arithmetic", () => {
    for (let index = 0n; index < 200n; index += 1n) {
      const micros = 1_700_000_000_000_000n + index * 987_654_321n;
      const ntp = ((micros + 2_208_988_800_000_000n) << 32n) / 1_000_000n;
      const reference = Number((ntp >> 16n) & 0xffffffffn);
      const middle = ntpMiddleAt(Number(micros) / 1000);
      // A double holds the instant to a quarter of a microsecond, and a unit is 15.
      expect(Math.abs(middle - reference)).toBeLessThanOrEqual(1);
    }
  });

  it("counts on where the 32-bit seconds of NTP wrap in 2036", () => {
    const wrapMs = (2 ** 32 - 2_208_988_800) * 1000;
    expect(ntpMiddleAt(wrapMs - 500)).toBe(0xffff8000);
    expect(ntpMiddleAt(wrapMs + 500)).toBe(0x00008000);
  });
});

describe("RoundTripAccumulator", () => {
  const summaryOf = (samples: readonly number[]) => {
    const accumulator = new RoundTripAccumulator();
    for (const seconds of samples) accumulator.add(seconds);
    return accumulator.summary();
  };

  it("has no summary before the first sample", () => {
    expect(summaryOf([])).toBeUndefined();
  });

  it("takes a measured 0 for a value", () => {
    expect(summaryOf([0])).toEqual({
      lastSeconds: 0,
      minSeconds: 0,
      meanSeconds: 0,
      p95Seconds: 0,
      maxSeconds: 0,
      samples: 1,
    });
  });

  it("takes the 95th percentile by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
    const summary = summaryOf(hundred);
    expect(summary).toEqual({
      lastSeconds: 64,
      minSeconds: 1,
      meanSeconds: 50.5,
      p95Seconds: 95,
      maxSeconds: 100,
      samples: 100,
    });
    expect(summaryOf([3, 1, 2])?.p95Seconds).toBe(3);
  });

  it("agrees with a sort of everything while everything is in the window", () => {
    const samples = Array.from({ length: PERCENTILE_WINDOW }, (_, n) => ((n * 7919) % 1031) / 1000);
    const sorted = samples.toSorted((a, b) => a - b);
    expect(summaryOf(samples)?.p95Seconds).toBe(sorted[Math.ceil(0.95 * samples.length) - 1]);
  });

  it("takes the percentile from the newest samples, the rest from all", () => {
    const old = Array.from({ length: PERCENTILE_WINDOW }, () => 5);
    const recent = Array.from({ length: PERCENTILE_WINDOW }, () => 0.1);
    expect(summaryOf([...old, ...recent])).toMatchObject({
      p95Seconds: 0.1,
      maxSeconds: 5,
      samples: 2 * PERCENTILE_WINDOW,
    });
  });

  it.each([-0.001, NaN, Infinity])("rejects %d", (seconds) => {
    expect(() => summaryOf([seconds])).toThrow(RangeError);
  });
});
