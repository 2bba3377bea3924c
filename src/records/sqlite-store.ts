/**
 * Records in an SQLite database: what pages and `mediaprobe query` search.
 *
 * @module
 */

import { constants } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { isoMicroseconds } from "../net/time.js";
import type { CallRecord } from "./call-record.js";
import { openDatabase, type SqlDatabase, sqliteCode } from "./libsql.js";
import type { RecordWriter } from "./record-writer.js";
import { DEFAULT_MAX_AGE_MS, DEFAULT_MAX_TOTAL_BYTES, type RetentionLimits } from "./retention.js";
import { deletion, prepareTables, upsert } from "./sqlite-schema.js";

/** Where the database is and how much is kept in it. */
export interface SqliteStoreOptions extends RetentionLimits {
  readonly path: string;
  /** Milliseconds since 1970: `Date.now`. */
  readonly epochMs: () => number;
}

/** Errors that lie in what is written, not in the disk. */
const HOPELESS = /^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE)/;
/** Batches between two looks at how much there is; fewer where they make up the share below. */
const BATCHES_PER_CLEANING = 64;
/** Of the room that calls may take: what is made free at once where they take more. */
const SHARE_FREED = 0.1;
const MODE = 0o600;

interface OpenStore {
  readonly database: SqlDatabase;
  /** Of its file, when it was opened. */
  readonly inode: number;
  readonly device: number;
  batchesUntilCleaning: number;
  bytesUntilCleaning: number;
}

/** The connection that writes. It prepares no statements: they would outlive its end. */
export class SqliteStore implements RecordWriter {
  readonly #options: SqliteStoreOptions;
  #store: OpenStore | undefined;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
  }

  async write(records: readonly CallRecord[]): Promise<void> {
    if (this.#store !== undefined && !(await this.#isInPlace(this.#store))) this.#discard();
    const store = (this.#store ??= await this.#open());
    try {
      await inTransaction(store.database, upsert(records));
    } catch (error) {
      // An error of the disk may leave a connection that never works again.
      if (!this.isHopeless(error)) this.#discard();
      throw error;
    }
    store.batchesUntilCleaning -= 1;
    store.bytesUntilCleaning -= records.reduce((sum, { bytes }) => sum + bytes, 0);
    const isDue = store.batchesUntilCleaning <= 0 || store.bytesUntilCleaning <= 0;
    if (isDue) await this.#clean(store);
  }

  /** False when somebody moved or deleted the file: SQLite goes on writing where nobody looks. */
  async #isInPlace({ inode, device }: OpenStore): Promise<boolean> {
    const named = await stat(resolve(this.#options.path)).catch(() => undefined);
    return named?.ino === inode && named.dev === device;
  }

  isHopeless(error: unknown): boolean {
    return HOPELESS.test(sqliteCode(error) ?? "");
  }

  /** Leaves one file with everything in it; those beside it go in a moment, or when the process ends. */
  async close(): Promise<void> {
    await this.#store?.database.exec("PRAGMA wal_checkpoint(TRUNCATE)").catch(() => undefined);
    this.#discard();
  }

  #discard(): void {
    this.#store?.database.close();
    this.#store = undefined;
  }

  async #open(): Promise<OpenStore> {
    // A name with a scheme would be taken for a server elsewhere.
    const path = resolve(this.#options.path);
    await mkdir(dirname(path), { recursive: true });
    await makePrivate(path);
    const database = await openDatabase(path);
    try {
      await prepareTables(database, path);
      const { ino: inode, dev: device } = await stat(path);
      return { database, inode, device, batchesUntilCleaning: 0, bytesUntilCleaning: 0 };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** What is stored is stored; that there is too much of it is a matter for later if need be. */
  async #clean(store: OpenStore): Promise<void> {
    const { epochMs, maxAgeMs = DEFAULT_MAX_AGE_MS } = this.#options;
    // SQL has no word for infinity.
    const { maxTotalBytes: most = DEFAULT_MAX_TOTAL_BYTES } = this.#options;
    const maxTotalBytes = Math.min(most, Number.MAX_SAFE_INTEGER);
    const oldest = isoMicroseconds(Math.max(0, epochMs() - maxAgeMs));
    store.batchesUntilCleaning = BATCHES_PER_CLEANING;
    store.bytesUntilCleaning = SHARE_FREED * maxTotalBytes;
    try {
      const bytesLeft = (1 - SHARE_FREED) * maxTotalBytes;
      await inTransaction(store.database, deletion(oldest, maxTotalBytes, bytesLeft));
      await store.database.exec("PRAGMA incremental_vacuum");
    } catch (error) {
      if (sqliteCode(error) !== "SQLITE_BUSY") this.#discard();
    }
  }
}

async function inTransaction(database: SqlDatabase, statements: string): Promise<void> {
  try {
    await database.exec(`BEGIN IMMEDIATE; ${statements} COMMIT`);
  } catch (error) {
    // Some errors end the transaction by themselves.
    await database.exec("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** SQLite would make it readable to all, and its log with the same rights. */
async function makePrivate(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, MODE);
  await handle.close();
}
