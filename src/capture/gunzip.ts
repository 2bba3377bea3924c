/**
 * What gzip holds, all of it that can be had.
 *
 * @module
 */

import { once } from "node:events";
import { createGunzip, type Gunzip } from "node:zlib";

/** How much is unpacked at once. */
const PIECE_BYTES = 256 * 1024;
/** How finely the input is given after each failure, behind what went in well before. */
const RETRY_BYTES = [512, 1];

/**
 * Unpacks a stream that comes once. Where it is damaged, up to 256 KiB of what was packed right
 * before the damage are lost with it.
 */
export function gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return new Unpacking().pieces(chunks);
}

/**
 * Unpacks what can be read again. A gunzip that fails drops what it has unpacked of the bytes that it
 * was given last, so the input is read again then and its place of failure given in smaller and
 * smaller bits.
 *
 * @param read - Begins to read the packed bytes, from their start each time.
 */
export async function* gunzippedWhole(
  read: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let told = 0;
  let soundBytes = 0;
  for (const bitBytes of [PIECE_BYTES, ...RETRY_BYTES]) {
    const unpacking = new Unpacking();
    let unpacked = 0;
    try {
      for await (const piece of unpacking.pieces(divided(read(), soundBytes, bitBytes))) {
        const known = Math.max(0, told - unpacked);
        unpacked += piece.length;
        if (known >= piece.length) continue;
        told = unpacked;
        yield piece.subarray(known);
      }
      return;
    } catch (error) {
      soundBytes = unpacking.takenBytes;
      if (bitBytes === RETRY_BYTES.at(-1)) throw error;
    }
  }
}

/** Chunks as they come for so many bytes, then in bits. */
async function* divided(
  chunks: AsyncIterable<Uint8Array>,
  wholeBytes: number,
  bitBytes: number,
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of chunks) {
    let at = Math.min(chunk.length, Math.max(0, wholeBytes - seen));
    if (at > 0) yield chunk.subarray(0, at);
    for (; at < chunk.length; at += bitBytes) yield chunk.subarray(at, at + bitBytes);
    seen += chunk.length;
  }
}

class Unpacking {
  readonly #gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  #takenBytes = 0;

  /** How much of the input was unpacked and handed out. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /**
   * More input is given, and its end told, only when all before it was handed out: a gunzip that
   * fails drops what nobody took.
   */
  async *pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const gunzip = this.#gunzip;
    // A gunzip that fails never answers what it was given last.
    const failed = new Promise<never>((_resolve, reject) => {
      gunzip.once("error", reject);
    });
    // What goes wrong is thrown where it is waited for; it may happen while a piece is looked at.
    failed.catch(() => undefined);
    try {
      for await (const chunk of chunks) {
        yield* this.#unpacked(chunk, failed);
        this.#takenBytes += chunk.length;
      }
      gunzip.end();
      yield* gunzip as AsyncIterable<Uint8Array>;
    } finally {
      gunzip.destroy();
    }
  }

  async *#unpacked(chunk: Uint8Array, failed: Promise<never>): AsyncGenerator<Uint8Array> {
    const state = { isTaken: false };
    const taken = written(this.#gunzip, chunk).then(() => {
      state.isTaken = true;
    });
    taken.catch(() => undefined);
    for (;;) {
      const piece = this.#gunzip.read() as Uint8Array | null;
      if (piece !== null) yield piece;
      else if (state.isTaken) return;
      else await Promise.race([once(this.#gunzip, "readable"), taken, failed]);
    }
  }
}

function written(gunzip: Gunzip, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    gunzip.write(chunk, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
