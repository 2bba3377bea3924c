/**
 * What LiveKit's `@livekit/agents` for Node tells of itself, as events of a voice pipeline. Its times are
 * milliseconds, and 0 or -1 where it does not know one; ours are seconds, and absent.
 *
 * @module
 */

import type {
  AgentFailure,
  AgentMetrics,
  AgentSessionPort,
  EndOfUtteranceMetrics,
  LlmMetrics,
  MetricsMetadata,
  MetricsReport,
  OnItem,
  OnMetrics,
  RealtimeMetrics,
  SttMetrics,
  TtsMetrics,
} from "./agents-js-ports.js";
import { providerErrorOf } from "./provider-error.js";
import type { VoiceEvent, VoiceEventFacts, VoiceStage } from "./voice-events.js";
import { watchEvents } from "./watch-events.js";

const STAGES: Readonly<
  Record<Exclude<AgentFailure["error"]["type"], "interruption_detection_error">, VoiceStage>
> = {
  llm_error: "llm",
  realtime_model_error: "llm",
  stt_error: "stt",
  tts_error: "tts",
};

/** Takes events: a `VoicePipeline`. */
export interface VoiceEventSink {
  record(event: VoiceEvent): void;
}

/** What every event of a session has, and what is told of its turns. */
export interface AgentSessionOptions extends Pick<VoiceEventFacts, "sessionId" | "transport"> {
  /**
   * LiveKit tells most latencies twice. `metrics` has them for every request; `reports`, of the messages
   * of a conversation, once a turn, by the models that the report names.
   *
   * @default "metrics"
   */
  readonly turnsFrom?: "metrics" | "reports";
}

/**
 * Follows one session. Of each request, utterance and connection there is one event, however many of
 * LiveKit's tell of it. The latency of a whole turn is in reports alone.
 */
export class AgentsJsEvents {
  readonly #sink: VoiceEventSink;
  readonly #facts: VoiceEventFacts;
  readonly #hasReports: boolean;
  /** Of the component that was heard of last: what follows from its work does not name it again. */
  #stt: VoiceEventFacts = {};
  #llm: VoiceEventFacts = {};
  #tts: VoiceEventFacts = {};
  /** Of a request for an utterance whose delay is not told yet. */
  #sttSeconds: number | undefined;
  /** From the end of the user's speech, in the turn that is to be answered. */
  #transcriptSeconds: number | undefined;

  constructor(sink: VoiceEventSink, options: AgentSessionOptions = {}) {
    const { turnsFrom = "metrics", ...facts } = options;
    this.#sink = sink;
    this.#facts = facts;
    this.#hasReports = turnsFrom === "reports";
  }

