/**
 * One request to a stage of a voice pipeline, timed.
 *
 * @module
 */

import type {
  LlmDone,
  ProviderError,
  RequestStatus,
  VoiceEvent,
  VoiceEventFacts,
  VoiceStage,
} from "./voice-events.js";

interface EventSink {
  record(event: VoiceEvent): void;
}

/**
 * A request from its start to its end. Time to the first output and total time are recorded once each,
 * however often something is told: a request that fails after its first token has no second first token.
 */
export class VoiceRequest {
  readonly #stage: VoiceStage;
  readonly #about: VoiceEventFacts;
  readonly #nowMs: () => number;
  readonly #sink: EventSink;
  readonly #startMs: number;
  #lastOutputMs: number | undefined;
  #isOver = false;

  /** Starts now. */
  constructor(stage: VoiceStage, about: VoiceEventFacts, nowMs: () => number, sink: EventSink) {
    this.#stage = stage;
    this.#about = about;
    this.#nowMs = nowMs;
    this.#sink = sink;
    this.#startMs = nowMs();
  }

  /** A token, a word or a piece of audio is there. */
  output(): void {
    if (this.#isOver) return;
    const now = this.#nowMs();
    if (this.#lastOutputMs === undefined) {
      this.#first("success", now);
    } else if (this.#stage === "llm") {
      const seconds = (now - this.#lastOutputMs) / 1000;
      this.#sink.record({ ...this.#about, kind: "llm.tokenGap", seconds });
    }
    this.#lastOutputMs = now;
  }

  /**
   * The request came to its end.
   *
   * @param sinceSpeechEndSeconds Of speech to text: from the end of speech to the transcript.
   */
  done(sinceSpeechEndSeconds?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#total({ status: "success" }, sinceSpeechEndSeconds);
  }

  /** The request failed. Without any output, its time so far stands as time to the first, as error. */
  fail(errorType: ProviderError = "provider_error"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.record({ ...this.#about, kind: "error", stage: this.#stage, errorType });
    if (this.#lastOutputMs === undefined) this.#first("error", this.#nowMs());
    this.#total({ status: "error", errorType });
  }

  #first(status: RequestStatus, now: number): void {
    const kind = ({ stt: "stt.firstToken", llm: "llm.firstToken", tts: "tts.firstAudio" } as const)[
      this.#stage
    ];
    this.#sink.record({ ...this.#about, kind, status, seconds: (now - this.#startMs) / 1000 });
  }

  #total(outcome: Pick<LlmDone, "status" | "errorType">, sinceSpeechEndSeconds?: number): void {
    const kind = ({ stt: "stt.final", llm: "llm.done", tts: "tts.done" } as const)[this.#stage];
    const event = {
      ...this.#about,
      kind,
      ...outcome,
      seconds: (this.#nowMs() - this.#startMs) / 1000,
    };
    this.#sink.record(
      sinceSpeechEndSeconds === undefined || event.kind !== "stt.final"
        ? event
        : { ...event, kind: event.kind, sinceSpeechEndSeconds },
    );
  }
}
