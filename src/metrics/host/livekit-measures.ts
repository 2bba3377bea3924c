/**
 * Which instruments of LiveKit agents an event moves, and by how much.
 *
 * @module
 */

import type { LiveKitInstrument } from "../catalogue/livekit.js";
import type { TurnEnd, Usage, VoiceEvent, VoiceEventFacts } from "./voice-events.js";

/** Takes what an event measures. */
export interface LiveKitSink {
  /** @param reused Of a connection only. */
  measure(
    instrument: LiveKitInstrument,
    value: number,
    about: VoiceEventFacts,
    reused?: boolean,
  ): void;
}

const USAGE: readonly (readonly [amount: UsageAmount, instrument: LiveKitInstrument])[] = [
  ["llmInputTokens", "lk.agents.usage.llm_input_tokens"],
  ["llmInputCachedTokens", "lk.agents.usage.llm_input_cached_tokens"],
  ["llmOutputTokens", "lk.agents.usage.llm_output_tokens"],
  ["llmInputAudioTokens", "lk.agents.usage.llm_input_audio_tokens"],
  ["llmInputTextTokens", "lk.agents.usage.llm_input_text_tokens"],
  ["llmOutputAudioTokens", "lk.agents.usage.llm_output_audio_tokens"],
  ["llmOutputTextTokens", "lk.agents.usage.llm_output_text_tokens"],
  ["llmSessionSeconds", "lk.agents.usage.llm_session_duration"],
  ["ttsCharacters", "lk.agents.usage.tts_characters"],
  ["ttsAudioSeconds", "lk.agents.usage.tts_audio_duration"],
  ["sttAudioSeconds", "lk.agents.usage.stt_audio_duration"],
  ["interruptionRequests", "lk.agents.usage.interruption_num_requests"],
];

type UsageAmount = Exclude<keyof Usage, "kind" | keyof VoiceEventFacts>;

/** Hands a sink everything that an event measures, numbers as they were given. */
export function measureLiveKit(event: VoiceEvent, sink: LiveKitSink): void {
  switch (event.kind) {
    case "turn.end": {
      const seconds = endToEndSeconds(event);
      if (seconds !== undefined) sink.measure("lk.agents.turn.e2e_latency", seconds, event);
      return;
    }
    case "llm.firstToken":
      if (event.status !== "error") sink.measure("lk.agents.turn.llm_ttft", event.seconds, event);
      return;
    case "tts.firstAudio":
      if (event.status !== "error") sink.measure("lk.agents.turn.tts_ttfb", event.seconds, event);
      return;
    case "stt.final": {
      const { status, sinceSpeechEndSeconds: delay } = event;
      if (status === "error" || delay === undefined) return;
      sink.measure("lk.agents.turn.transcription_delay", delay, event);
      return;
    }
    case "turn.decision":
      sink.measure("lk.agents.turn.end_of_turn_delay", event.seconds, event);
      return;
    case "turn.callback":
      sink.measure("lk.agents.turn.on_user_turn_completed_delay", event.seconds, event);
      return;
    case "connection.acquired":
      sink.measure("lk.agents.connection.acquire_time", event.seconds, event, event.reused);
      return;
    case "usage":
      for (const [amount, instrument] of USAGE) {
        const value = event[amount];
        if (value !== undefined && value !== 0) sink.measure(instrument, value, event);
      }
      return;
    case "stt.firstToken":
    case "stt.lag":
    case "llm.tokenGap":
    case "llm.done":
    case "tts.done":
    case "tts.lag":
    case "error":
    case "fallback":
    case "retry":
    case "bargeIn":
      return;
  }
}

/** From the end of the user's speech to the first audio of the answer. */
export function endToEndSeconds({
  firstAudioAtSeconds,
  speechEndAtSeconds,
}: TurnEnd): number | undefined {
  return speechEndAtSeconds === undefined ? undefined : firstAudioAtSeconds - speechEndAtSeconds;
}