  /** Of the event `metrics_collected`. What has no meaning here is left out. */
  onMetrics(metrics: AgentMetrics): void {
    switch (metrics.type) {
      case "llm_metrics":
        this.#onLlm(metrics);
        return;
      case "stt_metrics":
        this.#onStt(metrics);
        return;
      case "tts_metrics":
        this.#onTts(metrics);
        return;
      case "eou_metrics":
        this.#onEndOfUtterance(metrics);
        return;
      case "realtime_model_metrics":
        this.#onRealtime(metrics);
        return;
      case "interruption_metrics":
        this.#tell({
          kind: "usage",
          interruptionRequests: metrics.numRequests,
          ...this.#about(metrics.metadata),
        });
        return;
      case "vad_metrics":
      case "eot_inference_metrics":
      case "avatar_metrics":
        return;
    }
  }

  /** Of the event `conversation_item_added`: the report of an answer ends its turn. */
  onReport(report: MetricsReport): void {
    const { e2eLatency, transcriptionDelay, llmMetadata, ttsMetadata, sttMetadata } = report;
    const llm = this.#about(llmMetadata, this.#llm);
    if (isKnown(transcriptionDelay)) this.#transcriptSeconds = transcriptionDelay;
    if (this.#hasReports) {
      const { llmNodeTtft, ttsNodeTtfb } = report;
      this.#onUserTurn(report, this.#about(sttMetadata, this.#stt));
      if (isKnown(llmNodeTtft)) {
        this.#tell({ kind: "llm.firstToken", seconds: llmNodeTtft, ...llm });
      }
      if (isKnown(ttsNodeTtfb)) {
        const about = this.#about(ttsMetadata, this.#tts);
        this.#tell({ kind: "tts.firstAudio", seconds: ttsNodeTtfb, ...about });
      }
    }
    if (!isKnown(e2eLatency)) return;
    const asrFinalAtSeconds = this.#transcriptSeconds;
    this.#transcriptSeconds = undefined;
    // The end of the user's speech is the origin of the turn's clock.
    this.#tell({
      kind: "turn.end",
      speechEndAtSeconds: 0,
      firstAudioAtSeconds: e2eLatency,
      ...(asrFinalAtSeconds !== undefined && { asrFinalAtSeconds }),
      ...llm,
    });
  }

  /** Of the event `error`: a request failed, or one to the language model is made again. */
  onError({ error, source }: AgentFailure): void {
    if (error.type === "interruption_detection_error") return;
    const stage = STAGES[error.type];
    const about = this.#about(componentOf(source));
    if (!error.recoverable) {
      this.#tell({ kind: "error", stage, errorType: providerErrorOf(error.error), ...about });
    } else if (error.type === "llm_error") {
      this.#tell({ kind: "retry", stage: "llm", ...about });
    }
  }

  /** The session is over: an utterance whose delay will not be told any more is told without. */
  onClose(): void {
    this.#endUtterance();
  }

  #onLlm(metrics: LlmMetrics): void {
    const about = (this.#llm = this.#about(metrics.metadata));
    const { promptTokens, promptCachedTokens, completionTokens } = metrics;
    this.#tell({
      kind: "usage",
      llmInputTokens: promptTokens,
      llmInputCachedTokens: promptCachedTokens,
      llmOutputTokens: completionTokens,
      ...about,
    });
    this.#onGeneration(
      { ...metrics, cancelled: metrics.cancelled || isEmpty(metrics.ttftMs) },
      about,
    );
  }

  #onRealtime(metrics: RealtimeMetrics): void {
    const about = (this.#llm = this.#about(metrics.metadata));
    const { acquireTimeMs, connectionReused = false, sessionDurationMs } = metrics;
    const { inputTokenDetails: input, outputTokenDetails: output } = metrics;
    if (acquireTimeMs !== undefined) {
      const seconds = acquireTimeMs / 1000;
      this.#tell({ kind: "connection.acquired", seconds, reused: connectionReused, ...about });
    }
    this.#tell({
      kind: "usage",
      llmInputTokens: metrics.inputTokens,
      llmInputCachedTokens: input.cachedTokens,
      llmInputAudioTokens: input.audioTokens,
      llmInputTextTokens: input.textTokens,
      llmOutputTokens: metrics.outputTokens,
      llmOutputAudioTokens: output.audioTokens,
      llmOutputTextTokens: output.textTokens,
      ...(sessionDurationMs !== undefined && { llmSessionSeconds: sessionDurationMs / 1000 }),
      ...about,
    });
    this.#onGeneration(metrics, about);
  }

  /** What was cancelled did not come to its end. */
  #onGeneration(
    { ttftMs, durationMs, cancelled }: Pick<LlmMetrics, "ttftMs" | "durationMs" | "cancelled">,
    about: VoiceEventFacts,
  ): void {
    if (isKnown(ttftMs) && !this.#hasReports) {
      this.#tell({ kind: "llm.firstToken", seconds: ttftMs / 1000, ...about });
    }
    if (cancelled || !isKnown(durationMs)) return;
    this.#tell({ kind: "llm.done", seconds: durationMs / 1000, ...about });
  }

  #onTts(metrics: TtsMetrics): void {
    const about = (this.#tts = this.#about(metrics.metadata));
    const { ttfbMs, durationMs, audioDurationMs, charactersCount, cancelled } = metrics;
    this.#tell({
      kind: "usage",
      ttsCharacters: charactersCount,
      ttsAudioSeconds: audioDurationMs / 1000,
      ...about,
    });
    if (isKnown(ttfbMs) && !this.#hasReports) {
      this.#tell({ kind: "tts.firstAudio", seconds: ttfbMs / 1000, ...about });
    }
    if (cancelled || isEmpty(ttfbMs) || !isKnown(durationMs)) return;
    this.#tell({ kind: "tts.done", seconds: durationMs / 1000, ...about });
  }

  #onStt({ durationMs, audioDurationMs, streamed, metadata }: SttMetrics): void {
    this.#endUtterance();
    this.#stt = this.#about(metadata);
    this.#tell({ kind: "usage", sttAudioSeconds: audioDurationMs / 1000, ...this.#stt });
    if (!streamed && isKnown(durationMs)) this.#sttSeconds = durationMs / 1000;
  }

  #onEndOfUtterance(metrics: EndOfUtteranceMetrics): void {
    if (this.#hasReports) return;
    const { transcriptionDelayMs, endOfUtteranceDelayMs, onUserTurnCompletedDelayMs } = metrics;
    this.#transcriptSeconds = isKnown(transcriptionDelayMs)
      ? transcriptionDelayMs / 1000
      : undefined;
    const turn = {
      transcriptionDelay: this.#transcriptSeconds,
      endOfTurnDelay: endOfUtteranceDelayMs / 1000,
      onUserTurnCompletedDelay: onUserTurnCompletedDelayMs / 1000,
    };
    this.#onUserTurn(turn, this.#stt);
  }

  /** A stream has no requests: what its transcript took is the delay since the end of speech. */
  #onUserTurn(turn: MetricsReport, about: VoiceEventFacts): void {
    const { transcriptionDelay, endOfTurnDelay, onUserTurnCompletedDelay } = turn;
    this.#endUtterance(isKnown(transcriptionDelay) ? transcriptionDelay : undefined, about);
    if (isKnown(endOfTurnDelay)) {
      this.#tell({ kind: "turn.decision", seconds: endOfTurnDelay, ...about });
    }
    // Nothing to do takes no time, which is known.
    if (onUserTurnCompletedDelay !== undefined) {
      this.#tell({ kind: "turn.callback", seconds: onUserTurnCompletedDelay, ...about });
    }
  }

  #endUtterance(sinceSpeechEndSeconds?: number, about = this.#stt): void {
    const seconds = this.#sttSeconds ?? sinceSpeechEndSeconds;
    this.#sttSeconds = undefined;
    if (seconds === undefined) return;
    this.#tell({
      kind: "stt.final",
      seconds,
      ...(sinceSpeechEndSeconds !== undefined && { sinceSpeechEndSeconds }),
      ...about,
    });
  }

  /** @param otherwise - What holds where no model is named. */
  #about(metadata: MetricsMetadata | undefined, otherwise: VoiceEventFacts = {}): VoiceEventFacts {
    if (metadata === undefined) return otherwise;
    const { modelName, modelProvider } = metadata;
    return {
      ...(modelName !== undefined && { model: modelName }),
      ...(modelProvider !== undefined && { provider: modelProvider }),
    };
  }

  #tell(event: VoiceEvent): void {
    this.#sink.record({ ...this.#facts, ...event });
  }
}

