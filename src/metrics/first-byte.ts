/**
 * Time to the first byte of what a voice pipeline gives: one sample, in both families that are about it.
 *
 * @module
 */

import type { Recorder } from "./recorder.js";

/** What is timed: a whole turn, speech, or text. */
export type FirstByteOf = "e2e" | "tts" | "llm";

/** Feeds a summary in milliseconds, and the histogram in seconds that can be added up over instances. */
export class FirstByte {
  readonly #milliseconds;
  readonly #seconds;

  constructor(recorder: Recorder, of: FirstByteOf) {
    this.#milliseconds = recorder.summary(`voiceserver_${of}_first_byte_ms`).at();
    this.#seconds = recorder.histogram(`voiceserver_${of}_first_byte_seconds`).at();
  }

  /** Above 0; anything else is only noted. */
  observe(milliseconds: number): void {
    this.#milliseconds.observe(milliseconds);
    // Whoever writes JavaScript may hand in anything, and not all of it can be divided.
    this.#seconds.observe(typeof milliseconds === "number" ? milliseconds / 1000 : Number.NaN);
  }
}
