/**
 * The list of calls: a grid of which only the rows in sight exist.
 *
 * @module
 */

import { LIST_COLUMNS } from "../report/call-row.js";
import { UNKNOWN } from "../report/quantity.js";
import { h, setAttribute } from "./dom.js";
import { firstOrder, type Order, WORST_FIRST } from "./listing.js";
import type { ListedCall } from "./source.js";

/** Rows above and below the ones in sight, so that a quick scroll shows no gap. */
const OVERSCAN = 8;
/** Under this width a row has two lines. As the style sheet has it. */
const CARD_WIDTH = 760;
const ROW_HEIGHT = 30;
const CARD_HEIGHT = 56;

const SHORT: Readonly<Record<string, string>> = { "caller → callee": "parties" };

/** What a column is called in the style sheet. */
const classOf = (name: string): string =>
  `c-${(SHORT[name] ?? name).toLowerCase().replace(" →", "-there").replace(" ←", "-back")}`;

/** What the list tells its owner. */
export interface CallListEvents {
  readonly onOpen: (key: string) => void;
  readonly onOrder: (order: Order) => void;
}

interface PooledRow {
  readonly element: HTMLElement;
  readonly cells: readonly HTMLElement[];
  call?: ListedCall;
  top: number;
}

/** The grid. */
export class CallList {
  readonly element: HTMLElement;
  readonly #head: HTMLElement;
  readonly #body: HTMLElement;
  readonly #rows: PooledRow[] = [];
  readonly #events: CallListEvents;
  #calls: readonly ListedCall[] = [];
  /** As the titles show it. */
  #order: Order | undefined;
  #rowHeight = ROW_HEIGHT;
  #active = 0;
  #openKey: string | undefined;
  #isDrawing = false;

