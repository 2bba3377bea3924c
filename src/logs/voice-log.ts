/**
 * What a voice pipeline tells, as lines of a log.
 *
 * @module
 */

import type { VoiceEvent, VoiceOutput } from "../metrics/host/voice-events.js";
import { compactEvent } from "./compact-event.js";
import type { LogLevel, LogPort } from "./log-port.js";

/**
 * An output of a `VoicePipeline`: a warning for each error, fallback and retry, and everything else in
 * lines of `debug`, as short as each may be. No event holds what people said.
 *
 * @example
 * ```ts
 * const voice = new VoicePipeline(recorder, { nowMs, outputs: [new VoiceLog(log)] });
 * ```
 */
export class VoiceLog implements VoiceOutput {
  readonly #log: LogPort;

  constructor(log: LogPort) {
    this.#log = log;
  }

  onVoiceEvent(event: VoiceEvent): void {
    const { kind, sessionId, ...facts } = event;
    const fields = { session_id: sessionId, ...compactEvent(facts) };
    this.#log[levelOf(kind)](fields, kind);
  }
}

function levelOf(kind: VoiceEvent["kind"]): LogLevel {
  return kind === "error" || kind === "fallback" || kind === "retry" ? "warn" : "debug";
}
