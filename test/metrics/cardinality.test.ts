/**
 * Whatever is handed in, the number of series stays where the catalogue says it does.
 *
 * @module
 */

import { describe, expect, it } from "vitest";

import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { Catalogue } from "../../src/metrics/family.js";
import { GatewayMetrics } from "../../src/metrics/host/gateway-metrics.js";
import type { VoiceEvent } from "../../src/metrics/host/voice-events.js";
import { VoicePipeline } from "../../src/metrics/host/voice-pipeline.js";
import { MetricRegistry } from "../../src/metrics/metric-registry.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { SampleRing } from "../../src/metrics/sample-ring.js";
import { VoiceServerMetrics } from "../../src/metrics/voiceserver-metrics.js";

/** A generator of numbers from 0 to 1 that gives the same ones each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = ["", "sip", "ok", "other", "inbound", "BYE", "\n", '"', "\\", "__proto__", "\ud800"];
const NUMBERS = [0, -1, 1, 200, 486, 1e9, Number.NaN, Infinity, -Infinity, 2 ** 53, 1e-300];
const ODDITIES = [undefined, null, {}, [], Symbol("s"), 5n, () => 1, true];

/** Anything at all: what was seen before, what never was, and what is not even text. */
function anything(random: () => number): unknown {
  const pick = <T>(values: readonly T[]): T | undefined =>
    values[Math.floor(random() * values.length)];
  const kind = random();
  if (kind < 0.3) return pick(TEXTS);
  if (kind < 0.5) return `made-up-${Math.floor(random() * 1e6)}`;
  if (kind < 0.6) return "long".repeat(Math.floor(random() * 500));
  if (kind < 0.85) return pick(NUMBERS);
  return pick(ODDITIES);
}

type Any = (...values: unknown[]) => unknown;

/** Every method of an object's class. */
function methods(object: object): Any[] {
  const prototype = Object.getPrototypeOf(object) as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const value = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown;
    const isUpdate = typeof value === "function" && name !== "constructor";
    return isUpdate ? [(value as Any).bind(object)] : [];
  });
}

const VOICE_KINDS = ["llm.firstToken", "tts.done", "error", "usage", "bargeIn", "turn.decision"];

function seriesCount(recorder: Recorder): number {
  return recorder.tables.reduce((count, table) => count + table.all().length, 0);
}

