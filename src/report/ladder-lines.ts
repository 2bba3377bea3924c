/**
 * The lines of a ladder: lifelines side by side, and arrows between them.
 *
 * @module
 */

import { cutInPieces, displayWidth, wrapped } from "./display-text.js";
import type { Paint, Tone } from "./tone.js";

/** What an arrow is drawn with. */
export type Stroke = "message" | "again" | "media";

/** An arrow, and what stands on it and below it. */
export interface Arrow {
  /** Indices of lifelines; equal for what comes back to where it started. */
  readonly from: number;
  readonly to: number;
  readonly stroke: Stroke;
  /** Printable, without line breaks. */
  readonly label: string;
  readonly tone?: Tone | undefined;
  /** Printable, a paragraph each. */
  readonly notes: readonly string[];
}

/** Text at a column of a line. */
interface Placed {
  readonly x: number;
  readonly text: string;
  readonly tone?: Tone | undefined;
}

const LIFELINE = "│";
const BROKEN_LIFELINE = "┊";
const STROKES: Readonly<Record<Stroke, string>> = { message: "─", again: "┄", media: "═" };
const HEADS = { right: "►", left: "◄" };
const LOOP = "↻";
/** Stroke, space, label, space, stroke and head. */
const AROUND_LABEL = 5;
/** Of a self-message or heading where no other lifeline limits it. */
const MAX_SIDE_COLUMNS = 24;
const MIN_DISTANCE = 18;
const MAX_DISTANCE = 56;

/** The drawing surface of one ladder. */
export class LadderLines {
  /** Columns of the lifelines. */
  readonly #xs: readonly number[];
  /** Columns that a heading, or a note beside a lifeline, may take. */
  readonly #side: number;
  readonly #headings: readonly (readonly string[])[];
  readonly #paint: Paint;

