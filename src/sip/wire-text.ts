/**
 * Bytes of a SIP message as text. A message is scanned as ISO 8859-1, one character a byte, so
 * that offsets and Content-Length count the same thing and no byte can be lost; what is handed out
 * is UTF-8 (RFC 3261 §7) wherever the bytes are.
 *
 * @module
 */

const REPLACEMENT = "\ufffd";
const REPLACEMENT_AS_LATIN1 = "\xef\xbf\xbd";

/** The bytes as ISO 8859-1: as many characters as bytes, each from U+0000 to U+00FF. */
export function latin1(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("latin1");
}

/** Whether no character is above U+007F. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text, "utf8") === text.length;
}

/**
 * The text these ISO 8859-1 characters stand for when read as UTF-8 bytes, or the same text where
 * they are not valid UTF-8.
 */
export function decodeUtf8(text: string): string {
  if (isAscii(text)) return text;
  const decoded = Buffer.from(text, "latin1").toString("utf8");
  const isInvalid = decoded.includes(REPLACEMENT) && !text.includes(REPLACEMENT_AS_LATIN1);
  return isInvalid ? text : decoded;
}

/**
 * The same text, sharing no memory with the text it was cut from. A substring keeps its whole
 * parent alive, so a Call-ID kept for an hour would keep the message it came from.
 */
export function detached(text: string): string {
  // V8 copies to make the concatenation flat; the result is a part of that copy alone.
  return text.length < MIN_SHARED_LENGTH ? text : ` ${text}`.slice(1);
}

/** The text in lower case. Far cheaper than `toLowerCase` where it already is. */
export function lowerCase(text: string): string {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if ((code >= UPPER_A && code <= UPPER_Z) || code > MAX_ASCII) return text.toLowerCase();
  }
  return text;
}

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const MAX_ASCII = 0x7f;

/**
 * Whether the token from `start` to `end` is this name, but for its case.
 *
 * @param name In lower case.
 */
export function isToken(text: string, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i += 1) {
    // No two characters that a token may have differ in this bit alone, letters apart.
    if ((text.charCodeAt(start + i) | CASE_BIT) !== (name.charCodeAt(i) | CASE_BIT)) return false;
  }
  return true;
}

const CASE_BIT = 0x20;

/** V8 copies substrings shorter than this and shares longer ones. */
const MIN_SHARED_LENGTH = 13;
