/**
 * The controls over the list: search and filters.
 *
 * @module
 */

import { ISSUE_KINDS } from "../call/call-report.js";
import { countOf, countText, mosText } from "../report/quantity.js";
import { h } from "./dom.js";
import { type CourseFilter, EVERYTHING, type Filter, MOS_LIMITS } from "./listing.js";

const COURSES: readonly (readonly [CourseFilter, string])[] = [
  ["all", "all calls"],
  ["open", "going on"],
  ["answered", "answered"],
  ["failed", "not answered"],
  ["unknown", "began before"],
];

/** The controls. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #search: HTMLInputElement;
  readonly #course: HTMLSelectElement;
  readonly #issue: HTMLSelectElement;
  readonly #mos: HTMLSelectElement;
  readonly #count: HTMLElement;

  /** @param onFilter - Is told when what is to be shown changes. */
  constructor(onFilter: () => void) {
    this.#search = h("input", {
      type: "search",
      placeholder: "Search party, Call-ID, outcome …",
      "aria-label": "Search calls",
      spellcheck: "false",
      autocomplete: "off",
    });
    this.#course = select("Outcome", COURSES);
    this.#issue = select("Issue", [
      ["all", "any or no issue"],
      ["any", "with an issue"],
      ...ISSUE_KINDS.map((kind) => [kind, kind] as const),
    ]);
    this.#mos = select("MOS", [
      ["", "any MOS"],
      ...MOS_LIMITS.map(
        ({ mos, verdict }) => [String(mos), `MOS < ${mosText(mos)}: ${verdict}`] as const,
      ),
    ]);
    this.#count = h("output", { class: "count", "aria-live": "polite" });
    this.element = h(
      "div",
      { class: "toolbar", role: "search" },
      this.#search,
      this.#course,
      this.#issue,
      this.#mos,
      this.#count,
    );
    this.element.addEventListener("input", onFilter);
  }

  /** What is to be shown. */
  get filter(): Filter {
    const mosBelow = Number(this.#mos.value);
    return {
      words: this.#search.value,
      course: COURSES.find(([name]) => name === this.#course.value)?.[0] ?? EVERYTHING.course,
      issue: (["any", ...ISSUE_KINDS] as const).find((kind) => kind === this.#issue.value) ?? "all",
      ...(mosBelow > 0 && { mosBelow }),
    };
  }

  /** Says how many calls the filter lets through. */
  tell(shown: number, all: number): void {
    const text =
      shown === all ? countOf(all, "call") : `${countText(shown)} of ${countOf(all, "call")}`;
    // What is written anew is read out anew.
    if (text !== this.#count.textContent) this.#count.textContent = text;
  }

  focus(): void {
    this.#search.focus();
    this.#search.select();
  }
}

function select(label: string, choices: readonly (readonly [string, string])[]): HTMLSelectElement {
  const options = choices.map(([value, text]) => h("option", { value }, text));
  return h("select", { "aria-label": label }, ...options);
}
