import { metrics as globalMetrics } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { LIVEKIT_INSTRUMENTS } from "../../src/metrics/catalogue/livekit.js";
import type { VoiceEvent } from "../../src/metrics/host/voice-events.js";
import { VoicePipeline } from "../../src/metrics/host/voice-pipeline.js";
import { startOtlpExport, type OtlpOptions } from "../../src/metrics/otlp.js";
import { catalogueProducer } from "../../src/metrics/otlp-catalogue.js";
import { otlpEnvironment } from "../../src/metrics/otlp-environment.js";
import { LiveKitInstruments } from "../../src/metrics/otlp-livekit.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { otlpReceiver, type ReceivedMetric, type Receiver } from "../support/otlp-receiver.js";

const nowMs = (): number => Date.now();
const LLM = { model: "gpt-4o", provider: "openai" } as const;
const LLM_ATTRIBUTES = { model_name: "gpt-4o", model_provider: "openai" };
const STT = { model: "nova-3", provider: "deepgram" } as const;
const STT_ATTRIBUTES = { model_name: "nova-3", model_provider: "deepgram" };
const TTS = { model: "sonic", provider: "cartesia" } as const;
const TTS_ATTRIBUTES = { model_name: "sonic", model_provider: "cartesia" };

const EVENTS: readonly VoiceEvent[] = [
  { kind: "turn.end", speechEndAtSeconds: 10, firstAudioAtSeconds: 10.8, ...LLM },
  { kind: "llm.firstToken", seconds: 0.4, ...LLM },
  { kind: "tts.firstAudio", seconds: 0.2, ...TTS },
  { kind: "stt.final", seconds: 2, sinceSpeechEndSeconds: 0.3, ...STT },
  { kind: "turn.decision", seconds: 0.5, ...STT },
  { kind: "turn.callback", seconds: 0.01, ...STT },
  {
    kind: "usage",
    llmInputTokens: 1,
    llmInputCachedTokens: 2,
    llmOutputTokens: 3,
    llmInputAudioTokens: 4,
    llmInputTextTokens: 5,
    llmOutputAudioTokens: 6,
    llmOutputTextTokens: 7,
    llmSessionSeconds: 8,
    ttsCharacters: 9,
    ttsAudioSeconds: 10,
    sttAudioSeconds: 11,
    interruptionRequests: 12,
    ...LLM,
  },
  { kind: "connection.acquired", seconds: 0, reused: true, ...TTS },
];

/** An export to a receiver, closed after the test. */
async function exporting(options: Partial<OtlpOptions> = {}, receiver?: Receiver) {
  const to = receiver ?? (await otlpReceiver());
  const otlp = await startOtlpExport({ nowMs, url: to.url, ...options });
  onTestFinished(() => otlp.close());
  const voice = new VoicePipeline(new Recorder(), { nowMs, outputs: [otlp.liveKit] });
  return { ...to, otlp, voice };
}

function byName(metrics: readonly ReceivedMetric[] = []): Map<string, ReceivedMetric> {
  return new Map(metrics.map((metric) => [metric.name, metric]));
}

// Names, units and attributes byte for byte, as their receivers know them.
const EXPECTED: readonly [
  name: string,
  kind: "histogram" | "sum",
  unit: string,
  attributes: Record<string, string>,
  value: number,
][] = [
  ["lk.agents.turn.e2e_latency", "histogram", "s", LLM_ATTRIBUTES, 0.8],
  ["lk.agents.turn.llm_ttft", "histogram", "s", LLM_ATTRIBUTES, 0.4],
  ["lk.agents.turn.tts_ttfb", "histogram", "s", TTS_ATTRIBUTES, 0.2],
  ["lk.agents.turn.transcription_delay", "histogram", "s", STT_ATTRIBUTES, 0.3],
  ["lk.agents.turn.end_of_turn_delay", "histogram", "s", STT_ATTRIBUTES, 0.5],
  ["lk.agents.turn.on_user_turn_completed_delay", "histogram", "s", STT_ATTRIBUTES, 0.01],
  ["lk.agents.usage.llm_input_tokens", "sum", "", LLM_ATTRIBUTES, 1],
  ["lk.agents.usage.llm_input_cached_tokens", "sum", "", LLM_ATTRIBUTES, 2],
  ["lk.agents.usage.llm_output_tokens", "sum", "", LLM_ATTRIBUTES, 3],
  ["lk.agents.usage.llm_input_audio_tokens", "sum", "", LLM_ATTRIBUTES, 4],
  ["lk.agents.usage.llm_input_text_tokens", "sum", "", LLM_ATTRIBUTES, 5],
  ["lk.agents.usage.llm_output_audio_tokens", "sum", "", LLM_ATTRIBUTES, 6],
  ["lk.agents.usage.llm_output_text_tokens", "sum", "", LLM_ATTRIBUTES, 7],
  ["lk.agents.usage.llm_session_duration", "sum", "s", LLM_ATTRIBUTES, 8],
  ["lk.agents.usage.tts_characters", "sum", "", LLM_ATTRIBUTES, 9],
  ["lk.agents.usage.tts_audio_duration", "sum", "s", LLM_ATTRIBUTES, 10],
  ["lk.agents.usage.stt_audio_duration", "sum", "s", LLM_ATTRIBUTES, 11],
  ["lk.agents.usage.interruption_num_requests", "sum", "", LLM_ATTRIBUTES, 12],
  [
    "lk.agents.connection.acquire_time",
    "histogram",
    "s",
    { ...TTS_ATTRIBUTES, connection_reused: "true" },
    0,
  ],
];

