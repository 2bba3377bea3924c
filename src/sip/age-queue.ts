/**
 * Which of many things is the oldest, in constant time.
 *
 * @module
 */

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
  #items: (T | undefined)[] = [];
  #head = 0;

  /** @param limit How many are kept at once at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#dropHead();
    if (this.#items.length > this.#limit * 2 + SLACK) this.#compact();
  }

  /** The oldest that is still kept, taken out. */
  takeOldest(): T | undefined {
    this.#dropHead();
    const oldest = this.#items[this.#head];
    if (oldest !== undefined) this.#advance();
    return oldest;
  }

  #dropHead(): void {
    for (;;) {
      const first = this.#items[this.#head];
      if (first === undefined || first.isKept) return;
      this.#advance();
    }
  }

  #advance(): void {
    this.#items[this.#head] = undefined;
    this.#head += 1;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head).filter((item) => item?.isKept === true);
    this.#head = 0;
  }
}

const SLACK = 1024;
