/**
 * Keeps a log readable, and its disk free, where the same thing happens again and again.
 *
 * @module
 */

/** How many lines of the same level and message are written. */
export interface LogSampling {
  /** The first so many of each interval are written. From 1. @default 10 */
  readonly first?: number;
  /** Of those that follow every one in so many. From 1. @default 100 */
  readonly everyNth?: number;
  /** In milliseconds, above 0. @default 60000 */
  readonly intervalMs?: number;
}

const DEFAULTS = { first: 10, everyNth: 100, intervalMs: 60_000 };
/** Messages told apart in one interval; those beyond are written. */
const MAX_MESSAGES = 1000;

interface Seen {
  lines: number;
  /** Since the last line that was written. */
  leftOut: number;
}

/** Decides on each line whether it is written. */
export class Sampler {
  readonly #first: number;
  readonly #everyNth: number;
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  readonly #seen = new Map<string, Seen>();
  #since: number;

  /** @throws {RangeError} If a number is outside its range. */
  constructor(sampling: LogSampling, nowMs: () => number) {
    const { first, everyNth, intervalMs } = { ...DEFAULTS, ...sampling };
    for (const [name, value] of Object.entries({ first, everyNth })) {
      if (Number.isSafeInteger(value) && value >= 1) continue;
      throw new RangeError(`${name} is ${value}; it must be a whole number of 1 or more`);
    }
    if (!(intervalMs > 0)) throw new RangeError(`intervalMs is ${intervalMs}; it must be above 0`);
    this.#first = first;
    this.#everyNth = everyNth;
    this.#intervalMs = intervalMs;
    this.#nowMs = nowMs;
    this.#since = nowMs();
  }

  /** @returns How many like it were left out before, or nothing where this one is, too. */
  take(level: string, message: string): number | undefined {
    this.#turn();
    const key = `${level} ${message}`;
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = { lines: 0, leftOut: 0 };
      if (this.#seen.size < MAX_MESSAGES) this.#seen.set(key, seen);
    }
    seen.lines += 1;
    const isWritten =
      seen.lines <= this.#first || (seen.lines - this.#first) % this.#everyNth === 0;
    if (!isWritten) {
      seen.leftOut += 1;
      return undefined;
    }
    const { leftOut } = seen;
    seen.leftOut = 0;
    return leftOut;
  }

  /** What was left out at the end of an interval is told by the first line of the next. */
  #turn(): void {
    const nowMs = this.#nowMs();
    // A clock that was set back begins an interval too.
    const passed = nowMs - this.#since;
    if (passed >= 0 && passed < this.#intervalMs) return;
    this.#since = nowMs;
    for (const [key, seen] of this.#seen) {
      if (seen.leftOut === 0) this.#seen.delete(key);
      else seen.lines = 0;
    }
  }
}
