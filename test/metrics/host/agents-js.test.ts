import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";

import { attachAgentSession, AgentsJsEvents } from "../../../src/metrics/host/agents-js.js";
import type { AgentMetrics, MetricsReport } from "../../../src/metrics/host/agents-js-ports.js";
import type { VoiceEvent } from "../../../src/metrics/host/voice-events.js";
import { VoicePipeline } from "../../../src/metrics/host/voice-pipeline.js";
import { Recorder } from "../../../src/metrics/recorder.js";
import { moved } from "./recorded.js";

const LLM = { modelName: "gpt-4o", modelProvider: "openai" };
const STT = { modelName: "nova-3", modelProvider: "deepgram" };
const TTS = { modelName: "sonic", modelProvider: "cartesia" };

// With every field that @livekit/agents 1.9 sends.
const llm = {
  type: "llm_metrics",
  label: "openai.LLM",
  requestId: "r1",
  timestamp: 1_760_000_000_000,
  durationMs: 1800,
  ttftMs: 400,
  cancelled: false,
  completionTokens: 90,
  promptTokens: 412,
  promptCachedTokens: 128,
  totalTokens: 502,
  tokensPerSecond: 50,
  metadata: LLM,
} as const;
const tts = {
  type: "tts_metrics",
  label: "cartesia.TTS",
  requestId: "r2",
  timestamp: 1_760_000_000_000,
  ttfbMs: 180,
  durationMs: 900,
  audioDurationMs: 2500,
  cancelled: false,
  charactersCount: 42,
  streamed: true,
  metadata: TTS,
} as const;
const stt = {
  type: "stt_metrics",
  label: "deepgram.STT",
  requestId: "r3",
  timestamp: 1_760_000_000_000,
  durationMs: 0,
  audioDurationMs: 3200,
  streamed: true,
  metadata: STT,
} as const;
const endOfUtterance = {
  type: "eou_metrics",
  timestamp: 1_760_000_000_000,
  endOfUtteranceDelayMs: 550,
  transcriptionDelayMs: 300,
  onUserTurnCompletedDelayMs: 0,
  lastSpeakingTimeMs: 1_760_000_000_000,
} as const;
const realtime = {
  type: "realtime_model_metrics",
  label: "openai.realtime",
  requestId: "",
  timestamp: 1_760_000_000_000,
  durationMs: 0,
  ttftMs: -1,
  cancelled: false,
  inputTokens: 0,
  outputTokens: 0,
  totalTokens: 0,
  tokensPerSecond: 0,
  inputTokenDetails: { audioTokens: 0, textTokens: 0, imageTokens: 0, cachedTokens: 0 },
  outputTokenDetails: { audioTokens: 0, textTokens: 0, imageTokens: 0 },
  metadata: LLM,
} as const;

type Told = AgentMetrics | { readonly report: MetricsReport };

/** What a session's metrics and reports become. */
function eventsOf(told: readonly Told[], options = {}): VoiceEvent[] {
  const events: VoiceEvent[] = [];
  const session = new AgentsJsEvents({ record: (event) => events.push(event) }, options);
  for (const one of told) {
    if ("report" in one) session.onReport(one.report);
    else session.onMetrics(one);
  }
  return events;
}

