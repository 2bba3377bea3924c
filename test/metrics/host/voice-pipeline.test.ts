import { describe, expect, it } from "vitest";

import { LIVEKIT_FAMILIES } from "../../../src/metrics/catalogue/livekit.js";
import { VOICE_FAMILIES } from "../../../src/metrics/catalogue/voice.js";
import { exposition } from "../../../src/metrics/exposition.js";
import type { VoiceEvent } from "../../../src/metrics/host/voice-events.js";
import { VoicePipeline } from "../../../src/metrics/host/voice-pipeline.js";
import { Recorder } from "../../../src/metrics/recorder.js";
import { moved, numberOf } from "./recorded.js";

/** A clock that stands still until it is moved. */
function stopped(): { nowMs: () => number; pass: (seconds: number) => void } {
  let ms = 1000;
  return {
    nowMs: () => ms,
    pass: (seconds) => {
      ms += seconds * 1000;
    },
  };
}

/** A recorder after these events. */
function after(...events: VoiceEvent[]): Recorder {
  const recorder = new Recorder();
  const voice = new VoicePipeline(recorder, stopped());
  for (const event of events) voice.record(event);
  return recorder;
}

const LLM = { model: "gpt-4o", provider: "openai" } as const;
const STT = { model: "nova-3", provider: "deepgram" } as const;
const TTS = { model: "sonic", provider: "cartesia" } as const;

/** Sums and counters only: where a histogram moved, its sum did. */
function sums(recorder: Recorder, start: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(moved(recorder, start)).filter(([name]) => !/_(bucket|count)\b/.test(name)),
  );
}

