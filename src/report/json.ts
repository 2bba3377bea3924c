/**
 * A report as JSON.
 *
 * @module
 */

import type { CaptureReport } from "../call/report.js";
import { escapeOf } from "./display-text.js";

const PLAIN = /^[\n\x20-\x7e]*$/;
// What a terminal obeys or hides, and JSON may hold as it is. Line breaks are those between fields.
const COMMANDING = /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

/** `JSON.stringify(value)` that is safe to print: the same value, indented if wanted. */
export function jsonText(value: unknown, space = 0): string {
  const text = JSON.stringify(value, null, space);
  return PLAIN.test(text) ? text : text.replace(COMMANDING, escapeOf);
}

/**
 * `jsonText(report)` in pieces, one for each call and each stream without one: a capture of many
 * makes a text longer than a string can be. Indented by two spaces if `isIndented`. Without a line break at the end.
 */
export function* reportJson(report: CaptureReport, isIndented = false): Generator<string> {
  const space = isIndented ? 2 : 0;
  const [line, inner, colon] = isIndented ? ["\n", "\n  ", ": "] : ["", "", ":"];
  let separator = "{";
  for (const [name, value] of Object.entries(report) as [string, unknown][]) {
    if (value === undefined) continue;
    const key = `${separator}${inner}${JSON.stringify(name)}${colon}`;
    separator = ",";
    if (Array.isArray(value) && value.length > 0) {
      yield `${key}[`;
      yield* elements(value, space);
      yield `${inner}]`;
    } else {
      yield key + indented(value, space, inner);
    }
  }
  yield `${line}}`;
}

function* elements(values: readonly unknown[], space: number): Generator<string> {
  const inner = space === 0 ? "" : "\n    ";
  for (const [index, value] of values.entries()) {
    yield `${index === 0 ? "" : ","}${inner}${indented(value, space, inner)}`;
  }
}

function indented(value: unknown, space: number, lineStart: string): string {
  const text = jsonText(value, space);
  return space === 0 ? text : text.replaceAll("\n", lineStart);
}
