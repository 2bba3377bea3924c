/**
 * `--records FILE`.
 *
 * @module
 */

import type { RecordSink } from "../records/record-sink.js";
import { missingFolder } from "../records/store-folder.js";
import { storeKind } from "../records/store-kind.js";
import { type Given, single } from "./option-values.js";
import { UsageError } from "./usage-error.js";
import { writingReason } from "../net/system-reason.js";

/** @throws {UsageError} If the name does not tell how records are to be kept. */
export function recordsFile(given: Given): string | undefined {
  const written = single(given, "records");
  if (written === undefined || storeKind(written) !== undefined) return written;
  throw new UsageError(`--records ${written}: it must be a file.jsonl or a file.sqlite`);
}

/**
 * A folder that is not there is a slip of the pen, or a disk that is not mounted: records are not to end up
 * beside where they are looked for.
 *
 * @throws {UsageError} If the store could not lie where it is to lie.
 */
export function requireFolder(path: string): void {
  const folder = missingFolder(path);
  if (folder === undefined) return;
  throw new UsageError(
    `--records ${path}: there is no folder ${folder}; make it first, as by mkdir -p ${folder}`,
  );
}

/** A store of which the end is waited for. */
export interface Storing {
  readonly observer: RecordSink;
  /** Resolves when everything is stored; to a sentence if not all could be. */
  finish(): Promise<string | undefined>;
}

/**
 * Begins to store calls as they end.
 *
 * @param onFailure - Is told when storing begins to fail; it is tried again.
 * @throws {UsageError} If there is no folder for the store.
 */
export async function beginStoring(
  path: string,
  epochMs: () => number,
  onFailure: (sentence: string) => void,
): Promise<Storing> {
  requireFolder(path);
  const [{ RecordSink }, { JsonLinesFile }, { SqliteStore }] = await Promise.all([
    import("../records/record-sink.js"),
    import("../records/json-lines.js"),
    import("../records/sqlite-store.js"),
  ]);
  const kept = { path, epochMs };
  const writer = storeKind(path) === "sqlite" ? new SqliteStore(kept) : new JsonLinesFile(kept);
  const sink = new RecordSink(writer, {
    onFailure: (error) => {
      const reason = writingReason(error);
      onFailure(`calls cannot be stored in ${path}: ${reason}; this is tried again`);
    },
  });
  return {
    observer: sink,
    finish: async () => {
      await sink.close();
      const { stored, dropped } = sink.counts;
      if (dropped === 0) return undefined;
      return `${String(dropped)} of ${String(stored + dropped)} calls could not be stored in ${path}`;
    },
  };
}
