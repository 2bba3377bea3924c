/**
 * Streams in a table, each explained below its line.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { displayWidth, wrapped } from "./display-text.js";
import { explanation, type Settings } from "./explanation.js";
import { intervalTable } from "./interval-table.js";
import { sparkline } from "./sparkline.js";
import { FIGURE_COLUMNS, IDENTITY_COLUMNS } from "./stream-columns.js";
import { type Column, laidOut, laidOutInBands } from "./table.js";
import type { Paint, TonedText } from "./tone.js";

/** How a table is to be shown. */
export interface TableOptions extends Settings {
  /** Columns of the terminal. Lines are longer only where a word or a figure is. */
  readonly width: number;
  readonly paint: Paint;
  readonly showIntervals: boolean;
}

/** A table whose rows have a name and figures: in one line where there is room, else in more. */
export interface NamedTable {
  readonly header: readonly string[];
  /** Whether each row is one line. */
  readonly isWide: boolean;
  /** The lines of a row. */
  readonly row: (index: number) => string[];
}

const STEP = 2;

/**
 * The rows laid out with this margin. The first identity column is what a row is called. Figures that
 * do not fit beside each other stand below each other.
 */
export function namedTable<Row>(
  [identity, figures]: readonly [readonly Column<Row>[], readonly Column<Row>[]],
  rows: readonly Row[],
  margin: number,
  { width, paint }: Pick<TableOptions, "width" | "paint">,
): NamedTable {
  const room = width - margin;
  const indent = " ".repeat(margin);
  const wide = laidOut([...identity, ...figures], rows, room, paint);
  const isWide = wide.width <= room;
  const bands = isWide ? [wide] : laidOutInBands(figures, rows, room, paint);
  return {
    header: bands.flatMap(({ header }) => header.map((line) => indent + line)),
    isWide,
    row: (index) => {
      const row = rows[index];
      const band = bands.map(({ lines }) => indent + (lines[index] ?? ""));
      if (isWide || row === undefined) return band;
      return [...nameLines(identity, row, margin, { width, paint }), ...band];
    },
  };
}

/** A table of streams; every row has the why below it. */
export function streamTable(
  streams: readonly StreamReport[],
  margin: number,
  options: TableOptions,
  identity: readonly Column<StreamReport>[] = IDENTITY_COLUMNS,
): NamedTable {
  const table = namedTable([identity, FIGURE_COLUMNS], streams, margin, options);
  return {
    ...table,
    row: (index) => {
      const stream = streams[index];
      return [...table.row(index), ...(stream === undefined ? [] : why(stream, margin, options))];
    },
  };
}

/** Paragraphs, each indented by so much and hanging by a step more. */
export function paragraphs(
  texts: readonly TonedText[],
  indent: number,
  { width, paint }: Pick<TableOptions, "width" | "paint">,
): string[] {
  return texts.flatMap(({ text, tone }) =>
    wrapped(text, { width, indent, hanging: indent + STEP }).map((line) =>
      tone === undefined ? line : paint(tone, line),
    ),
  );
}

function nameLines<Row>(
  columns: readonly Column<Row>[],
  row: Row,
  margin: number,
  { width, paint }: Pick<TableOptions, "width" | "paint">,
): string[] {
  const [first, ...rest] = columns.map((column) => column.cell(row));
  const name = first?.text ?? "";
  const identity = rest.map(({ text, tone }) => (tone === undefined ? text : paint(tone, text)));
  const indent = " ".repeat(margin);
  const isShort =
    displayWidth([name, ...rest.map(({ text }) => text)].join("  ")) + margin <= width;
  if (isShort) return [`${indent}${[paint("strong", name), ...identity].join("  ")}`];
  return [
    ...wrapped(name, { width, indent: margin }).map((line) => paint("strong", line)),
    `${indent}${identity.join("  ")}`,
  ];
}

function why(stream: StreamReport, margin: number, options: TableOptions): string[] {
  const { width, paint, showIntervals } = options;
  const indent = margin + STEP;
  const bars = sparkline(stream, width - indent, paint);
  const table = showIntervals ? intervalTable(stream, width - indent - 2 * STEP, paint) : [];
  return [
    ...paragraphs(explanation(stream, options), indent, options),
    ...(bars === undefined ? [] : [" ".repeat(indent) + bars]),
    ...table.map((line) => " ".repeat(indent + 2 * STEP) + line),
  ];
}
