/**
 * Calls of any day: a line each, with when they were and what they are found by.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { CALL_FIGURE_COLUMNS, CALL_IDENTITY_COLUMNS } from "./call-columns.js";
import { printable } from "./display-text.js";
import { dateAndTime, UNKNOWN } from "./quantity.js";
import { type Column, laidOut } from "./table.js";
import type { Paint } from "./tone.js";

const COLUMNS: readonly Column<CallReport>[] = [
  ...CALL_IDENTITY_COLUMNS.map((column) => (column.title === "at" ? dated(column) : column)),
  ...CALL_FIGURE_COLUMNS.filter(({ title }) => title !== "issues"),
  left("issues", ({ issues }) => [...new Set(issues.map(({ kind }) => kind))].join(", ")),
  left("Call-ID", ({ callId }) => printable(callId)),
];

/** The lines of the table, in the order in which the calls are given. */
export function storedCalls(
  calls: readonly CallReport[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  const { header, lines } = laidOut(COLUMNS, calls, width, paint);
  return [...header, ...lines];
}

function dated(column: Column<CallReport>): Column<CallReport> {
  return {
    ...column,
    cell: ({ course }) => {
      const at = course.invitedAt ?? course.answeredAt ?? course.endedAt;
      return { text: at === undefined ? UNKNOWN : dateAndTime(at) };
    },
  };
}

function left(title: string, text: (call: CallReport) => string): Column<CallReport> {
  return { title, unit: "", align: "left", cell: (call) => ({ text: text(call) }) };
}
