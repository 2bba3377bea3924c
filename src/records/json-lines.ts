/**
 * Records as JSON Lines: one call a line, appended to one file, which is set aside when it is large or
 * old. A crash can tear the last line of an attempt nobody was told the end of; it is set aside when the
 * file is opened again.
 *
 * @module
 */

import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { RecordStoreError } from "../errors.js";
import type { CallRecord } from "./call-record.js";
import { deleteOld, freeName, type RetentionLimits } from "./retention.js";
import { setTornLineAside } from "./torn-line.js";
import type { RecordWriter } from "./record-writer.js";

/** Where lines go and how long they stay. */
export interface JsonLinesOptions extends RetentionLimits {
  /** Of the file that is written to; no other process must write to it. */
  readonly path: string;
  /** Milliseconds since 1970: `Date.now`. */
  readonly epochMs: () => number;
  /** A file of this size is set aside. Default 64 MiB. */
  readonly maxFileBytes?: number;
  /** So is one of this age. Default a day. */
  readonly maxFileAgeMs?: number;
}

const DEFAULT_FILE_BYTES = 64 * 1024 * 1024;
const DAY_MS = 86_400_000;
/** Calls are of people: nobody but the user may read them. */
const MODE = 0o600;

interface OpenFile {
  readonly handle: FileHandle;
  readonly createdAtMs: number;
  /** Up to where everything is on the disk. */
  size: number;
}

/** One such file. */
export class JsonLinesFile implements RecordWriter {
  readonly #options: JsonLinesOptions;
  #file: OpenFile | undefined;
  #tornBytes = 0;
  #filesDeleted = 0;

  constructor(options: JsonLinesOptions) {
    this.#options = options;
  }

  /** Torn lines that were found and set aside. */
  get tornBytes(): number {
    return this.#tornBytes;
  }

  /** Files that were too old or too many. */
  get filesDeleted(): number {
    return this.#filesDeleted;
  }

  async write(records: readonly CallRecord[]): Promise<void> {
    const bytes = Buffer.from(records.map(({ json }) => `${json}\n`).join(""));
    if (this.#file !== undefined && !(await this.#isAsLeft(this.#file))) await this.close();
    if (this.#file !== undefined && this.#isFull(this.#file)) await this.#setAside(this.#file);
    const file = (this.#file ??= await this.#open());
    try {
      await writeAt(file.handle, bytes, file.size);
      await file.handle.datasync();
      file.size += bytes.length;
    } catch (error) {
      await this.#abandon(file);
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #open(): Promise<OpenFile> {
    const { path, epochMs } = this.#options;
    const folder = dirname(path);
    await mkdir(folder, { recursive: true });
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, MODE);
    try {
      await requireLines(handle, path);
      const { size, torn } = await setTornLineAside(handle, () => this.#freeName("torn"));
      this.#tornBytes += torn;
      await syncFolder(folder);
      await this.#deleteOld();
      const { birthtimeMs } = await handle.stat();
      // Some file systems do not know when a file was made.
      const createdAtMs = size > 0 && birthtimeMs > 0 ? birthtimeMs : epochMs();
      return { handle, size, createdAtMs };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** False when somebody emptied it, added to it, moved or deleted it: it is to be opened again. */
  async #isAsLeft({ handle, size }: OpenFile): Promise<boolean> {
    const held = await handle.stat().catch(() => undefined);
    const named = await stat(this.#options.path).catch(() => undefined);
    return held?.size === size && held.ino === named?.ino && held.dev === named.dev;
  }

  #isFull({ size, createdAtMs }: OpenFile): boolean {
    const { maxFileBytes = DEFAULT_FILE_BYTES, maxFileAgeMs = DAY_MS, epochMs } = this.#options;
    return size >= maxFileBytes || (size > 0 && epochMs() - createdAtMs >= maxFileAgeMs);
  }

  async #setAside({ handle }: OpenFile): Promise<void> {
    this.#file = undefined;
    await handle.close();
    await rename(this.#options.path, await this.#freeName("jsonl"));
  }

  #freeName(extension: string): Promise<string> {
    return freeName(this.#options.path, extension, this.#options.epochMs());
  }

  async #deleteOld(): Promise<void> {
    const { path, epochMs } = this.#options;
    try {
      this.#filesDeleted += await deleteOld(path, epochMs(), this.#options);
    } catch {
      // What cannot be deleted must not keep new records from being written; it is tried again.
    }
  }

  /** What was written in part is taken back; where even that fails, opening will find it. */
  async #abandon({ handle, size }: OpenFile): Promise<void> {
    this.#file = undefined;
    try {
      await handle.truncate(size);
      await handle.datasync();
    } catch {
      // The attempt that failed says why.
    }
    await handle.close().catch(() => undefined);
  }
}

/** @throws {RecordStoreError} If it is something else, which must not be cut or added to. */
async function requireLines(handle: FileHandle, path: string): Promise<void> {
  const { bytesRead, buffer } = await handle.read(new Uint8Array(1), 0, 1, 0);
  if (bytesRead === 0 || buffer[0] === OPENING_BRACE) return;
  throw new RecordStoreError(`${path} does not begin as JSON Lines do; name another file.`);
}

const OPENING_BRACE = 0x7b;

/** Writes until all of it is written: a full disk takes a part. */
async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** A new name is on the disk once its folder is (fsync(2)). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
