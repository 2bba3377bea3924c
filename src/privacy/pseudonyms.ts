/**
 * What stands in place of a number or a name: one word for all, or a keyed hash that is the same for
 * the same number, so that calls of one subscriber can still be told together.
 *
 * @module
 */

import { createHmac } from "node:crypto";

import { canonicalNumber } from "../stir/telephone-number.js";

/** How personal data is masked. */
export type PrivacyOptions =
  | { readonly mode: "redact" }
  | {
      readonly mode: "hash";
      /**
       * At least {@link MIN_KEY_BYTES}, secret: there are so few telephone numbers that whoever has
       * the key can try them all.
       */
      readonly key: Uint8Array;
    };

/** A shorter key can be guessed. */
export const MIN_KEY_BYTES = 16;

const REDACTED = "redacted";
const PREFIX = "anon-";
/** Bytes of the hash that are kept: by chance alike are two of five thousand million numbers. */
const HASH_BYTES = 8;
/** What RFC 3323 §4.1.1.3 has callers say who do not want to be known. */
const ANONYMOUS = "anonymous";
const MASKED = new RegExp(
  `^(?:${REDACTED}|${ANONYMOUS}|${PREFIX}[a-p]{${String(2 * HASH_BYTES)}})$`,
);
/** Names whose pseudonyms are remembered: a call repeats the same ones in every message. */
const MAX_REMEMBERED = 1024;

/**
 * What stands for a name. A number has the same pseudonym however it is written; what is a pseudonym
 * already stays as it is.
 */
export type Pseudonym = (name: string) => string;

/** @throws {RangeError} If the key is too short. */
export function pseudonyms(options: PrivacyOptions): Pseudonym {
  if (options.mode === "redact") return (name) => (MASKED.test(name) ? name : REDACTED);
  const { key } = options;
  if (key.byteLength < MIN_KEY_BYTES) {
    throw new RangeError(
      `The key to hash numbers with has ${String(key.byteLength)} bytes; give it at least ${String(MIN_KEY_BYTES)}.`,
    );
  }
  const remembered = new Map<string, string>();
  return (name) => {
    if (MASKED.test(name)) return name;
    const number = canonicalNumber(name);
    const subject = number === undefined ? `name:${name}` : `number:${number}`;
    const known = remembered.get(subject);
    if (known !== undefined) return known;
    const hash = createHmac("sha256", key).update(subject).digest();
    const pseudonym = PREFIX + letters(hash.subarray(0, HASH_BYTES));
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(subject, pseudonym);
    return pseudonym;
  };
}

/** Hexadecimal in letters alone, so that no pseudonym can hold digits of a number. */
function letters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => letter(byte >> 4) + letter(byte & 0xf)).join("");
}

const letter = (nibble: number): string => String.fromCharCode(0x61 + nibble);
