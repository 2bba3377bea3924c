import { describe, expect, it } from "vitest";

import { exposition } from "../../src/metrics/exposition.js";
import { MetricRegistry } from "../../src/metrics/metric-registry.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { quantileOf, SUMMARY_WINDOW } from "../../src/metrics/summary.js";

/** Numbers of the lines of sip_call_rtt_ms after these samples, by what is in the braces. */
function after(samples: Iterable<number>): Record<string, number> {
  const recorder = new Recorder();
  const rtt = recorder.summary("sip_call_rtt_ms").at();
  for (const sample of samples) rtt.observe(sample);
  return Object.fromEntries(
    exposition(recorder)
      .split("\n")
      .filter((line) => line.startsWith("sip_call_rtt_ms"))
      .map((line) => {
        const [head = "", value] = line.split(" ");
        return [head.replace(/^sip_call_rtt_ms(?:_|\{quantile=")?|"\}$/g, ""), Number(value)];
      }),
  );
}

function* upTo(last: number): Generator<number> {
  for (let i = 1; i <= last; i += 1) yield i;
}

describe("a summary", () => {
  it("gives 50.5, 90.1, 95.05 and 99.01 for 1 to 100, whose sum is 5050", () => {
    const found = after(upTo(100));
    expect(Object.keys(found)).toEqual(["0.5", "0.9", "0.95", "0.99", "sum", "count"]);
    expect(found["0.5"]).toBe(50.5);
    expect(found["0.9"]).toBeCloseTo(90.1, 12);
    expect(found["0.95"]).toBeCloseTo(95.05, 12);
    expect(found["0.99"]).toBeCloseTo(99.01, 12);
    expect(found).toMatchObject({ sum: 5050, count: 100 });
  });

  it("does not mind the order of its samples", () => {
    expect(after([...upTo(500)].reverse())).toEqual(after(upTo(500)));
  });

  it("keeps counting and summing what its quantiles have forgotten", () => {
    expect(after(upTo(SUMMARY_WINDOW + 1))).toMatchObject({ count: 2049, sum: (2049 * 2050) / 2 });
    expect(after(upTo(10_000))).toMatchObject({ count: 10_000, sum: 50_005_000 });
  });

  it("forgets exactly the oldest sample for each new one", () => {
    for (const last of [2048, 2049, 4096, 5000]) {
      expect(after(upTo(last))["0.5"], String(last)).toBe((last - SUMMARY_WINDOW + 1 + last) / 2);
    }
  });

  it("has no quantiles before its first sample", () => {
    expect(after([])).toEqual({ sum: 0, count: 0 });
  });

  it("has the one sample for every quantile", () => {
    expect(after([7])).toEqual({ "0.5": 7, "0.9": 7, "0.95": 7, "0.99": 7, sum: 7, count: 1 });
  });

  it.each([0, -1, Number.NaN, Infinity])("takes no round-trip time of %d", (value) => {
    expect(after([value])).toEqual({ sum: 0, count: 0 });
  });
});

describe("ranges of the compatible summaries", () => {
  it.each([
    ["sip_call_loss_fraction", [0, 1], [-0.01, 1.01]],
    ["sip_call_mos_estimate", [1, 5], [0.99, 5.01, 0]],
    ["sip_call_jitter_ms", [0.001, 9999], [0, -1]],
  ] as const)("%s takes its ends and nothing beyond", (name, taken, refused) => {
    const recorder = new Recorder();
    const series = recorder.summary(name).at();
    for (const value of [...taken, ...refused]) series.observe(value);
    expect(series.count).toBe(taken.length);
    const noted = exposition(recorder).match(/^metrics_ignored_samples_total.* (\d+)$/gm) ?? [];
    const total = noted.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    expect(total).toBe(refused.length);
  });
});

describe("quantiles", () => {
  // The definition of type 7 from the other end: the piecewise linear inverse of
  // F(x[k]) = (k - 1) / (n - 1), walked interval by interval.
  function walked(sorted: readonly number[], q: number): number {
    let [left = Number.NaN] = sorted;
    for (const [k, right] of sorted.entries()) {
      const from = (k - 1) / (sorted.length - 1);
      const to = k / (sorted.length - 1);
      if (k > 0 && q <= to) return left + ((q - from) / (to - from)) * (right - left);
      left = right;
    }
    return left;
  }

  it("follow type 7 of Hyndman and Fan for any number of samples", () => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let n = 1; n < 80; n += 1) {
      const sorted = Float64Array.from({ length: n }, () => random() * 300).sort();
      for (const q of [0, 0.25, 0.5, 0.9, 0.95, 0.99, 1]) {
        expect(quantileOf(sorted, q)).toBeCloseTo(walked([...sorted], q), 9);
      }
    }
  });
});

describe("a summary whose samples age", () => {
  /** Summaries of a catalogue and of a host, of samples that are forgotten after ten seconds. */
  function aging(): {
    observe: (value: number) => void;
    pass: (ms: number) => void;
    lines: () => string[];
  } {
    let nowMs = 5;
    const recorder = new Recorder(undefined, {
      summaries: { maxAgeSeconds: 10, nowMs: () => nowMs },
    });
    const registry = new MetricRegistry(recorder);
    return {
      observe: (value) => {
        recorder.summary("sip_call_rtt_ms").at().observe(value);
        registry.observe("sip_call_rtt_ms_mine", "Mine.", value);
      },
      pass: (ms) => (nowMs += ms),
      lines: () =>
        exposition(recorder)
          .split("\n")
          .filter((line) => line.startsWith("sip_call_rtt_ms") && !/0\.9/.test(line)),
    };
  }

  const both = (median: string[], sum: number, count: number): string[] =>
    ["sip_call_rtt_ms", "sip_call_rtt_ms_mine"].flatMap((name) => [
      ...median.map((value) => `${name}{quantile="0.5"} ${value}`),
      `${name}_sum ${sum}`,
      `${name}_count ${count}`,
    ]);

  it("has quantiles of those that are young enough, and sum and count of all", () => {
    const { observe, pass, lines } = aging();
    observe(100);
    pass(6000);
    observe(10);
    expect(lines()).toEqual(both(["55"], 110, 2));
    pass(4000);
    expect(lines()).toEqual(both(["55"], 110, 2));
    pass(1);
    expect(lines()).toEqual(both(["10"], 110, 2));
    pass(6000);
    expect(lines()).toEqual(both([], 110, 2));
    observe(30);
    expect(lines()).toEqual(both(["30"], 140, 3));
  });

  it("still forgets the oldest of more than it keeps", () => {
    const { observe, lines } = aging();
    for (const value of upTo(SUMMARY_WINDOW + 100)) observe(value);
    const last = SUMMARY_WINDOW + 100;
    const median = (101 + last) / 2;
    expect(lines()).toEqual(both([String(median)], (last * (last + 1)) / 2, last));
  });

  it.each([0, -1, Number.NaN])("is refused an age of %d", (maxAgeSeconds) => {
    const make = (): unknown =>
      new Recorder(undefined, { summaries: { maxAgeSeconds, nowMs: () => 0 } });
    expect(make).toThrow(
      new RangeError(`maxAgeSeconds is ${String(maxAgeSeconds)}; it must be above 0`),
    );
  });
});
