/**
 * Writing that waits for slow readers and notices when nobody reads any more.
 *
 * @module
 */

import type { Writable } from "node:stream";

const CHUNK_CHARACTERS = 64 * 1024;

/** One stream to write to. Writing never throws: see {@link Output.isClosed} and {@link Output.failure}. */
export class Output {
  readonly #stream: Writable;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Without a listener a reader that went away would end the process with a stack trace.
    stream.on("error", (error) => {
      this.#fail(error);
    });
  }

  /** Nobody reads any more, or writing failed: the rest is dropped. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why writing failed; a reader that went away (`head`, `less`) is not a failure. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when the text is out, or cannot be written. */
  async write(text: string): Promise<void> {
    if (this.#isClosed || text === "") return;
    const error = await new Promise<Error | null | undefined>((resolve) => {
      this.#stream.write(text, resolve);
    });
    if (error instanceof Error) this.#fail(error);
  }

  /** Writes the pieces, several at a time. */
  async writeAll(pieces: Iterable<string>): Promise<void> {
    let chunk = "";
    for (const piece of pieces) {
      chunk += piece;
      if (chunk.length < CHUNK_CHARACTERS) continue;
      await this.write(chunk);
      chunk = "";
      if (this.#isClosed) return;
    }
    await this.write(chunk);
  }

  #fail(error: Error): void {
    const isFirst = !this.#isClosed;
    this.#isClosed = true;
    if (isFirst && !hasCode(error, "EPIPE")) this.#failure = error;
  }
}

function hasCode(error: Error, code: string): boolean {
  return "code" in error && error.code === code;
}
