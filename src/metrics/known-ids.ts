/**
 * Which calls or connections have been told of, so that each is counted once.
 *
 * @module
 */

import { RecentMap } from "../net/recent-map.js";

/** Those that may go on at a time, and those that are over and still known. */
const MAX_OPEN = 100_000;
const MAX_OVER = 10_000;

/** Ids of what goes on, with what is known of each, and of the last ones that are over. */
export class KnownIds<State> {
  readonly #open = new Map<string, State>();
  readonly #over = new RecentMap<string, true>();
  readonly #maxOpen: number;
  readonly #onEvicted: (state: State) => void;

  /** @param onEvicted Told of what is given up for room, the oldest first: it is over then. */
  constructor(onEvicted: (state: State) => void, maxOpen: number = MAX_OPEN) {
    this.#onEvicted = onEvicted;
    this.#maxOpen = maxOpen;
  }

  /** How many go on. */
  get size(): number {
    return this.#open.size;
  }

  /** Whether it is known, going on or over. */
  has(id: string): boolean {
    return this.#open.has(id) || this.#over.touch(id) === true;
  }

  /** What is known of one that goes on. */
  get(id: string): State | undefined {
    return this.#open.get(id);
  }

  /** Of all that go on. */
  values(): Iterable<State> {
    return this.#open.values();
  }

  begin(id: string, state: State): void {
    if (this.#open.size >= this.#maxOpen) {
      for (const oldest of this.#open.keys()) {
        const evicted = this.end(oldest);
        if (evicted !== undefined) this.#onEvicted(evicted);
        break;
      }
    }
    this.#open.set(id, state);
  }

  /** What was known of one that goes on, and may be heard of again as a new one. */
  forget(id: string): State | undefined {
    const state = this.#open.get(id);
    this.#open.delete(id);
    return state;
  }

  /** What was known of one that went on until now. */
  end(id: string): State | undefined {
    const state = this.#open.get(id);
    this.#open.delete(id);
    if (this.#over.touch(id) === undefined) {
      this.#over.add(id, true);
      if (this.#over.size > MAX_OVER) this.#over.forgetOldest();
    }
    return state;
  }
}
