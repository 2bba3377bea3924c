/**
 * The page: the list of calls, and the one that is open.
 *
 * @module
 */

import { CallList } from "./call-list.js";
import { CallView } from "./call-view.js";
import { forgetColors } from "./colors.js";
import { button, h } from "./dom.js";
import { listed, type Order, WORST_FIRST } from "./listing.js";
import { LooseView } from "./loose-view.js";
import type { CallSource } from "./source.js";
import { themeSwitch } from "./theme.js";
import { Toolbar } from "./toolbar.js";

/** A call that goes on is shown anew this often at most. */
const RENEWAL_MS = 2000;

/** Stands for what belongs to no call, where a call's key would stand. */
const LOOSE = Symbol("without a call");
type Opened = string | typeof LOOSE;

/** The page. */
export class Page {
  readonly #source: CallSource;
  readonly #root: HTMLElement;
  readonly #facts = h("p", { class: "facts-line" });
  readonly #title = h("h1", {});
  readonly #warnings = h("div", { class: "warnings", role: "status" });
  readonly #list: CallList;
  readonly #toolbar: Toolbar;
  readonly #detail = h("main", { class: "detail", tabindex: -1, "aria-label": "Call" });
  #order: Order = WORST_FIRST;
  #opened: Opened | undefined;
  #view: CallView | LooseView | undefined;
  #isRenewalDue = false;

  constructor(root: HTMLElement, source: CallSource) {
    this.#root = root;
    this.#source = source;
    this.#toolbar = new Toolbar(() => {
      this.#showList();
    });
    this.#list = new CallList({
      onOpen: (key) => void this.#open(key),
      onOrder: (order) => {
        this.#order = order;
        this.#showList();
      },
    });
    const { loose } = source;
    const header = h(
      "header",
      { class: "page-head" },
      h("span", { class: "brand" }, "mediaprobe"),
      this.#title,
      this.#facts,
      loose &&
        button({ class: "loose" }, () => void this.#open(LOOSE), `${loose.count} without a call`),
      themeSwitch(() => {
        forgetColors();
        this.#view?.redraw();
      }),
    );
    const aside = h(
      "section",
      { class: "calls", "aria-label": "List of calls" },
      this.#toolbar.element,
      this.#list.element,
    );
    root.replaceChildren(header, this.#warnings, h("div", { class: "panes" }, aside, this.#detail));
    document.addEventListener("keydown", (event) => {
      this.#onKey(event);
    });
    source.watch((changed) => {
      this.#onChange(changed);
    });
    this.#showNotes();
    this.#showList();
    if (source.calls().length === 0 && loose !== undefined) void this.#open(LOOSE);
  }

  #showNotes(): void {
    const { title, facts, warnings } = this.#source.notes();
    this.#title.textContent = title;
    document.title = `${title} – mediaprobe`;
    this.#facts.replaceChildren(...facts.map((fact) => h("span", {}, fact)));
    const said = Array.from(this.#warnings.children, ({ textContent }) => textContent);
    // What is written anew is read out anew.
    if (said.length === warnings.length && said.every((one, at) => one === warnings[at])) return;
    this.#warnings.replaceChildren(...warnings.map((warning) => h("p", {}, warning)));
  }

  #showList(): void {
    const all = this.#source.calls();
    const shown = listed(all, this.#toolbar.filter, this.#order);
    this.#list.show(shown, this.#order);
    this.#toolbar.tell(shown.length, all.length);
  }

  async #open(opened: Opened): Promise<void> {
    this.#opened = opened;
    this.#root.classList.add("has-detail");
    this.#list.mark(opened === LOOSE ? undefined : opened);
    await this.#showOpened();
    if (this.#opened !== opened) return;
    this.#detail.scrollTop = 0;
    this.#detail.querySelector("h2")?.focus({ preventScroll: true });
  }

  async #showOpened(): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined) return;
    let view: CallView | LooseView;
    try {
      const { loose } = this.#source;
      if (opened !== LOOSE) view = new CallView(await this.#source.load(opened));
      else if (loose !== undefined) view = new LooseView(await loose.load());
      else return;
    } catch (error) {
      if (this.#opened === opened) this.#replaceView(undefined, String(error));
      return;
    }
    // Another one may have been opened in the meantime.
    if (this.#opened === opened) this.#replaceView(view);
    else view.destroy();
  }

  #replaceView(view: CallView | LooseView | undefined, failure = ""): void {
    const { scrollTop } = this.#detail;
    this.#view?.destroy();
    this.#view = view;
    const close = button(
      { class: "close", "aria-label": "Close the call" },
      () => {
        this.#close();
      },
      "✕",
    );
    this.#detail.replaceChildren(
      h("div", { class: "close-place" }, close),
      view?.element ?? h("p", { class: "none" }, failure),
    );
    this.#detail.scrollTop = scrollTop;
  }

  #close(): void {
    this.#opened = undefined;
    this.#root.classList.remove("has-detail");
    this.#view?.destroy();
    this.#view = undefined;
    this.#detail.replaceChildren();
    this.#list.mark(undefined);
    this.#list.element.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      this.#toolbar.focus();
    } else if (event.key === "Escape" && !isTyping && this.#opened !== undefined) {
      this.#close();
    }
  }

  #onChange(changed: ReadonlySet<string>): void {
    this.#showNotes();
    this.#showList();
    if (typeof this.#opened !== "string" || !changed.has(this.#opened) || this.#isRenewalDue)
      return;
    this.#isRenewalDue = true;
    setTimeout(() => {
      this.#isRenewalDue = false;
      // A reader who is in the middle of it is not to lose their place.
      if (!this.#isRead()) void this.#showOpened();
    }, RENEWAL_MS);
  }

  /** Something in it has been opened, or is being used. */
  #isRead(): boolean {
    const { activeElement } = document;
    const isUsed = this.#detail.contains(activeElement) && activeElement?.tagName !== "H2";
    return isUsed || this.#detail.querySelector('[aria-expanded="true"], details[open]') !== null;
  }
}
