/**
 * The report on a capture for a person at a terminal.
 *
 * @module
 */

import type { CaptureReport, StreamReport } from "../call/report.js";
import { captureHeading } from "./capture-heading.js";
import { displayWidth, TIE, wrapped } from "./display-text.js";
import { explanation, type Settings } from "./explanation.js";
import { intervalTable } from "./interval-table.js";
import { countText, mosText, percent } from "./quantity.js";
import { score } from "./satisfaction.js";
import { sparkline } from "./sparkline.js";
import { FIGURE_COLUMNS, IDENTITY_COLUMNS } from "./stream-columns.js";
import { worstFirst } from "./stream-order.js";
import { laidOut } from "./table.js";
import type { Paint } from "./tone.js";

/** How a report is to be shown. */
export interface CaptureTextOptions extends Settings {
  /** Columns of the terminal. Lines are longer only where a word or the figures are. */
  readonly width: number;
  readonly paint: Paint;
  /** Streams to show, the worst first. */
  readonly maxStreams: number;
  readonly showIntervals: boolean;
}

const MARGIN = 2;

/** The lines of the report, without line breaks. */
export function* captureText(
  report: CaptureReport,
  options: CaptureTextOptions,
): Generator<string> {
  const { width, paint, maxStreams } = options;
  yield* captureHeading(report, width, paint);
  if (report.streams.length === 0) return;
  const ordered = worstFirst(report.streams);
  const shown = ordered.slice(0, maxStreams);
  yield "";
  yield* streamTable(shown, options);
  const hidden = ordered.slice(shown.length);
  if (hidden.length > 0) {
    yield "";
    yield* wrapped(hiddenText(hidden), { width, indent: MARGIN });
  }
}

/** What one cannot guess of the columns, in lines. */
export function legend({ width, paint, fixedBufferMs }: CaptureTextOptions): string[] {
  const text =
    `late: for a ${countText(fixedBufferMs)}${TIE}ms buffer. MOS: LQ listening, CQ conversation; ` +
    "N, W, F: narrowband, wideband, fullband scale. --help explains the columns.";
  return wrapped(text, { width, indent: MARGIN }).map((line) => paint("faint", line));
}

/** One line a stream where there is room, else its name over its figures; the why below. */
function* streamTable(
  streams: readonly StreamReport[],
  options: CaptureTextOptions,
): Generator<string> {
  const { width, paint } = options;
  const room = width - MARGIN;
  const margin = " ".repeat(MARGIN);
  const wide = laidOut([...IDENTITY_COLUMNS, ...FIGURE_COLUMNS], streams, room, paint);
  const isWide = wide.width <= room;
  const { header, lines } = isWide ? wide : laidOut(FIGURE_COLUMNS, streams, room, paint);
  for (const line of header) yield margin + line;
  for (const [index, stream] of streams.entries()) {
    if (!isWide) {
      if (index > 0) yield "";
      yield* nameLines(stream, options);
    }
    yield margin + (lines[index] ?? "");
    yield* why(stream, options);
  }
}

function nameLines(stream: StreamReport, { width, paint }: CaptureTextOptions): string[] {
  const [flow, ...rest] = IDENTITY_COLUMNS.map((column) => column.cell(stream));
  const name = flow?.text ?? "";
  const identity = rest.map(({ text, tone }) => (tone === undefined ? text : paint(tone, text)));
  const isShort =
    displayWidth([name, ...rest.map(({ text }) => text)].join("  ")) + MARGIN <= width;
  if (isShort) return [`${" ".repeat(MARGIN)}${[paint("strong", name), ...identity].join("  ")}`];
  return [
    ...wrapped(name, { width, indent: MARGIN }).map((line) => paint("strong", line)),
    `${" ".repeat(MARGIN)}${identity.join("  ")}`,
  ];
}

function why(stream: StreamReport, options: CaptureTextOptions): string[] {
  const { width, paint, showIntervals } = options;
  const indent = 2 * MARGIN;
  const bars = sparkline(stream, width - indent, paint);
  const table = showIntervals ? intervalTable(stream, width - 2 * indent, paint) : [];
  return [
    ...explanation(stream, options).flatMap(({ text, tone }) =>
      wrapped(text, { width, indent, hanging: indent + MARGIN }).map((line) =>
        tone === undefined ? line : paint(tone, line),
      ),
    ),
    ...(bars === undefined ? [] : [" ".repeat(indent) + bars]),
    ...table.map((line) => " ".repeat(2 * indent) + line),
  ];
}

function hiddenText(hidden: readonly StreamReport[]): string {
  const scores = hidden.flatMap(({ quality }) => score(quality) ?? []);
  const least = scores.reduce((sum, one) => Math.min(sum, one), Infinity);
  const loss = hidden.reduce((most, { lossRatio }) => Math.max(most, lossRatio), 0);
  const mos = scores.length === 0 ? "" : `no MOS under ${mosText(least)}, `;
  const lost = loss === 0 ? "nothing lost" : `at most ${percent(loss)} lost`;
  return `${countText(hidden.length)} more streams with ${mos}${lost}: --all shows them`;
}
