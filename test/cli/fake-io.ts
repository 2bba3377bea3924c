/** A terminal, or a pipe, that remembers what was written to it. */

import { Readable, Writable } from "node:stream";

import type { CommandIo, OutputStream } from "../../src/cli/command-io.js";

/** What a write is answered with, instead of being taken. */
export interface Refusal {
  /** After so many writes that were taken. */
  readonly after: number;
  readonly code: string;
}

export class FakeOutput extends Writable implements OutputStream {
  readonly isTTY: boolean | undefined;
  readonly columns: number | undefined;
  readonly #refusal: Refusal | undefined;
  #written = "";
  #writes = 0;

  constructor(terminalColumns?: number, refusal?: Refusal) {
    super({ decodeStrings: false });
    this.isTTY = terminalColumns === undefined ? undefined : true;
    this.columns = terminalColumns;
    this.#refusal = refusal;
  }

  /** Everything that was written. */
  get text(): string {
    return this.#written;
  }

  /** How often something was written. */
  get writes(): number {
    return this.#writes;
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    if (this.#refusal !== undefined && this.#writes >= this.#refusal.after) {
      done(Object.assign(new Error(`write ${this.#refusal.code}`), { code: this.#refusal.code }));
      return;
    }
    this.#writes += 1;
    this.#written += chunk;
    done();
  }
}

/** A world in which nothing is a terminal and no time passes, but for what is said otherwise. */
export interface FakeIo extends CommandIo {
  readonly stdout: FakeOutput;
  readonly stderr: FakeOutput;
  /** As Ctrl-C does. */
  readonly interrupt: () => void;
  /** As `kill` does. */
  readonly terminate: () => void;
  /** As `kill -HUP` does. */
  readonly hangUp: () => void;
  /** Lets time pass. */
  readonly pass: (ms: number) => void;
}

export function fakeIo(
  overrides: Partial<Pick<FakeIo, "stdin" | "stdout" | "stderr" | "env" | "parallelism">> = {},
): FakeIo {
  const listeners = new Set<() => void>();
  const terminated = new Set<() => void>();
  const hungUp = new Set<() => void>();
  let nowMs = 1000;
  return {
    stdin: Readable.from([]),
    stdout: new FakeOutput(),
    stderr: new FakeOutput(),
    env: {},
    nowMs: () => nowMs,
    epochMs: () => 1_760_000_005_000,
    parallelism: 2,
    version: "1.2.3",
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onTerminate: (listener) => {
      terminated.add(listener);
      return () => terminated.delete(listener);
    },
    onHangUp: (listener) => {
      hungUp.add(listener);
      return () => hungUp.delete(listener);
    },
    hangUp: () => {
      for (const listener of [...hungUp]) listener();
    },
    interrupt: () => {
      for (const listener of [...listeners]) listener();
    },
    terminate: () => {
      for (const listener of [...terminated]) listener();
    },
    pass: (ms) => {
      nowMs += ms;
    },
    ...overrides,
  };
}
