/**
 * The instruments of LiveKit agents as families: the names that a Prometheus gives them when they come
 * in over OTLP with their units.
 *
 * @module
 */

import type { Catalogue, FamilyLabel } from "../family.js";

const MODEL = [
  ["model_name", "model"],
  ["model_provider", "model-provider"],
] as const satisfies readonly FamilyLabel[];

/** From an answer that feels immediate to one that nobody waits for. */
const TURN_BUCKETS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13] as const;

const TURN = {
  type: "histogram",
  unit: "seconds",
  labels: MODEL,
  buckets: TURN_BUCKETS,
  series: "seen",
  origin: "livekit",
} as const;

const TOKENS = {
  type: "counter",
  unit: "tokens",
  labels: MODEL,
  series: "seen",
  origin: "livekit",
} as const;

const USED_SECONDS = { ...TOKENS, unit: "seconds" } as const;

/** Turns, usage and connections of voice agents. */
export const LIVEKIT_FAMILIES = {
  lk_agents_turn_e2e_latency_seconds: {
    ...TURN,
    help: "End-to-end turn latency.",
    when: "Each `turn.end`: from the end of the user's speech to the first audio of the answer. Labelled with the LLM.",
  },
  lk_agents_turn_llm_ttft_seconds: {
    ...TURN,
    help: "Pipeline-level LLM time to first token.",
    when: "Each `llm.firstToken` that succeeded.",
  },
  lk_agents_turn_tts_ttfb_seconds: {
    ...TURN,
    help: "Pipeline-level TTS time to first byte.",
    when: "Each `tts.firstAudio` that succeeded.",
  },
  lk_agents_turn_transcription_delay_seconds: {
    ...TURN,
    help: "Time from end of speech to transcript available.",
    when: "Each `stt.final` that succeeded and says how long ago speech ended.",
  },
  lk_agents_turn_end_of_turn_delay_seconds: {
    ...TURN,
    help: "Time from end of speech to turn decision.",
    when: "Each `turn.decision`. Labelled with the STT model.",
  },
  lk_agents_turn_on_user_turn_completed_delay_seconds: {
    ...TURN,
    help: "Time spent in the on_user_turn_completed callback.",
    when: "Each `turn.callback`. Labelled with the STT model.",
  },
  lk_agents_usage_llm_input_tokens_total: {
    ...TOKENS,
    help: "LLM input tokens.",
    when: "Each `usage` that tells of some.",
  },
  lk_agents_usage_llm_input_cached_tokens_total: {
    ...TOKENS,
    help: "LLM cached input tokens.",
    when: "Each `usage` that tells of some.",
  },
  lk_agents_usage_llm_output_tokens_total: {
    ...TOKENS,
    help: "LLM output tokens.",
    when: "Each `usage` that tells of some.",
  },
  lk_agents_usage_llm_input_audio_tokens_total: {
    ...TOKENS,
    help: "LLM input audio tokens.",
    when: "Each `usage` of a realtime model that tells of some.",
  },
  lk_agents_usage_llm_input_text_tokens_total: {
    ...TOKENS,
    help: "LLM input text tokens.",
    when: "Each `usage` of a realtime model that tells of some.",
  },
  lk_agents_usage_llm_output_audio_tokens_total: {
    ...TOKENS,
    help: "LLM output audio tokens.",
    when: "Each `usage` of a realtime model that tells of some.",
  },
  lk_agents_usage_llm_output_text_tokens_total: {
    ...TOKENS,
    help: "LLM output text tokens.",
    when: "Each `usage` of a realtime model that tells of some.",
  },
  lk_agents_usage_llm_session_duration_seconds_total: {
    ...USED_SECONDS,
    help: "LLM session duration, for billing by session.",
    when: "Each `usage` of a realtime model that tells of it.",
  },
  lk_agents_usage_tts_characters_total: {
    ...TOKENS,
    unit: "characters",
    help: "TTS characters synthesized.",
    when: "Each `usage` that tells of some.",
  },
  lk_agents_usage_tts_audio_duration_seconds_total: {
    ...USED_SECONDS,
    help: "TTS audio duration.",
    when: "Each `usage` that tells of it.",
  },
  lk_agents_usage_stt_audio_duration_seconds_total: {
    ...USED_SECONDS,
    help: "STT audio duration.",
    when: "Each `usage` that tells of it.",
  },
  lk_agents_usage_interruption_num_requests_total: {
    ...TOKENS,
    unit: "requests",
    help: "Interruption detection requests.",
    when: "Each `usage` that tells of some. Interruptions themselves are `voiceserver_barge_in_total`.",
  },
  lk_agents_connection_acquire_time_seconds: {
    ...TURN,
    labels: [...MODEL, ["connection_reused", "boolean"]],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10],
    help: "Time to acquire a connection to a model's provider.",
    when: "Each `connection.acquired`. A connection taken from a pool counts, with 0 s if it took none.",
  },
} as const satisfies Catalogue;

/** The family of each instrument; kind, unit and edges of the instrument are the family's. */
export const LIVEKIT_INSTRUMENTS = {
  "lk.agents.turn.e2e_latency": "lk_agents_turn_e2e_latency_seconds",
  "lk.agents.turn.llm_ttft": "lk_agents_turn_llm_ttft_seconds",
  "lk.agents.turn.tts_ttfb": "lk_agents_turn_tts_ttfb_seconds",
  "lk.agents.turn.transcription_delay": "lk_agents_turn_transcription_delay_seconds",
  "lk.agents.turn.end_of_turn_delay": "lk_agents_turn_end_of_turn_delay_seconds",
  "lk.agents.turn.on_user_turn_completed_delay":
    "lk_agents_turn_on_user_turn_completed_delay_seconds",
  "lk.agents.usage.llm_input_tokens": "lk_agents_usage_llm_input_tokens_total",
  "lk.agents.usage.llm_input_cached_tokens": "lk_agents_usage_llm_input_cached_tokens_total",
  "lk.agents.usage.llm_output_tokens": "lk_agents_usage_llm_output_tokens_total",
  "lk.agents.usage.llm_input_audio_tokens": "lk_agents_usage_llm_input_audio_tokens_total",
  "lk.agents.usage.llm_input_text_tokens": "lk_agents_usage_llm_input_text_tokens_total",
  "lk.agents.usage.llm_output_audio_tokens": "lk_agents_usage_llm_output_audio_tokens_total",
  "lk.agents.usage.llm_output_text_tokens": "lk_agents_usage_llm_output_text_tokens_total",
  "lk.agents.usage.llm_session_duration": "lk_agents_usage_llm_session_duration_seconds_total",
  "lk.agents.usage.tts_characters": "lk_agents_usage_tts_characters_total",
  "lk.agents.usage.tts_audio_duration": "lk_agents_usage_tts_audio_duration_seconds_total",
  "lk.agents.usage.stt_audio_duration": "lk_agents_usage_stt_audio_duration_seconds_total",
  "lk.agents.usage.interruption_num_requests": "lk_agents_usage_interruption_num_requests_total",
  "lk.agents.connection.acquire_time": "lk_agents_connection_acquire_time_seconds",
} as const satisfies Readonly<Record<string, keyof typeof LIVEKIT_FAMILIES>>;

/** Name of an instrument, byte for byte. */
export type LiveKitInstrument = keyof typeof LIVEKIT_INSTRUMENTS;