describe("metrics of @livekit/agents", () => {
  it("of a language model are its usage, first token and end, in seconds", () => {
    const about = { model: "gpt-4o", provider: "openai" };
    expect(eventsOf([llm])).toEqual([
      {
        kind: "usage",
        llmInputTokens: 412,
        llmInputCachedTokens: 128,
        llmOutputTokens: 90,
        ...about,
      },
      { kind: "llm.firstToken", seconds: 0.4, ...about },
      { kind: "llm.done", seconds: 1.8, ...about },
    ]);
  });

  it("of speech are its usage, first audio and end, in seconds", () => {
    const about = { model: "sonic", provider: "cartesia" };
    expect(eventsOf([tts])).toEqual([
      { kind: "usage", ttsCharacters: 42, ttsAudioSeconds: 2.5, ...about },
      { kind: "tts.firstAudio", seconds: 0.18, ...about },
      { kind: "tts.done", seconds: 0.9, ...about },
    ]);
  });

  it("of a stream of speech to text and the turn's end are one transcript", () => {
    const about = { model: "nova-3", provider: "deepgram" };
    expect(eventsOf([stt, endOfUtterance])).toEqual([
      { kind: "usage", sttAudioSeconds: 3.2, ...about },
      { kind: "stt.final", seconds: 0.3, sinceSpeechEndSeconds: 0.3, ...about },
      { kind: "turn.decision", seconds: 0.55, ...about },
      { kind: "turn.callback", seconds: 0, ...about },
    ]);
  });

  it("of requests to speech to text are one transcript each, the last with its delay", () => {
    const request = { ...stt, streamed: false, durationMs: 700 };
    const finals = eventsOf([request, { ...request, durationMs: 500 }, endOfUtterance]).filter(
      ({ kind }) => kind === "stt.final",
    );
    expect(finals).toMatchObject([{ seconds: 0.7 }, { seconds: 0.5, sinceSpeechEndSeconds: 0.3 }]);
    expect(finals[0]).not.toHaveProperty("sinceSpeechEndSeconds");
  });

  it("that were not taken are absent, and what was cancelled has no end", () => {
    const kinds = (...told: Told[]): string[] => eventsOf(told).map(({ kind }) => kind);
    expect(kinds({ ...llm, ttftMs: -1, cancelled: true })).toEqual(["usage"]);
    expect(kinds({ ...tts, ttfbMs: -1, cancelled: true })).toEqual(["usage"]);
    expect(kinds({ ...endOfUtterance, endOfUtteranceDelayMs: 0, transcriptionDelayMs: 0 })).toEqual(
      ["turn.callback"],
    );
  });

  it("of a request that failed are no end of it: nothing came, and it is not said to be cancelled", () => {
    const kinds = (...told: Told[]): string[] => eventsOf(told).map(({ kind }) => kind);
    expect(kinds({ ...llm, ttftMs: -1, completionTokens: 0 })).toEqual(["usage"]);
    expect(kinds({ ...tts, ttfbMs: -1, audioDurationMs: 0 })).toEqual(["usage"]);
    // A first token within the first millisecond is one.
    expect(kinds({ ...llm, ttftMs: 0 })).toEqual(["usage", "llm.done"]);
    // Realtime models say so of answers without audio, which are texts.
    expect(kinds({ ...realtime, durationMs: 900 })).toEqual(["usage", "llm.done"]);
  });

  it("of a connection are told once, a reused one included", () => {
    const reused = { ...realtime, acquireTimeMs: 0, connectionReused: true };
    expect(eventsOf([{ ...realtime, acquireTimeMs: 250 }, reused, realtime])).toMatchObject([
      { kind: "connection.acquired", seconds: 0.25, reused: false, model: "gpt-4o" },
      { kind: "usage" },
      { kind: "connection.acquired", seconds: 0, reused: true },
      { kind: "usage" },
      { kind: "usage" },
    ]);
  });

  it("of a realtime model tell audio from text, and the length of its session", () => {
    const [usage] = eventsOf([
      {
        ...realtime,
        sessionDurationMs: 60_000,
        inputTokens: 10,
        outputTokens: 20,
        inputTokenDetails: { audioTokens: 7, textTokens: 3, cachedTokens: 2 },
        outputTokenDetails: { audioTokens: 15, textTokens: 5 },
      },
    ]);
    expect(usage).toMatchObject({
      llmInputTokens: 10,
      llmInputCachedTokens: 2,
      llmInputAudioTokens: 7,
      llmInputTextTokens: 3,
      llmOutputTokens: 20,
      llmOutputAudioTokens: 15,
      llmOutputTextTokens: 5,
      llmSessionSeconds: 60,
    });
  });

  it("of the interruption model are its requests", () => {
    const metrics = { type: "interruption_metrics", numRequests: 3, metadata: STT } as const;
    expect(eventsOf([metrics])).toMatchObject([{ kind: "usage", interruptionRequests: 3 }]);
  });

  it("of other kinds are nothing", () => {
    expect(eventsOf([{ type: "vad_metrics" }, { type: "avatar_metrics" }])).toEqual([]);
  });
});

