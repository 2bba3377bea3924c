/**
 * A report as JSON.
 *
 * @module
 */

import type { CaptureReport } from "../call/report.js";

/**
 * `JSON.stringify(report)` in pieces, one for each call and each stream without one: a capture of many
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
  const text = JSON.stringify(value, null, space);
  return space === 0 ? text : text.replaceAll("\n", lineStart);
}
