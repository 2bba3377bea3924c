import { afterAll, describe, expect, it } from "vitest";

import { exposition } from "../../src/metrics/exposition.js";
import type { Catalogue } from "../../src/metrics/family.js";
import { Recorder } from "../../src/metrics/recorder.js";

const FACTS = { unit: "events", origin: "mediaprobe", series: "all", when: "Now." } as const;

/** Lines of a recorder that start so. */
function lines(recorder: Recorder<Catalogue>, start: string): string[] {
  return exposition(recorder)
    .split("\n")
    .filter((line) => line.startsWith(start));
}

describe("a counter", () => {
  it("counts by its label values", () => {
    const recorder = new Recorder();
    const byes = recorder.counter("sip_bye_total");
    byes.at("inbound", "remote", "normal").inc();
    byes.at("inbound", "remote", "normal").add(2);
    byes.with({ reason_class: "error", by: "local", direction: "outbound" }).inc();
    expect(lines(recorder, "sip_bye_total").filter((line) => !line.endsWith(" 0"))).toEqual([
      'sip_bye_total{by="remote",direction="inbound",reason_class="normal"} 3',
      'sip_bye_total{by="local",direction="outbound",reason_class="error"} 1',
    ]);
  });

  it.each([
    [-1, "negative"],
    [Number.NaN, "not-a-number"],
    [Infinity, "infinite"],
    [-Infinity, "infinite"],
  ])("takes no %d, but notes it", (amount, reason) => {
    const recorder = new Recorder();
    const timeouts = recorder.counter("sip_transaction_timeout_total").at("BYE");
    timeouts.add(amount);
    expect(timeouts.value).toBe(0);
    expect(lines(recorder, "metrics_ignored")).toEqual([
      `metrics_ignored_samples_total{metric="sip_transaction_timeout_total",reason="${reason}"} 1`,
    ]);
  });

  it("does not mind adding nothing", () => {
    const recorder = new Recorder();
    recorder.counter("sip_transaction_timeout_total").at("BYE").add(0);
    expect(lines(recorder, "metrics_ignored")).toEqual([]);
  });
});

describe("a gauge", () => {
  it("goes up and down, and takes only finite numbers", () => {
    const recorder = new Recorder();
    const active = recorder.gauge("voiceserver_active_calls").at("sip");
    active.set(3);
    active.add(-1);
    active.set(Number.NaN);
    active.add(Infinity);
    expect(active.value).toBe(2);
    expect(lines(recorder, "metrics_ignored")).toEqual([
      'metrics_ignored_samples_total{metric="voiceserver_active_calls",reason="not-a-number"} 1',
      'metrics_ignored_samples_total{metric="voiceserver_active_calls",reason="infinite"} 1',
    ]);
  });
});

