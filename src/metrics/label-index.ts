/**
 * Where a label value stands among those of its label.
 *
 * @module
 */

import { LABEL_VALUES, type LabelValuesName, type LearnedValues } from "./label-values.js";

/** Further values of a learned list go there, and of a list that has it. */
const OTHER = "other";

/** One label of a family. Each of its values stands at a multiple of the label's stride. */
export class LabelIndex {
  readonly name: string;
  /** How many values there can be. */
  readonly capacity: number;
  readonly #stride: number;
  readonly #missing: number;
  readonly #onUnknown: (label: string) => void;
  readonly #offsets = new Map<string, number>();
  readonly #values: string[];
  readonly #isLearning: boolean;

  /**
   * @param missing What a value that is not listed stands at where the list has no `other`.
   * @param onUnknown Told of every value that is not listed and cannot be learned.
   */
  constructor(
    [name, list]: readonly [name: string, list: LabelValuesName],
    stride: number,
    missing: number,
    onUnknown: (label: string) => void,
  ) {
    const values: readonly string[] | LearnedValues = LABEL_VALUES[list];
    this.name = name;
    this.#stride = stride;
    this.#missing = missing;
    this.#onUnknown = onUnknown;
    this.#isLearning = "learned" in values;
    this.#values = "learned" in values ? [OTHER] : [...values];
    this.capacity = "learned" in values ? values.learned + 1 : values.length;
    this.#values.forEach((value, place) => this.#offsets.set(value, place * stride));
  }

  /** All values are known beforehand. */
  get isClosed(): boolean {
    return !this.#isLearning;
  }

  /** A multiple of the stride, or what stands for missing. */
  offsetOf(value: string): number {
    return this.#offsets.get(value) ?? this.#offsetOfNew(value);
  }

  valueAt(place: number): string {
    return this.#values[place] ?? OTHER;
  }

  #offsetOfNew(value: string): number {
    if (this.#isLearning && this.#values.length < this.capacity) {
      const offset = (this.#values.push(value) - 1) * this.#stride;
      this.#offsets.set(value, offset);
      return offset;
    }
    // That a learned list is full is no mistake of who updates.
    if (!this.#isLearning) this.#onUnknown(this.name);
    return this.#offsets.get(OTHER) ?? this.#missing;
  }
}
