/**
 * `--records FILE`.
 *
 * @module
 */

import { storeKind } from "../records/store-kind.js";
import { type Given, single } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** @throws {UsageError} If the name does not tell how records are to be kept. */
export function recordsFile(given: Given): string | undefined {
  const written = single(given, "records");
  if (written === undefined || storeKind(written) !== undefined) return written;
  throw new UsageError(`--records ${written}: it must be a file.jsonl or a file.sqlite`);
}