  /**
   * @param headings - What stands over each lifeline, printable, in paragraphs.
   * @param margin - Columns to the left, for the times.
   * @param width - Columns in all; where that is too few for the lifelines, more are taken.
   */
  constructor(
    headings: readonly (readonly string[])[],
    { margin, width, paint }: { margin: number; width: number; paint: Paint },
  ) {
    const half = (column: number, columns: number): number => {
      const lines = (headings[column] ?? []).flatMap((text) => fitted(text, columns));
      return Math.ceil(Math.max(1, ...lines.map(displayWidth)) / 2);
    };
    const edges = half(0, MAX_SIDE_COLUMNS) + half(headings.length - 1, MAX_SIDE_COLUMNS);
    const room = Math.floor((width - margin - edges) / Math.max(1, headings.length - 1));
    const distance = Math.max(MIN_DISTANCE, Math.min(MAX_DISTANCE, room));
    this.#side = Math.min(MAX_SIDE_COLUMNS, distance - 2);
    this.#headings = headings.map((texts) => texts.flatMap((text) => fitted(text, this.#side)));
    const first = margin + half(0, this.#side);
    this.#xs = headings.map((_, index) => first + index * distance);
    this.#paint = paint;
  }

  /** What stands over the lifelines. */
  heading(): string[] {
    const height = Math.max(0, ...this.#headings.map((lines) => lines.length));
    return Array.from({ length: height }, (_, row) =>
      this.#line(
        this.#headings.flatMap((lines, column) => {
          const text = lines[row];
          if (text === undefined) return [];
          const x = this.#x(column) - Math.floor(displayWidth(text) / 2);
          return [{ x, text, ...(row === 0 && { tone: "strong" as const }) }];
        }),
      ),
    );
  }

  /** The lifelines alone, or broken, with the time that nothing happened in. */
  pause(text?: string): string {
    if (text === undefined) return this.#onLifelines([]);
    return this.#onLifelines([{ x: this.#x(0) + 2, text, tone: "faint" }], BROKEN_LIFELINE);
  }

  /** An arrow in one line where its label fits, else under its label; the notes below. */
  arrow(arrow: Arrow, time: string): string[] {
    const placed = arrow.from === arrow.to ? this.#loop(arrow) : this.#between(arrow);
    return placed.map((one, index) =>
      this.#onLifelines([
        ...(index === 0 ? [{ x: 0, text: time, tone: "faint" as const }] : []),
        one,
      ]),
    );
  }

  #between(arrow: Arrow): Placed[] {
    const { from, to, label, tone, notes } = arrow;
    const x = this.#x(Math.min(from, to)) + 1;
    const columns = this.#x(Math.max(from, to)) - x;
    const text = (one: string, textTone: Tone | undefined): Placed[] =>
      fitted(one, columns - 2).map((part) => ({ x: x + 1, text: part, tone: textTone }));
    const isOnLine = displayWidth(label) + AROUND_LABEL <= columns;
    return [
      ...(isOnLine ? [] : text(label, tone)),
      { x, text: shaft(arrow, columns, isOnLine ? label : ""), tone },
      ...notes.flatMap((note) => text(note, "faint")),
    ];
  }

  /** Beside its lifeline: on the right, but on the left of the last. */
  #loop({ from, label, tone, notes }: Arrow): Placed[] {
    const x = this.#x(from);
    const isLast = from > 0 && from === this.#xs.length - 1;
    const text = (one: string, textTone: Tone | undefined): Placed[] =>
      fitted(one, this.#side - 2).map((part) => ({
        x: isLast ? x - 1 - displayWidth(part) : x + 2,
        text: part,
        tone: textTone,
      }));
    return [
      ...text(isLast ? `${label} ${LOOP}` : `${LOOP} ${label}`, tone),
      ...notes.flatMap((note) => text(note, "faint")),
    ];
  }

  #x(column: number): number {
    return this.#xs[column] ?? 0;
  }

  /** With the lifelines wherever no text is. */
  #onLifelines(texts: readonly Placed[], lifeline = LIFELINE): string {
    const isFree = (x: number): boolean =>
      texts.every((one) => x < one.x || x >= one.x + displayWidth(one.text));
    const lifelines = this.#xs
      .filter(isFree)
      .map((x) => ({ x, text: lifeline, tone: "faint" as const }));
    return this.#line([...texts, ...lifelines]);
  }

  #line(texts: readonly Placed[]): string {
    let line = "";
    let used = 0;
    for (const { x, text, tone } of [...texts].sort((a, b) => a.x - b.x)) {
      line += " ".repeat(Math.max(0, x - used));
      line += tone === undefined ? text : this.#paint(tone, text);
      used = Math.max(used, x) + displayWidth(text);
    }
    return line;
  }
}

/** "─ label ─────►" or "◄─ label ─────", over so many columns. */
function shaft({ from, to, stroke }: Arrow, columns: number, label: string): string {
  const line = STROKES[stroke];
  const start = label === "" ? "" : `${line} ${label} `;
  const rest = line.repeat(Math.max(0, columns - 1 - displayWidth(start)));
  return from < to ? start + rest + HEADS.right : HEADS.left + start + rest;
}

/** The text in lines of at most so many columns; longer words are cut. */
function fitted(text: string, columns: number): string[] {
  return wrapped(text, { width: columns, indent: 0 }).flatMap((line) =>
    displayWidth(line) <= columns ? [line] : cutInPieces(line, columns),
  );
}

const ASCII: Readonly<Record<string, string>> = {
  [LIFELINE]: "|",
  [BROKEN_LIFELINE]: ":",
  [STROKES.message]: "-",
  [STROKES.again]: ".",
  [STROKES.media]: "=",
  [HEADS.right]: ">",
  [HEADS.left]: "<",
  [LOOP]: "@",
  "→": ">",
  "←": "<",
  "–": "-",
  "−": "-",
  "…": "~",
};
const DRAWN = new RegExp(`[${Object.keys(ASCII).join("")}]`, "g");

/** The line with a letter of ASCII for each sign that is drawn with: equally wide. */
export function asciiLine(line: string): string {
  return line.replace(DRAWN, (sign) => ASCII[sign] ?? sign);
}
