/**
 * Events of a voice pipeline as families to scrape: those of Voxray, and the summaries in milliseconds
 * of voice servers.
 *
 * @module
 */

import { FirstByte } from "../first-byte.js";
import type { Recorder } from "../recorder.js";
import { endToEndSeconds } from "./livekit-measures.js";
import type {
  Fallback,
  LlmTokenGap,
  TurnEnd,
  VoiceError,
  VoiceEvent,
  VoiceOutput,
} from "./voice-events.js";

/** Feeds the families `stt_*`, `llm_*`, `tts_*`, `voice_*` and `voiceserver_*` of a pipeline. */
export class VoiceFamilies implements VoiceOutput {
  readonly #sessionLabel: (sessionId: string) => string;
  readonly #sttErrors;
  readonly #sttFallbacks;
  readonly #sttFirst;
  readonly #sttLatency;
  readonly #sttLag;
  readonly #llmErrors;
  readonly #llmRetries;
  readonly #llmFallbacks;
  readonly #llmFirst;
  readonly #llmLatency;
  readonly #llmGaps;
  readonly #ttsErrors;
  readonly #ttsFallbacks;
  readonly #ttsFirst;
  readonly #ttsLatency;
  readonly #ttsLag;
  readonly #turns;
  readonly #llmFirstByte: FirstByte;
  readonly #ttsFirstByte: FirstByte;
  readonly #endToEnd: FirstByte;
  readonly #providerErrors;
  readonly #callAsrErrors;
  readonly #callTtsErrors;
  readonly #bargeIns;

  /** @param sessionLabel What stands for a session in labels. */
  constructor(recorder: Recorder, sessionLabel: (sessionId: string) => string) {
    this.#sessionLabel = sessionLabel;
    this.#sttErrors = recorder.counter("stt_errors_total");
    this.#sttFallbacks = recorder.counter("stt_fallback_total");
    this.#sttFirst = recorder.histogram("stt_time_to_first_token_seconds");
    this.#sttLatency = recorder.histogram("stt_transcription_latency_seconds");
    this.#sttLag = recorder.histogram("stt_streaming_lag_seconds");
    this.#llmErrors = recorder.counter("llm_errors_total");
    this.#llmRetries = recorder.counter("llm_retries_total");
    this.#llmFallbacks = recorder.counter("llm_fallback_total");
    this.#llmFirst = recorder.histogram("llm_time_to_first_token_seconds");
    this.#llmLatency = recorder.histogram("llm_generation_latency_seconds");
    this.#llmGaps = recorder.histogram("llm_inter_token_latency_seconds");
    this.#ttsErrors = recorder.counter("tts_errors_total");
    this.#ttsFallbacks = recorder.counter("tts_fallback_total");
    this.#ttsFirst = recorder.histogram("tts_time_to_first_audio_chunk_seconds");
    this.#ttsLatency = recorder.histogram("tts_synthesis_latency_seconds");
    this.#ttsLag = recorder.histogram("tts_streaming_lag_seconds");
    this.#turns = recorder.histogram("voice_turn_e2e_seconds");
    this.#llmFirstByte = new FirstByte(recorder, "llm");
    this.#ttsFirstByte = new FirstByte(recorder, "tts");
    this.#endToEnd = new FirstByte(recorder, "e2e");
    this.#providerErrors = recorder.counter("voice_provider_errors_total");
    this.#callAsrErrors = recorder.counter("voiceserver_asr_errors_total");
    this.#callTtsErrors = recorder.counter("voiceserver_tts_errors_total");
    this.#bargeIns = recorder.counter("voiceserver_barge_in_total");
  }

  onVoiceEvent(event: VoiceEvent): void {
    const { model = "", transport, sessionId = "" } = event;
    const session = sessionId === "" ? "" : this.#sessionLabel(sessionId);
    switch (event.kind) {
      case "stt.firstToken":
        this.#sttFirst.at(session, "stt", event.status ?? "success", model).observe(event.seconds);
        return;
      case "stt.final":
        this.#sttLatency
          .at(session, "stt", event.status ?? "success", model)
          .observe(event.seconds);
        return;
      case "stt.lag":
        this.#sttLag.at("ingress", session, model).observe(event.seconds);
        return;
      case "llm.firstToken":
        this.#llmFirst.at(session, "llm", event.status ?? "success", model).observe(event.seconds);
        if (event.status !== "error") this.#llmFirstByte.observe(event.seconds * 1000);
        return;
      case "llm.tokenGap":
        this.#onTokenGap(event, session, model);
        return;
      case "llm.done":
        this.#llmLatency
          .at(session, "llm", event.status ?? "success", model)
          .observe(event.seconds);
        return;
      case "tts.firstAudio":
        this.#ttsFirst.at(session, "tts", event.status ?? "success", model).observe(event.seconds);
        if (event.status !== "error") this.#ttsFirstByte.observe(event.seconds * 1000);
        return;
      case "tts.done":
        this.#ttsLatency
          .at(session, "tts", event.status ?? "success", model)
          .observe(event.seconds);
        return;
      case "tts.lag":
        this.#ttsLag.at("egress", session, model).observe(event.seconds);
        return;
      case "turn.end":
        this.#onTurnEnd(event, model);
        return;
      case "error":
        this.#onError(event, session, model);
        return;
      case "fallback":
        this.#onFallback(event, session, model);
        return;
      case "retry":
        this.#llmRetries.at(session, "llm", model).inc();
        return;
      case "bargeIn":
        if (transport !== undefined) this.#bargeIns.at(transport).inc();
        return;
      case "turn.decision":
      case "turn.callback":
      case "connection.acquired":
      case "usage":
        return;
    }
  }

  #onTokenGap({ seconds }: LlmTokenGap, session: string, model: string): void {
    const gaps = this.#llmGaps.at(session, "llm", model);
    if (typeof seconds === "number") {
      gaps.observe(seconds);
      return;
    }
    for (let i = 0; i < seconds.length; i += 1) gaps.observe(seconds[i] ?? Number.NaN);
  }

  #onTurnEnd(event: TurnEnd, model: string): void {
    const seconds = endToEndSeconds(event);
    if (seconds !== undefined) this.#turns.at(event.transport ?? "", model).observe(seconds);
    if (event.asrFinalAtSeconds === undefined) return;
    this.#endToEnd.observe((event.firstAudioAtSeconds - event.asrFinalAtSeconds) * 1000);
  }

  #onError(event: VoiceError, session: string, model: string): void {
    const { stage, errorType = "provider_error", provider = "", transport } = event;
    this.#providerErrors.at(stage, provider, errorType).inc();
    switch (stage) {
      case "stt":
        this.#sttErrors.at(errorType, session, stage, model).inc();
        if (transport !== undefined) this.#callAsrErrors.at(transport).inc();
        return;
      case "llm":
        this.#llmErrors.at(errorType, session, stage, model).inc();
        return;
      case "tts":
        this.#ttsErrors.at(errorType, session, stage, model).inc();
        if (transport !== undefined) this.#callTtsErrors.at(transport).inc();
        return;
    }
  }

  #onFallback({ stage }: Fallback, session: string, model: string): void {
    switch (stage) {
      case "stt":
        this.#sttFallbacks.at(session, stage, model).inc();
        return;
      case "llm":
        this.#llmFallbacks.at(session, stage, model).inc();
        return;
      case "tts":
        this.#ttsFallbacks.at(session, stage, model).inc();
        return;
    }
  }
}
