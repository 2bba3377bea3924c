/**
 * Families about the stages of a voice pipeline, as Voxray has them: speech to text, language model,
 * text to speech. Its edges are all there; more of them reach where it ends.
 *
 * @module
 */

import type { Catalogue, FamilyLabel } from "../family.js";

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const LONG_BUCKETS = [...BUCKETS, 15, 20, 30, 60, 120] as const;

const SESSION = ["session_id", "session"] as const satisfies FamilyLabel;
const MODEL = ["model", "model"] as const satisfies FamilyLabel;
const STATUS = ["status", "request-status"] as const satisfies FamilyLabel;
const ERROR = ["error_type", "provider-error"] as const satisfies FamilyLabel;
const STT = ["stage", "stage-stt"] as const satisfies FamilyLabel;
const LLM = ["stage", "stage-llm"] as const satisfies FamilyLabel;
const TTS = ["stage", "stage-tts"] as const satisfies FamilyLabel;

const COUNT = { type: "counter", unit: "events", series: "seen", origin: "voxray" } as const;
const TIME = {
  type: "histogram",
  unit: "seconds",
  buckets: BUCKETS,
  series: "seen",
  origin: "voxray",
} as const;

const FIRST =
  "Once a request: at the first output as `success`, or as `error` when it failed without any.";

/** Latencies, errors, retries and fallbacks of each stage, and turns from end to end. */
export const VOICE_FAMILIES = {
  stt_errors_total: {
    ...COUNT,
    help: "Total STT errors by type.",
    labels: [ERROR, SESSION, STT, MODEL],
    when: "Each `error` of speech to text.",
  },
  stt_fallback_total: {
    ...COUNT,
    help: "Total STT fallback invocations.",
    labels: [SESSION, STT, MODEL],
    when: "Each `fallback` of speech to text, with the model that was given up.",
  },
  stt_time_to_first_token_seconds: {
    ...TIME,
    help: "Time from audio start to first STT token.",
    labels: [SESSION, STT, STATUS, MODEL],
    when: FIRST,
  },
  stt_transcription_latency_seconds: {
    ...TIME,
    buckets: LONG_BUCKETS,
    help: "End-to-end STT transcription latency per utterance.",
    labels: [SESSION, STT, STATUS, MODEL],
    when: "Once a request, at its end (`stt.final`).",
  },
  stt_streaming_lag_seconds: {
    ...TIME,
    help: "Lag between audio arrival and STT transcript emission.",
    labels: [["direction", "flow-in"], SESSION, MODEL],
    when: "Each `stt.lag`.",
  },
  llm_errors_total: {
    ...COUNT,
    help: "Total LLM errors by type.",
    labels: [ERROR, SESSION, LLM, MODEL],
    when: "Each `error` of the language model.",
  },
  llm_retries_total: {
    ...COUNT,
    help: "Total LLM retries.",
    labels: [SESSION, LLM, MODEL],
    when: "Each `retry` of the language model.",
  },
  llm_fallback_total: {
    ...COUNT,
    help: "Total LLM fallback invocations.",
    labels: [SESSION, LLM, MODEL],
    when: "Each `fallback` of the language model, with the model that was given up.",
  },
  llm_time_to_first_token_seconds: {
    ...TIME,
    help: "Time from request to first LLM token.",
    labels: [SESSION, LLM, STATUS, MODEL],
    when: FIRST,
  },
  llm_generation_latency_seconds: {
    ...TIME,
    buckets: LONG_BUCKETS,
    help: "End-to-end LLM generation latency.",
    labels: [SESSION, LLM, STATUS, MODEL],
    when: "Once a request, at its end (`llm.done`): from the request to the last token.",
  },
  llm_inter_token_latency_seconds: {
    ...TIME,
    buckets: [0.001, 0.0025, ...BUCKETS],
    help: "Latency between streamed LLM tokens.",
    labels: [SESSION, LLM, MODEL],
    when: "Each token of a request after its first.",
  },
  tts_errors_total: {
    ...COUNT,
    help: "Total TTS errors by type.",
    labels: [ERROR, SESSION, TTS, MODEL],
    when: "Each `error` of text to speech.",
  },
  tts_fallback_total: {
    ...COUNT,
    help: "Total TTS fallback invocations.",
    labels: [SESSION, TTS, MODEL],
    when: "Each `fallback` of text to speech, with the model that was given up.",
  },
  tts_time_to_first_audio_chunk_seconds: {
    ...TIME,
    help: "Time from text-in to first TTS audio chunk.",
    labels: [SESSION, TTS, STATUS, MODEL],
    when: FIRST,
  },
  tts_synthesis_latency_seconds: {
    ...TIME,
    buckets: LONG_BUCKETS,
    help: "Full TTS synthesis latency.",
    labels: [SESSION, TTS, STATUS, MODEL],
    when: "Once a request, at its end (`tts.done`).",
  },
  tts_streaming_lag_seconds: {
    ...TIME,
    help: "Lag between text-in and audio-out for TTS.",
    labels: [["direction", "flow-out"], SESSION, MODEL],
    when: "Each `tts.lag`.",
  },
  voice_provider_errors_total: {
    ...COUNT,
    origin: "mediaprobe",
    help: "Errors of providers of speech and language models.",
    labels: [["stage", "voice-stage"], ["provider", "model-provider"], ERROR],
    when: "Each `error`, whatever the stage: `stt_errors_total`, `llm_errors_total` and `tts_errors_total` by provider in place of model.",
  },
  voice_turn_e2e_seconds: {
    ...TIME,
    origin: "mediaprobe",
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13],
    help: "Time from the end of the user's speech to the first audio of the answer.",
    labels: [["transport", "optional-transport"], MODEL],
    when: "Each `turn.end` that knows both. `model` is the language model. From the final transcript on it is `voiceserver_e2e_first_byte_ms`.",
  },
} as const satisfies Catalogue;
