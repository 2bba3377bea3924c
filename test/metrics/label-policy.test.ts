import { describe, expect, it } from "vitest";

import { exposition } from "../../src/metrics/exposition.js";
import type { Catalogue } from "../../src/metrics/family.js";
import type { LabelPolicies } from "../../src/metrics/label-policy.js";
import { Recorder } from "../../src/metrics/recorder.js";

const FACTS = { unit: "events", origin: "mediaprobe", series: "seen", when: "Now." } as const;
const OPEN = {
  words_total: {
    type: "counter",
    help: "Words.",
    labels: [
      ["model", "model"],
      ["session_id", "session"],
      ["side", "side"],
    ],
    ...FACTS,
  },
  wait_seconds: {
    type: "histogram",
    help: "Waits.",
    buckets: [1, 2],
    labels: [["model", "model"]],
    ...FACTS,
  },
} as const satisfies Catalogue;

function open(labels: LabelPolicies = {}): Recorder<typeof OPEN> {
  return new Recorder(OPEN, { labels });
}

function lines(recorder: Recorder<typeof OPEN>, start = "words_total"): string[] {
  return exposition(recorder)
    .split("\n")
    .filter((line) => line.startsWith(start));
}

describe("a label that may be left out", () => {
  it("is not exposed where its value is empty", () => {
    const recorder = open();
    recorder.counter("words_total").at("", "", "local").inc();
    recorder.counter("words_total").at("whisper", "", "local").inc();
    expect(lines(recorder)).toEqual([
      'words_total{side="local"} 1',
      'words_total{model="whisper",side="local"} 1',
    ]);
    expect(lines(recorder, "metrics_unknown")).toEqual([]);
  });

  it("is left out altogether when switched off, and nothing is noted", () => {
    const recorder = open({ model: "off" });
    recorder.counter("words_total").at("whisper", "", "local").inc();
    expect(lines(recorder)).toEqual(['words_total{side="local"} 1']);
    expect(lines(recorder, "metrics_unknown")).toEqual([]);
  });
});

describe("a label whose values are learned", () => {
  it("has the first so many, and one place for all others", () => {
    const recorder = open({ model: { learned: 2, isOptional: true } });
    for (const model of ["a", "b", "c", "d", "a"]) {
      recorder.counter("words_total").at(model, "", "local").inc();
    }
    expect(lines(recorder)).toEqual([
      'words_total{model="other",side="local"} 2',
      'words_total{model="a",side="local"} 2',
      'words_total{model="b",side="local"} 1',
    ]);
  });

  it.each([
    ["longer than a label value should be", "x".repeat(129)],
    ["half a character, which could not be told from another when written", "a\ud800"],
  ])("learns nothing that is %s", (_, model) => {
    const recorder = open();
    recorder.counter("words_total").at(model, "", "local").inc();
    expect(lines(recorder)).toEqual(['words_total{model="other",side="local"} 1']);
    expect(lines(recorder, "metrics_unknown")).toHaveLength(1);
  });
});

describe("a label whose values are declared", () => {
  const values = ["GPT-4o", "whisper"];

  it("takes them trimmed and in lower case, and everything else as the fallback, noted", () => {
    const recorder = open({ model: { values, fallback: "unlisted" } });
    for (const model of ["gpt-4o", " GPT-4O ", "Whisper", "claude", ""]) {
      recorder.counter("words_total").at(model, "", "local").inc();
    }
    expect(lines(recorder)).toEqual([
      'words_total{model="gpt-4o",side="local"} 2',
      'words_total{model="whisper",side="local"} 1',
      'words_total{model="unlisted",side="local"} 2',
    ]);
    expect(lines(recorder, "metrics_unknown")).toEqual([
      'metrics_unknown_value_total{key="model",metric="words_total"} 2',
    ]);
  });

  it("is left out where the value is empty and no fallback is declared", () => {
    const recorder = open({ model: { values } });
    recorder.counter("words_total").at("", "", "local").inc();
    recorder.counter("words_total").at("claude", "", "local").inc();
    expect(lines(recorder)).toEqual([
      'words_total{side="local"} 1',
      'words_total{model="other",side="local"} 1',
    ]);
  });
});

describe("a label whose values come and go", () => {
  it("keeps those used last, and the series of no others", () => {
    const recorder = open({ session: { recent: 2 } });
    const words = recorder.counter("words_total");
    words.at("", "s1", "local").add(5);
    words.at("", "s2", "local").add(7);
    words.at("", "s1", "remote").inc();
    words.at("", "s3", "local").inc();
    expect(lines(recorder)).toEqual([
      'words_total{session_id="s1",side="local"} 5',
      'words_total{session_id="s1",side="remote"} 1',
      'words_total{session_id="s3",side="local"} 1',
    ]);
  });

  it("never grows beyond them", () => {
    const recorder = open({ session: { recent: 10 } });
    for (let i = 0; i < 1000; i += 1)
      recorder.counter("words_total").at("", `s${i}`, "local").inc();
    expect(lines(recorder)).toHaveLength(10);
    expect(lines(recorder)).toContain('words_total{session_id="s999",side="local"} 1');
  });

  it("lets a value go when told", () => {
    const recorder = open({ session: { recent: 2 } });
    const words = recorder.counter("words_total");
    words.at("", "s1", "local").inc();
    words.at("", "s2", "local").inc();
    recorder.forget("session", "s2");
    recorder.forget("session", "s2");
    recorder.forget("session", "never seen");
    words.at("", "s3", "local").add(3);
    expect(lines(recorder)).toEqual([
      'words_total{session_id="s1",side="local"} 1',
      'words_total{session_id="s3",side="local"} 3',
    ]);
  });

  it("keeps a series that somebody still holds from counting for its successor", () => {
    const recorder = open({ session: { recent: 1 } });
    const words = recorder.counter("words_total");
    const held = words.at("", "s1", "local");
    words.at("", "s2", "local").inc();
    held.add(100);
    expect(lines(recorder)).toEqual(['words_total{session_id="s2",side="local"} 1']);
    expect(held.samples()).toEqual([]);
  });
});

describe("a family", () => {
  it("has no more series than its limit; what is beyond is counted", () => {
    const recorder = new Recorder({ few_total: { ...OPEN.words_total, seriesLimit: 3 } });
    for (let i = 0; i < 5; i += 1) recorder.counter("few_total").at(`m${i}`, "", "local").inc();
    const text = exposition(recorder);
    expect(text.match(/^few_total\{/gm)).toHaveLength(3);
    expect(text).toContain(
      'metrics_refused_updates_total{metric="few_total",reason="series-limit"} 2\n',
    );
  });

  it("may have other edges than its catalogue says", () => {
    const recorder = new Recorder(OPEN, { buckets: { wait_seconds: [0.5] } });
    recorder.histogram("wait_seconds").at("").observe(0.7);
    expect(lines(recorder as never, "wait_seconds_bucket")).toEqual([
      'wait_seconds_bucket{le="0.5"} 0',
      'wait_seconds_bucket{le="+Inf"} 1',
    ]);
  });
});

describe("options that cannot be meant", () => {
  it.each([
    [{ labels: { direction: "off" } as LabelPolicies }, '"direction" is no list'],
    [{ labels: { model: { learned: -1 } } }, "-1 values"],
    [{ labels: { session: { recent: 0.5 } } }, "0.5 values"],
    [{ buckets: { words_total: [1] } }, '"words_total", which is no histogram'],
    [{ buckets: { wait_seconds: [2, 1] } }, "edges must ascend"],
  ])("are refused: %j", (options, message) => {
    expect(() => new Recorder(OPEN, options)).toThrow(message);
  });
});