describe.each(["http/protobuf", "http/json"] as const)("the instruments over %s", (protocol) => {
  it("are the nineteen with their names, units and attributes", async () => {
    const { otlp, voice, exports } = await exporting({ protocol });
    for (const event of EVENTS) voice.record(event);
    await otlp.flush();
    const received = byName(exports[0]?.metrics);
    expect([...received.keys()].sort()).toEqual(EXPECTED.map(([name]) => name).sort());
    expect(Object.keys(LIVEKIT_INSTRUMENTS).sort()).toEqual([...received.keys()].sort());
    for (const [name, kind, unit, attributes, value] of EXPECTED) {
      const metric = received.get(name);
      expect(metric, name).toMatchObject({ scope: "livekit-agents", kind, unit });
      expect(metric?.points, name).toHaveLength(1);
      const [point] = metric?.points ?? [];
      expect(point?.attributes, name).toEqual(attributes);
      expect(kind === "sum" ? point?.value : point?.sum, name).toBeCloseTo(value, 12);
      expect(metric?.temporality, name).toBe("delta");
    }
  });

  it("tell a second from three", async () => {
    const { otlp, voice, exports } = await exporting({ protocol });
    for (const seconds of [0.8, 3]) voice.record({ kind: "llm.firstToken", seconds, ...LLM });
    await otlp.flush();
    const [point] = byName(exports[0]?.metrics).get("lk.agents.turn.llm_ttft")?.points ?? [];
    expect(point?.bounds).toEqual([0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13]);
    expect(point?.counts?.filter((count) => count > 0)).toEqual([1, 1]);
  });
});

describe("attributes of a job", () => {
  it("are those of the job at each measurement, beside the model's", async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
    const provider = new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })],
    });
    let job = "job-1";
    const instruments = new LiveKitInstruments(provider, {
      jobAttributes: () => ({ job_id: job }),
    });
    instruments.onVoiceEvent({ kind: "llm.firstToken", seconds: 1, ...LLM });
    job = "job-2";
    instruments.onVoiceEvent({ kind: "llm.firstToken", seconds: 1, ...LLM });
    await provider.forceFlush();
    const [metric] = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? [];
    expect(metric?.dataPoints.map(({ attributes }) => attributes)).toEqual([
      { job_id: "job-1", ...LLM_ATTRIBUTES },
      { job_id: "job-2", ...LLM_ATTRIBUTES },
    ]);
    await provider.shutdown();
  });
});

describe("temporality", () => {
  it("is delta: what was told is not told again", async () => {
    const { otlp, voice, exports } = await exporting();
    voice.record({ kind: "usage", llmInputTokens: 11, ...LLM });
    voice.record({ kind: "llm.firstToken", seconds: 1, ...LLM });
    await otlp.flush();
    voice.record({ kind: "usage", llmInputTokens: 7, ...LLM });
    await otlp.flush();
    const second = byName(exports[1]?.metrics);
    expect(second.get("lk.agents.usage.llm_input_tokens")?.points[0]?.value).toBe(7);
    expect(second.has("lk.agents.turn.llm_ttft")).toBe(false);
  });

  it("is cumulative where that is asked for", async () => {
    const { otlp, voice, exports } = await exporting({ temporality: "cumulative" });
    voice.record({ kind: "usage", llmInputTokens: 11, ...LLM });
    await otlp.flush();
    voice.record({ kind: "usage", llmInputTokens: 7, ...LLM });
    await otlp.flush();
    const tokens = byName(exports[1]?.metrics).get("lk.agents.usage.llm_input_tokens");
    expect(tokens).toMatchObject({ temporality: "cumulative", isMonotonic: true });
    expect(tokens?.points[0]?.value).toBe(18);
  });

  it("is none of a gauge: each export has it as it is", async () => {
    const recorder = new Recorder();
    recorder.gauge("voiceserver_active_calls").at("sip").set(3);
    const { otlp, exports } = await exporting({ recorder });
    await otlp.flush();
    await otlp.flush();
    const active = byName(exports[1]?.metrics).get("voiceserver_active_calls");
    expect(active).toMatchObject({ kind: "gauge" });
    expect(active?.points.map(({ value }) => value)).toEqual([3, 0]);
  });
});

