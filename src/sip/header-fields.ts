/**
 * The header fields of one message or one body part: found in one pass, read when asked for.
 * RFC 3261 §7.3, which takes its rules on folding and repetition from RFC 2822.
 *
 * @module
 */

import type { DamageLog } from "./damage.js";
import { decodeUtf8, isToken } from "./wire-text.js";

/** Header fields of one message that are kept. Real messages have fewer than 60. */
export const MAX_HEADER_FIELDS = 512;

/** Elements that {@link HeaderFields.list} hands out. */
export const MAX_LIST_ELEMENTS = 1024;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const BACKSLASH = 0x5c;

/**
 * Compact forms by field name, as IANA registers them: RFC 3261 §7.3.3, RFC 3515, 3841, 3892,
 * 4028, 4474, 6665 and 8224.
 */
const COMPACT_FORMS: ReadonlyMap<string, string> = new Map([
  ["accept-contact", "a"],
  ["allow-events", "u"],
  ["call-id", "i"],
  ["contact", "m"],
  ["content-encoding", "e"],
  ["content-length", "l"],
  ["content-type", "c"],
  ["event", "o"],
  ["from", "f"],
  ["identity", "y"],
  ["identity-info", "n"],
  ["refer-to", "r"],
  ["referred-by", "b"],
  ["reject-contact", "j"],
  ["request-disposition", "d"],
  ["session-expires", "x"],
  ["subject", "s"],
  ["supported", "k"],
  ["to", "t"],
  ["via", "v"],
]);

const FULL_FORMS: ReadonlyMap<string, string> = new Map(
  [...COMPACT_FORMS].map(([full, compact]) => [compact, full]),
);

/** A field name made ready for searching: both its forms, in lower case. */
export interface FieldName {
  readonly full: string;
  readonly compact: string | undefined;
}

/** Names as they were asked for, made ready. A program asks for few, again and again. */
const READY_NAMES = new Map<string, FieldName>();
const MAX_READY_NAMES = 512;

/** The name to search by. Either form of a name, in any case, finds fields of both forms. */
export function fieldName(name: string): FieldName {
  const ready = READY_NAMES.get(name);
  if (ready !== undefined) return ready;
  const lower = name.toLowerCase();
  const full = FULL_FORMS.get(lower) ?? lower;
  const made = { full, compact: COMPACT_FORMS.get(full) };
  if (READY_NAMES.size < MAX_READY_NAMES) READY_NAMES.set(name, made);
  return made;
}

/** Token characters of RFC 3261 §25.1, by character code. */
const IS_TOKEN = new Uint8Array(256);
for (const character of "!%'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_`abcdefghijklmnopqrstuvwxyz~") {
  IS_TOKEN[character.charCodeAt(0)] = 1;
}

/** Whether a character code may stand in a method or field name (`token`, RFC 3261 §25.1). */
export function isTokenCode(code: number): boolean {
  return IS_TOKEN[code] === 1;
}

/** Numbers kept for a field: where its name starts, where that ends, where the field ends. */
const STRIDE = 3;

/** The header fields in the order of the text. */
export class HeaderFields {
  /** Where the body starts: after the empty line, or at the end of the text if there is none. */
  readonly bodyStart: number;
  readonly #text: string;
  readonly #places: readonly number[];
  readonly #isAscii: boolean;

  constructor(text: string, places: readonly number[], bodyStart: number, isAscii: boolean) {
    this.#text = text;
    this.#places = places;
    this.bodyStart = bodyStart;
    this.#isAscii = isAscii;
  }

  get count(): number {
    return this.#places.length / STRIDE;
  }

  /** The value of the first field of that name, unfolded, or nothing. */
  first(name: FieldName): string | undefined {
    const at = this.#next(name, 0);
    return at < 0 ? undefined : this.#value(at);
  }

  /** The value of each field of that name, in order. Comma lists are not taken apart. */
  all(name: FieldName): string[] {
    const values: string[] = [];
    for (let at = this.#next(name, 0); at >= 0; at = this.#next(name, at + STRIDE)) {
      values.push(this.#value(at));
    }
    return values;
  }

  /**
   * The elements of a field whose grammar is a comma list (RFC 3261 §7.3.1), over all fields of
   * that name. At most {@link MAX_LIST_ELEMENTS}; empty elements are left out.
   */
  list(name: FieldName): string[] {
    const elements: string[] = [];
    for (const value of this.all(name)) {
      for (let start = 0; start <= value.length && elements.length < MAX_LIST_ELEMENTS;) {
        const end = listElementEnd(value, start);
        const element = value.slice(start, end).trim();
        if (element !== "") elements.push(element);
        start = end + 1;
      }
    }
    return elements;
  }

  /** Whether more than one field has that name. */
  isRepeated(name: FieldName): boolean {
    const at = this.#next(name, 0);
    return at >= 0 && this.#next(name, at + STRIDE) >= 0;
  }

  /** Every field as its name as written and its value unfolded. */
  *entries(): Generator<readonly [name: string, value: string]> {
    for (let at = 0; at < this.#places.length; at += STRIDE) {
      yield [this.#name(at), this.#value(at)];
    }
  }

  #next(name: FieldName, from: number): number {
    const { full, compact } = name;
    const text = this.#text;
    const places = this.#places;
    for (let at = from; at < places.length; at += STRIDE) {
      const start = places[at] ?? 0;
      const end = places[at + 1] ?? 0;
      if (isToken(text, start, end, full)) return at;
      if (compact !== undefined && isToken(text, start, end, compact)) return at;
    }
    return -1;
  }

  #name(at: number): string {
    return this.#text.slice(this.#places[at], this.#places[at + 1]);
  }

