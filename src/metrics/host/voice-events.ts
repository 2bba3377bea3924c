/**
 * What a voice pipeline tells of itself. One event feeds every family and instrument that is about it,
 * each by its own definition.
 *
 * @module
 */

/** A part of the pipeline that works on requests. */
export type VoiceStage = "stt" | "llm" | "tts";

/** Whether a request came to its end. */
export type RequestStatus = "success" | "error";

/** Why a provider failed, as far as a host can tell; `other` for everything else. */
export type ProviderError =
  | "provider_error"
  | "timeout"
  | "rate_limited"
  | "unauthorized"
  | "invalid_request"
  | "network"
  | "cancelled"
  | "other";

/** What every event may say. */
export interface VoiceEventFacts {
  /** Which model did it, as its provider calls it. */
  readonly model?: string;
  readonly provider?: string;
  /** As the host calls it. It is never a label as it is: see {@link VoicePipelineOptions.sessionLabel}. */
  readonly sessionId?: string;
  /** How the user is connected. Families that are labelled with it are left out without it. */
  readonly transport?: "sip" | "webrtc";
}

interface Timed extends VoiceEventFacts {
  /** 0 or more. */
  readonly seconds: number;
}

/** Of a request that may have failed. */
interface Outcome extends Timed {
  /** @default "success" */
  readonly status?: RequestStatus;
  /** Why it failed. It is counted by the event `error`; here it stands beside the time it took. */
  readonly errorType?: ProviderError;
}

/** The first word of a transcript since its audio began. */
export interface SttFirstToken extends Outcome {
  readonly kind: "stt.firstToken";
}

/** An utterance is transcribed. */
export interface SttFinal extends Outcome {
  readonly kind: "stt.final";
  /** From the end of speech to the transcript, 0 or more. */
  readonly sinceSpeechEndSeconds?: number;
}

/** How far a running transcript is behind its audio. */
export interface SttLag extends Timed {
  readonly kind: "stt.lag";
}

/** The first token since the request. */
export interface LlmFirstToken extends Outcome {
  readonly kind: "llm.firstToken";
}

/** The time between two tokens, or those between many. */
export interface LlmTokenGap extends VoiceEventFacts {
  readonly kind: "llm.tokenGap";
  /** Each 0 or more. Read before the call returns: the array may be used again. */
  readonly seconds: number | ArrayLike<number>;
}

/** The last token since the request. */
export interface LlmDone extends Outcome {
  readonly kind: "llm.done";
}

/** The first audio since the text. */
export interface TtsFirstAudio extends Outcome {
  readonly kind: "tts.firstAudio";
}

/** The last audio since the text. */
export interface TtsDone extends Outcome {
  readonly kind: "tts.done";
}

/** How far running speech is behind its text. */
export interface TtsLag extends Timed {
  readonly kind: "tts.lag";
}

/** An answer begins to be heard. Times are of one clock, whichever; `model` is the language model. */
export interface TurnEnd extends VoiceEventFacts {
  readonly kind: "turn.end";
  readonly firstAudioAtSeconds: number;
  readonly speechEndAtSeconds?: number;
  readonly asrFinalAtSeconds?: number;
}

/** The user's turn is taken to be over, since the end of speech. `model` is that of speech to text. */
export interface TurnDecision extends Timed {
  readonly kind: "turn.decision";
}

/** What the application does at the end of a user's turn is done, since it was called. */
export interface TurnCallback extends Timed {
  readonly kind: "turn.callback";
}

/** A connection to a provider is there. One event an acquisition. */
export interface ConnectionAcquired extends Timed {
  readonly kind: "connection.acquired";
  /** It was there before, so that `seconds` may be 0. */
  readonly reused: boolean;
}

/** What a provider will charge. Amounts of 0 are left out. */
export interface Usage extends VoiceEventFacts {
  readonly kind: "usage";
  readonly llmInputTokens?: number;
  readonly llmInputCachedTokens?: number;
  readonly llmOutputTokens?: number;
  readonly llmInputAudioTokens?: number;
  readonly llmInputTextTokens?: number;
  readonly llmOutputAudioTokens?: number;
  readonly llmOutputTextTokens?: number;
  readonly llmSessionSeconds?: number;
  readonly ttsCharacters?: number;
  readonly ttsAudioSeconds?: number;
  readonly sttAudioSeconds?: number;
  readonly interruptionRequests?: number;
}

/** A request failed. */
export interface VoiceError extends VoiceEventFacts {
  readonly kind: "error";
  readonly stage: VoiceStage;
  /** @default "provider_error" */
  readonly errorType?: ProviderError;
}

/** Another model takes over. `model` is the one that is given up. */
export interface Fallback extends VoiceEventFacts {
  readonly kind: "fallback";
  readonly stage: VoiceStage;
}

/** A request to the language model is made again. */
export interface Retry extends VoiceEventFacts {
  readonly kind: "retry";
  readonly stage: "llm";
}

/** The user speaks while the answer is heard. */
export interface BargeIn extends VoiceEventFacts {
  readonly kind: "bargeIn";
}

/** Everything a pipeline can tell. */
export type VoiceEvent =
  | SttFirstToken
  | SttFinal
  | SttLag
  | LlmFirstToken
  | LlmTokenGap
  | LlmDone
  | TtsFirstAudio
  | TtsDone
  | TtsLag
  | TurnEnd
  | TurnDecision
  | TurnCallback
  | ConnectionAcquired
  | Usage
  | VoiceError
  | Fallback
  | Retry
  | BargeIn;

/** Where events go. It does not throw. */
export interface VoiceOutput {
  onVoiceEvent(event: VoiceEvent): void;
}
