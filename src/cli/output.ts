/**
 * Writing that waits for slow readers and notices when nobody reads any more.
 *
 * @module
 */

import type { Writable } from "node:stream";

/** Written at a time. */
const CHUNK_BYTES = 64 * 1024;
/** Of one character of a string, in UTF-8. */
const MAX_BYTES_A_CHARACTER = 3;

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
    if (!this.#isClosed && text !== "") await this.#send(text);
  }

  /** Writes the pieces, several at a time. */
  async writeAll(pieces: Iterable<string>): Promise<void> {
    // One for all of them: each chunk in memory of its own would take the system longer to find.
    const chunk = Buffer.allocUnsafeSlow(2 * CHUNK_BYTES);
    let filled = 0;
    const flush = async (): Promise<void> => {
      if (filled > 0 && !this.#isClosed) await this.#send(chunk.subarray(0, filled));
      filled = 0;
    };
    for (const piece of pieces) {
      const mostBytes = piece.length * MAX_BYTES_A_CHARACTER;
      if (filled + mostBytes > chunk.length) await flush();
      if (mostBytes <= chunk.length) filled += chunk.write(piece, filled);
      else await this.write(piece);
      if (filled >= CHUNK_BYTES) await flush();
      if (this.#isClosed) return;
    }
    await flush();
  }

  /** Resolves when nothing of it is needed any more. */
  async #send(data: string | Uint8Array): Promise<void> {
    const error = await new Promise<Error | null | undefined>((resolve) => {
      this.#stream.write(data, resolve);
    });
    if (error instanceof Error) this.#fail(error);
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
