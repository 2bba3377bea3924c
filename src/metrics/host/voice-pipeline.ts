/**
 * Where a host tells what its voice pipeline does.
 *
 * @module
 */

import type { Recorder } from "../recorder.js";
import { LiveKitFamilies } from "./livekit-families.js";
import type { VoiceEvent, VoiceEventFacts, VoiceOutput, VoiceStage } from "./voice-events.js";
import { VoiceFamilies } from "./voice-families.js";
import { VoiceRequest } from "./voice-request.js";

/** How a pipeline is recorded. */
export interface VoicePipelineOptions {
  /** Milliseconds that never go back. Used by {@link VoicePipeline.request} only. */
  readonly nowMs: () => number;
  /**
   * What stands for a session in the label `session_id`: a sampled hash. It also takes a recorder whose
   * policy for `session` keeps some.
   *
   * @default none, no label
   */
  readonly sessionLabel?: (sessionId: string) => string;
  /** Further outputs: the OpenTelemetry instruments. */
  readonly outputs?: readonly VoiceOutput[];
}

/**
 * Takes events of a voice pipeline and hands each to every output. Nothing here throws, whatever an
 * event holds and whatever an output does: numbers that a family does not take are counted in
 * `metrics_ignored_samples_total`, outputs that throw in {@link VoicePipeline.failedOutputs}.
 *
 * @example
 * ```ts
 * const voice = new VoicePipeline(recorder, { nowMs });
 * voice.record({ kind: "usage", model: "gpt-4o", provider: "openai", llmInputTokens: 412 });
 *
 * const request = voice.request("llm", { model: "gpt-4o", transport: "sip" });
 * for await (const token of stream) request.output();
 * request.done();
 * ```
 */
export class VoicePipeline {
  readonly #outputs: readonly VoiceOutput[];
  readonly #nowMs: () => number;
  #failedOutputs = 0;

  constructor(recorder: Recorder, options: VoicePipelineOptions) {
    this.#nowMs = options.nowMs;
    this.#outputs = [
      new VoiceFamilies(recorder, options.sessionLabel ?? ((): string => "")),
      new LiveKitFamilies(recorder),
      ...(options.outputs ?? []),
    ];
  }

  record(event: VoiceEvent): void {
    for (const output of this.#outputs) {
      try {
        output.onVoiceEvent(event);
      } catch {
        this.#failedOutputs += 1;
      }
    }
  }

  /** A request that starts now, of which each figure is recorded once. */
  request(stage: VoiceStage, about: VoiceEventFacts = {}): VoiceRequest {
    return new VoiceRequest(stage, about, this.#nowMs, this);
  }

  /**
   * A connection to a provider that is asked for now. Each acquisition is timed by itself, so that several
   * at once do not mix.
   *
   * @returns What tells that it is there, once.
   */
  connecting(about: VoiceEventFacts = {}): (how: { readonly reused: boolean }) => void {
    const askedMs = this.#nowMs();
    let isTold = false;
    return ({ reused }) => {
      if (isTold) return;
      isTold = true;
      const seconds = (this.#nowMs() - askedMs) / 1000;
      this.record({ ...about, kind: "connection.acquired", seconds, reused });
    };
  }

  /** How often an output threw. */
  get failedOutputs(): number {
    return this.#failedOutputs;
  }
}
