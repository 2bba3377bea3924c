/**
 * The first line of a message (RFC 3261 §7.1, §7.2), found even behind line ends and junk.
 *
 * @module
 */

import type { DamageLog } from "./damage.js";
import { isTokenCode } from "./header-fields.js";
import { decodeUtf8 } from "./wire-text.js";

/** Why bytes are no SIP message. */
export type NotSipReason =
  /** No bytes at all. */
  | "empty"
  /** Nothing but line ends and NUL, sent to keep a binding or connection open (RFC 5626 §4.4). */
  | "keep-alive"
  /** No line that is a request or status line among the first {@link MAX_JUNK_BYTES} bytes. */
  | "no-start-line"
  /** A status line whose code is not three digits from 100 to 699 (RFC 3261 §7.2). */
  | "bad-status-code";

/** Bytes before the start line that are searched for it. */
export const MAX_JUNK_BYTES = 1024;

/** The start line, taken apart, and where the line after it starts. */
export type StartLine = RequestLine | StatusLine;

export interface RequestLine {
  readonly kind: "request";
  readonly method: string;
  readonly requestUri: string;
  readonly version: string;
  readonly nextLine: number;
}

export interface StatusLine {
  readonly kind: "response";
  readonly statusCode: number;
  readonly reasonPhrase: string;
  readonly version: string;
  readonly nextLine: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const DELETE = 0x7f;
const ZERO = 0x30;
/** In `SIP/2.0 200 OK`. */
const CODE_START = 8;
const CODE_END = 11;
const MIN_STATUS_CODE = 100;
const MAX_STATUS_CODE = 699;
const STATUS_LINE = /SIP\/(\d{1,3}\.\d{1,3})([ \t]+)(\d{1,16})/i;
const SIP_VERSION = /^SIP\/(\d{1,3}\.\d{1,3})$/i;
const PROTOCOL_VERSION = "2.0";

/** Finds the start line of a message. `text` is ISO 8859-1. */
export function findStartLine(text: string, damage: DamageLog): StartLine | NotSipReason {
  if (text === "") return "empty";
  let start = 0;
  while (isLineEnd(text.charCodeAt(start))) start += 1;
  if (start === text.length || isKeepAlive(text, start)) return "keep-alive";
  if (start > 0) damage.add("leading-line-ends");

  for (let lineStart = start; lineStart < text.length && lineStart <= start + MAX_JUNK_BYTES;) {
    const lineFeed = text.indexOf("\n", lineStart);
    const nextLine = lineFeed < 0 ? text.length : lineFeed + 1;
    const hasReturn = lineFeed > lineStart && text.charCodeAt(lineFeed - 1) === CARRIAGE_RETURN;
    const lineEnd = lineFeed < 0 ? text.length : lineFeed - (hasReturn ? 1 : 0);
    const found = parseStartLine(text.slice(lineStart, lineEnd), nextLine, damage);
    if (found !== undefined) {
      if (lineStart > start) damage.add("leading-junk");
      if (lineFeed >= 0 && !hasReturn) damage.add("bare-line-feed");
      return found;
    }
    lineStart = nextLine;
  }
  return "no-start-line";
}

function parseStartLine(
  line: string,
  nextLine: number,
  damage: DamageLog,
): StartLine | NotSipReason | undefined {
  // A request is looked for before a response behind junk: a URI may hold anything.
  return line.slice(0, 4).toUpperCase() === "SIP/"
    ? parseStatusLine(line, nextLine, damage)
    : (parseRequestLine(line, nextLine, damage) ?? parseStatusLine(line, nextLine, damage));
}

function isLineEnd(code: number): boolean {
  return code === CARRIAGE_RETURN || code === LINE_FEED;
}

function isKeepAlive(text: string, start: number): boolean {
  for (let i = start; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code !== 0 && !isLineEnd(code)) return false;
  }
  return true;
}