  constructor(events: CallListEvents) {
    this.#events = events;
    this.#head = h("div", { class: "list-head", role: "row", "aria-rowindex": 1 });
    this.#body = h("div", { class: "list-body", role: "rowgroup" });
    this.element = h(
      "div",
      {
        class: "list",
        role: "grid",
        tabindex: 0,
        "aria-label": "Calls",
        "aria-colcount": LIST_COLUMNS.length,
      },
      h("div", { class: "list-heads", role: "rowgroup" }, this.#head),
      this.#body,
    );
    this.element.addEventListener(
      "scroll",
      () => {
        this.#drawSoon();
      },
      { passive: true },
    );
    this.element.addEventListener("keydown", (event) => {
      this.#onKey(event);
    });
    this.element.addEventListener("focus", () => {
      // Who comes with the keyboard goes on from the active row. A click is not to be led astray.
      if (this.element.matches(":focus-visible")) this.#activate(this.#active);
    });
    this.#body.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element)) return;
      const index = Number(target.closest<HTMLElement>(".row")?.dataset["index"] ?? NaN);
      if (!Number.isNaN(index)) this.#open(index);
    });
    new ResizeObserver(() => {
      this.#rowHeight = this.element.clientWidth < CARD_WIDTH ? CARD_HEIGHT : ROW_HEIGHT;
      this.#drawSoon();
    }).observe(this.element);
    this.#writeHead(WORST_FIRST);
  }

  /** Shows these calls. */
  show(calls: readonly ListedCall[], order: Order): void {
    const active = this.#calls[this.#active]?.key;
    this.#calls = calls;
    const index = calls.findIndex(({ key }) => key === (active ?? this.#openKey));
    this.#active = Math.max(0, index);
    setAttribute(this.element, "aria-rowcount", calls.length + 1);
    this.#writeHead(order);
    this.#drawSoon();
  }

  /** Marks the call that is open beside the list. */
  mark(key: string | undefined): void {
    this.#openKey = key;
    const index = this.#calls.findIndex((call) => call.key === key);
    if (index >= 0) this.#active = index;
    this.#drawSoon();
  }

  /** A title that is pressed must be the same one when it is let go, or that is no click. */
  #writeHead(order: Order): void {
    if (order === this.#order) return;
    this.#order = order;
    const focused = this.#head.contains(document.activeElement)
      ? [...this.#head.children].findIndex((one) => one.contains(document.activeElement))
      : -1;
    this.#head.replaceChildren(
      ...LIST_COLUMNS.map(({ name, title, unit, align }, column) => {
        const isSorted = order.column === column;
        const sort = isSorted ? (order.isDescending ? "descending" : "ascending") : "none";
        const control = h(
          "button",
          { type: "button", title: `Sort by ${name}` },
          title,
          unit === "" ? undefined : h("small", {}, ` ${unit}`),
          h(
            "span",
            { class: "sort", "aria-hidden": "true" },
            isSorted ? (order.isDescending ? "▾" : "▴") : "",
          ),
        );
        control.addEventListener("click", () => {
          this.#events.onOrder(nextOrder(order, column));
        });
        return h(
          "div",
          { class: `${classOf(name)} ${align}`, role: "columnheader", "aria-sort": sort },
          control,
        );
      }),
    );
    if (focused >= 0) this.#head.children[focused]?.querySelector("button")?.focus();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#rowHeight) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const move = moves[event.key];
    if (move !== undefined) this.#activate(this.#active + move);
    else if (event.key === "Enter" || event.key === " ") this.#open(this.#active);
    else return;
    event.preventDefault();
  }

  #activate(index: number): void {
    this.#active = Math.min(this.#calls.length - 1, Math.max(0, index));
    const top = this.#active * this.#rowHeight;
    const list = this.element;
    const room = list.clientHeight - this.#head.offsetHeight - this.#rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top > list.scrollTop + room) list.scrollTop = top - room;
    this.#drawSoon();
  }

  #open(index: number): void {
    const call = this.#calls[index];
    if (call === undefined) return;
    this.#active = index;
    this.#events.onOpen(call.key);
  }

  #drawSoon(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const height = this.#rowHeight;
    this.#body.style.height = `${this.#calls.length * height}px`;
    const first = Math.max(0, Math.floor(this.element.scrollTop / height) - OVERSCAN);
    const inSight = Math.ceil(this.element.clientHeight / height) + 2 * OVERSCAN;
    const last = Math.min(this.#calls.length, first + inSight);
    while (this.#rows.length < inSight) this.#rows.push(this.#newRow());
    // A row is always drawn by the same element while it is in sight: only those that come change.
    const used = new Set<PooledRow>();
    for (let index = first; index < last; index += 1) {
      const row = this.#rows[index % this.#rows.length];
      const call = this.#calls[index];
      if (row === undefined || call === undefined) continue;
      used.add(row);
      this.#fill(row, call, index);
    }
    for (const row of this.#rows) row.element.hidden = !used.has(row);
    // A row that was scrolled away is no element, and one that is named must be.
    const isDrawn = this.#active >= first && this.#active < last;
    setAttribute(
      this.element,
      "aria-activedescendant",
      isDrawn ? `row-${this.#active}` : undefined,
    );
  }

  #newRow(): PooledRow {
    const cells = LIST_COLUMNS.map(({ name, align }) =>
      h("div", { class: `${classOf(name)} ${align}`, role: "gridcell" }),
    );
    const element = h("div", { class: "row", role: "row" }, ...cells);
    this.#body.append(element);
    return { element, cells, top: -1 };
  }

  #fill(row: PooledRow, call: ListedCall, index: number): void {
    const { element } = row;
    const top = index * this.#rowHeight;
    if (row.top !== top) {
      row.top = top;
      element.style.transform = `translateY(${top}px)`;
      element.id = `row-${index}`;
      element.dataset["index"] = String(index);
      element.setAttribute("aria-rowindex", String(index + 2));
    }
    element.classList.toggle("active", index === this.#active);
    const isMarked = call.key === this.#openKey;
    element.classList.toggle("marked", isMarked);
    element.setAttribute("aria-selected", String(isMarked));
    if (row.call === call) return;
    row.call = call;
    element.classList.toggle("open", call.isOpen);
    for (const [column, cell] of row.cells.entries()) {
      const { text = "", tone } = call.row.cells[column] ?? {};
      const isIssues = LIST_COLUMNS[column]?.name === "issues";
      cell.textContent = isIssues && call.row.issues.length > 0 ? call.row.issues.join(", ") : text;
      cell.dataset["tone"] = tone ?? "";
      cell.classList.toggle("unknown", text === UNKNOWN);
      if (column === 0 || isIssues) cell.title = cell.textContent;
    }
  }
}

/** A column one way, then the other, then the worst first again. */
function nextOrder({ column, isDescending }: Order, chosen: number): Order {
  const first = firstOrder(chosen);
  if (column !== chosen) return first;
  return isDescending === first.isDescending
    ? { column: chosen, isDescending: !isDescending }
    : WORST_FIRST;
}