describe("the report of a message", () => {
  const answer = { startedSpeakingAt: 100, llmNodeTtft: 0.4, ttsNodeTtfb: 0.18, e2eLatency: 1.1 };
  const asked = { transcriptionDelay: 0.3, endOfTurnDelay: 0.55, onUserTurnCompletedDelay: 0.01 };

  it("ends the turn, by the model that answered, and repeats nothing that metrics told", () => {
    const events = eventsOf([stt, endOfUtterance, { report: asked }, llm, tts, { report: answer }]);
    expect(events.at(-1)).toEqual({
      kind: "turn.end",
      speechEndAtSeconds: 0,
      firstAudioAtSeconds: 1.1,
      asrFinalAtSeconds: 0.3,
      model: "gpt-4o",
      provider: "openai",
    });
    const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== "usage");
    expect(kinds).toEqual([...new Set(kinds)]);
  });

  it("is where the turn is taken from, if so chosen, each latency by its component's model", () => {
    const events = eventsOf(
      [
        stt,
        endOfUtterance,
        { report: { ...asked, sttMetadata: { modelName: "whisper" } } },
        llm,
        tts,
        {
          report: {
            ...answer,
            llmMetadata: { modelName: "claude", modelProvider: "anthropic" },
            ttsMetadata: { modelName: "aura", modelProvider: "deepgram" },
          },
        },
      ],
      { turnsFrom: "reports" },
    );
    const told = events.filter(({ kind }) => !/usage|done/.test(kind));
    expect(told.map(({ kind, model }) => [kind, model])).toEqual([
      ["stt.final", "whisper"],
      ["turn.decision", "whisper"],
      ["turn.callback", "whisper"],
      ["llm.firstToken", "claude"],
      ["tts.firstAudio", "aura"],
      ["turn.end", "claude"],
    ]);
  });
});

