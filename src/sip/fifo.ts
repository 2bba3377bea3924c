/**
 * A queue that grows and shrinks in pieces: one array would be copied each time it is full, and what it
 * was before would be garbage as large as the queue.
 *
 * @module
 */

const PIECE_ITEMS = 512;

interface Piece<T> {
  readonly items: (T | undefined)[];
  readonly numbers: Float64Array;
  next: Piece<T> | undefined;
}

/** Items, each with a number, handed out in the order in which they came. */
export class Fifo<T> {
  #first: Piece<T> = newPiece();
  #last = this.#first;
  /** In the first piece. */
  #head = 0;
  /** In the last piece. */
  #end = 0;
  #size = 0;
  /** A queue that stays as long as it is needs no new ones. */
  #spare: Piece<T> | undefined;

  get size(): number {
    return this.#size;
  }

  /** The oldest item, left in. */
  get first(): T | undefined {
    return this.#first.items[this.#head];
  }

  /** Its number. `Infinity` for none. */
  get firstNumber(): number {
    return this.#size === 0 ? Infinity : (this.#first.numbers[this.#head] ?? Infinity);
  }

  push(item: T, number = 0): void {
    if (this.#end === PIECE_ITEMS) {
      const piece = this.#spare ?? newPiece<T>();
      this.#spare = undefined;
      this.#last.next = piece;
      this.#last = piece;
      this.#end = 0;
    }
    this.#last.items[this.#end] = item;
    this.#last.numbers[this.#end] = number;
    this.#end += 1;
    this.#size += 1;
  }

  /** The oldest item, taken out. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.first;
    this.#first.items[this.#head] = undefined;
    this.#head += 1;
    this.#size -= 1;
    if (this.#head === PIECE_ITEMS) this.#dropPiece();
    return item;
  }

  /** Drops every item that is not to be kept. */
  retain(isKept: (item: T) => boolean): void {
    for (let left = this.#size; left > 0; left -= 1) {
      const number = this.firstNumber;
      const item = this.shift();
      if (item !== undefined && isKept(item)) this.push(item, number);
    }
  }

  #dropPiece(): void {
    const { next } = this.#first;
    this.#head = 0;
    if (next === undefined) {
      this.#end = 0;
      return;
    }
    this.#first.next = undefined;
    this.#spare = this.#first;
    this.#first = next;
  }
}

function newPiece<T>(): Piece<T> {
  return {
    items: new Array<T | undefined>(PIECE_ITEMS).fill(undefined),
    numbers: new Float64Array(PIECE_ITEMS),
    next: undefined,
  };
}
