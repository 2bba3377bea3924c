/**
 * `--privacy redact|hash` and `--privacy-key-file FILE`.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import { Privacy } from "../privacy/privacy.js";
import type { PrivacyOptions } from "../privacy/pseudonyms.js";
import { type Given, single } from "./option-values.js";
import { UsageError } from "./usage-error.js";
import { systemReason } from "../net/system-reason.js";

/** How whom calls name is masked, and with the key of which file. */
export type PrivacyChoice =
  { readonly mode: "redact" } | { readonly mode: "hash"; readonly keyFile: string };

/** Nothing where neither option is given. */
export function privacyChoice(given: Given): PrivacyChoice | undefined {
  const mode = single(given, "privacy");
  const keyFile = single(given, "privacy-key-file");
  if (mode === undefined) {
    if (keyFile === undefined) return undefined;
    throw new UsageError("--privacy-key-file needs --privacy hash");
  }
  if (mode === "redact" && keyFile === undefined) return { mode };
  if (mode === "redact") throw new UsageError("--privacy redact takes no key");
  if (mode !== "hash") throw new UsageError(`--privacy ${mode}: it must be redact or hash`);
  if (keyFile !== undefined) return { mode, keyFile };
  throw new UsageError("--privacy hash needs a key, as in --privacy-key-file key.txt");
}

/** @throws {UsageError} If the key cannot be read, or is too short. */
export function privacyOf(choice: PrivacyChoice): Privacy {
  if (choice.mode === "redact") return new Privacy(choice);
  try {
    const options: PrivacyOptions = { mode: "hash", key: keyIn(choice.keyFile) };
    return new Privacy(options);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`--privacy-key-file ${choice.keyFile}: ${systemReason(error)}`);
  }
}

/** The bytes of the file without the line break that editors put at its end. */
function keyIn(path: string): Uint8Array {
  const bytes = readFileSync(path);
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length;
  return bytes.subarray(0, end);
}