describe("what a family does not know", () => {
  it("counts a value that is not listed as other, which is not there before, and notes it", () => {
    const recorder = new Recorder();
    const results = recorder.counter("sip_invite_result_total");
    expect(lines(recorder, "sip_invite")).toHaveLength(12);
    results.at("sideways" as "inbound", "2xx").inc();
    results.at("sideways" as "inbound", "9xx" as "2xx").inc();
    expect(lines(recorder, "sip_invite").filter((line) => !line.endsWith(" 0"))).toEqual([
      'sip_invite_result_total{class="2xx",direction="other"} 1',
      'sip_invite_result_total{class="other",direction="other"} 1',
    ]);
    expect(lines(recorder, "sip_invite")).toHaveLength(14);
    expect(lines(recorder, "metrics_unknown")).toEqual([
      'metrics_unknown_value_total{key="direction",metric="sip_invite_result_total"} 2',
      'metrics_unknown_value_total{key="class",metric="sip_invite_result_total"} 1',
    ]);
  });

  it("takes a value that is no text for one it does not know", () => {
    const recorder = new Recorder();
    for (const value of [5, null, {}, Symbol("a")]) {
      recorder
        .counter("sip_transaction_timeout_total")
        .at(value as unknown as "other")
        .inc();
    }
    expect(lines(recorder, 'sip_transaction_timeout_total{method="other"}')).toEqual([
      'sip_transaction_timeout_total{method="other"} 4',
    ]);
  });

  it("is said once for each family and label, and to a listener that may throw", () => {
    const said: string[] = [];
    const recorder = new Recorder(undefined, {
      onWarning: (message) => {
        said.push(message);
        throw new Error("no");
      },
    });
    const byes = recorder.counter("sip_bye_total");
    for (let i = 0; i < 3; i += 1) {
      byes.at("up", "local", "normal").inc();
      byes.with({ direction: "inbound", by: "local", reason_class: "error", to: "x" }).inc();
    }
    expect(said).toEqual([
      'sip_bye_total: "direction" has a value that is not listed; it is counted as another',
      'sip_bye_total: "to" is no label of the family; it is left out',
    ]);
  });

  it("counts it as other where the label has that value, and notes it", () => {
    const recorder = new Recorder();
    recorder
      .counter("sip_transaction_timeout_total")
      .at("OPTIONS" as "other")
      .inc();
    expect(lines(recorder, 'sip_transaction_timeout_total{method="other"}')).toEqual([
      'sip_transaction_timeout_total{method="other"} 1',
    ]);
    expect(lines(recorder, "metrics_unknown")).toHaveLength(1);
  });

  it("leaves out a label that the family does not have, counts the rest, and notes it", () => {
    const recorder = new Recorder();
    const labels = { method: "BYE", call_id: "a84b4c76e66710" } as const;
    recorder.counter("sip_transaction_timeout_total").with(labels).inc();
    expect(lines(recorder, 'sip_transaction_timeout_total{method="BYE"}')).toEqual([
      'sip_transaction_timeout_total{method="BYE"} 1',
    ]);
    expect(lines(recorder, "voiceserver_metrics_unknown")).toEqual([
      'voiceserver_metrics_unknown_label_total{key="call_id",metric="sip_transaction_timeout_total"} 1',
    ]);
    expect(exposition(recorder)).not.toContain("a84b4c76e66710");
  });

  it("learns no more names than its limit", () => {
    const recorder = new Recorder();
    const timeouts = recorder.counter("sip_transaction_timeout_total");
    for (let i = 0; i < 1000; i += 1) {
      timeouts.with({ method: "BYE", [`key_${i}`]: "x" }).inc();
    }
    const noted = lines(recorder, "voiceserver_metrics_unknown");
    expect(noted).toHaveLength(65);
    expect(noted).toContain(
      'voiceserver_metrics_unknown_label_total{key="other",metric="sip_transaction_timeout_total"} 936',
    );
  });

  it("takes a missing label for a value it does not know", () => {
    const recorder = new Recorder();
    recorder
      .counter("sip_transaction_timeout_total")
      .with({} as { method: "BYE" })
      .inc();
    expect(lines(recorder, "metrics_unknown")).toHaveLength(1);
  });
});

describe("families whose series come when seen", () => {
  it("show them in the same order whatever came first", () => {
    const first = new Recorder();
    const second = new Recorder();
    const codecs = ["opus", "PCMU", "G722"] as const;
    for (const codec of codecs) {
      first.histogram("rtp_call_mos_lq").at("sip", "inbound", codec, "narrowband").observe(4);
    }
    for (const codec of codecs.toReversed()) {
      second.histogram("rtp_call_mos_lq").at("sip", "inbound", codec, "narrowband").observe(4);
    }
    expect(exposition(first)).toBe(exposition(second));
    expect(lines(first, "rtp_call_mos_lq_count")).toHaveLength(3);
  });
});

