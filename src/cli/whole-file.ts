/**
 * Files that are there whole or not at all.
 *
 * @module
 */

import { promises } from "node:fs";

/** Written under this name first, so that nobody opens a half of it. */
const PART = ".part";

/**
 * Writes a file from its pieces, in place of one that is there already: of that which a link leads to.
 * A device or a pipe is written to as it is.
 *
 * @returns Its size in bytes.
 * @throws {Error} If it cannot be written; then nothing of it is left.
 */
export async function writeWhole(path: string, pieces: Iterable<string>): Promise<number> {
  const known = await promises.stat(path).catch(() => undefined);
  if (known?.isFile() === false) return written(path, pieces);
  const place = known === undefined ? path : await promises.realpath(path);
  const part = place + PART;
  try {
    const bytes = await written(part, pieces);
    await promises.rename(part, place);
    return bytes;
  } catch (error) {
    await promises.rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function written(path: string, pieces: Iterable<string>): Promise<number> {
  let bytes = 0;
  const file = await promises.open(path, "w");
  try {
    for (const piece of pieces) {
      // `write` may take a part, as on a disk that fills up.
      await file.appendFile(piece);
      bytes += Buffer.byteLength(piece);
    }
  } finally {
    await file.close();
  }
  return bytes;
}