describe("a session", () => {
  it("feeds a pipeline until it is detached, and nothing of it is left", () => {
    const session = new EventEmitter();
    const recorder = new Recorder();
    const voice = new VoicePipeline(recorder, { nowMs: () => 0 });
    const detach = attachAgentSession(session, voice, { transport: "sip" });
    session.emit("metrics_collected", { type: "metrics_collected", metrics: llm, createdAt: 1 });
    session.emit("conversation_item_added", { item: { type: "agent_handoff" } });
    session.emit("conversation_item_added", {
      item: { type: "message", metrics: { e2eLatency: 1.1 } },
    });
    detach();
    session.emit("metrics_collected", { metrics: llm });
    expect(session.eventNames()).toEqual([]);
    expect(moved(recorder, "llm_time_to_first_token_seconds_")).toMatchObject({
      'llm_time_to_first_token_seconds_sum{model="gpt-4o",stage="llm",status="success"}': 0.4,
    });
    expect(moved(recorder, "voice_turn_e2e_seconds_sum")).toEqual({
      'voice_turn_e2e_seconds_sum{model="gpt-4o",transport="sip"}': 1.1,
    });
    expect(moved(recorder, "lk_agents_usage_llm_input_tokens")).toEqual({
      'lk_agents_usage_llm_input_tokens_total{model_name="gpt-4o",model_provider="openai"}': 412,
    });
  });

  it.each(["is over", "is detached"])("that %s has its last utterance told", (how) => {
    const session = new EventEmitter();
    const recorder = new Recorder();
    const detach = attachAgentSession(session, new VoicePipeline(recorder, { nowMs: () => 0 }));
    session.emit("metrics_collected", { metrics: { ...stt, durationMs: 700, streamed: false } });
    // The user hangs up before the end of their turn is decided about.
    if (how === "is over") session.emit("close", { reason: "participant_disconnected" });
    detach();
    detach();
    expect(moved(recorder, "stt_transcription_latency_seconds_sum")).toEqual({
      'stt_transcription_latency_seconds_sum{model="nova-3",stage="stt",status="success"}': 0.7,
    });
  });

  it("does not fail of metrics that lack something, nor of what takes the events", () => {
    const session = new EventEmitter();
    const sink = {
      record(): void {
        throw new Error("full");
      },
    };
    attachAgentSession(session, sink);
    const partial = { ...realtime, inputTokenDetails: undefined };
    expect(() => {
      session.emit("metrics_collected", { metrics: partial });
      session.emit("metrics_collected", { metrics: llm });
      session.emit("conversation_item_added", { item: { metrics: { e2eLatency: 1.1 } } });
    }).not.toThrow();
  });

  /** As LiveKit's errors are. */
  const failure = (name: string, facts: object = {}): Error =>
    Object.assign(new Error("no"), { name, ...facts });

  it.each([
    [failure("APIStatusError", { statusCode: 429 }), "rate_limited"],
    [failure("APIStatusError", { statusCode: 401 }), "unauthorized"],
    [failure("APIStatusError", { statusCode: 422 }), "invalid_request"],
    [failure("APIStatusError", { statusCode: 408 }), "timeout"],
    [failure("APIStatusError", { statusCode: 503 }), "provider_error"],
    [failure("APIStatusError", { statusCode: -1 }), "provider_error"],
    [failure("APITimeoutError"), "timeout"],
    [failure("APIConnectionError"), "network"],
    [failure("Error"), "provider_error"],
    ["not even an error", "provider_error"],
  ])("has a component that fails of %s counted", (error, errorType) => {
    const session = new EventEmitter().on("error", () => undefined);
    const recorder = new Recorder();
    const voice = new VoicePipeline(recorder, { nowMs: () => 0 });
    attachAgentSession(session, voice, { transport: "sip" });
    const source = { model: "nova-3", provider: "deepgram" };
    session.emit("error", { error: { type: "stt_error", recoverable: false, error }, source });
    expect(moved(recorder, "stt_errors_total")).toEqual({
      [`stt_errors_total{error_type="${errorType}",model="nova-3",stage="stt"}`]: 1,
    });
    expect(moved(recorder, "voice_provider_errors_total")).toEqual({
      [`voice_provider_errors_total{error_type="${errorType}",provider="deepgram",stage="stt"}`]: 1,
    });
    expect(moved(recorder, "voiceserver_asr_errors_total")).toEqual({
      'voiceserver_asr_errors_total{transport="sip"}': 1,
    });
  });

  it("tells what is tried again from what fails for good", () => {
    const session = new EventEmitter().on("error", () => undefined);
    const told: VoiceEvent[] = [];
    attachAgentSession(session, { record: (event) => void told.push(event) });
    const error = failure("APIConnectionError");
    for (const [type, recoverable] of [
      ["llm_error", true],
      ["llm_error", false],
      ["tts_error", true],
      ["tts_error", false],
      ["realtime_model_error", false],
      ["interruption_detection_error", false],
    ]) {
      session.emit("error", { error: { type, recoverable, error }, source: undefined });
    }
    session.emit("error", new Error("of the host's own"));
    expect(told).toEqual([
      { kind: "retry", stage: "llm" },
      { kind: "error", stage: "llm", errorType: "network" },
      { kind: "error", stage: "tts", errorType: "network" },
      { kind: "error", stage: "llm", errorType: "network" },
    ]);
  });

  it("throws an error that nobody hears as it would without us, and is as it was afterwards", () => {
    const session = new EventEmitter();
    const emit = vi.spyOn(session, "emit");
    const own: unknown = Reflect.get(session, "emit");
    const detach = attachAgentSession(session, { record: () => undefined });
    const lost = new Error("lost");
    expect(() => session.emit("error", lost)).toThrow(lost);
    expect(session.listenerCount("error")).toBe(0);
    expect(emit).toHaveBeenCalledWith("error", lost);
    detach();
    expect(Reflect.get(session, "emit")).toBe(own);
  });
});
