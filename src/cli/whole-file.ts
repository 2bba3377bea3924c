/**
 * Files that are there whole or not at all.
 *
 * @module
 */

import { promises } from "node:fs";

/** Written under this name first, so that nobody opens a half of it. */
const PART = ".part";

/**
 * Writes a file from its pieces, in place of one that is there already.
 *
 * @returns Its size in bytes.
 * @throws {Error} If it cannot be written; then nothing of it is left.
 */
export async function writeWhole(path: string, pieces: Iterable<string>): Promise<number> {
  const part = path + PART;
  let bytes = 0;
  const file = await promises.open(part, "w");
  try {
    for (const piece of pieces) bytes += (await file.write(piece)).bytesWritten;
    await file.close();
    await promises.rename(part, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await promises.rm(part, { force: true });
    throw error;
  }
  return bytes;
}
