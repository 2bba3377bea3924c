/**
 * How long files that were set aside stay, and what they are called: `calls.jsonl` becomes
 * `calls.20260131T090000Z.jsonl`.
 *
 * @module
 */

import { access, readdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

/** How much is kept. */
export interface RetentionLimits {
  /** Nothing older than this is kept. Default 30 days. */
  readonly maxAgeMs?: number;
  /** Nor more than this together, the oldest going first. Default 1 GiB. */
  readonly maxTotalBytes?: number;
}

export const DEFAULT_MAX_AGE_MS: number = 30 * 86_400_000;
export const DEFAULT_MAX_TOTAL_BYTES: number = 1024 * 1024 * 1024;

/** Files set aside in the same second. */
const MAX_NAMESAKES = 10_000;

/** A name for a file set aside now that no other one has. */
export async function freeName(path: string, extension: string, nowMs: number): Promise<string> {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  for (let number = 1; number < MAX_NAMESAKES; number += 1) {
    const suffix = number === 1 ? "" : `-${String(number)}`;
    const name = join(dirname(path), `${stemOf(path)}.${time}${suffix}.${extension}`);
    if (!(await exists(name))) return name;
  }
  throw new Error(`There are ${String(MAX_NAMESAKES)} files of ${time} beside ${path}.`);
}

/**
 * Deletes what is too old or too much of the files set aside. The file that is written to counts, and
 * stays.
 *
 * @returns How many were deleted.
 */
export async function deleteOld(
  path: string,
  nowMs: number,
  limits: RetentionLimits,
): Promise<number> {
  const { maxAgeMs = DEFAULT_MAX_AGE_MS, maxTotalBytes = DEFAULT_MAX_TOTAL_BYTES } = limits;
  let total = (await stat(path)).size;
  let deleted = 0;
  for (const { name, size, mtimeMs } of await filesAside(path)) {
    total += size;
    if (total <= maxTotalBytes && nowMs - mtimeMs <= maxAgeMs) continue;
    await unlink(name);
    deleted += 1;
  }
  return deleted;
}

interface FileAside {
  readonly name: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** The newest first. */
async function filesAside(path: string): Promise<FileAside[]> {
  const folder = dirname(path);
  const stem = stemOf(path);
  const isAside = (name: string): boolean =>
    name.startsWith(`${stem}.`) &&
    /^\.\d{8}T\d{6}Z(?:-\d+)?\.(?:jsonl|torn)$/.test(name.slice(stem.length));
  const files: FileAside[] = [];
  for (const entry of (await readdir(folder)).filter(isAside)) {
    const name = join(folder, entry);
    const { size, mtimeMs } = await stat(name);
    files.push({ name, size, mtimeMs });
  }
  return files.sort((a, b) => b.mtimeMs - a.mtimeMs || (a.name < b.name ? 1 : -1));
}

/** `calls` of `/var/lib/calls.jsonl`. */
function stemOf(path: string): string {
  return basename(path, extname(path));
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