// Each family of the catalogue, the event that moves it, and the series it moves.
const FEEDERS: readonly [family: string, event: VoiceEvent, series: string, value: number][] = [
  [
    "stt_errors_total",
    { kind: "error", stage: "stt", errorType: "timeout", ...STT },
    '{error_type="timeout",model="nova-3",stage="stt"}',
    1,
  ],
  [
    "stt_fallback_total",
    { kind: "fallback", stage: "stt", ...STT },
    '{model="nova-3",stage="stt"}',
    1,
  ],
  [
    "stt_time_to_first_token_seconds",
    { kind: "stt.firstToken", seconds: 0.2, ...STT },
    '_sum{model="nova-3",stage="stt",status="success"}',
    0.2,
  ],
  [
    "stt_transcription_latency_seconds",
    { kind: "stt.final", seconds: 1.5, status: "error", ...STT },
    '_sum{model="nova-3",stage="stt",status="error"}',
    1.5,
  ],
  [
    "stt_streaming_lag_seconds",
    { kind: "stt.lag", seconds: 0.25, ...STT },
    '_sum{direction="ingress",model="nova-3"}',
    0.25,
  ],
  [
    "llm_errors_total",
    { kind: "error", stage: "llm" },
    '{error_type="provider_error",stage="llm"}',
    1,
  ],
  ["llm_retries_total", { kind: "retry", stage: "llm", ...LLM }, '{model="gpt-4o",stage="llm"}', 1],
  [
    "llm_fallback_total",
    { kind: "fallback", stage: "llm", ...LLM },
    '{model="gpt-4o",stage="llm"}',
    1,
  ],
  [
    "llm_time_to_first_token_seconds",
    { kind: "llm.firstToken", seconds: 0.5, ...LLM },
    '_sum{model="gpt-4o",stage="llm",status="success"}',
    0.5,
  ],
  [
    "llm_generation_latency_seconds",
    { kind: "llm.done", seconds: 12, ...LLM },
    '_sum{model="gpt-4o",stage="llm",status="success"}',
    12,
  ],
  [
    "llm_inter_token_latency_seconds",
    { kind: "llm.tokenGap", seconds: Float64Array.of(0.25, 0.5), ...LLM },
    '_sum{model="gpt-4o",stage="llm"}',
    0.75,
  ],
  [
    "tts_errors_total",
    { kind: "error", stage: "tts", errorType: "network", ...TTS },
    '{error_type="network",model="sonic",stage="tts"}',
    1,
  ],
  [
    "tts_fallback_total",
    { kind: "fallback", stage: "tts", ...TTS },
    '{model="sonic",stage="tts"}',
    1,
  ],
  [
    "tts_time_to_first_audio_chunk_seconds",
    { kind: "tts.firstAudio", seconds: 0.125, ...TTS },
    '_sum{model="sonic",stage="tts",status="success"}',
    0.125,
  ],
  [
    "tts_synthesis_latency_seconds",
    { kind: "tts.done", seconds: 2, ...TTS },
    '_sum{model="sonic",stage="tts",status="success"}',
    2,
  ],
  [
    "tts_streaming_lag_seconds",
    { kind: "tts.lag", seconds: 0.5, ...TTS },
    '_sum{direction="egress",model="sonic"}',
    0.5,
  ],
  [
    "voice_turn_e2e_seconds",
    {
      kind: "turn.end",
      firstAudioAtSeconds: 12,
      speechEndAtSeconds: 10.75,
      transport: "webrtc",
      ...LLM,
    },
    '_sum{model="gpt-4o",transport="webrtc"}',
    1.25,
  ],
  [
    "lk_agents_turn_e2e_latency_seconds",
    { kind: "turn.end", firstAudioAtSeconds: 12, speechEndAtSeconds: 10.75, ...LLM },
    '_sum{model_name="gpt-4o",model_provider="openai"}',
    1.25,
  ],
  [
    "lk_agents_turn_llm_ttft_seconds",
    { kind: "llm.firstToken", seconds: 0.5, ...LLM },
    '_sum{model_name="gpt-4o",model_provider="openai"}',
    0.5,
  ],
  [
    "lk_agents_turn_tts_ttfb_seconds",
    { kind: "tts.firstAudio", seconds: 0.125, ...TTS },
    '_sum{model_name="sonic",model_provider="cartesia"}',
    0.125,
  ],
  [
    "lk_agents_turn_transcription_delay_seconds",
    { kind: "stt.final", seconds: 1.5, sinceSpeechEndSeconds: 0.25, ...STT },
    '_sum{model_name="nova-3",model_provider="deepgram"}',
    0.25,
  ],
  [
    "lk_agents_turn_end_of_turn_delay_seconds",
    { kind: "turn.decision", seconds: 0.5, ...STT },
    '_sum{model_name="nova-3",model_provider="deepgram"}',
    0.5,
  ],
  [
    "lk_agents_turn_on_user_turn_completed_delay_seconds",
    { kind: "turn.callback", seconds: 0.0625, ...STT },
    '_sum{model_name="nova-3",model_provider="deepgram"}',
    0.0625,
  ],
  ...(
    [
      ["llm_input_tokens", "llmInputTokens"],
      ["llm_input_cached_tokens", "llmInputCachedTokens"],
      ["llm_output_tokens", "llmOutputTokens"],
      ["llm_input_audio_tokens", "llmInputAudioTokens"],
      ["llm_input_text_tokens", "llmInputTextTokens"],
      ["llm_output_audio_tokens", "llmOutputAudioTokens"],
      ["llm_output_text_tokens", "llmOutputTextTokens"],
      ["llm_session_duration_seconds", "llmSessionSeconds"],
      ["tts_characters", "ttsCharacters"],
      ["tts_audio_duration_seconds", "ttsAudioSeconds"],
      ["stt_audio_duration_seconds", "sttAudioSeconds"],
      ["interruption_num_requests", "interruptionRequests"],
    ] as const
  ).map(([name, amount], i): [string, VoiceEvent, string, number] => [
    `lk_agents_usage_${name}_total`,
    { kind: "usage", [amount]: i + 1, ...LLM },
    '{model_name="gpt-4o",model_provider="openai"}',
    i + 1,
  ]),
  [
    "voice_provider_errors_total",
    { kind: "error", stage: "llm", errorType: "rate_limited", ...LLM },
    '{error_type="rate_limited",provider="openai",stage="llm"}',
    1,
  ],
  [
    "lk_agents_connection_acquire_time_seconds",
    { kind: "connection.acquired", seconds: 0.25, reused: false, ...TTS },
    '_sum{connection_reused="false",model_name="sonic",model_provider="cartesia"}',
    0.25,
  ],
];

describe("every family of a pipeline", () => {
  it.each(FEEDERS)("%s is moved by its event", (family, event, series, value) => {
    expect(sums(after(event), family)).toEqual({ [`${family}${series}`]: value });
  });

  it("has a feeder", () => {
    expect(FEEDERS.map(([family]) => family).sort()).toEqual(
      [...Object.keys(VOICE_FAMILIES), ...Object.keys(LIVEKIT_FAMILIES)].sort(),
    );
  });
});

