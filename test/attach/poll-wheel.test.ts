import { describe, expect, it } from "vitest";

import { type PollKind, type PollTarget, PollWheel } from "../../src/attach/poll-wheel.js";

/** A clock and timers that move only when told to. */
class FakeTime {
  nowMs = 0;
  readonly #timers = new Set<{ dueMs: number; act: () => void }>();

  readonly clock = (): number => this.nowMs;

  readonly after = (delayMs: number, act: () => void): (() => void) => {
    const timer = { dueMs: this.nowMs + delayMs, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get pending(): number {
    return this.#timers.size;
  }

  /** Runs all timers that are due on the way, and what was promised in between. */
  async advance(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined || next.dueMs > end) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.#timers.delete(next);
      next.act();
      await settled();
    }
    this.nowMs = end;
  }

  /** Time goes by in which nothing runs. */
  stall(ms: number): void {
    this.nowMs += ms;
  }
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
};

interface Recorded extends PollTarget {
  readonly kinds: PollKind[];
  readonly atMs: number[];
  taken: number;
}

function target(
  time: FakeTime,
  answer: (kind: PollKind, take: () => void) => ReturnType<PollTarget["poll"]> = (_, take) => take,
): Recorded {
  const recorded: Recorded = {
    kinds: [],
    atMs: [],
    taken: 0,
    poll(kind) {
      recorded.kinds.push(kind);
      recorded.atMs.push(time.nowMs);
      return answer(kind, () => {
        recorded.taken += 1;
      });
    },
  };
  return recorded;
}

const hang = (): Promise<() => void> =>
  new Promise(() => {
    // Never.
  });

function wheelOf(
  time: FakeTime,
  options: Partial<ConstructorParameters<typeof PollWheel>[0]> = {},
): PollWheel {
  return new PollWheel({ clock: time.clock, after: time.after, ...options });
}

describe("the poll wheel", () => {
  it("polls each target once a period, and all of them spread over it", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time);
    const targets = Array.from({ length: 1000 }, () => target(time));
    for (const each of targets) wheel.add(each);
    await time.advance(10_000);
    for (const { atMs } of targets) {
      expect(atMs).toHaveLength(10);
      expect(atMs.slice(1).every((at, i) => at - (atMs[i] ?? 0) === 1000)).toBe(true);
    }
    const perMoment = new Map<number, number>();
    for (const at of targets.flatMap(({ atMs }) => atMs)) {
      perMoment.set(at, (perMoment.get(at) ?? 0) + 1);
    }
    expect(Math.max(...perMoment.values())).toBe(10);
  });

  it("polls in full first and then now and then, and cheaply in between", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time, { fullEvery: 5 });
    const one = target(time);
    wheel.add(one);
    await time.advance(21_000);
    expect(one.kinds[0]).toBe("full");
    const full = one.kinds.flatMap((kind, turn) => (kind === "full" && turn > 0 ? [turn] : []));
    expect(full.slice(1).map((turn, i) => turn - (full[i] ?? 0))).toEqual([5, 5, 5]);
    expect(wheel.counters).toMatchObject({ full: 5, cheap: 16 });
  });

  it("leaves alone what hangs, longer each time, and never takes its late result", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time, { fullEvery: 1, timeoutMs: 2000 });
    const late: ((take: () => void) => void)[] = [];
    const hung = target(
      time,
      () =>
        new Promise((resolve) => {
          late.push(resolve);
        }),
    );
    const good = target(time);
    wheel.add(hung);
    wheel.add(good);
    await time.advance(60_000);
    expect(good.taken).toBe(60);
    expect(hung.kinds.filter((kind) => kind === "full").length).toBeLessThan(10);
    expect(wheel.counters.timeouts).toBeGreaterThan(2);
    expect(wheel.inFlight).toBeLessThanOrEqual(1);
    let taken = 0;
    for (const resolve of late.slice(0, -1)) resolve(() => (taken += 1));
    await settled();
    expect(taken).toBe(0);
  });

  it("goes on cheaply while the full poll hangs", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time, { fullEvery: 2, timeoutMs: 2000 });
    const one = target(time, (kind, take) => (kind === "full" ? hang() : take));
    wheel.add(one);
    await time.advance(30_000);
    expect(one.taken).toBeGreaterThan(15);
  });

  it("survives what throws, at once, later, or when its result is taken", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time);
    wheel.add({
      poll: () => {
        throw new Error("at once");
      },
    });
    wheel.add({ poll: () => Promise.reject(new Error("later")) });
    wheel.add({
      poll: () => () => {
        throw new Error("when taken");
      },
    });
    wheel.add({ poll: () => undefined as unknown as () => void });
    const good = target(time);
    wheel.add(good);
    await time.advance(20_000);
    expect(good.taken).toBe(20);
    expect(wheel.inFlight).toBe(0);
    // Backed off: with every turn it would be eighty.
    expect(wheel.counters.failures).toBeGreaterThan(10);
    expect(wheel.counters.failures).toBeLessThan(40);
  });

  it("bounds what is in flight", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time, { maxInFlight: 7, timeoutMs: 5000 });
    for (let i = 0; i < 50; i += 1) wheel.add(target(time, hang));
    await time.advance(1000);
    expect(wheel.inFlight).toBe(7);
    expect(wheel.counters.deferred).toBe(43);
  });

  it("makes up for two slots after a stall and passes over the rest", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time);
    const targets = Array.from({ length: 100 }, () => target(time));
    for (const each of targets) wheel.add(each);
    await time.advance(1000);
    const polls = (): number => targets.reduce((sum, { kinds }) => sum + kinds.length, 0);
    expect(polls()).toBe(100);
    time.stall(700);
    await time.advance(0);
    expect(polls()).toBe(102);
    expect(wheel.counters.skippedSlots).toBe(68);
    await time.advance(1000);
    expect(polls()).toBe(202);
  });

  it("keeps its one timer only while there is something to poll", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time);
    const removals = Array.from({ length: 20 }, () => wheel.add(target(time)));
    expect(time.pending).toBe(1);
    await time.advance(1500);
    expect(time.pending).toBe(1);
    for (const remove of removals) {
      remove();
      remove();
    }
    expect(time.pending).toBe(0);
    expect(wheel.size).toBe(0);
    const again = target(time);
    wheel.add(again);
    await time.advance(1000);
    expect(again.kinds).toHaveLength(1);
  });

  it("lets a poll remove its own target and others, and add some", async () => {
    const time = new FakeTime();
    const wheel = wheelOf(time, { slots: 1 });
    const other = target(time);
    const added = target(time);
    const remove = wheel.add({
      poll: () => () => {
        remove();
        removeOther();
        wheel.add(added);
      },
    });
    const removeOther = wheel.add(other);
    await time.advance(3000);
    expect(other.kinds).toEqual([]);
    expect(added.kinds.length).toBeGreaterThanOrEqual(2);
    expect(time.pending).toBe(1);
  });

  it.each([
    ["periodMs", 0],
    ["slots", 1.5],
    ["maxInFlight", -1],
    ["timeoutMs", Infinity],
    ["fullEvery", NaN],
  ])("refuses %s of %s", (name, value) => {
    expect(() => new PollWheel({ clock: () => 0, [name]: value })).toThrow(RangeError);
    expect(() => new PollWheel({ clock: () => 0, [name]: value })).toThrow(name);
  });

  it("keeps no process alive", () => {
    const wheel = new PollWheel({ clock: () => performance.now() });
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const remove = wheel.add({ poll: () => () => undefined });
    const during = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    remove();
    expect(during).toBe(before);
  });
});
