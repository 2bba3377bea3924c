/**
 * Polls many things once a period each, spread over it, so that no moment has to bear them all.
 * Whatever hangs or throws is left alone for a while and disturbs nobody else.
 *
 * @module
 */

/** `full` is dear and comes now and then; `cheap` comes at all other times. */
export type PollKind = "full" | "cheap";

/** What is polled. */
export interface PollTarget {
  /**
   * Begins a poll. What it returns, or its promise resolves to, is called to take the result; of a
   * poll that took too long it is never called.
   */
  poll(kind: PollKind): (() => void) | Promise<() => void>;
}

/** What became of the polls. */
export interface PollCounters {
  readonly cheap: number;
  readonly full: number;
  /** Took longer than `timeoutMs`. */
  readonly timeouts: number;
  /** Threw, or were rejected. */
  readonly failures: number;
  /** Put off to the next turn, since too many were in flight. */
  readonly deferred: number;
  /** Slots passed over after the process stood still. */
  readonly skippedSlots: number;
  /** By the wheel's clock, when a result was last taken. Absent before. */
  readonly lastAtMs?: number;
}

/** How to poll. */
export interface PollWheelOptions {
  /** Monotonic, in milliseconds from any origin. */
  readonly clock: () => number;
  /** How often each target is polled. @default 1000 */
  readonly periodMs?: number;
  /** Into how many parts the period is divided. @default 100 */
  readonly slots?: number;
  /** Polls without a result yet. @default 256 */
  readonly maxInFlight?: number;
  /** After which a poll is given up. @default 2000 */
  readonly timeoutMs?: number;
  /** Every how manyth poll is full. @default 15 */
  readonly fullEvery?: number;
  /** Calls `act` once after `delayMs`, and returns what prevents it. By default an unref'd timer. */
  readonly after?: (delayMs: number, act: () => void) => () => void;
}

/** After a stall, so many late slots are made up for at once; the others wait for their next turn. */
const MAX_SLOTS_A_TICK = 2;

/** A target that keeps failing is tried every 64th turn. */
const MAX_BACKOFF_EXPONENT = 6;

const NEVER = -1;

class Entry {
  readonly target: PollTarget;
  readonly slot: number;
  turn = 0;
  /** Grows with each poll that is given up, so that a late result can be told. */
  generation = 0;
  /** When the poll in flight began. */
  startedAtMs: number | undefined;
  /** Failures in a row, and the turn before which no poll of that kind is tried again. */
  readonly failures = { full: 0, cheap: 0 };
  readonly resumeAt = { full: NEVER, cheap: NEVER };
  kind: PollKind = "full";
  isRemoved = false;

  constructor(target: PollTarget, slot: number) {
    this.target = target;
    this.slot = slot;
  }
}