describe("one event", () => {
  it("feeds the summaries in milliseconds and the families of calls too", () => {
    const recorder = after(
      { kind: "llm.firstToken", seconds: 0.5 },
      { kind: "tts.firstAudio", seconds: 0.125 },
      { kind: "error", stage: "stt", transport: "sip" },
      { kind: "error", stage: "tts", transport: "webrtc" },
      { kind: "bargeIn", transport: "sip" },
    );
    expect(moved(recorder, "voiceserver_")).toMatchObject({
      voiceserver_llm_first_byte_ms_sum: 500,
      voiceserver_tts_first_byte_ms_sum: 125,
      'voiceserver_asr_errors_total{transport="sip"}': 1,
      'voiceserver_tts_errors_total{transport="webrtc"}': 1,
      'voiceserver_barge_in_total{transport="sip"}': 1,
    });
  });

  it("is measured by each family's own definition: from the transcript, or from the end of speech", () => {
    const recorder = after({
      kind: "turn.end",
      speechEndAtSeconds: 10,
      asrFinalAtSeconds: 10.25,
      firstAudioAtSeconds: 11,
    });
    expect(numberOf(recorder, "voice_turn_e2e_seconds_sum")).toBe(1);
    expect(numberOf(recorder, "lk_agents_turn_e2e_latency_seconds_sum")).toBe(1);
    expect(numberOf(recorder, "voiceserver_e2e_first_byte_ms_sum")).toBe(750);
  });

  it("leaves out what it does not know, and says nothing of it", () => {
    const recorder = after(
      { kind: "turn.end", firstAudioAtSeconds: 11, asrFinalAtSeconds: 10 },
      { kind: "stt.final", seconds: 1 },
      { kind: "bargeIn" },
      { kind: "error", stage: "stt" },
      { kind: "usage", llmInputTokens: 0 },
    );
    expect(moved(recorder, "voice_turn")).toEqual({});
    expect(moved(recorder, "lk_agents")).toEqual({});
    expect(moved(recorder, "voiceserver_barge_in")).toEqual({});
    expect(moved(recorder, "voiceserver_asr")).toEqual({});
    expect(moved(recorder, "metrics_")).toEqual({});
  });

  it.each([-1, Number.NaN, Infinity])("does no harm with %d, which is noted", (value) => {
    const recorder = after(
      { kind: "llm.tokenGap", seconds: value },
      { kind: "usage", llmInputTokens: value },
      { kind: "connection.acquired", seconds: value, reused: true },
    );
    expect(moved(recorder, "l")).toEqual({});
    expect(Object.keys(moved(recorder, "metrics_ignored"))).toHaveLength(3);
  });

  it("counts a connection taken from a pool, which took no time", () => {
    const recorder = after({ kind: "connection.acquired", seconds: 0, reused: true, ...TTS });
    expect(
      numberOf(
        recorder,
        'lk_agents_connection_acquire_time_seconds_count{connection_reused="true",model_name="sonic",model_provider="cartesia"}',
      ),
    ).toBe(1);
  });

  it("goes to every output, and one that throws keeps it from none", () => {
    const seen: string[] = [];
    const failing = {
      onVoiceEvent: (): void => {
        throw new Error("full");
      },
    };
    const outputs = [failing, { onVoiceEvent: ({ kind }: VoiceEvent) => seen.push(kind) }];
    const voice = new VoicePipeline(new Recorder(), { ...stopped(), outputs });
    voice.record({ kind: "bargeIn" });
    expect(seen).toEqual(["bargeIn"]);
    expect(voice.failedOutputs).toBe(1);
  });
});

describe("labels", () => {
  it("name a session only where a recorder keeps some, and then no more of them", () => {
    const recorder = new Recorder(undefined, { labels: { session: { recent: 10 } } });
    const voice = new VoicePipeline(recorder, { ...stopped(), sessionLabel: (id) => `h-${id}` });
    for (let i = 0; i < 1000; i += 1) {
      voice.record({ kind: "retry", stage: "llm", sessionId: String(i), model: "m" });
    }
    const series = Object.keys(moved(recorder, "llm_retries_total"));
    expect(series).toHaveLength(10);
    expect(series).toContain('llm_retries_total{model="m",session_id="h-999",stage="llm"}');
    const without = after({ kind: "retry", stage: "llm", sessionId: "abc" });
    expect(exposition(without)).not.toMatch(/session_id|abc/);
  });

  it("fold models by the policy of the recorder", () => {
    const labels = { model: { values: ["gpt-4o"], fallback: "self-hosted" } };
    const recorder = new Recorder(undefined, { labels });
    const voice = new VoicePipeline(recorder, stopped());
    for (const model of [" GPT-4o ", "llama", ""]) {
      voice.record({ kind: "retry", stage: "llm", model });
    }
    expect(moved(recorder, "llm_retries")).toEqual({
      'llm_retries_total{model="gpt-4o",stage="llm"}': 1,
      'llm_retries_total{model="self-hosted",stage="llm"}': 2,
    });
  });

  it("are bounded whatever models there are", () => {
    const recorder = new Recorder();
    const voice = new VoicePipeline(recorder, stopped());
    for (let i = 0; i < 1000; i += 1) {
      voice.record({ kind: "llm.firstToken", seconds: 1, model: `m${i}`, provider: `p${i}` });
    }
    expect(Object.keys(moved(recorder, "llm_time_to_first_token_seconds_count"))).toHaveLength(65);
  });
});

