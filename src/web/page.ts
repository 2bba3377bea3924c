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

/** What the browser's history has while something is open; nothing of the list alone. */
interface PageState {
  /** The key of a call, absent for what belongs to none. */
  readonly call?: string;
}

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
  /** The history is on its way back from what the reader has closed. */
  #isGoingBack = false;

  constructor(root: HTMLElement, source: CallSource) {
    this.#root = root;
    this.#source = source;
    this.#toolbar = new Toolbar(() => {
      this.#showList();
    });
    this.#list = new CallList({
      onOpen: (key) => {
        this.#goTo(key);
      },
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
        button(
          { class: "loose" },
          () => {
            this.#goTo(LOOSE);
          },
          `${loose.count} without a call`,
        ),
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
    // What a page that is loaded again was showing is not open any more.
    history.replaceState(null, "");
    addEventListener("popstate", ({ state }) => {
      this.#onHistory(state as PageState | null);
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

  /** Opens what the reader chose, so that the browser's way back leads to the list again. */
  #goTo(opened: Opened): void {
    const state: PageState = opened === LOOSE ? {} : { call: opened };
    if (history.state === null || this.#isGoingBack) history.pushState(state, "");
    else history.replaceState(state, "");
    void this.#open(opened);
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
        this.#goBack();
      },
      "✕",
    );
    this.#detail.replaceChildren(
      h("div", { class: "close-place" }, close),
      view?.element ?? h("p", { class: "none" }, failure),
    );
    this.#detail.scrollTop = scrollTop;
  }

  #goBack(): void {
    this.#close();
    if (history.state === null || this.#isGoingBack) return;
    this.#isGoingBack = true;
    history.back();
  }

  #onHistory(state: PageState | null): void {
    if (this.#isGoingBack) this.#isGoingBack = false;
    else if (state !== null) void this.#open(state.call ?? LOOSE);
    else if (this.#opened !== undefined) this.#close();
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
      this.#goBack();
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
