/**
 * Which of many things is the oldest, in constant time.
 *
 * @module
 */

import { Fifo } from "./fifo.js";

/** Something that is kept until it is given up. */
export interface Kept {
  /** False once nobody keeps it any more. */
  readonly isKept: boolean;
}

/**
 * Things in the order in which they came. What is no longer kept drops out by itself.
 *
 * A `Map` also knows its order, but finds its first entry by stepping over all that were deleted.
 */
export class AgeQueue<T extends Kept> {
  readonly #limit: number;
  readonly #items = new Fifo<T>();

  /** @param limit How many are kept at once at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#dropGone();
    if (this.#items.size > this.#limit * 2 + SLACK) this.#items.retain(({ isKept }) => isKept);
  }

  /** The oldest that is still kept, taken out. */
  takeOldest(): T | undefined {
    this.#dropGone();
    return this.#items.shift();
  }

  #dropGone(): void {
    while (this.#items.first?.isKept === false) this.#items.shift();
  }
}

const SLACK = 1024;
