/**
 * A running probe's calls as a table on a terminal.
 *
 * @module
 */

import { CALL_FIGURE_COLUMNS, CALL_IDENTITY_COLUMNS } from "../report/call-columns.js";
import { byStanding, standing, type Standing, TIERS } from "../report/call-order.js";
import { TIE } from "../report/display-text.js";
import { type KnownCall, KnownCalls, type ToldCall } from "../report/known-calls.js";
import { countOf, countText } from "../report/quantity.js";
import { type Column, laidOut } from "../report/table.js";
import type { Paint } from "../report/tone.js";
import type { LiveListener } from "./followed-server.js";
import type { LiveScreen } from "./live-screen.js";

/** Changes are drawn together, this often at most. */
const REDRAW_MS = 250;
/** Of a terminal that does not say how many it has. */
const DEFAULT_ROWS = 24;
/** Lines above the calls, and the one on which the cursor stands. */
const OTHER_LINES = 6;

type Row = KnownCall<Standing>;

const STATE: Column<Row> = {
  title: "state",
  unit: "",
  align: "left",
  cell: ({ isOpen }) => (isOpen ? { text: "open", tone: "strong" } : { text: "ended" }),
};

const COLUMNS: readonly Column<Row>[] = [
  STATE,
  ...[...CALL_IDENTITY_COLUMNS, ...CALL_FIGURE_COLUMNS].map(({ cell, ...column }): Column<Row> => ({
    ...column,
    cell: ({ call }) => cell(call),
  })),
];

/** How it is drawn. */
export interface LiveTableOptions {
  readonly screen: LiveScreen;
  readonly url: string;
  readonly paint: Paint;
  /** As they are when it is drawn. */
  readonly size: () => { readonly columns: number; readonly rows: number | undefined };
}

/** Draws the calls, worst first, whenever something changed. */
export class LiveTable implements LiveListener {
  readonly #known = new KnownCalls(standing);
  readonly #options: LiveTableOptions;
  #failure: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawn: Promise<void> = Promise.resolve();

  constructor(options: LiveTableOptions) {
    this.#options = options;
  }

  listed(calls: readonly ToldCall[]): void {
    this.#failure = undefined;
    this.#known.takeAll(calls);
    this.#drawSoon();
  }

  changed(told: ToldCall): void {
    if (this.#known.take(told) !== undefined) this.#drawSoon();
  }

  lost(why: string): void {
    this.#failure = why;
    this.#drawSoon();
  }

  /** Draws what is still to be drawn. */
  async end(): Promise<void> {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#draw();
    }
    await this.#drawn;
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#draw();
    }, REDRAW_MS);
  }

  #draw(): void {
    this.#timer = undefined;
    const lines = this.#lines();
    this.#drawn = this.#drawn.then(() => this.#options.screen.draw(lines));
  }

  #lines(): string[] {
    const { paint, size } = this.#options;
    const { columns, rows = DEFAULT_ROWS } = size();
    const calls = [...this.#known.calls()].sort(
      (a, b) => byStanding(a.row, b.row) || Number(b.isOpen) - Number(a.isOpen),
    );
    const shown = calls.slice(0, Math.max(1, rows - OTHER_LINES));
    const { header, lines } = laidOut(COLUMNS, shown, columns, paint);
    const left = calls.length - shown.length;
    const more =
      left === 0
        ? ""
        : paint("faint", `${countOf(left, "better call")} not shown`.replaceAll(TIE, " "));
    return [
      ...this.#heading(calls),
      "",
      ...(calls.length === 0 ? [] : [...header, ...lines]),
      more,
    ];
  }

  #heading(calls: readonly Row[]): string[] {
    const { paint, url } = this.#options;
    const ended = calls.filter(({ isOpen }) => !isOpen);
    const open = calls.length - ended.length;
    const hurt = calls.filter(({ row }) => row.tier === TIERS.hurt).length;
    const failed = ended.filter(({ row }) => row.tier === TIERS.failed).length;
    const totals = [
      `${countOf(open, "call")} open`,
      `${countText(ended.length + this.#known.dropped)} ended`,
      `${countText(hurt)} badly heard or with issues`,
      `${countText(failed)} not answered`,
    ];
    const state =
      this.#failure === undefined
        ? paint("good", "live")
        : paint("bad", `${this.#failure}; trying again`);
    const counts = `${totals.join(", ")}; q ends this`.replaceAll(TIE, " ");
    return [`${paint("strong", url)}  ${state}`, counts];
  }
}
