/**
 * Where a capture's bytes come from: a plain file that the engine reads itself, or a stream (a pipe,
 * a compressed file) whose bytes are fed to it.
 *
 * @module
 */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";

import { CaptureOpenError } from "../errors.js";
import { systemReason } from "../net/system-reason.js";
import { gunzipped, gunzippedWhole } from "./gunzip.js";

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
const GZIP_BLOCK_BYTES = 256 * 1024;

/** @throws {TypeError} If it is none. */
export function requireSource(source: CaptureSource): void {
  if (typeof source !== "object" || !("path" in source || "stream" in source)) {
    throw new TypeError(`source is ${String(source)}; it must be { path } or { stream, name }`);
  }
}

/** @throws {CaptureOpenError} If the file cannot be opened, or is a folder. */
export async function openCapture(source: CaptureSource): Promise<OpenCapture> {
  requireSource(source);
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
  if (isGzip(head)) return fromGzipFile(handle, path, status.size);
  return {
    name: path,
    descriptor: handle.fd,
    bytesTotal: status.size,
    close: async () => {
      await handle.close();
    },
  };
}

function fromGzipFile(handle: FileHandle, path: string, bytesTotal: number): OpenCapture {
  let bytesRead = 0;
  async function* read(): AsyncGenerator<Uint8Array> {
    for (let position = 0; ;) {
      const block = Buffer.allocUnsafe(GZIP_BLOCK_BYTES);
      const got = (await handle.read(block, 0, block.length, position)).bytesRead;
      if (got === 0) return;
      position += got;
      bytesRead = Math.max(bytesRead, position);
      yield block.subarray(0, got);
    }
  }
  return {
    name: path,
    chunks: gunzippedWhole(read),
    bytesTotal,
    bytesRead: () => bytesRead,
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
  yield* isGzip(head) ? gunzipped(whole()) : whole();
}

function isGzip(head: Uint8Array): boolean {
  return GZIP_MAGIC.every((byte, index) => head[index] === byte);
}