describe("a catalogue of one's own", () => {
  it.each([
    ["a name that is none", { "a-total": { type: "gauge", help: "A.", labels: [], ...FACTS } }],
    ["a counter without _total", { a: { type: "counter", help: "A.", labels: [], ...FACTS } }],
    ["a gauge with _total", { a_total: { type: "gauge", help: "A.", labels: [], ...FACTS } }],
    ["no help", { a: { type: "gauge", help: "", labels: [], ...FACTS } }],
    ["a reserved label", { a: { type: "gauge", help: "A.", labels: [["le", "side"]], ...FACTS } }],
    [
      "a label twice",
      {
        a: {
          type: "gauge",
          help: "A.",
          labels: [
            ["by", "side"],
            ["by", "side"],
          ],
          ...FACTS,
        },
      },
    ],
    [
      "edges that do not ascend",
      { a: { type: "histogram", help: "A.", labels: [], buckets: [1, 1], ...FACTS } },
    ],
  ] as const satisfies [string, Catalogue][])("may not have %s", (_, catalogue) => {
    expect(() => new Recorder<Catalogue>(catalogue)).toThrow(RangeError);
  });

  it("is asked only for what it has", () => {
    const recorder = new Recorder<Catalogue>({
      a: { type: "gauge", help: "A.", labels: [], ...FACTS },
    });
    expect(() => recorder.gauge("b")).toThrow('"b" is not a gauge');
    expect(() => recorder.counter("a")).toThrow('"a" is not a counter');
  });
});

describe("the hot path", () => {
  const recorder = new Recorder();
  const byes = recorder.counter("sip_bye_total");
  const active = recorder.gauge("voiceserver_active_calls");
  const jitter = recorder.histogram("rtp_call_jitter_seconds");
  const rtt = recorder.summary("sip_call_rtt_ms");
  const bound = byes.at("inbound", "local", "normal");
  const whys = ["normal", "timer-expired", "error", "user-hangup"] as const;

  it.each([
    [
      "a bound counter",
      () => {
        bound.inc();
      },
    ],
    [
      "a counter by label values",
      (i: number) => {
        byes.at("outbound", "remote", whys[i & 3] ?? "normal").inc();
      },
    ],
    [
      "a counter by values it does not know",
      () => {
        byes.at("up" as "inbound", "remote", "normal").inc();
      },
    ],
    [
      "a gauge",
      (i: number) => {
        active.at("sip").set(i);
      },
    ],
    [
      "a histogram",
      (i: number) => {
        jitter.at("sip", "inbound", "PCMU", "measured").observe((i & 255) / 1000);
      },
    ],
    [
      "a summary",
      (i: number) => {
        rtt.at().observe(1 + (i & 1023));
      },
    ],
    [
      "a number that is not taken",
      () => {
        rtt.at().observe(-1);
      },
    ],
  ])("allocates nothing for %s", (_, update) => {
    expect(bytesAnUpdate(update)).toBeLessThan(1);
  });

  it("would be seen to allocate if it did", () => {
    const kept: unknown[] = [];
    const bytes = bytesAnUpdate((i) => {
      kept[i & 7] = { i };
    });
    expect(bytes).toBeGreaterThan(8);
    expect(kept).toHaveLength(8);
  });

  afterAll(() => {
    expect(exposition(recorder)).toContain(
      'metrics_unknown_value_total{key="direction",metric="sip_bye_total"}',
    );
  });
});

/**
 * Growth of the heap: the median of some rounds, in a few of which others allocate or free. What is not
 * compiled to its best yet boxes numbers, and on a busy machine that takes long: the rounds of least
 * growth are those that count.
 */
function bytesAnUpdate(update: (i: number) => void): number {
  const updates = 20_000;
  let least = Infinity;
  for (let batch = 0; batch < 40 && !(least < 1); batch += 1) {
    const grown: number[] = [];
    for (let round = 0; round < 25; round += 1) {
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < updates; i += 1) update(i);
      grown.push((process.memoryUsage().heapUsed - before) / updates);
    }
    least = Math.min(least, grown.sort((a, b) => a - b)[12] ?? Infinity);
  }
  return least;
}
