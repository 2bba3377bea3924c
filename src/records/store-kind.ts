/**
 * How a store is kept, by its name.
 *
 * @module
 */

import { extname } from "node:path";

const EXTENSIONS: Readonly<Record<string, "lines" | "sqlite">> = {
  ".jsonl": "lines",
  ".ndjson": "lines",
  ".sqlite": "sqlite",
  ".sqlite3": "sqlite",
  ".db": "sqlite",
};

/** How a store of this name is kept; nothing where its name does not tell. */
export function storeKind(path: string): "lines" | "sqlite" | undefined {
  return EXTENSIONS[extname(path).toLowerCase()];
}
