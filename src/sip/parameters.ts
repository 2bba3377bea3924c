/**
 * The `;name=value` parameters that follow the value of many header fields (RFC 3261 §7.3.1,
 * `generic-param` of §25.1).
 *
 * @module
 */

import { lowerCase } from "./wire-text.js";

/** Parameters of one value that {@link parseParameters} keeps. */
export const MAX_PARAMETERS = 64;

const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

/**
 * The value of one parameter, without its quotes; empty where the parameter has none.
 *
 * @param start Where the parameters start: at or before their first semicolon.
 * @param name In lower case.
 */
export function findParameter(value: string, start: number, name: string): string | undefined {
  let found: string | undefined;
  visitParameters(value, start, (candidate, text) => {
    if (candidate === name) found = text;
    return candidate === name;
  });
  return found;
}

/**
 * All parameters by lower-case name, at most {@link MAX_PARAMETERS}. The first of a name counts.
 *
 * @param start Where the parameters start: at or before their first semicolon.
 */
export function parseParameters(value: string, start: number): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  visitParameters(value, start, (name, text) => {
    if (!parameters.has(name)) parameters.set(name, text);
    return parameters.size === MAX_PARAMETERS;
  });
  return parameters;
}

/**
 * Hands out each parameter that has a name, in order, until `visit` returns true.
 *
 * @param start Where the parameters start: at or before their first semicolon.
 * @param visit Takes the name in lower case and the value without its quotes.
 */
export function visitParameters(
  value: string,
  start: number,
  visit: (name: string, text: string) => boolean,
): void {
  let from = value.indexOf(";", start);
  if (from < 0) return;
  const hasQuotes = hasClosedQuotes(value, from);
  while (from < value.length) {
    const end = parameterEnd(value, from + 1, hasQuotes);
    const part = value.slice(from + 1, end);
    const equals = part.indexOf("=");
    const name = lowerCase((equals < 0 ? part : part.slice(0, equals)).trim());
    if (name !== "" && visit(name, equals < 0 ? "" : unquoted(part.slice(equals + 1)))) return;
    from = end;
  }
}

/**
 * Where the quoted string that opens at `open` ends: after its closing quotation mark, or -1 if it
 * is never closed.
 */
export function quotedStringEnd(value: string, open: number): number {
  for (let i = open + 1; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === QUOTE) return i + 1;
  }
  return -1;
}

/** What a quoted string says, or the text itself where it is not quoted. */
export function unquoted(text: string): string {
  const token = text.trim();
  if (token.charCodeAt(0) !== QUOTE || token.length < 2 || !token.endsWith('"')) return token;
  const content = token.slice(1, -1);
  return content.includes("\\") ? content.replace(/\\([^])/g, "$1") : content;
}

// A quotation mark that is never closed quotes nothing: the rest is read as if it were not there.
function hasClosedQuotes(value: string, start: number): boolean {
  let open = value.indexOf('"', start);
  if (open < 0) return false;
  while (open >= 0) {
    const end = quotedStringEnd(value, open);
    if (end < 0) return false;
    open = value.indexOf('"', end);
  }
  return true;
}

function parameterEnd(value: string, start: number, hasQuotes: boolean): number {
  if (!hasQuotes) {
    const semicolon = value.indexOf(";", start);
    return semicolon < 0 ? value.length : semicolon;
  }
  let i = start;
  while (i < value.length && value.charCodeAt(i) !== SEMICOLON) {
    i = value.charCodeAt(i) === QUOTE ? quotedStringEnd(value, i) : i + 1;
    // Inside what looked like text before: quotes that open within a token.
    if (i < 0) return value.length;
  }
  return i;
}