  #value(at: number): string {
    const text = this.#text;
    const fieldEnd = this.#places[at + 2] ?? 0;
    const colon = skipWhitespace(text, this.#places[at + 1] ?? 0, fieldEnd);
    const start = skipWhitespace(text, colon + 1, fieldEnd);
    const value = unfold(text.slice(start, trimEnd(text, start, fieldEnd)));
    return this.#isAscii ? value : decodeUtf8(value);
  }
}

/** Finds the header fields from `start` to the first empty line. `text` is ISO 8859-1. */
export function scanHeaderFields(
  text: string,
  start: number,
  isAscii: boolean,
  damage: DamageLog,
): HeaderFields {
  let count = 0;
  let position = start;
  let bodyStart = text.length;
  for (;;) {
    if (position >= text.length) {
      damage.add("truncated-header");
      break;
    }
    const code = text.charCodeAt(position);
    if (code === LINE_FEED) {
      damage.add("bare-line-feed");
      bodyStart = position + 1;
      break;
    }
    if (code === CARRIAGE_RETURN && text.charCodeAt(position + 1) === LINE_FEED) {
      bodyStart = position + 2;
      break;
    }
    const next = nextFieldStart(text, position, damage);
    if (count === MAX_HEADER_FIELDS * STRIDE) damage.add("header-limit");
    else if (noteField(text, position, next, count)) count += STRIDE;
    else damage.add("malformed-header");
    position = next;
  }
  return new HeaderFields(text, found.slice(0, count), bodyStart, isAscii);
}

/** Of the message that is scanned: its own list is made once it is known how long it is. */
const found = new Array<number>(MAX_HEADER_FIELDS * STRIDE).fill(0);

/** Where the line after this field starts: past its continuation lines. */
function nextFieldStart(text: string, start: number, damage: DamageLog): number {
  let lineEnd = start;
  for (;;) {
    lineEnd = text.indexOf("\n", lineEnd);
    if (lineEnd < 0) return text.length;
    if (text.charCodeAt(lineEnd - 1) !== CARRIAGE_RETURN) damage.add("bare-line-feed");
    lineEnd += 1;
    if (!isBlank(text.charCodeAt(lineEnd))) return lineEnd;
  }
}

function noteField(text: string, start: number, end: number, at: number): boolean {
  let nameEnd = start;
  while (nameEnd < end && IS_TOKEN[text.charCodeAt(nameEnd)] === 1) nameEnd += 1;
  let colon = nameEnd;
  while (colon < end && isBlank(text.charCodeAt(colon))) colon += 1;
  if (nameEnd === start || colon === end || text.charCodeAt(colon) !== COLON) return false;
  found[at] = start;
  found[at + 1] = nameEnd;
  found[at + 2] = end;
  return true;
}

function skipWhitespace(text: string, from: number, end: number): number {
  let i = from;
  while (i < end && isWhitespace(text.charCodeAt(i))) i += 1;
  return i;
}

function trimEnd(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && isWhitespace(text.charCodeAt(i - 1))) i -= 1;
  return i;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

// String.trim would also take U+00A0, which here may be the last byte of a UTF-8 character.
function isWhitespace(code: number): boolean {
  return isBlank(code) || code === CARRIAGE_RETURN || code === LINE_FEED;
}

/** The value with one space in place of each fold and the blanks around it (RFC 3261 §7.3.1). */
function unfold(value: string): string {
  let lineFeed = value.indexOf("\n");
  let from = 0;
  let unfolded = "";
  while (lineFeed >= 0) {
    unfolded += `${value.slice(from, trimEnd(value, from, lineFeed))} `;
    from = skipWhitespace(value, lineFeed, value.length);
    lineFeed = value.indexOf("\n", from);
  }
  return from === 0 ? value : unfolded + value.slice(from);
}

/** Where the list element that starts at `start` ends: at a comma, or at the end of the value. */
export function listElementEnd(value: string, start: number): number {
  const comma = value.indexOf(",", start);
  if (comma < 0) return value.length;
  let isQuoted = false;
  let isBracketed = false;
  for (let i = start; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (isQuoted) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) isQuoted = false;
    } else if (code === QUOTE) isQuoted = true;
    else if (code === LESS_THAN) isBracketed = true;
    else if (code === GREATER_THAN) isBracketed = false;
    else if (code === COMMA && !isBracketed) return i;
  }
  return value.length;
}
