/**
 * What is used of the metrics of `@livekit/agents` 1.x. Its own types fit.
 *
 * @module
 */

/** Which model of a component, and whose. */
export interface MetricsMetadata {
  readonly modelName?: string | undefined;
  readonly modelProvider?: string | undefined;
}

/** What every event may say of the component that it is about. */
interface OfComponent {
  readonly metadata?: MetricsMetadata | undefined;
}

/** Of one request to a language model. */
export interface LlmMetrics extends OfComponent {
  readonly type: "llm_metrics";
  readonly durationMs: number;
  /** -1 without any token. */
  readonly ttftMs: number;
  readonly cancelled: boolean;
  readonly completionTokens: number;
  readonly promptTokens: number;
  readonly promptCachedTokens: number;
}

/** Of one request to speech to text, or of what a stream has used since the last. */
export interface SttMetrics extends OfComponent {
  readonly type: "stt_metrics";
  /** 0 of a stream. */
  readonly durationMs: number;
  readonly audioDurationMs: number;
  readonly streamed: boolean;
}

/** Of one text that was spoken. */
export interface TtsMetrics extends OfComponent {
  readonly type: "tts_metrics";
  /** -1 without any audio. */
  readonly ttfbMs: number;
  readonly durationMs: number;
  readonly audioDurationMs: number;
  readonly cancelled: boolean;
  readonly charactersCount: number;
}

/** Of the end of a user's turn. Delays are 0 where no end of speech was found. */
export interface EndOfUtteranceMetrics {
  readonly type: "eou_metrics";
  readonly endOfUtteranceDelayMs: number;
  readonly transcriptionDelayMs: number;
  readonly onUserTurnCompletedDelayMs: number;
}

/** Of one answer of a model that hears and speaks, or of its connection. */
export interface RealtimeMetrics extends OfComponent {
  readonly type: "realtime_model_metrics";
  readonly durationMs: number;
  readonly sessionDurationMs?: number | undefined;
  readonly acquireTimeMs?: number | undefined;
  readonly connectionReused?: boolean | undefined;
  /** -1 without any audio. */
  readonly ttftMs: number;
  readonly cancelled: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly inputTokenDetails: {
    readonly audioTokens: number;
    readonly textTokens: number;
    readonly cachedTokens: number;
  };
  readonly outputTokenDetails: { readonly audioTokens: number; readonly textTokens: number };
}

/** Of the model that tells interruptions from sounds of assent. */
export interface InterruptionMetrics extends OfComponent {
  readonly type: "interruption_metrics";
  /** Since the last event. */
  readonly numRequests: number;
}

/** What has no family here. */
interface OtherMetrics {
  readonly type: "vad_metrics" | "eot_inference_metrics" | "avatar_metrics";
}

/** The metrics of the event `metrics_collected`. */
export type AgentMetrics =
  | LlmMetrics
  | SttMetrics
  | TtsMetrics
  | EndOfUtteranceMetrics
  | RealtimeMetrics
  | InterruptionMetrics
  | OtherMetrics;

/**
 * The report of one message, in seconds, with the model of each component beside it, as LiveKit's agents
 * for Python have it; those for Node leave the models out.
 */
export interface MetricsReport {
  readonly startedSpeakingAt?: number | undefined;
  readonly stoppedSpeakingAt?: number | undefined;
  readonly transcriptionDelay?: number | undefined;
  readonly endOfTurnDelay?: number | undefined;
  readonly onUserTurnCompletedDelay?: number | undefined;
  readonly llmNodeTtft?: number | undefined;
  readonly ttsNodeTtfb?: number | undefined;
  readonly e2eLatency?: number | undefined;
  readonly llmMetadata?: MetricsMetadata | undefined;
  readonly ttsMetadata?: MetricsMetadata | undefined;
  readonly sttMetadata?: MetricsMetadata | undefined;
}

/** Of the event `error` of a session. */
export interface AgentFailure {
  readonly error: {
    readonly type:
      | "llm_error"
      | "realtime_model_error"
      | "stt_error"
      | "tts_error"
      | "interruption_detection_error";
    /** It is tried again. */
    readonly recoverable: boolean;
    readonly error: unknown;
  };
  /** The component: its `model` and `provider` are looked at. */
  readonly source?: unknown;
}

/** Is told of metrics. */
export type OnMetrics = (event: { readonly metrics: AgentMetrics }) => void;
/** Is told of messages, and of other things that are said to be part of the conversation. */
export type OnItem = (event: { readonly item: unknown }) => void;

/** What is used of an `AgentSession`. */
export interface AgentSessionPort {
  on(event: "metrics_collected", listener: OnMetrics): unknown;
  on(event: "conversation_item_added", listener: OnItem): unknown;
  on(event: "close", listener: () => void): unknown;
  off(event: "metrics_collected", listener: OnMetrics): unknown;
  off(event: "conversation_item_added", listener: OnItem): unknown;
  off(event: "close", listener: () => void): unknown;
  /** Events `error` are watched here: a listener of ours would keep one that nobody hears from throwing. */
  emit(...args: never[]): unknown;
}
