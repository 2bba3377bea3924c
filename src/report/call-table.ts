/**
 * Calls in a table, each with what there is to say of it and its streams below its line.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { CALL_FIGURE_COLUMNS, CALL_IDENTITY_COLUMNS } from "./call-columns.js";
import { callExplanation, commonCaveats } from "./call-explanation.js";
import { worseScore, worstCallsFirst } from "./call-order.js";
import { beganBefore, isAnswered, isUnanswered } from "./call-outcome.js";
import { printable, shortened } from "./display-text.js";
import { countOf, countText, mosText } from "./quantity.js";
import { CALL_STREAM_IDENTITY_COLUMNS } from "./stream-columns.js";
import { namedTable, paragraphs, streamTable, type TableOptions } from "./stream-table.js";

const MARGIN = 2;

/** How the calls are to be shown. */
export interface CallTableOptions extends TableOptions {
  /** Calls to show, the worst first. */
  readonly maxCalls: number;
}

/** The lines of the table: one line a call where there is room, else its name over its figures. */
export function* callTable(
  calls: readonly CallReport[],
  options: CallTableOptions,
): Generator<string> {
  const { width, paint, maxCalls } = options;
  const ordered = worstCallsFirst(calls);
  const shown = ordered.slice(0, maxCalls);
  const common = commonCaveats(shown);
  const known = new Set(common);
  const table = namedTable([CALL_IDENTITY_COLUMNS, CALL_FIGURE_COLUMNS], shown, MARGIN, options);
  const streams = streamTable(
    shown.flatMap((call) => call.streams),
    2 * MARGIN,
    options,
    CALL_STREAM_IDENTITY_COLUMNS,
  );
  yield* table.header;
  if (shown.some((call) => call.streams.length > 0)) yield* streams.header;
  let stream = 0;
  for (const [index, call] of shown.entries()) {
    yield "";
    yield* table.row(index);
    yield paint("faint", callIdLine(call, width));
    yield* paragraphs(callExplanation(call, known), 2 * MARGIN, options);
    for (const end = stream + call.streams.length; stream < end; stream += 1) {
      yield* streams.row(stream);
    }
  }
  const below = [
    ...common.map((text) => ({ text: `of all calls: ${text}`, tone: "faint" as const })),
    ...(ordered.length > shown.length ? [{ text: hiddenText(ordered.slice(shown.length)) }] : []),
  ];
  if (below.length > 0) yield "";
  yield* paragraphs(below, MARGIN, options);
}

/** `mediaprobe ladder` takes a beginning of it, so what does not fit the line may go. */
function callIdLine({ callId }: CallReport, width: number): string {
  const indent = 2 * MARGIN;
  return " ".repeat(indent) + shortened(`Call-ID ${printable(callId)}`, width - indent);
}

function hiddenText(hidden: readonly CallReport[]): string {
  const scores = hidden.flatMap((call) => worseScore(call) ?? []);
  const least = scores.reduce((sum, one) => Math.min(sum, one), Infinity);
  const mos = scores.length === 0 ? "without a MOS" : `with no MOS under ${mosText(least)}`;
  const failed = hidden.filter(isUnanswered).length;
  const unanswered =
    failed > 0
      ? `${countText(failed)} of them not answered`
      : hidden.every(isAnswered)
        ? "all answered"
        : "all answered or begun before the capture";
  return `${countOf(hidden.length, "more call", "more calls")} ${mos}, ${unanswered}: --all shows them`;
}

/** "3 calls (2 answered, 1 cancelled)": what became of the calls, in one line. */
export function callsText(calls: readonly CallReport[]): string {
  const answered = calls.filter(isAnswered).length;
  const before = calls.filter(beganBefore).length;
  const cancelled = calls.filter((call) => !isAnswered(call) && call.outcome.cancelled).length;
  const parts = [
    [answered, "answered"],
    [cancelled, "cancelled"],
    [calls.length - answered - cancelled - before, "not answered"],
    [before, "began before the capture"],
  ] as const;
  const named = parts.flatMap(([count, what]) =>
    count === 0 ? [] : `${countText(count)} ${what}`,
  );
  return `${countOf(calls.length, "call")} (${named.join(", ")})`;
}