describe("the families of a recorder", () => {
  function used(): Recorder {
    const recorder = new Recorder();
    recorder.counter("sip_bye_total").at("inbound", "remote", "normal").add(3);
    recorder.summary("sip_call_rtt_ms").at().observe(12);
    const jitter = recorder.histogram("rtp_call_jitter_seconds");
    for (const seconds of [0.0005, 0.004, 0.004, 9]) {
      jitter.at("sip", "inbound", "PCMU", "measured").observe(seconds);
    }
    return recorder;
  }

  it.each(["http/protobuf", "http/json"] as const)(
    "go out as they are over %s",
    async (protocol) => {
      const recorder = used();
      const { otlp, exports } = await exporting({ protocol, recorder, temporality: "cumulative" });
      await otlp.flush();
      const received = byName(exports[0]?.metrics);
      const byes = received.get("sip_bye_total");
      expect(byes).toMatchObject({
        scope: "mediaprobe",
        kind: "sum",
        unit: "{call}",
        temporality: "cumulative",
        isMonotonic: true,
      });
      expect(byes?.points).toHaveLength(16);
      expect(byes?.points.find(({ value }) => value === 3)?.attributes).toEqual({
        direction: "inbound",
        by: "remote",
        reason_class: "normal",
      });
      const jitter = received.get("rtp_call_jitter_seconds");
      expect(jitter).toMatchObject({ kind: "histogram", unit: "s" });
      const [point] = jitter?.points ?? [];
      expect(point).toMatchObject({ count: 4 });
      expect(point?.sum).toBeCloseTo(9.0085, 9);
      expect(point?.attributes).toEqual({
        transport: "sip",
        direction: "inbound",
        codec: "PCMU",
        source: "measured",
      });
      const total = point?.counts?.reduce((sum, count) => sum + count, 0);
      expect(total).toBe(4);
      expect(point?.counts).toHaveLength((point?.bounds?.length ?? 0) + 1);
      expect(point?.counts?.at(-1)).toBe(1);
      expect(received.has("sip_call_rtt_ms")).toBe(false);
    },
  );

  it("go out as deltas, each period beginning where the last ended", async () => {
    const recorder = used();
    const { otlp, exports } = await exporting({ recorder });
    await otlp.flush();
    recorder.counter("sip_bye_total").at("inbound", "remote", "normal").add(2);
    recorder
      .histogram("rtp_call_jitter_seconds")
      .at("sip", "inbound", "PCMU", "measured")
      .observe(0.004);
    await otlp.flush();
    await otlp.flush();
    const [first, second, third] = exports.map(({ metrics }) => byName(metrics));
    const points = (of: typeof first, name: string) => of?.get(name)?.points ?? [];
    expect(points(first, "sip_bye_total").map(({ value }) => value)).toEqual([3]);
    expect(points(second, "sip_bye_total").map(({ value }) => value)).toEqual([2]);
    expect(points(second, "sip_bye_total")[0]?.startNs).toBe(
      points(first, "sip_bye_total")[0]?.timeNs,
    );
    const [jitter] = points(second, "rtp_call_jitter_seconds");
    expect(jitter?.count).toBe(1);
    expect(jitter?.counts?.filter((count) => count !== 0)).toEqual([1]);
    expect(third?.has("sip_bye_total") ?? false).toBe(false);
  });

  it("fit a reader of the host's own", async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({
      exporter,
      metricProducers: [catalogueProducer(used(), { nowMs })],
    });
    const provider = new MeterProvider({ readers: [reader] });
    await provider.forceFlush();
    const names = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
    expect(names).toContain("rtp_call_jitter_seconds");
    await provider.shutdown();
  });

  it("begin again after they were set back", async () => {
    const recorder = used();
    const { otlp, exports } = await exporting({ recorder });
    await otlp.flush();
    for (const table of recorder.tables) table.reset();
    recorder.counter("sip_bye_total").at("inbound", "remote", "normal").inc();
    await otlp.flush();
    const byes = byName(exports[1]?.metrics).get("sip_bye_total");
    expect(byes?.points.map(({ value }) => value)).toEqual([1]);
  });

  it("have a later start where their sums begin again, and only there", async () => {
    const session = { kind: "error", stage: "stt", sessionId: "a" } as const;
    const recorder = new Recorder(undefined, { labels: { session: { recent: 1 } } });
    const voice = new VoicePipeline(recorder, { nowMs, sessionLabel: (id) => id });
    const byes = recorder.counter("sip_bye_total").at("inbound", "remote", "normal");
    const { otlp, exports } = await exporting({ recorder, temporality: "cumulative" });
    byes.add(3);
    voice.record(session);
    await otlp.flush();
    recorder.forget("session", "a");
    await otlp.flush();
    voice.record(session);
    for (const table of recorder.tables) if (table.name === "sip_bye_total") table.reset();
    byes.inc();
    await otlp.flush();
    const [first, second, third] = exports.map(({ metrics }) => byName(metrics));
    for (const name of ["sip_bye_total", "stt_errors_total"]) {
      const point = (of: typeof first) => of?.get(name)?.points.find(({ value }) => value !== 0);
      expect(point(third)?.value).toBe(1);
      expect(point(third)?.startNs).toBe(second?.get("sip_bye_total")?.points[0]?.timeNs);
      expect(point(first)?.startNs).not.toBe(point(third)?.startNs);
    }
    const untouched = (of: typeof first) => of?.get("sip_invite_result_total")?.points[0]?.startNs;
    expect(untouched(third)).toBe(untouched(first));
  });
});