function parseStatusLine(
  line: string,
  nextLine: number,
  damage: DamageLog,
): StatusLine | NotSipReason | undefined {
  const plain = plainStatusLine(line, nextLine);
  if (plain !== undefined) return plain;
  const match = STATUS_LINE.exec(line);
  if (match === null || match.index > MAX_JUNK_BYTES) return undefined;

  const [found, version = "", gap, digits = ""] = match;
  const statusCode = Number(digits);
  if (digits.length !== 3 || statusCode < MIN_STATUS_CODE || statusCode > MAX_STATUS_CODE) {
    return "bad-status-code";
  }
  const rest = line.slice(match.index + found.length);
  if (match.index > 0) damage.add("leading-junk");
  if (gap !== " " || !rest.startsWith(" ")) damage.add("malformed-start-line");
  if (version !== PROTOCOL_VERSION) damage.add("unknown-version");
  const reasonPhrase = decodeUtf8(rest).trim();
  return { kind: "response", statusCode, reasonPhrase, version, nextLine };
}

/** Nearly every status line, at a fraction of the cost. */
function plainStatusLine(line: string, nextLine: number): StatusLine | undefined {
  if (!line.startsWith("SIP/2.0 ") || line.charCodeAt(CODE_END) !== SPACE) return undefined;
  let statusCode = 0;
  for (let i = CODE_START; i < CODE_END; i += 1) {
    const digit = line.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    statusCode = statusCode * 10 + digit;
  }
  if (statusCode < MIN_STATUS_CODE || statusCode > MAX_STATUS_CODE) return undefined;
  const reasonPhrase = decodeUtf8(line.slice(CODE_END)).trim();
  return { kind: "response", statusCode, reasonPhrase, version: PROTOCOL_VERSION, nextLine };
}

function parseRequestLine(
  line: string,
  nextLine: number,
  damage: DamageLog,
): RequestLine | undefined {
  return wellFormedRequestLine(line, nextLine) ?? damagedRequestLine(line, nextLine, damage);
}

/** Nearly every request line, at a fraction of the cost. */
function wellFormedRequestLine(line: string, nextLine: number): RequestLine | undefined {
  if (!line.endsWith(" SIP/2.0")) return undefined;
  const methodEnd = line.indexOf(" ");
  const uriEnd = line.length - " SIP/2.0".length;
  if (methodEnd <= 0 || methodEnd + 1 >= uriEnd) return undefined;
  for (let i = 0; i < methodEnd; i += 1) if (!isTokenCode(line.charCodeAt(i))) return undefined;
  for (let i = methodEnd + 1; i < uriEnd; i += 1) {
    if (!isPlainUriCode(line.charCodeAt(i))) return undefined;
  }
  const method = line.slice(0, methodEnd);
  const requestUri = line.slice(methodEnd + 1, uriEnd);
  return { kind: "request", method, requestUri, version: PROTOCOL_VERSION, nextLine };
}

function isPlainUriCode(code: number): boolean {
  return code > SPACE && code < DELETE && code !== LESS_THAN && code !== GREATER_THAN;
}

function damagedRequestLine(
  line: string,
  nextLine: number,
  damage: DamageLog,
): RequestLine | undefined {
  const trimmed = line.trim();
  const versionStart = Math.max(trimmed.lastIndexOf(" "), trimmed.lastIndexOf("\t")) + 1;
  const version = SIP_VERSION.exec(trimmed.slice(versionStart))?.[1];
  if (version === undefined || versionStart === 0) return undefined;

  let methodEnd = 0;
  while (!isBlank(trimmed.charCodeAt(methodEnd))) methodEnd += 1;
  let methodStart = methodEnd;
  while (methodStart > 0 && isTokenCode(trimmed.charCodeAt(methodStart - 1))) methodStart -= 1;
  const between = trimmed.slice(methodEnd, versionStart);
  const requestUri = between.trim();
  if (methodStart === methodEnd || requestUri === "") return undefined;

  if (methodStart > 0) damage.add("leading-junk");
  if (trimmed.length < line.length || between !== ` ${requestUri} `) {
    damage.add("malformed-start-line");
  }
  if (/[<>\s]/.test(requestUri)) damage.add("malformed-request-uri");
  if (version !== PROTOCOL_VERSION) damage.add("unknown-version");
  const method = trimmed.slice(methodStart, methodEnd);
  return { kind: "request", method, requestUri: decodeUtf8(requestUri), version, nextLine };
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
