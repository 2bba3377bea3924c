/**
 * The lines of a session description and the fields within them (RFC 8866 §5, §9).
 *
 * @module
 */

/** Lines of one description that are read. */
export const MAX_LINES = 16_384;

/** A line: what stands before and after its first equals sign. */
export interface SdpLine {
  /** In lower case. */
  readonly type: string;
  /** Without blanks at either end. */
  readonly value: string;
}

/** The text with one line feed at each of its line ends, which may be CRLF, LF or CR. */
export function withLineFeeds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/**
 * Hands out each line that is one, in order; blanks around the letter and the value do not count.
 *
 * @param text Its lines end with a line feed.
 * @param onMalformed Told of each line that is none.
 * @returns Whether all lines were read: false after {@link MAX_LINES}.
 */
export function visitLines(
  text: string,
  visit: (line: SdpLine) => void,
  onMalformed: () => void,
): boolean {
  let start = 0;
  for (let count = 0; start < text.length; count += 1) {
    if (count === MAX_LINES) return false;
    const lineFeed = text.indexOf("\n", start);
    const end = lineFeed < 0 ? text.length : lineFeed;
    const line = parseLine(text.slice(start, end));
    if (line === "malformed") onMalformed();
    else if (line !== "blank") visit(line);
    start = end + 1;
  }
  return true;
}

function parseLine(text: string): SdpLine | "blank" | "malformed" {
  const letter = text.charCodeAt(0);
  if (text.charCodeAt(1) === EQUALS && letter >= LOWER_A && letter <= LOWER_Z) {
    return { type: text.charAt(0), value: text.slice(2).trim() };
  }
  return parseUnusualLine(text.trim());
}

function parseUnusualLine(line: string): SdpLine | "blank" | "malformed" {
  // Some stacks send the terminating NUL of the buffer the text was in.
  if (line === "" || /^\0+$/.test(line)) return "blank";
  const equals = line.indexOf("=");
  const type = line
    .slice(0, Math.min(Math.max(equals, 0), MAX_TYPE_LENGTH))
    .trim()
    .toLowerCase();
  return LETTER.test(type) ? { type, value: line.slice(equals + 1).trim() } : "malformed";
}

const EQUALS = 0x3d;
const LOWER_A = 0x61;
const LOWER_Z = 0x7a;
const LETTER = /^[a-z]$/;
/** A letter and the blanks that may follow it. */
const MAX_TYPE_LENGTH = 8;

/**
 * The same text for keeping: a part of a text keeps all of it alive, and that may be a whole SIP
 * message.
 */
export function kept(text: string): string {
  // V8 copies to make the concatenation flat; the result is a part of that copy alone.
  return text.length < MIN_SHARED_LENGTH ? text : ` ${text}`.slice(1);
}

/** V8 copies parts shorter than this and shares longer ones. */
const MIN_SHARED_LENGTH = 13;

/**
 * The blank-separated fields of a value. With a limit, the last one holds all of the rest, blanks
 * included.
 */
export function fields(value: string, limit: number): string[] {
  const text = value.trim();
  const found: string[] = [];
  let start = 0;
  while (start < text.length && found.length < limit - 1) {
    let end = start;
    while (end < text.length && !isBlank(text.charCodeAt(end))) end += 1;
    found.push(text.slice(start, end));
    start = end;
    while (start < text.length && isBlank(text.charCodeAt(start))) start += 1;
  }
  if (start < text.length) found.push(text.slice(start));
  return found;
}

const SPACE = 0x20;
const TAB = 0x09;

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** A decimal number from 0 to `max`, or nothing. */
export function unsignedInteger(text: string, max: number): number | undefined {
  const digits = text.trim();
  if (!/^\d{1,16}$/.test(digits)) return undefined;
  const number = Number(digits);
  return number <= max ? number : undefined;
}
