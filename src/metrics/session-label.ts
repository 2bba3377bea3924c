/**
 * The label that names a session, where a host wants one.
 *
 * @module
 */

import type { Recorder } from "./recorder.js";
import { sampledSessionId } from "./session-id.js";

/** Which sessions are told apart by a label. */
export interface SessionLabelOptions {
  /** One session in so many has its own label value; others share one. @default 1 */
  readonly sampleRate?: number | undefined;
  /** Hashes with a secret, so that session ids cannot be tried out. */
  readonly salt?: string | undefined;
}

/** After its end, so long a session's series can still be scraped. */
const KEPT_MS = 300_000;

/**
 * Gives sessions their label values, and lets the series of those go that ended a while ago. How many a
 * recorder keeps at a time is its policy for the list `session`; without one it keeps none.
 */
export class SessionLabel {
  readonly #recorder: Pick<Recorder, "forget">;
  readonly #options: SessionLabelOptions;
  /** In order of time. */
  readonly #ended = new Map<string, number>();

  constructor(recorder: Pick<Recorder, "forget">, options: SessionLabelOptions) {
    this.#recorder = recorder;
    this.#options = options;
  }

  valueOf(sessionId: string): string {
    const { sampleRate = 1, salt } = this.#options;
    return sampledSessionId(sessionId, sampleRate, { salt });
  }

  /** A session goes on, be it again. */
  begin(value: string): void {
    this.#ended.delete(value);
  }

  /** A session is over. */
  end(value: string, atMs: number): void {
    this.#ended.delete(value);
    this.#ended.set(value, atMs);
  }

  /** Lets go what ended long ago. */
  letGo(nowMs: number): void {
    for (const [value, atMs] of this.#ended) {
      if (nowMs - atMs < KEPT_MS) break;
      this.#ended.delete(value);
      this.#recorder.forget("session", value);
    }
  }
}
