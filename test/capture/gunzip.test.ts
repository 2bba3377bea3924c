import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants, gunzipSync, gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { gunzippedWhole } from "../../src/capture/gunzip.js";
import { fixtureCapture } from "../support/fixtures.js";

const BLOCK_BYTES = 64 * 1024;
const packed = readFileSync(fixtureCapture("hold-dtmf"));
const plain = gunzipSync(packed);

async function* inBlocks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    yield bytes.subarray(at, at + BLOCK_BYTES);
    await Promise.resolve();
  }
}

/** What is unpacked of bytes, and how it ended. The consumer takes its time now and then. */
async function unpackedOf(bytes: Uint8Array) {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of gunzippedWhole(() => inBlocks(bytes))) {
      pieces.push(piece);
      if (pieces.length % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  } catch (error) {
    return { held: Buffer.concat(pieces), error: (error as Error).message };
  }
  return { held: Buffer.concat(pieces) };
}

/** All that zlib unpacks of the beginning of bytes, as far as they are sound. */
function soundPart(bytes: Buffer): Buffer {
  const part = (length: number): Buffer | undefined => {
    try {
      return gunzipSync(bytes.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      return undefined;
    }
  };
  let [sound, unsound] = [0, bytes.length];
  while (unsound - sound > 1) {
    const middle = (sound + unsound) >> 1;
    if (part(middle) === undefined) unsound = middle;
    else sound = middle;
  }
  return part(sound) ?? Buffer.alloc(0);
}

describe("unpacking a gzip file", () => {
  it("gives all that a sound one holds, of several members too", async () => {
    expect((await unpackedOf(packed)).held.equals(plain)).toBe(true);
    const twice = await unpackedOf(Buffer.concat([packed, packed, Buffer.alloc(512)]));
    expect(twice.error).toBeUndefined();
    expect(twice.held.equals(Buffer.concat([plain, plain]))).toBe(true);
  });

  it.each([
    ["other bytes follow", Buffer.concat([packed, Buffer.from("hello world ".repeat(50))])],
    ["what follows begins like gzip", Buffer.concat([packed, Buffer.from("\x1f\x8bno", "latin1")])],
    ["its check sum is wrong", flipped(packed, packed.length - 7)],
  ])("gives all of one where %s, and then fails", async (_what, bytes) => {
    const { held, error } = await unpackedOf(bytes);
    expect(error).toBeDefined();
    expect(held.equals(plain)).toBe(true);
  });

  it("gives all up to where it is damaged inside, once", async () => {
    // Random bytes with an end: a damaged code in what cannot be packed is found at once.
    const random = Buffer.concat(
      Array.from({ length: 20_000 }, (_, index) =>
        createHash("sha256").update(String(index)).digest().subarray(0, 20),
      ),
    );
    for (const whole of [packed, gzipSync(random.toString("hex"))]) {
      for (const share of [0.2, 0.55, 0.9]) {
        const damaged = flipped(whole, Math.floor(whole.length * share));
        const { held, error } = await unpackedOf(damaged);
        expect(error).toBeDefined();
        const sound = soundPart(damaged);
        expect(sound.length).toBeGreaterThan(0);
        expect(held.subarray(0, sound.length).equals(sound)).toBe(true);
        // The byte that shows the damage may end a copy that was begun before it.
        expect(held.length - sound.length).toBeLessThan(300);
      }
    }
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0x55;
  return changed;
}
