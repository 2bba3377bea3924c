/**
 * Where a store is to lie.
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname } from "node:path";

/** The folder of a store, where there is none; else nothing. */
export function missingFolder(path: string): string | undefined {
  const folder = dirname(path);
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? undefined : folder;
}
