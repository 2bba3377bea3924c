import { describe, expect, it, onTestFinished } from "vitest";

import { VoicePipeline } from "../../src/metrics/host/voice-pipeline.js";
import { startOtlpExport } from "../../src/metrics/otlp.js";
import type { GenAiInstruments } from "../../src/metrics/otlp-gen-ai.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { otlpReceiver, type ReceivedMetric } from "../support/otlp-receiver.js";

const MODEL = { model: "gpt-4o", provider: "openai" } as const;
const CHAT = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt-4o",
};

interface Exported {
  readonly genAi: GenAiInstruments;
  readonly received: ReadonlyMap<string, ReceivedMetric>;
}

/** What is exported of what a pipeline was told; each look at its clock takes half a second. */
async function exported(tell: (voice: VoicePipeline) => void): Promise<Exported> {
  const { url, exports } = await otlpReceiver();
  const otlp = await startOtlpExport({ nowMs: () => Date.now(), url });
  onTestFinished(() => otlp.close());
  let ms = 0;
  const voice = new VoicePipeline(new Recorder(), {
    nowMs: () => (ms += 500),
    outputs: [otlp.genAi],
  });
  tell(voice);
  await otlp.flush();
  const metrics = exports[0]?.metrics ?? [];
  return { genAi: otlp.genAi, received: new Map(metrics.map((one) => [one.name, one])) };
}

describe("the instruments of generative AI", () => {
  it("have the names, units, edges and attributes of the conventions", async () => {
    const { received } = await exported((voice) => {
      const request = voice.request("llm", MODEL);
      request.output();
      request.output();
      request.done();
      voice.record({ kind: "usage", llmInputTokens: 412, llmOutputTokens: 30, ...MODEL });
    });
    const inOrder = [...received].sort(([a], [b]) => (a < b ? -1 : 1));
    const facts = inOrder.map(([name, { kind, unit, points }]) => {
      return [name, kind, unit, points.map(({ attributes, sum }) => [attributes, sum])];
    });
    const token = (type: string) => ({ ...CHAT, "gen_ai.token.type": type });
    expect(facts).toEqual([
      ["gen_ai.client.operation.duration", "histogram", "s", [[CHAT, 1.5]]],
      ["gen_ai.client.operation.time_per_output_chunk", "histogram", "s", [[CHAT, 0.5]]],
      ["gen_ai.client.operation.time_to_first_chunk", "histogram", "s", [[CHAT, 0.5]]],
      [
        "gen_ai.client.token.usage",
        "histogram",
        "{token}",
        [
          [token("input"), 412],
          [token("output"), 30],
        ],
      ],
    ]);
    const edges = (name: string): readonly number[] | undefined =>
      received.get(name)?.points[0]?.bounds;
    const doubling = Array.from({ length: 14 }, (_, i) => (2 ** i * 10) / 1000);
    expect(edges("gen_ai.client.operation.duration")).toEqual(doubling);
    expect(edges("gen_ai.client.operation.time_to_first_chunk")).toEqual(doubling);
    expect(edges("gen_ai.client.operation.time_per_output_chunk")).toEqual(doubling);
    const quadrupling = Array.from({ length: 14 }, (_, i) => 4 ** i);
    expect(edges("gen_ai.client.token.usage")).toEqual(quadrupling);
  });

  it("say why a request failed, and have no first chunk of it", async () => {
    const { received } = await exported((voice) => {
      voice.request("llm", MODEL).fail("rate_limited");
      voice.record({ kind: "llm.done", seconds: 2, status: "error", ...MODEL });
    });
    const points = received.get("gen_ai.client.operation.duration")?.points ?? [];
    expect(points.map(({ attributes }) => attributes["error.type"])).toEqual([
      "rate_limited",
      "_OTHER",
    ]);
    expect([...received.keys()]).toEqual(["gen_ai.client.operation.duration"]);
  });

  it("leave speech out, tokens that were not used, and what nobody named", async () => {
    const { received } = await exported((voice) => {
      voice.request("stt", MODEL).done();
      voice.request("tts", MODEL).done();
      voice.record({ kind: "usage", llmInputTokens: 0, ttsCharacters: 9 });
      voice.record({ kind: "llm.done", seconds: 1 });
    });
    expect([...received.keys()]).toEqual(["gen_ai.client.operation.duration"]);
    const [point] = received.get("gen_ai.client.operation.duration")?.points ?? [];
    expect(point?.attributes).toEqual({ "gen_ai.operation.name": "chat" });
  });

  it("count numbers that are none, and do not take them", async () => {
    const { genAi, received } = await exported((voice) => {
      voice.record({ kind: "llm.tokenGap", seconds: [Number.NaN, -1, 0.25, Infinity], ...MODEL });
    });
    expect(genAi.ignoredSamples).toBe(3);
    const gaps = received.get("gen_ai.client.operation.time_per_output_chunk");
    expect(gaps?.points.map(({ sum }) => sum)).toEqual([0.25]);
  });
});
