/**
 * Cells in aligned columns.
 *
 * @module
 */

import { displayWidth, TIE } from "./display-text.js";
import type { Paint, TonedText } from "./tone.js";

/** What stands in one place of a table: printable, without line breaks. */
export type Cell = TonedText;

/** One column: what stands over it and what a row has in it. */
export interface Column<Row> {
  readonly title: string;
  /** Under the title: the unit, or what tells two columns of one title apart. */
  readonly unit: string;
  readonly align: "left" | "right";
  readonly cell: (row: Row) => Cell;
  /** May go when space is short and no row has anything in it. */
  readonly isExpendable?: boolean;
}

/** Rows laid out: every line as wide as {@link Layout.width}, but for spaces at its end. */
export interface Layout {
  readonly width: number;
  readonly header: readonly string[];
  readonly lines: readonly string[];
}

/** What a column holds once its rows are known. */
interface Filled {
  readonly title: string;
  readonly unit: string;
  readonly align: "left" | "right";
  readonly cells: readonly Cell[];
  readonly width: number;
  readonly canGo: boolean;
}

const NARROWEST_GAP = 1;
const GAPS = [2, NARROWEST_GAP];

/**
 * The rows in columns, in at most `width` if that is possible: with wide gaps, with narrow ones, then
 * without the expendable columns that are empty. Else wider than asked for; nothing is cut off.
 */
export function laidOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paint: Paint,
): Layout {
  let filled = columns.map((column) => fill(column, rows));
  const gapFor = (some: readonly Filled[]): number | undefined =>
    GAPS.find((gap) => widthOf(some, gap) <= width);
  let gap = gapFor(filled);
  while (gap === undefined) {
    const last = filled.findLastIndex(({ canGo }) => canGo);
    if (last < 0) break;
    filled = filled.filter((_, index) => index !== last);
    gap = gapFor(filled);
  }
  const between = " ".repeat(gap ?? NARROWEST_GAP);
  const line = (cellOf: (column: Filled) => Cell): string =>
    filled
      .map((column) => placed(column, cellOf(column), paint))
      .join(between)
      .trimEnd();
  return {
    width: widthOf(filled, gap ?? NARROWEST_GAP),
    header: [
      line(({ title }) => ({ text: title, tone: "faint" })),
      line(({ unit }) => ({ text: unit, tone: "faint" })),
    ].filter((text) => text !== ""),
    lines: rows.map((_, index) => line(({ cells }) => cells[index] ?? { text: "" })),
  };
}

/**
 * The rows in as few tables below each other as `width` asks for, each with some of the columns in
 * their order. Only a column that is wider alone is wider than asked for.
 */
export function laidOutInBands<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  paint: Paint,
): Layout[] {
  const whole = laidOut(columns, rows, width, paint);
  if (whole.width <= width) return [whole];
  const bands: Column<Row>[][] = [];
  let used = Infinity;
  for (const column of columns) {
    const alone = laidOut([column], rows, width, paint).width;
    used += NARROWEST_GAP + alone;
    if (used > width) {
      bands.push([]);
      used = alone;
    }
    bands.at(-1)?.push(column);
  }
  return bands.map((band) => laidOut(band, rows, width, paint));
}

function fill<Row>(column: Column<Row>, rows: readonly Row[]): Filled {
  const { title, unit, align, cell, isExpendable = false } = column;
  const cells = rows.map((row) => {
    const { text, ...rest } = cell(row);
    return { ...rest, text: text.replaceAll(TIE, " ") };
  });
  const widths = cells.map(({ text }) => displayWidth(text));
  return {
    title,
    unit,
    align,
    cells,
    width: widths.reduce((most, one) => Math.max(most, one), Math.max(title.length, unit.length)),
    canGo: isExpendable && cells.every(({ tone }) => tone === "faint"),
  };
}

function widthOf(columns: readonly Filled[], gap: number): number {
  return columns.reduce((sum, { width }) => sum + width + gap, -gap);
}

function placed({ align, width }: Filled, { text, tone }: Cell, paint: Paint): string {
  // Blank cells stay unpainted so that the spaces at a line's end can be cut off.
  const shown = tone === undefined || text === "" ? text : paint(tone, text);
  const pad = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? shown + pad : pad + shown;
}
