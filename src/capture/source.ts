/**
 * Where a capture's bytes come from: a plain file that the engine reads itself, or a stream (a pipe,
 * a compressed file) whose bytes are fed to it.
 *
 * @module
 */

import { once } from "node:events";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip, type Gunzip } from "node:zlib";

import { CaptureOpenError } from "../errors.js";
import { systemReason } from "../net/system-reason.js";

/** A capture to analyse. */
export type CaptureSource =
  { readonly path: string } | { readonly stream: Readable; readonly name: string };

/** An opened capture. Close it when done. */
export interface OpenCapture {
  readonly name: string;
  /** Set when the engine can read the file itself. */
  readonly descriptor?: number;
  /** Set otherwise. */
  readonly chunks?: AsyncIterator<Uint8Array>;
  /** Of the file as it lies on disk; absent for a pipe. */
  readonly bytesTotal?: number;
  /** How many of those bytes were read. Only where `chunks` is set. */
  readonly bytesRead?: () => number;
  readonly close: () => Promise<void>;
}

const GZIP_MAGIC = [0x1f, 0x8b];

/** @throws {CaptureOpenError} If the file cannot be opened, or is a folder. */
export async function openCapture(source: CaptureSource): Promise<OpenCapture> {
  if (typeof source !== "object" || !("path" in source || "stream" in source)) {
    throw new TypeError(`source is ${String(source)}; it must be { path } or { stream, name }`);
  }
  if ("stream" in source) return fromStream(source.stream, source.name);
  let handle: FileHandle | undefined;
  try {
    handle = await open(source.path, constants.O_RDONLY);
    return await fromFile(handle, source.path);
  } catch (cause) {
    await handle?.close();
    if (cause instanceof CaptureOpenError) throw cause;
    throw new CaptureOpenError(`${source.path} cannot be read: ${systemReason(cause)}`, { cause });
  }
}

async function fromFile(handle: FileHandle, path: string): Promise<OpenCapture> {
  const status = await handle.stat();
  if (status.isDirectory()) {
    throw new CaptureOpenError(`${path} is a folder; name the capture files in it`);
  }
  // A named pipe gives its bytes once and in order: no look ahead, and the engine must not block.
  if (!status.isFile()) return fromStream(handle.createReadStream(), path);
  const head = Buffer.alloc(GZIP_MAGIC.length);
  await handle.read(head, 0, head.length, 0);
  if (isGzip(head)) {
    return {
      ...fromStream(handle.createReadStream({ start: 0, highWaterMark: 256 * 1024 }), path),
      bytesTotal: status.size,
    };
  }
  return {
    name: path,
    descriptor: handle.fd,
    bytesTotal: status.size,
    close: async () => {
      await handle.close();
    },
  };
}

function fromStream(stream: Readable, name: string): OpenCapture {
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      bytesRead += bytes.length;
      yield bytes;
    }
  }
  return {
    name,
    chunks: unpacked(counted()),
    bytesRead: () => bytesRead,
    close: async () => {
      stream.destroy();
      await Promise.resolve();
    },
  };
}

/** The bytes as they are, or what they hold if they are gzip. */
async function* unpacked(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array(0);
  while (head.length < GZIP_MAGIC.length) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* chunks;
  }
  if (!isGzip(head)) {
    yield* whole();
    return;
  }
  yield* gunzipped(whole());
}

/**
 * What gzip holds. The end of the input is told only when all before it was handed out: a gunzip that
 * finds its input cut short drops what nobody took.
 */
async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const input = { isFed: false };
  const fed = feed(chunks, gunzip).then(() => {
    input.isFed = true;
  });
  // A gunzip that fails never answers what it was given last.
  const failed = new Promise<never>((_resolve, reject) => {
    gunzip.once("error", reject);
  });
  // What goes wrong is thrown where it is waited for; it may happen while a piece is looked at.
  fed.catch(() => undefined);
  failed.catch(() => undefined);
  try {
    for (;;) {
      const piece = gunzip.read() as Uint8Array | null;
      if (piece !== null) yield piece;
      else if (input.isFed) break;
      else await Promise.race([once(gunzip, "readable"), fed, failed]);
    }
    gunzip.end();
    yield* gunzip as AsyncIterable<Uint8Array>;
  } finally {
    gunzip.destroy();
  }
}

async function feed(chunks: AsyncIterable<Uint8Array>, gunzip: Gunzip): Promise<void> {
  for await (const chunk of chunks) {
    await new Promise<void>((resolve, reject) => {
      gunzip.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

function isGzip(head: Uint8Array): boolean {
  return GZIP_MAGIC.every((byte, index) => head[index] === byte);
}
