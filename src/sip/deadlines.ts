/**
 * What is due when. Nothing here looks at what is not due.
 *
 * @module
 */

import type { Kept } from "./age-queue.js";
import { Fifo } from "./fifo.js";

/** Things that are all due the same time after they were put in. What is not kept drops out. */
export class DelayQueue<T extends Kept> {
  readonly #delayMs: number;
  readonly #items = new Fifo<T>();
  #compactAt = COMPACT_FROM;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  get size(): number {
    return this.#items.size;
  }

  /** When the first item is due, kept or not. `Infinity` for none. */
  get nextDueAtMs(): number {
    return this.#items.firstNumber;
  }

  /** @param nowMs Never less than in the call before. */
  push(item: T, nowMs: number): void {
    this.#items.push(item, nowMs + this.#delayMs);
    if (this.#items.size <= this.#compactAt) return;
    this.#items.retain(({ isKept }) => isKept);
    this.#compactAt = this.#items.size * 2 + COMPACT_FROM;
  }

  /** The first item that is kept, if it is due by then, taken out. */
  takeDue(nowMs: number): T | undefined {
    while (this.#items.firstNumber <= nowMs) {
      const item = this.#items.shift();
      if (item?.isKept === true) return item;
    }
    return undefined;
  }
}

const COMPACT_FROM = 1024;

/** Something with a deadline that may move. */
export interface Deadlined {
  /** `Infinity` for none. */
  readonly nextDueAtMs: number;
  /** For {@link DeadlineHeap} alone: the earliest entry that stands for it. */
  queuedAtMs: number;
}

interface Entry<T> {
  readonly dueAtMs: number;
  readonly item: T;
}

/** Things with deadlines of any length, the earliest first. */
export class DeadlineHeap<T extends Deadlined> {
  #entries: Entry<T>[] = [];
  #compactAt = COMPACT_FROM;

  /** Says that the item's deadline is new or has moved. A later deadline costs nothing. */
  update(item: T): void {
    const due = item.nextDueAtMs;
    if (due >= item.queuedAtMs || due === Infinity) return;
    item.queuedAtMs = due;
    this.#insert({ dueAtMs: due, item });
    if (this.#entries.length > this.#compactAt) this.#compact();
  }

  get size(): number {
    return this.#entries.length;
  }

  /** When the first item is due at the earliest. `Infinity` for none. */
  get nextDueAtMs(): number {
    return this.#entries[0]?.dueAtMs ?? Infinity;
  }

  /** The first item that is due by then. Say {@link DeadlineHeap.update} when it was dealt with. */
  takeDue(nowMs: number): T | undefined {
    for (let first = this.#entries[0]; first !== undefined; first = this.#entries[0]) {
      if (first.dueAtMs > nowMs) return undefined;
      this.#removeFirst();
      const { item } = first;
      if (item.queuedAtMs !== first.dueAtMs) continue;
      item.queuedAtMs = Infinity;
      if (item.nextDueAtMs <= nowMs) return item;
      this.update(item);
    }
    return undefined;
  }

  /** Drops what stands for nothing any more. A sorted list is a heap. */
  #compact(): void {
    this.#entries = this.#entries
      .filter(({ dueAtMs, item }) => item.queuedAtMs === dueAtMs && item.nextDueAtMs < Infinity)
      .sort((one, other) => one.dueAtMs - other.dueAtMs);
    this.#compactAt = this.#entries.length * 2 + COMPACT_FROM;
  }

  #insert(entry: Entry<T>): void {
    const entries = this.#entries;
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = entries[parent];
      if (above === undefined || above.dueAtMs <= entry.dueAtMs) break;
      entries[at] = above;
      at = parent;
    }
    entries[at] = entry;
  }

  #removeFirst(): void {
    const entries = this.#entries;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const left = entries[child];
      if (left === undefined) break;
      const right = entries[child + 1];
      if (right !== undefined && right.dueAtMs < left.dueAtMs) child += 1;
      const smaller = entries[child];
      if (smaller === undefined || smaller.dueAtMs >= last.dueAtMs) break;
      entries[at] = smaller;
      at = child;
    }
    entries[at] = last;
  }
}
