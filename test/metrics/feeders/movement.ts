/**
 * What expositions show to have moved.
 *
 * @module
 */

import { CATALOGUE } from "../../../src/metrics/catalogue.js";

/** Families that are not at 0 any more, and the label values of their series. */
export class Movement {
  readonly #values = new Map<string, Map<string, Set<string>>>();

  /** Takes every line of the text format that is not at 0. */
  add(text: string): this {
    for (const line of text.split("\n")) {
      if (/^[^#]/.test(line) && !line.endsWith(" 0")) this.#addLine(line);
    }
    return this;
  }

  has(family: string): boolean {
    return this.#values.has(family);
  }

  /** Every value of a label in a series that moved. */
  of(family: string, label: string): ReadonlySet<string> {
    return this.#values.get(family)?.get(label) ?? new Set();
  }

  #addLine(line: string): void {
    const [series = ""] = line.split("{", 1);
    const name = series.split(" ", 1)[0] ?? "";
    const family = name in CATALOGUE ? name : name.replace(/_(?:bucket|sum|count)$/, "");
    let labels = this.#values.get(family);
    if (labels === undefined) this.#values.set(family, (labels = new Map<string, Set<string>>()));
    for (const [, label = "", value = ""] of line.matchAll(/(\w+)="([^"]*)"/g)) {
      const values = labels.get(label) ?? new Set<string>();
      labels.set(label, values.add(value));
    }
  }
}
