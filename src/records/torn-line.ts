/**
 * The line that a crash tore.
 *
 * @module
 */

import { type FileHandle, writeFile } from "node:fs/promises";

const LINE_FEED = 0x0a;
/** What is read at once from the end on. */
const CHUNK_BYTES = 64 * 1024;
const MODE = 0o600;

/**
 * Makes a file end with a whole line: what stands behind the last line break is kept in a file of its
 * own and cut off, unless it is a record that only lacks its line break.
 *
 * @param nameAside - Of the file that takes what is torn.
 * @returns The file's size then, and how many bytes were torn.
 */
export async function setTornLineAside(
  handle: FileHandle,
  nameAside: () => Promise<string>,
): Promise<{ readonly size: number; readonly torn: number }> {
  const { size } = await handle.stat();
  const end = await endOfLastLine(handle, size);
  if (end === size) return { size, torn: 0 };
  const rest = await bytesAt(handle, end, size - end);
  if (isRecord(rest)) {
    await handle.write(Uint8Array.of(LINE_FEED), 0, 1, size);
    await handle.datasync();
    return { size: size + 1, torn: 0 };
  }
  await writeFile(await nameAside(), rest, { mode: MODE, flag: "wx", flush: true });
  await handle.truncate(end);
  await handle.datasync();
  return { size: end, torn: rest.length };
}

/** Behind the last line break; 0 where there is none. */
async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; end -= CHUNK_BYTES) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = await bytesAt(handle, start, end - start);
    const at = chunk.lastIndexOf(LINE_FEED);
    if (at >= 0) return start + at + 1;
  }
  return 0;
}

async function bytesAt(handle: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  return bytes.subarray(0, bytesRead);
}

/** No beginning of a JSON object is one itself. */
function isRecord(bytes: Uint8Array): boolean {
  try {
    return typeof JSON.parse(Buffer.from(bytes).toString("utf8")) === "object";
  } catch {
    return false;
  }
}