describe("an export", () => {
  it("asks for its header fields each time, and keeps the last where that fails", async () => {
    let tokens = 0;
    const headers = (): Record<string, string> => {
      tokens += 1;
      if (tokens === 3) throw new Error("no token today");
      return { authorization: `Bearer ${tokens}` };
    };
    const { otlp, voice, exports } = await exporting({ headers });
    for (let i = 0; i < 3; i += 1) {
      voice.record({ kind: "usage", ttsCharacters: 1 });
      await otlp.flush();
    }
    expect(exports.map((one) => one.headers.authorization)).toEqual([
      "Bearer 1",
      "Bearer 2",
      "Bearer 2",
    ]);
    expect(exports[0]).toMatchObject({
      path: "/v1/metrics",
      resource: { "service.name": "mediaprobe" },
      headers: { "content-type": "application/x-protobuf", "content-encoding": "gzip" },
    });
  });

  it("flushes when it is closed, once", async () => {
    const { otlp, voice, exports } = await exporting();
    voice.record({ kind: "usage", ttsCharacters: 5 });
    await Promise.all([otlp.close(), otlp.close()]);
    expect(exports).toHaveLength(1);
    expect(exports[0]?.metrics[0]?.points[0]?.value).toBe(5);
  });

  it("tries again when its receiver is busy", async () => {
    const receiver = await otlpReceiver();
    receiver.answers.push(503);
    const { otlp, voice, exports } = await exporting({}, receiver);
    voice.record({ kind: "usage", ttsCharacters: 5 });
    await otlp.flush();
    expect(exports).toHaveLength(1);
    expect(otlp.failedExports).toBe(0);
  });

  it("counts what its receiver refuses, and throws nothing", async () => {
    const receiver = await otlpReceiver();
    receiver.answers.push(401);
    const { otlp, voice, exports } = await exporting({}, receiver);
    voice.record({ kind: "usage", ttsCharacters: 5 });
    await otlp.flush();
    expect(exports).toEqual([]);
    expect(otlp.failedExports).toBe(1);
  });

  it("has exponential histograms where they are asked for", async () => {
    const { otlp, voice, exports } = await exporting({ exponentialHistograms: true });
    voice.record({ kind: "llm.firstToken", seconds: 0.8, ...LLM });
    await otlp.flush();
    const metric = byName(exports[0]?.metrics).get("lk.agents.turn.llm_ttft");
    expect(metric).toMatchObject({ kind: "exponentialHistogram" });
    expect(metric?.points[0]).toMatchObject({ count: 1, sum: 0.8 });
    expect(metric?.points[0]?.scale).toBeDefined();
  });

  it("goes where the environment says, as the service it says", async () => {
    const receiver = await otlpReceiver();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", new URL(receiver.url).origin);
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=secret");
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
    vi.stubEnv("OTEL_SERVICE_NAME", "gateway");
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const otlp = await startOtlpExport({ nowMs });
    otlp.liveKit.onVoiceEvent({ kind: "usage", ttsCharacters: 5 });
    await otlp.close();
    expect(receiver.exports[0]).toMatchObject({
      path: "/v1/metrics",
      headers: { "x-api-key": "secret", "content-type": "application/json" },
      resource: { "service.name": "gateway", "deployment.environment.name": "test" },
    });
  });

  it.each([
    [{ intervalMs: 0 }, "intervalMs is 0; it must be from 1 to 2147483647 milliseconds"],
    [{ timeoutMs: Number.NaN }, "timeoutMs is NaN"],
    [{ url: "collector" }, 'url is "collector"; it must be a whole one'],
    [{ url: "localhost:4318/v1/metrics" }, 'as "http://localhost:4318/v1/metrics"'],
    [{ url: "ftp://localhost/v1/metrics" }, "url is"],
    [{ url: "http://" }, "url is"],
  ])("may not have %o", async (options, message) => {
    await expect(startOtlpExport({ nowMs, ...options })).rejects.toThrow(message);
  });

  it("takes its settings from options, then the environment, then defaults", () => {
    const environment = {
      OTEL_METRIC_EXPORT_INTERVAL: "5000",
      OTEL_EXPORTER_OTLP_TIMEOUT: "7000",
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "CUMULATIVE",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    };
    expect(otlpEnvironment({}, {})).toEqual({
      intervalMs: 30_000,
      timeoutMs: 10_000,
      protocol: "http/protobuf",
      temporality: "delta",
    });
    expect(otlpEnvironment({}, environment)).toEqual({
      intervalMs: 5000,
      timeoutMs: 5000,
      protocol: "http/protobuf",
      temporality: "cumulative",
    });
    expect(otlpEnvironment({ intervalMs: 8000, temporality: "delta" }, environment)).toMatchObject({
      intervalMs: 8000,
      timeoutMs: 7000,
      temporality: "delta",
    });
  });
});

