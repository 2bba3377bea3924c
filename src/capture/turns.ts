/**
 * Work that leaves the event loop free in between.
 *
 * @module
 */

import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * So long work goes on before the event loop turns, in milliseconds. Time is what counts, not pieces of
 * work: the first ones take many times as long, as no code is compiled yet, and each turn has its price.
 */
const TURN_MS = 3;

/** Tells work when it has held the event loop for long enough. */
export class Turns {
  readonly #nowMs: () => number;
  #endMs: number;

  /** @param nowMs - A clock that never goes back, in milliseconds. */
  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#endMs = nowMs() + TURN_MS;
  }

  /** The event loop has turned, as while something was awaited: a new turn begins. */
  begin(): void {
    this.#endMs = this.#nowMs() + TURN_MS;
  }

  /** Whether it is time for {@link Turns.next}. To be asked after each piece of work. */
  get isOver(): boolean {
    return this.#nowMs() >= this.#endMs;
  }

  /** Resolves in the next turn of the event loop. */
  async next(): Promise<void> {
    await nextTurn();
    this.begin();
  }

  /** Does work that yields after each of its pieces. */
  async run<Result>(work: Generator<undefined, Result>): Promise<Result> {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      if (this.isOver) await this.next();
    }
  }
}
