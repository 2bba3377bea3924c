/**
 * What the command has of the world, so that a test can give it another one.
 *
 * @module
 */

import type { Readable, Writable } from "node:stream";

/** Where the command writes. A terminal says that it is one, and how wide. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** What the command reads. A terminal says that it is one. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean | undefined;
  setRawMode?(isRaw: boolean): unknown;
}

/** Everything outside the command that it uses, captures aside. */
export interface CommandIo {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds on a clock that never goes back. */
  readonly nowMs: () => number;
  /** Milliseconds since 1970, as the clock of this machine has it. */
  readonly epochMs: () => number;
  /** Captures to read at once, 1 or more. */
  readonly parallelism: number;
  readonly version: string;
  /** Calls back whenever the user interrupts, until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Calls back when the system asks the process to end, until the returned function is called. */
  readonly onTerminate: (listener: () => void) => () => void;
  /** Calls back at each hang-up, which is how a daemon is told to look at its settings again. */
  readonly onHangUp: (listener: () => void) => () => void;
}