describe("a request", () => {
  /** One of the LLM after what was done with it. */
  function request(use: (what: ReturnType<VoicePipeline["request"]>) => void, clock = stopped()) {
    const recorder = new Recorder();
    use(new VoicePipeline(recorder, clock).request("llm", { model: "m" }));
    return recorder;
  }

  it("is timed: first token, gaps, total", () => {
    const clock = stopped();
    const recorder = request((llm) => {
      clock.pass(0.5);
      llm.output();
      clock.pass(0.25);
      llm.output();
      clock.pass(0.125);
      llm.output();
      llm.done();
    }, clock);
    const at = (family: string): number | undefined =>
      numberOf(recorder, `${family}_sum{model="m",stage="llm",status="success"}`);
    expect(at("llm_time_to_first_token_seconds")).toBe(0.5);
    expect(at("llm_generation_latency_seconds")).toBe(0.875);
    const gaps = 'llm_inter_token_latency_seconds_count{model="m",stage="llm"}';
    expect(numberOf(recorder, gaps)).toBe(2);
  });

  it("that fails late has one first token, not two", () => {
    const recorder = request((llm) => {
      llm.output();
      llm.fail("timeout");
    });
    expect(Object.keys(moved(recorder, "llm_time_to_first_token_seconds_count"))).toEqual([
      'llm_time_to_first_token_seconds_count{model="m",stage="llm",status="success"}',
    ]);
    expect(Object.keys(moved(recorder, "llm_generation_latency_seconds_count"))).toEqual([
      'llm_generation_latency_seconds_count{model="m",stage="llm",status="error"}',
    ]);
  });

  it("that fails without any has the time it took, as an error, and no first byte in milliseconds", () => {
    const clock = stopped();
    const recorder = request((llm) => {
      clock.pass(3);
      llm.fail();
    }, clock);
    expect(
      numberOf(
        recorder,
        'llm_time_to_first_token_seconds_sum{model="m",stage="llm",status="error"}',
      ),
    ).toBe(3);
    expect(numberOf(recorder, "voiceserver_llm_first_byte_ms_count")).toBe(0);
    expect(moved(recorder, "lk_agents")).toEqual({});
  });

  it("is over once, whatever is told of it afterwards", () => {
    const once = request((llm) => {
      llm.done();
    });
    const often = request((llm) => {
      llm.done();
      llm.done();
      llm.fail();
      llm.output();
    });
    expect(exposition(often)).toBe(exposition(once));
  });

  it.each([
    ["stt", "stt_time_to_first_token_seconds", "stt_transcription_latency_seconds"],
    ["tts", "tts_time_to_first_audio_chunk_seconds", "tts_synthesis_latency_seconds"],
  ] as const)("of %s has its own families, first and total apart", (stage, first, total) => {
    const clock = stopped();
    const recorder = new Recorder();
    const work = new VoicePipeline(recorder, clock).request(stage);
    clock.pass(0.5);
    work.output();
    clock.pass(0.5);
    work.output();
    work.done(0.25);
    const labels = `{stage="${stage}",status="success"}`;
    expect(numberOf(recorder, `${first}_sum${labels}`)).toBe(0.5);
    expect(numberOf(recorder, `${total}_sum${labels}`)).toBe(1);
    expect(moved(recorder, "llm_inter_token")).toEqual({});
    const delay = numberOf(recorder, "lk_agents_turn_transcription_delay_seconds_sum");
    expect(delay).toBe(stage === "stt" ? 0.25 : undefined);
  });
});

describe("connections that are asked for at once", () => {
  it("are timed each by itself and told once, a reused one as 0", () => {
    const recorder = new Recorder();
    const clock = stopped();
    const voice = new VoicePipeline(recorder, clock);
    const slow = voice.connecting(TTS);
    clock.pass(0.25);
    voice.connecting(TTS)({ reused: true });
    clock.pass(0.5);
    slow({ reused: false });
    slow({ reused: false });
    const family = "lk_agents_connection_acquire_time_seconds";
    const about = 'model_name="sonic",model_provider="cartesia"';
    const text = exposition(recorder);
    const labels = (reused: boolean): string => `{connection_reused="${reused}",${about}}`;
    expect(text).toContain(`${family}_count${labels(false)} 1\n`);
    expect(text).toContain(`${family}_sum${labels(false)} 0.75\n`);
    expect(text).toContain(`${family}_count${labels(true)} 1\n`);
    expect(text).toContain(`${family}_sum${labels(true)} 0\n`);
  });
});
