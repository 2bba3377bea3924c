/**
 * A sink that stores each call once it is over. What the disk does, or does not, never reaches the host:
 * records wait in a bounded queue, are tried again, and counted when there is no more room for them.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CallObserver } from "../call/observer.js";
import type { Privacy } from "../privacy/privacy.js";
import { type CallRecord, callRecord } from "./call-record.js";
import type { RecordWriter } from "./record-writer.js";

/** How records wait. */
export interface RecordSinkOptions {
  /** Masks whom calls name before anything is kept. */
  readonly privacy?: Privacy;
  /** Records that wait at most; further ones are dropped. Default 10,000. */
  readonly maxQueuedRecords?: number;
  /** Bytes of JSON that wait at most. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** Is told when storing begins to fail; once, until it has worked again. */
  readonly onFailure?: (error: unknown) => void;
}

/** What became of the records so far. */
export interface RecordCounts {
  /** On the disk: no crash loses them. */
  readonly stored: number;
  readonly waiting: number;
  /** Lost: no room in the queue, not to be written at all, or left at the end. */
  readonly dropped: number;
  /** Attempts to write that failed. */
  readonly failures: number;
}

const DEFAULT_MAX_RECORDS = 10_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** Written at once: what one wait for the disk is shared by. */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Until the first new attempt; doubled with each that fails. */
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

/** One sink on one writer. */
export class RecordSink implements CallObserver {
  readonly #writer: RecordWriter;
  readonly #options: RecordSinkOptions;
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  #queue: CallRecord[] = [];
  #queuedBytes = 0;
  #stored = 0;
  #dropped = 0;
  #failures = 0;
  /** Since the last success. */
  #failuresInRow = 0;
  #work: Promise<void> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** @throws {RangeError} If a limit is no whole number above 0. */
  constructor(writer: RecordWriter, options: RecordSinkOptions = {}) {
    this.#writer = writer;
    this.#options = options;
    const { maxQueuedRecords = DEFAULT_MAX_RECORDS, maxQueuedBytes = DEFAULT_MAX_BYTES } = options;
    this.#maxRecords = requirePositive("maxQueuedRecords", maxQueuedRecords);
    this.#maxBytes = requirePositive("maxQueuedBytes", maxQueuedBytes);
  }

  get counts(): RecordCounts {
    return {
      stored: this.#stored,
      waiting: this.#queue.length,
      dropped: this.#dropped,
      failures: this.#failures,
    };
  }

  /** Takes a call that is over. Never throws, and waits for nothing. */
  onCall(call: CallReport): void {
    const record = this.#isClosed ? undefined : this.#recordOf(call);
    const hasRoom =
      record !== undefined &&
      this.#queue.length < this.#maxRecords &&
      this.#queuedBytes + record.bytes <= this.#maxBytes;
    if (!hasRoom) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(record);
    this.#queuedBytes += record.bytes;
    if (this.#retry === undefined) this.#work ??= this.#writeAll();
  }

  /**
   * Resolves when everything taken so far is on the disk, or an attempt to write it has failed: then
   * {@link counts} says how many wait.
   */
  async flush(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#work ??= this.#writeAll();
    await this.#work;
  }

  /** Tries once more to write what waits; what cannot be written is dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    clearTimeout(this.#retry);
    this.#dropped += this.#queue.length;
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      await this.#writer.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Nothing where it cannot be made, which no report of ours gives cause for. */
  #recordOf(call: CallReport): CallRecord | undefined {
    try {
      return callRecord(this.#options.privacy?.call(call) ?? call);
    } catch {
      return undefined;
    }
  }

  async #writeAll(): Promise<void> {
    // Calls that end in the same turn share one wait for the disk.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#batch();
      try {
        await this.#writer.write(batch);
        this.#stored += batch.length;
        this.#failuresInRow = 0;
      } catch (error) {
        this.#fail(error);
        if (this.#writer.isHopeless?.(error) !== true) {
          this.#retryLater();
          break;
        }
        this.#dropped += batch.length;
      }
      this.#queue = this.#queue.slice(batch.length);
      this.#queuedBytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    this.#work = undefined;
  }

  #batch(): CallRecord[] {
    let bytes = 0;
    const end = this.#queue.findIndex((record, index) => {
      bytes += record.bytes;
      return index > 0 && (index >= MAX_BATCH_RECORDS || bytes > MAX_BATCH_BYTES);
    });
    return end < 0 ? this.#queue.slice() : this.#queue.slice(0, end);
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    this.#failuresInRow += 1;
    if (this.#failuresInRow > 1) return;
    try {
      this.#options.onFailure?.(error);
    } catch {
      // Whoever listens must not stop the records that come after.
    }
  }

  #retryLater(): void {
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failuresInRow - 1));
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#work ??= this.#writeAll();
    }, delayMs);
    // A process that has nothing else to do must be able to end.
    this.#retry.unref();
  }
}

function requirePositive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`${name} is ${String(value)}; it must be a whole number above 0.`);
}
