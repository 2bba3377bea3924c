/**
 * A part of a terminal that is drawn over and over.
 *
 * @module
 */

import type { InputStream, OutputStream } from "./command-io.js";
import type { Output } from "./output.js";

const ESCAPE = "\u001b";
const CLEAR_BELOW = `${ESCAPE}[J`;
/** A line that the terminal wraps would take two of those that are drawn over. */
const CUT_LINES = `${ESCAPE}[?7l`;
const WRAP_LINES = `${ESCAPE}[?7h`;
const CTRL_C = "\u0003";

/** Draws lines in place of those that it drew before. */
export class LiveScreen {
  readonly #output: Output;
  readonly #stream: OutputStream;
  #drawn = 0;

  constructor(output: Output, stream: OutputStream) {
    this.#output = output;
    this.#stream = stream;
  }

  /** As many as the terminal has room for, the first of them. */
  async draw(lines: readonly string[]): Promise<void> {
    const room = (this.#stream.rows ?? Infinity) - 1;
    const shown = lines.slice(0, room);
    const text = shown.map((line) => `${line}\n`).join("");
    await this.#output.write(`${this.#back()}${CUT_LINES}${text}${WRAP_LINES}`);
    this.#drawn = shown.length;
  }

  /** Takes what was drawn away. */
  async clear(): Promise<void> {
    await this.#output.write(this.#back());
    this.#drawn = 0;
  }

  #back(): string {
    return this.#drawn === 0 ? "" : `${ESCAPE}[${this.#drawn}F${CLEAR_BELOW}`;
  }
}

/**
 * Calls back for `q` and for Ctrl-C, which is no signal while keys are read one by one. What is
 * returned ends that.
 */
export function onKeys(
  stdin: InputStream,
  keys: { readonly quit: () => void; readonly interrupt: () => void },
): () => void {
  const listener = (bytes: Buffer | string): void => {
    const typed = bytes.toString();
    if (typed.includes(CTRL_C)) keys.interrupt();
    else if (typed.toLowerCase().includes("q")) keys.quit();
  };
  stdin.setRawMode?.(true);
  stdin.on("data", listener);
  stdin.resume();
  return () => {
    stdin.off("data", listener);
    stdin.setRawMode?.(false);
    stdin.pause();
  };
}