/**
 * Follows a session of `@livekit/agents` until what is returned is called. Nothing is thrown into it.
 *
 * @example
 * ```ts
 * const detach = attachAgentSession(session, voice, { transport: "sip" });
 * ```
 */
export function attachAgentSession(
  session: AgentSessionPort,
  sink: VoiceEventSink,
  options: AgentSessionOptions = {},
): () => void {
  const events = new AgentsJsEvents(sink, options);
  const onMetrics: OnMetrics = (event) => {
    ignoringFaults(() => {
      events.onMetrics(event.metrics);
    });
  };
  const onItem: OnItem = (event) => {
    ignoringFaults(() => {
      const report = reportOf(event.item);
      if (report !== undefined) events.onReport(report);
    });
  };
  const onClose = (): void => {
    ignoringFaults(() => {
      events.onClose();
    });
  };
  const unwatch = watchEvents(session, (name, [event]) => {
    if (name !== "error") return;
    ignoringFaults(() => {
      events.onError(event as AgentFailure);
    });
  });
  session.on("metrics_collected", onMetrics);
  session.on("conversation_item_added", onItem);
  session.on("close", onClose);
  return () => {
    unwatch();
    session.off("metrics_collected", onMetrics);
    session.off("conversation_item_added", onItem);
    session.off("close", onClose);
    onClose();
  };
}

/** What a plugin of the session leaves out, or a sink throws, is not for the session to fail of. */
function ignoringFaults(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
}

/** A component of LiveKit's knows its model; one that is none of its own may not. */
function componentOf(source: unknown): MetricsMetadata {
  const { model, provider } = Object(source) as Readonly<Record<string, unknown>>;
  return {
    ...(typeof model === "string" && { modelName: model }),
    ...(typeof provider === "string" && { modelProvider: provider }),
  };
}

/** Messages have one; handoffs and function calls have none. */
function reportOf(item: unknown): MetricsReport | undefined {
  if (typeof item !== "object" || item === null || !("metrics" in item)) return undefined;
  const { metrics } = item;
  return typeof metrics === "object" && metrics !== null ? metrics : undefined;
}

/**
 * Of the time to the first output: there was none. LiveKit tells a request that failed so, after its last
 * retry, and nothing else of its metrics says that it did.
 */
function isEmpty(time: number): boolean {
  return time < 0;
}

/** Neither 0 nor -1, which stand for a time that was not taken. */
function isKnown(time: number | undefined): time is number {
  return time !== undefined && time > 0;
}