describe("the number of series", () => {
  const open = { model: { learned: 4, isOptional: true }, session: { recent: 5 } };

  it.each([1, 2, 3])(
    "is bounded for every family, whatever labels it is given (seed %d)",
    (seed) => {
      const random = numbers(seed);
      const recorder = new Recorder(undefined, { labels: open });
      const names = Object.keys(CATALOGUE);
      for (const name of names) {
        const table = recorder.tableOf(name);
        if (table === undefined) throw new Error(name);
        for (let i = 0; i < 150; i += 1) {
          const values = Array.from({ length: 8 }, () => anything(random)) as string[];
          table.at(...(values as [string]));
          table.with({ [String(values[0]?.toString())]: "x", direction: values[1] as string });
        }
        expect(table.all().length, name).toBeLessThanOrEqual(table.bound);
      }
      expectSoundText(recorder);
    },
  );

  it.each([4, 5, 6])("is bounded through the helpers, none of which throws (seed %d)", (seed) => {
    const random = numbers(seed);
    const recorder = new Recorder();
    const before = seriesCount(recorder);
    for (const helper of methods(new VoiceServerMetrics(recorder))) {
      for (let i = 0; i < 500; i += 1) {
        const values = Array.from({ length: Math.floor(random() * 5) }, () => anything(random));
        // The figures of a call are an object: nothing at all is misuse that the types rule out.
        helper(values[0] ?? {}, ...values.slice(1));
      }
    }
    for (const { name } of recorder.tables) {
      const table = recorder.tableOf(name);
      expect(table?.all().length, name).toBeLessThanOrEqual(table?.bound ?? 0);
    }
    // One more for each value that no list has: far from one for each of thousands of values.
    expect(seriesCount(recorder)).toBeLessThan(before + 120);
    expectSoundText(recorder);
  });

  it.each([10, 11])("is bounded through a pipeline and a gateway (seed %d)", (seed) => {
    const random = numbers(seed);
    const recorder = new Recorder();
    const before = seriesCount(recorder);
    const nowMs = (): number => 0;
    const voice = new VoicePipeline(recorder, { nowMs });
    const gateway = new GatewayMetrics(recorder, { nowMs });
    for (let i = 0; i < 2000; i += 1) {
      const kind = VOICE_KINDS[i % VOICE_KINDS.length];
      const keys = ["model", "provider", "transport", "stage", "status", "errorType", "seconds"];
      const event = Object.fromEntries(keys.map((key) => [key, anything(random)]));
      voice.record({ ...event, kind, llmInputTokens: anything(random) } as unknown as VoiceEvent);
      gateway.recordRejection(anything(random) as "tts", anything(random) as "too_large");
      gateway.recordQueueWait(anything(random) as "tts", anything(random) as number);
      gateway.setConcurrencyLimit(anything(random) as number);
    }
    for (const { name } of recorder.tables) {
      const table = recorder.tableOf(name);
      expect(table?.all().length, name).toBeLessThanOrEqual(table?.bound ?? 0);
    }
    expect(seriesCount(recorder)).toBeGreaterThan(before);
    expectSoundText(recorder);
  });

  it.each([7, 8])(
    "is bounded through the generic registry, which never throws (seed %d)",
    (seed) => {
      const random = numbers(seed);
      const recorder = new Recorder();
      const registry = new MetricRegistry(recorder, { maxFamilies: 20, maxSeriesPerFamily: 30 });
      const before = recorder.tables.length;
      const names = [...Object.keys(CATALOGUE).slice(0, 20), "mine_total", "mine", "mine_count"];
      const name = (): unknown =>
        random() < 0.8 ? names[Math.floor(random() * names.length)] : anything(random);
      const any = registry as unknown as Record<string, Any>;
      for (let i = 0; i < 4000; i += 1) {
        const labels = Object.fromEntries(
          Array.from({ length: Math.floor(random() * 4) }, () => [
            random() < 0.5 ? "kind" : String(anything(random)?.toString()),
            anything(random),
          ]),
        );
        any["incCounter"]?.(name(), anything(random), labels);
        any["addCounter"]?.(name(), anything(random), labels, anything(random));
        any["setGauge"]?.(name(), anything(random), labels, anything(random));
        any["addGauge"]?.(name(), anything(random), labels, anything(random));
        any["observeN"]?.(name(), anything(random), anything(random), anything(random));
        any["observeAsync"]?.(name(), anything(random), anything(random));
      }
      expect(recorder.tables.length).toBeLessThanOrEqual(before + 20);
      for (const table of recorder.tables) {
        const bound = recorder.tableOf(table.name)?.bound ?? 31;
        expect(table.all().length, table.name).toBeLessThanOrEqual(bound);
      }
      expectSoundText(recorder);
    },
  );
});

describe("a ring of samples", () => {
  it("takes anything without throwing", () => {
    const random = numbers(9);
    const ring = new SampleRing(
      () => undefined,
      () => undefined,
    );
    for (let i = 0; i < 10_000; i += 1) {
      (ring.push.bind(ring) as Any)(anything(random), anything(random), i % 3);
    }
    expect(ring.dropped).toBe(10_000 - 4096);
    ring.flush();
  });
});

/** Each line is a comment or a sample of the text format, and no series is there twice. */
function expectSoundText(recorder: Recorder<Catalogue>): void {
  const heads = new Set<string>();
  for (const line of exposition(recorder).split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    expect(line).toMatch(
      /^[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*",?)+\})? -?[\d.e+-]+$/,
    );
    const head = line.slice(0, line.lastIndexOf(" "));
    expect(heads.has(head), head).toBe(false);
    heads.add(head);
  }
  expect(heads.size).toBeGreaterThan(500);
}
