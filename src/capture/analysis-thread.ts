/**
 * An analysis in a thread of its own: the event loop that asks for it is held by no more than taking
 * what was found, a few records at a time.
 *
 * @module
 */

import { on } from "node:events";
import { Worker } from "node:worker_threads";

import type { CaptureReport } from "../call/report.js";
import { CaptureFormatError, CaptureOpenError, NativeUnavailableError } from "../errors.js";
import type { AnalyseOptions, AnalysisProgress } from "./analyse-options.js";
import { type CaptureSource, requireSource } from "./source.js";

/** What a thread is to analyse. */
export interface ThreadTask {
  readonly paths: readonly string[];
  readonly options: ThreadOptions;
  readonly wantsProgress: boolean;
}

/** What of the options is for this side, or can be had only on it. */
const STAYING = ["inWorker", "observer", "onProgress", "signal", "stir"] as const;

/** What can be sent to a thread. */
export type ThreadOptions = Omit<AnalyseOptions, (typeof STAYING)[number]>;

/** Lists of a report that are sent in parts. */
export const PARTED = ["calls", "streams", "handshakes"] as const;
export type Parted = (typeof PARTED)[number];

/** Some records of a report. */
export type Part = { readonly [Name in Parted]?: CaptureReport[Name] };

/** What a thread tells. It goes on after a part when that was taken. */
export type ThreadMessage =
  | { readonly kind: "progress"; readonly progress: AnalysisProgress }
  | { readonly kind: "part"; readonly part: Part }
  /** Without what went in parts. */
  | { readonly kind: "end"; readonly report: CaptureReport }
  | { readonly kind: "error"; readonly error: ThreadError };

/** An error as it can be sent: of its class a clone would keep nothing. */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
}

const ERRORS = new Map<string, new (message: string, options: ErrorOptions) => Error>(
  Object.entries({
    CaptureOpenError,
    CaptureFormatError,
    NativeUnavailableError,
    RangeError,
    TypeError,
  }),
);

/** Analyses captures as one in a thread. */
export class AnalysisThread {
  readonly #sources: readonly CaptureSource[];
  readonly #options: AnalyseOptions;
  #report: CaptureReport | undefined;

  constructor(sources: readonly CaptureSource[], options: AnalyseOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  /** Once all parts were given out, the report without them. */
  get report(): CaptureReport {
    if (this.#report === undefined) throw new Error("the thread ended before its analysis did");
    return this.#report;
  }

  /**
   * Runs it: gives out what was found, in the order of a report. The thread ends when nobody asks for
   * more.
   *
   * @throws As `analyseMerged`.
   * @throws {TypeError} If a source or an option cannot be sent to a thread.
   */
  async *parts(): AsyncGenerator<Part, void, undefined> {
    const { signal, onProgress } = this.#options;
    signal?.throwIfAborted();
    const worker = begun({
      paths: this.#sources.map(pathOf),
      options: sendable(this.#options),
      wantsProgress: onProgress !== undefined,
    });
    // Nothing of a thread that is given up may reach the host.
    worker.on("error", () => undefined);
    try {
      const messages = on(worker, "message", { close: ["exit"], ...(signal && { signal }) });
      for await (const [message] of messages as AsyncIterable<[ThreadMessage]>) {
        switch (message.kind) {
          case "progress":
            onProgress?.(message.progress);
            break;
          case "part":
            yield message.part;
            worker.postMessage("taken");
            break;
          case "end":
            this.#report = message.report;
            return;
          case "error":
            throw received(message.error);
        }
      }
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    } finally {
      await worker.terminate();
    }
  }
}

function begun(task: ThreadTask): Worker {
  try {
    return new Worker(new URL("./thread-entry.js", import.meta.url), { workerData: task });
  } catch (cause) {
    if (!(cause instanceof DOMException)) throw cause;
    throw new TypeError(
      `an option cannot be sent to a worker (${cause.message}); leave it or inWorker out`,
      { cause },
    );
  }
}

function pathOf(source: CaptureSource): string {
  requireSource(source);
  if ("path" in source) return source.path;
  throw new TypeError("a stream cannot be read in a worker; name a file, or leave inWorker out");
}

function sendable(options: AnalyseOptions): ThreadOptions {
  for (const name of ["observer", "stir"] as const) {
    if (options[name] === undefined) continue;
    throw new TypeError(`${name} cannot be used in a worker; leave it or inWorker out`);
  }
  const rest = { ...options };
  for (const name of STAYING) Reflect.deleteProperty(rest, name);
  return rest;
}

function received({ name, message, stack, cause }: ThreadError): Error {
  const error = new (ERRORS.get(name) ?? Error)(message, cause === undefined ? {} : { cause });
  if (stack !== undefined) error.stack = stack;
  return error;
}
