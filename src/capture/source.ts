/**
 * Where a capture's bytes come from: a plain file that the engine reads itself, or a stream (a pipe,
 * a compressed file) whose bytes are fed to it.
 *
 * @module
 */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

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
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const input = Readable.from(whole());
  input.on("error", (error) => gunzip.destroy(error));
  yield* input.pipe(gunzip) as AsyncIterable<Uint8Array>;
}

function isGzip(head: Uint8Array): boolean {
  return GZIP_MAGIC.every((byte, index) => head[index] === byte);
}