/** The wheel. Its timer runs only while there is something to poll, and keeps no process alive. */
export class PollWheel {
  readonly #clock: () => number;
  readonly #slotMs: number;
  readonly #maxInFlight: number;
  readonly #timeoutMs: number;
  readonly #fullEvery: number;
  readonly #after: (delayMs: number, act: () => void) => () => void;
  readonly #slots: Set<Entry>[];
  readonly #counters = {
    cheap: 0,
    full: 0,
    timeouts: 0,
    failures: 0,
    deferred: 0,
    skippedSlots: 0,
  };
  #lastAtMs: number | undefined;
  #inFlight = 0;
  #size = 0;
  /** Number of the next slot to be served, counted since the clock's origin. */
  #next = 0;
  #cancel: (() => void) | undefined;
  #isTicking = false;

  /** @throws {RangeError} If an option is outside its range. */
  constructor(options: PollWheelOptions) {
    const { periodMs = 1000, slots = 100, maxInFlight = 256, timeoutMs = 2000 } = options;
    const { fullEvery = 15 } = options;
    requireAbove0("periodMs", periodMs, false);
    requireAbove0("timeoutMs", timeoutMs, false);
    requireAbove0("slots", slots, true);
    requireAbove0("maxInFlight", maxInFlight, true);
    requireAbove0("fullEvery", fullEvery, true);
    this.#clock = options.clock;
    this.#slotMs = periodMs / slots;
    this.#maxInFlight = maxInFlight;
    this.#timeoutMs = timeoutMs;
    this.#fullEvery = fullEvery;
    this.#after = options.after ?? unreferencedTimer;
    this.#slots = Array.from({ length: slots }, () => new Set<Entry>());
  }

  get counters(): PollCounters {
    const lastAtMs = this.#lastAtMs;
    return { ...this.#counters, ...(lastAtMs !== undefined && { lastAtMs }) };
  }

  /** Targets. */
  get size(): number {
    return this.#size;
  }

  /** Polls without a result yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Begins to poll something. Returns what ends that. */
  add(target: PollTarget): () => void {
    const entry = new Entry(target, this.#emptiestSlot());
    this.#slots[entry.slot]?.add(entry);
    this.#size += 1;
    if (this.#size === 1 && !this.#isTicking) this.#next = this.#slotAt(this.#clock()) + 1;
    this.#arm();
    return () => {
      this.#remove(entry);
    };
  }

  /** Calls `act` once after `delayMs`, unless what is returned is called before. */
  after(delayMs: number, act: () => void): () => void {
    return this.#after(delayMs, act);
  }

  #remove(entry: Entry): void {
    if (entry.isRemoved) return;
    entry.isRemoved = true;
    this.#slots[entry.slot]?.delete(entry);
    this.#giveUp(entry);
    this.#size -= 1;
    if (this.#size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The least loaded; among equals the one soonest due. */
  #emptiestSlot(): number {
    const { length } = this.#slots;
    const first = this.#slotAt(this.#clock()) + 1;
    let best = first % length;
    for (let step = 1; step < length; step += 1) {
      const slot = (first + step) % length;
      if (this.#load(slot) < this.#load(best)) best = slot;
    }
    return best;
  }

  #load(slot: number): number {
    return this.#slots[slot]?.size ?? 0;
  }

  #slotAt(atMs: number): number {
    return Math.floor(atMs / this.#slotMs);
  }

  /** Sets the timer for the next slot that is not empty. */
  #arm(): void {
    const { length } = this.#slots;
    let due = this.#next;
    while (due < this.#next + length && this.#load(due % length) === 0) due += 1;
    const delayMs = Math.max(0, due * this.#slotMs - this.#clock());
    this.#cancel?.();
    this.#cancel = this.#after(delayMs, () => {
      this.#tick();
    });
  }

  #tick(): void {
    this.#cancel = undefined;
    this.#isTicking = true;
    const { length } = this.#slots;
    const now = this.#slotAt(this.#clock());
    let served = 0;
    // Empty slots cost nothing and need no catching up.
    for (; this.#next <= now && served < MAX_SLOTS_A_TICK; this.#next += 1) {
      const slot = this.#slots[this.#next % length];
      if (slot === undefined || slot.size === 0) continue;
      served += 1;
      // A poll may remove targets, its own and others.
      for (const entry of [...slot]) if (!entry.isRemoved) this.#serve(entry);
    }
    for (; this.#next <= now; this.#next += 1) {
      // One revolution holds every slot; a longer stall skips no more than that.
      if (now - this.#next >= length) this.#next = now - length + 1;
      if (this.#load(this.#next % length) > 0) this.#counters.skippedSlots += 1;
    }
    this.#isTicking = false;
    if (this.#size > 0) this.#arm();
  }

  #serve(entry: Entry): void {
    const { turn } = entry;
    entry.turn += 1;
    if (entry.startedAtMs !== undefined) {
      if (this.#clock() - entry.startedAtMs < this.#timeoutMs) return;
      this.#counters.timeouts += 1;
      this.#giveUp(entry);
      this.#backOff(entry);
    }
    const kind = this.#kindOf(entry, turn);
    if (turn < entry.resumeAt[kind]) return;
    if (this.#inFlight >= this.#maxInFlight) {
      this.#counters.deferred += 1;
      return;
    }
    this.#poll(entry, kind);
  }

  /** The first is full, then every so manyth of the slot's turns, by slots apart. */
  #kindOf(entry: Entry, turn: number): PollKind {
    const isFull = turn === 0 || (turn + entry.slot) % this.#fullEvery === 0;
    return isFull && turn >= entry.resumeAt.full ? "full" : "cheap";
  }

  #poll(entry: Entry, kind: PollKind): void {
    this.#counters[kind] += 1;
    entry.kind = kind;
    let result: ReturnType<PollTarget["poll"]>;
    try {
      result = entry.target.poll(kind);
    } catch {
      this.#fail(entry);
      return;
    }
    if (typeof result === "function") {
      this.#take(entry, result);
      return;
    }
    const { generation } = entry;
    entry.startedAtMs = this.#clock();
    this.#inFlight += 1;
    const settle = (act: () => void): void => {
      if (entry.generation !== generation) return;
      this.#giveUp(entry);
      act();
    };
    // Whoever returns something else fails when it is taken.
    Promise.resolve(result).then(
      (take) => {
        settle(() => {
          this.#take(entry, take);
        });
      },
      () => {
        settle(() => {
          this.#fail(entry);
        });
      },
    );
  }

  #take(entry: Entry, take: () => void): void {
    try {
      take();
      this.#lastAtMs = this.#clock();
      entry.failures[entry.kind] = 0;
    } catch {
      this.#fail(entry);
    }
  }

  #fail(entry: Entry): void {
    this.#counters.failures += 1;
    this.#backOff(entry);
  }

  #giveUp(entry: Entry): void {
    if (entry.startedAtMs === undefined) return;
    entry.startedAtMs = undefined;
    entry.generation += 1;
    this.#inFlight -= 1;
  }

  #backOff(entry: Entry): void {
    const { kind } = entry;
    entry.failures[kind] = Math.min(entry.failures[kind] + 1, MAX_BACKOFF_EXPONENT);
    entry.resumeAt[kind] = entry.turn + 2 ** entry.failures[kind];
  }
}

function unreferencedTimer(delayMs: number, act: () => void): () => void {
  const timer = setTimeout(act, delayMs);
  timer.unref();
  return () => {
    clearTimeout(timer);
  };
}

function requireAbove0(name: string, value: number, isWhole: boolean): void {
  if (value > 0 && value < Infinity && (!isWhole || Number.isInteger(value))) return;
  throw new RangeError(
    `${name} is ${value}; it must be ${isWhole ? "a whole number " : ""}above 0`,
  );
}