describe("a meter provider of the host", () => {
  function hosted() {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
    const reader = new PeriodicExportingMetricReader({ exporter });
    const provider = new MeterProvider({ readers: [reader] });
    onTestFinished(() => provider.shutdown());
    const names = (): string[] =>
      exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
    return { provider, names };
  }

  it("that is set for the process makes the instruments, and stays open", async () => {
    const { provider, names } = hosted();
    globalMetrics.setGlobalMeterProvider(provider);
    onTestFinished(() => {
      globalMetrics.disable();
    });
    const { otlp, voice, exports } = await exporting();
    voice.record({ kind: "usage", ttsCharacters: 5 });
    await otlp.close();
    expect(names()).toEqual(["lk.agents.usage.tts_characters"]);
    expect(exports).toEqual([]);
    voice.record({ kind: "usage", ttsCharacters: 5 });
    await provider.forceFlush();
    expect(names()).toHaveLength(2);
  });

  it("does not take the families of a recorder with it", async () => {
    const { provider, names } = hosted();
    const recorder = new Recorder();
    recorder.counter("call_issues_total").at("no-media").inc();
    const { otlp, voice, exports } = await exporting({ recorder, meterProvider: provider });
    voice.record({ kind: "usage", ttsCharacters: 5 });
    await otlp.flush();
    await provider.forceFlush();
    expect(names()).toEqual(["lk.agents.usage.tts_characters"]);
    const received = byName(exports[0]?.metrics);
    expect(received.has("call_issues_total")).toBe(true);
    expect(received.has("lk.agents.usage.tts_characters")).toBe(false);
  });
});

describe("without OpenTelemetry", () => {
  it("says what to install", async () => {
    vi.resetModules();
    vi.doMock("@opentelemetry/sdk-metrics", () => {
      throw new Error("Cannot find package '@opentelemetry/sdk-metrics'");
    });
    onTestFinished(() => {
      vi.doUnmock("@opentelemetry/sdk-metrics");
    });
    const { startOtlpExport: start } = await import("../../src/metrics/otlp.js");
    await expect(start({ nowMs })).rejects.toMatchObject({
      code: "ERR_OPENTELEMETRY_MISSING",
      message: expect.stringContaining("npm install @opentelemetry/api@1") as string,
    });
  });
});

describe("numbers that are none", () => {
  it.each([Number.NaN, -1, Infinity])("such as %d make no data point", async (seconds) => {
    const { otlp, voice, exports } = await exporting();
    voice.record({ kind: "llm.firstToken", seconds });
    voice.record({ kind: "usage", llmInputTokens: seconds });
    await otlp.flush();
    expect(exports.flatMap(({ metrics }) => metrics)).toEqual([]);
    expect(otlp.liveKit).toBeInstanceOf(LiveKitInstruments);
    expect(otlp.liveKit.ignoredSamples).toBe(2);
  });
});
