/**
 * Where a label value stands among those of its label.
 *
 * @module
 */

import { placesOf, type LabelPlaces, type LabelPolicies } from "./label-policy.js";
import type { LabelValuesName } from "./label-values.js";

/** A value that is learned may not be longer: label values are not the place for texts. */
const MAX_VALUE_LENGTH = 128;

/** So many values are compared before one is looked up: for literals that takes less than half the time. */
const FIRST_VALUES = 4;

/** Half of a character: two such values could be the same once they are written. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether something may become a label value that nobody declared. */
export function isSoundValue(value: unknown): value is string {
  return (
    typeof value === "string" && value.length <= MAX_VALUE_LENGTH && !LONE_SURROGATE.test(value)
  );
}

/** What is told of a label's values. */
export interface LabelListener {
  /** A value is not listed and cannot be learned. */
  onUnknown(label: string): void;
  /** What stood there does not any more. */
  onGone(label: LabelIndex, place: number): void;
}

/** One label of a family. Each of its values stands at a multiple of the label's stride. */
export class LabelIndex {
  readonly name: string;
  /** Of its values. */
  readonly list: LabelValuesName;
  readonly stride: number;
  /** How many values there can be. */
  readonly capacity: number;
  readonly #places: LabelPlaces;
  readonly #listener: LabelListener;
  readonly #offsets = new Map<string, number>();
  readonly #values: string[];
  readonly #fallback: number;
  /** Those in the first places, unless their use has to be noted. */
  readonly #firstValues: readonly string[];
  /** When each place was last used, where that matters. */
  readonly #used: Float64Array | undefined;
  #uses = 0;

  constructor(
    [name, list]: readonly [name: string, list: LabelValuesName],
    stride: number,
    policies: LabelPolicies,
    listener: LabelListener,
  ) {
    this.name = name;
    this.list = list;
    this.stride = stride;
    this.#places = placesOf(list, policies);
    this.#listener = listener;
    this.#values = [...this.#places.values];
    this.capacity = this.#values.length + this.#places.learned;
    this.#values.forEach((value, place) => this.#offsets.set(value, place * stride));
    this.#fallback = this.#offsets.get(this.#places.fallback) ?? 0;
    if (this.#places.isRecent) this.#used = new Float64Array(this.capacity);
    this.#firstValues = this.#places.isRecent ? [] : this.#places.values.slice(0, FIRST_VALUES);
  }

  /** How many values have series from the start, from place 0 on. None where they are learned. */
  get stated(): number {
    return this.#places.stated;
  }

  /** A multiple of the stride. */
  offsetOf(value: string): number {
    const first = this.#firstValues;
    for (let place = 0; place < first.length; place += 1) {
      if (first[place] === value) return place * this.stride;
    }
    const offset = this.#offsets.get(value);
    if (offset === undefined) return this.#offsetOfNew(value);
    if (this.#used !== undefined) this.#used[offset / this.stride] = this.#uses += 1;
    return offset;
  }

  valueAt(place: number): string {
    return this.#values[place] ?? this.#places.fallback;
  }

  /** Gives up a value that came and may go. */
  forget(value: string): void {
    const offset = this.#offsets.get(value);
    if (offset === undefined || this.#used === undefined || value === "") return;
    const place = offset / this.stride;
    this.#offsets.delete(value);
    this.#values[place] = "";
    this.#used[place] = 0;
    this.#listener.onGone(this, place);
  }

  /** Whoever writes JavaScript may hand in anything. */
  #offsetOfNew(value: unknown): number {
    const { isFolded, learned } = this.#places;
    if (typeof value !== "string") {
      this.#listener.onUnknown(this.name);
      return this.#fallback;
    }
    if (isFolded) {
      const known = this.#offsets.get(value.trim().toLowerCase());
      if (known !== undefined) return known;
    }
    if (learned > 0 && isSoundValue(value)) {
      if (this.#values.length < this.capacity) return this.#learn(value, this.#values.length);
      if (this.#used !== undefined) return this.#learn(value, this.#freePlace(this.#used));
      // That a learned list is full is no mistake of who updates.
      return this.#fallback;
    }
    // Nor is it one that a label is switched off.
    if (this.capacity > 1) this.#listener.onUnknown(this.name);
    return this.#fallback;
  }

  #learn(value: string, place: number): number {
    const offset = place * this.stride;
    this.#values[place] = value;
    this.#offsets.set(value, offset);
    if (this.#used !== undefined) this.#used[place] = this.#uses += 1;
    return offset;
  }

  /** One that was given up, else that of the value not used for longest. */
  #freePlace(used: Float64Array): number {
    let oldest = this.#places.values.length;
    for (let place = oldest + 1; place < used.length; place += 1) {
      if ((used[place] ?? 0) < (used[oldest] ?? 0)) oldest = place;
    }
    this.forget(this.valueAt(oldest));
    return oldest;
  }
}
