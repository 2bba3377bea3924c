/**
 * Elements out of data. What a call says of itself was written by strangers: it only ever becomes text.
 *
 * @module
 */

import { printable } from "../report/display-text.js";
import type { TonedText } from "../report/tone.js";

/** What an element may hold. `undefined` is nothing. */
export type Child = Node | string | undefined;

/** Attributes by name; `undefined` leaves one out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element of HTML. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return filled(document.createElement(name), attributes, children);
}

/** An element of SVG. */
export function s<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  return filled(element, attributes, children);
}

function filled<Kind extends Element>(
  element: Kind,
  attributes: Attributes,
  children: readonly Child[],
): Kind {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Sets an attribute, or takes it away where there is no value for it. */
export function setAttribute(element: Element, name: string, value: Attributes[string]): void {
  if (value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** Text of strangers: without the characters that turn its direction or hide it. */
export function foreign(text: string): string {
  return printable(text);
}

/** The same with its lines and tabs kept. */
export function foreignLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.split("\t").map(printable).join("\t"))
    .join("\n");
}

/** Text in its tone. */
export function toned({ text, tone }: TonedText, name: "span" | "p" | "div" = "span"): HTMLElement {
  return h(name, { class: tone === undefined ? undefined : `tone-${tone}` }, text);
}

/** A button that does something. */
export function button(
  attributes: Attributes,
  onClick: () => void,
  ...children: readonly Child[]
): HTMLButtonElement {
  const element = h("button", { type: "button", ...attributes }, ...children);
  element.addEventListener("click", onClick);
  return element;
}

/** A part of a call's page under its heading. */
export function section(title: string, name: string, ...children: readonly Child[]): HTMLElement {
  const id = `section-${name}`;
  return h(
    "section",
    { class: `section ${name}`, "aria-labelledby": id },
    h("h3", { id }, title),
    ...children,
  );
}

/** A table with a caption for those who do not see it, the first cell of a row its heading. */
export function table(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  const head = h("tr", {}, ...titles.map((title) => h("th", { scope: "col" }, title)));
  const body = rows.map((cells) =>
    h(
      "tr",
      {},
      ...cells.map((cell, index) =>
        index === 0 ? h("th", { scope: "row" }, cell) : h("td", {}, cell),
      ),
    ),
  );
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, head),
      h("tbody", {}, ...body),
    ),
  );
}
