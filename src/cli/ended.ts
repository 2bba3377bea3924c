/**
 * When a command that goes on and on is to end.
 *
 * @module
 */

import type { CommandIo } from "./command-io.js";
import { onKeys } from "./live-screen.js";

/** What ended it. */
export type EndReason = "time" | "quit" | "interrupt" | "terminate";

/** What else ends it. */
export interface EndOptions {
  /** After so long. */
  readonly forMs?: number | undefined;
  /** Ends it as `q` does. */
  readonly signal?: AbortSignal;
}

/** Resolves when the user or the system asks to end it, or, on a terminal, somebody types `q`. */
export function untilEnded(io: CommandIo, { forMs, signal }: EndOptions): Promise<EndReason> {
  return new Promise((resolve) => {
    const undo: (() => void)[] = [];
    const end = (why: EndReason) => (): void => {
      for (const one of undo.splice(0)) one();
      resolve(why);
    };
    undo.push(io.onInterrupt(end("interrupt")), io.onTerminate(end("terminate")));
    signal?.addEventListener("abort", end("quit"), { once: true });
    if (forMs !== undefined) {
      const timer = setTimeout(end("time"), forMs);
      undo.push(() => {
        clearTimeout(timer);
      });
    }
    // Looking at standard input opens it.
    if (io.stdout.isTTY !== true || io.stdin.isTTY !== true) return;
    undo.push(onKeys(io.stdin, { quit: end("quit"), interrupt: end("interrupt") }));
  });
}
