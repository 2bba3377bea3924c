/**
 * Calls of a capture put into a store, each once however often it is read.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

import type { CallReport } from "../call/call-report.js";
import { RecordStoreError } from "../errors.js";
import { callFacts, callKey, type CallRecord, callRecord } from "./call-record.js";
import { JsonLinesFile } from "./json-lines.js";
import type { RecordWriter } from "./record-writer.js";
import { SqliteStore } from "./sqlite-store.js";
import { storeKind } from "./store-kind.js";
import { writingReason } from "../net/system-reason.js";

/** Written at once. */
const BATCH = 500;

/** A store to put calls into. Nothing is deleted from it, however old. */
export class CallImport {
  readonly #path: string;
  readonly #writer: RecordWriter;
  /** Of a file of lines, to which a call is not to be added twice. */
  #known: Promise<Set<string>> | undefined;

  /**
   * @param epochMs - Milliseconds since 1970: `Date.now`.
   * @throws {RangeError} If the name does not tell how records are kept.
   */
  constructor(path: string, epochMs: () => number) {
    const kind = storeKind(path);
    if (kind === undefined) {
      throw new RangeError(
        `${path} must end with .jsonl or .sqlite: its name tells how it is kept.`,
      );
    }
    const kept = { path, epochMs, maxAgeMs: Infinity, maxTotalBytes: Number.MAX_SAFE_INTEGER };
    this.#path = path;
    if (kind === "sqlite") this.#writer = new SqliteStore(kept);
    else {
      const whole = { maxFileBytes: Infinity, maxFileAgeMs: Infinity };
      this.#writer = new JsonLinesFile({ ...kept, ...whole });
      this.#known = knownCalls(path);
      // Whoever stores something is told; nobody may.
      this.#known.catch(() => undefined);
    }
  }

  /**
   * Resolves when all of them are on the disk. What an SQLite store knew of a call is replaced; a file
   * of lines keeps what it has.
   *
   * @throws {RecordStoreError} If they cannot be stored.
   */
  async store(calls: readonly CallReport[]): Promise<void> {
    try {
      const known = await this.#known;
      for (let start = 0; start < calls.length; start += BATCH) {
        const records = calls.slice(start, start + BATCH).map(callRecord);
        const wanted = known === undefined ? records : unknown(records, known);
        if (wanted.length > 0) await this.#writer.write(wanted);
      }
    } catch (cause) {
      throw new RecordStoreError(
        `Calls cannot be stored in ${this.#path}: ${writingReason(cause)}`,
        { cause },
      );
    }
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}

function unknown(records: readonly CallRecord[], known: Set<string>): CallRecord[] {
  return records.filter(({ facts }) => {
    const key = callKey(facts);
    const isNew = !known.has(key);
    known.add(key);
    return isNew;
  });
}

/** The keys of what a file of lines holds; lines that are no records are passed over. */
async function knownCalls(path: string): Promise<Set<string>> {
  const keys = new Set<string>();
  try {
    const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
    for await (const line of lines) {
      const key = keyOf(line);
      if (key !== undefined) keys.add(key);
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  return keys;
}

function keyOf(line: string): string | undefined {
  try {
    return callKey(callFacts(JSON.parse(line) as CallReport));
  } catch {
    return undefined;
  }
}
