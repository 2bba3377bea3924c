/**
 * Which labels updates may have, by family: what a host declares for families of its own.
 *
 * @module
 */

import { isSoundValue } from "./label-index.js";
import { OTHER } from "./label-values.js";
import type { Remarks } from "./series-table.js";
import type { LabelPairs } from "./series.js";
import { isLabelName } from "./sound-family.js";

/** Labels as a host hands them in. One without a value is none. */
export type LooseLabels =
  Readonly<Record<string, string | number | boolean | null | undefined>> | null | undefined;

/** No series has more labels of a host's own. */
const MAX_KEYS = 16;

/** Keys that are declared, and for some the values. Families that are not declared may have any. */
export class AllowedLabels {
  readonly #keys = new Map<string, ReadonlySet<string>>();
  readonly #values = new Map<string, Map<string, ReadonlySet<string>>>();
  readonly #remarks: Remarks;

  constructor(remarks: Remarks) {
    this.#remarks = remarks;
  }

  /** Declares a family's keys in place of those declared before; without any it has no labels. */
  declareKeys(metric: string, keys: readonly string[]): void {
    if (metric === "") return;
    this.#keys.set(metric, new Set(keys.filter((key) => key !== "")));
  }

  /** Whether a family's keys were declared. */
  has(metric: string): boolean {
    return this.#keys.has(metric);
  }

  declareValues(metric: string, key: string, values: readonly string[]): void {
    const byKey = this.#values.get(metric) ?? new Map<string, ReadonlySet<string>>();
    this.#values.set(metric, byKey.set(key, new Set(values)));
  }

  /** Labels that may stay, in order of their names. What is left out or folded is noted. */
  filter(metric: string, labels: LooseLabels): LabelPairs {
    const allowed = this.#keys.get(metric);
    const pairs: [string, string][] = [];
    for (const [key, value] of Object.entries(labels ?? {})) {
      if (value === undefined || value === null || value === "") continue;
      const isAllowed = allowed === undefined ? isLabelName(key) : allowed.has(key);
      if (!isAllowed || !isLabelName(key) || pairs.length === MAX_KEYS) {
        this.#remarks.unknownLabel(metric, key);
      } else {
        pairs.push([key, this.#valueOf(metric, key, value)]);
      }
    }
    return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #valueOf(metric: string, key: string, value: unknown): string {
    const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    const listed = this.#values.get(metric)?.get(key);
    if (isSoundValue(text) && (listed === undefined || listed.has(text))) return text;
    this.#remarks.unknownValue(metric, key);
    return OTHER;
  }
}
