/**
 * One call in the page's list of calls.
 *
 * @module
 */

import type { CallReport, IssueKind } from "../call/call-report.js";
import { CALL_FIGURE_COLUMNS, CALL_IDENTITY_COLUMNS } from "./call-columns.js";
import { bestRoundTrip, worstJitterSeconds, worstLossRatio } from "./call-figures.js";
import { isAnswered, isUnanswered } from "./call-outcome.js";
import { type Standing, standing, worseScore } from "./call-order.js";
import { printable } from "./display-text.js";
import { score } from "./satisfaction.js";
import type { Cell } from "./table.js";

/** What a column is sorted by; unknown values come last either way. */
export type SortValue = number | string | undefined;

/** One column of the list: as the terminal's table has it, and what it is sorted by. */
export interface ListColumn {
  readonly name: ColumnName;
  readonly title: string;
  readonly unit: string;
  readonly align: "left" | "right";
  readonly cell: (call: CallReport) => Cell;
  readonly value: (call: CallReport, cell: Cell) => SortValue;
}

/** The call as the list shows it. */
export interface CallRow {
  readonly callId: string;
  /** One a column, in the order of {@link LIST_COLUMNS}. */
  readonly cells: readonly Cell[];
  readonly values: readonly (SortValue | null)[];
  readonly standing: Standing;
  readonly course: "answered" | "failed" | "unknown";
  readonly issues: readonly IssueKind[];
  /** The worse direction's score. */
  readonly worstMos?: number;
  /** What a search looks through, in lower case. */
  readonly text: string;
}

const VALUES = {
  "caller → callee": text,
  at: ({ course }) => course.invitedAt ?? course.answeredAt,
  outcome: text,
  kind: text,
  length: ({ timings }) => timings.durationSeconds,
  PDD: ({ timings }) => timings.postDialDelaySeconds,
  setup: ({ timings }) => timings.setupSeconds,
  "MOS →": ({ quality }) => score(quality?.callerToCallee),
  "MOS ←": ({ quality }) => score(quality?.calleeToCaller),
  loss: worstLossRatio,
  jitter: worstJitterSeconds,
  RTT: (call) => bestRoundTrip(call)?.seconds,
  DTLS: text,
  STIR: text,
  issues: ({ issues }) => issues.length,
} as const satisfies Readonly<Record<string, ListColumn["value"]>>;

/** Which column it is. */
export type ColumnName = keyof typeof VALUES;

function text(_call: CallReport, cell: Cell): SortValue {
  return cell.tone === "faint" ? undefined : cell.text;
}

/** The columns of the list, from left to right. */
export const LIST_COLUMNS: readonly ListColumn[] = [
  ...CALL_IDENTITY_COLUMNS,
  ...CALL_FIGURE_COLUMNS,
].flatMap(({ title, unit, align, cell }) => {
  const name = [title, `${title} ${unit}`].find((one) => Object.hasOwn(VALUES, one));
  if (name === undefined) return [];
  const column = name as ColumnName;
  return [{ name: column, title, unit, align, cell, value: VALUES[column] }];
});

/** The row of a call. */
export function callRow(call: CallReport): CallRow {
  const cells = LIST_COLUMNS.map(({ cell }) => cell(call));
  const values = LIST_COLUMNS.map(({ value }, index) => value(call, cells[index] ?? { text: "" }));
  const worstMos = worseScore(call);
  const { caller, callee, callId, issues, transport } = call;
  const words = [
    callId,
    ...[caller, callee].flatMap((party) => [party?.uri, party?.displayName, party?.userAgent]),
    ...cells.map((cell) => cell.text),
    ...issues.map(({ kind }) => kind),
    transport,
  ];
  return {
    callId,
    cells,
    values,
    standing: standing(call),
    course: isAnswered(call) ? "answered" : isUnanswered(call) ? "failed" : "unknown",
    issues: [...new Set(issues.map(({ kind }) => kind))],
    ...(worstMos !== undefined && { worstMos }),
    text: printable(words.filter((word) => word !== undefined).join(" ")).toLowerCase(),
  };
}
