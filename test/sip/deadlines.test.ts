import { describe, expect, it } from "vitest";

import { AgeQueue } from "../../src/sip/age-queue.js";
import { DeadlineHeap, DelayQueue } from "../../src/sip/deadlines.js";
import { Fifo } from "../../src/sip/fifo.js";
import { generator } from "../sdp/random.js";

describe("Fifo", () => {
  it("does as an array does, however it grows and shrinks", () => {
    const random = generator(7);
    const queue = new Fifo<{ readonly id: number }>();
    let model: [item: { readonly id: number }, number: number][] = [];
    for (let id = 0; id < 30_000; id += 1) {
      // Long stretches in which it grows, and others in which it empties.
      if (random(3000) < 1500 + 1200 * Math.sin(id / 2000)) {
        queue.push({ id }, id / 2);
        model.push([{ id }, id / 2]);
      } else {
        expect(queue.shift()).toEqual(model.shift()?.[0]);
      }
      if (random(2000) === 0) {
        queue.retain((item) => item.id % 3 !== 0);
        model = model.filter(([item]) => item.id % 3 !== 0);
      }
      expect(queue.size).toBe(model.length);
      expect(queue.first).toEqual(model[0]?.[0]);
      expect(queue.firstNumber).toBe(model[0]?.[1] ?? Infinity);
    }
  });
});

describe("DelayQueue", () => {
  it("hands out each item after its delay, in order", () => {
    const [a, b] = [{ isKept: true }, { isKept: true }];
    const queue = new DelayQueue(100);
    queue.push(a, 0);
    queue.push(b, 50);
    expect(queue.takeDue(99)).toBeUndefined();
    expect([queue.takeDue(150), queue.takeDue(150), queue.takeDue(150)]).toEqual([a, b, undefined]);
  });

  it("keeps no room for what was handed out", () => {
    const queue = new DelayQueue(10);
    let taken = 0;
    for (let now = 0; now < 20_000; now += 1) {
      queue.push({ isKept: true }, now);
      if (queue.takeDue(now) !== undefined) taken += 1;
    }
    expect([queue.size, taken]).toEqual([10, 19_990]);
  });

  it("keeps no room for what is no longer kept", () => {
    const queue = new DelayQueue(10);
    const last = { isKept: true };
    for (let i = 0; i < 20_000; i += 1) queue.push({ isKept: false }, 0);
    queue.push(last, 0);
    expect(queue.size).toBeLessThan(2000);
    expect([queue.takeDue(10), queue.takeDue(10)]).toEqual([last, undefined]);
  });
});

describe("DeadlineHeap", () => {
  it("hands out what is due, the earliest first, as a sorted list would", () => {
    const random = generator(3);
    const heap = new DeadlineHeap<{ nextDueAtMs: number; queuedAtMs: number }>();
    const items = Array.from({ length: 500 }, () => ({
      nextDueAtMs: random(1000),
      queuedAtMs: Infinity,
    }));
    for (const item of items) heap.update(item);
    // Every third moves, earlier or later; every seventh goes.
    items.forEach((item, i) => {
      if (i % 3 === 0) item.nextDueAtMs = random(1000);
      if (i % 7 === 0) item.nextDueAtMs = Infinity;
      heap.update(item);
    });
    const expected = items.map(({ nextDueAtMs }) => nextDueAtMs).filter((due) => due < 800);
    const taken: number[] = [];
    for (let now = 0; now < 800; now += 1) {
      for (let item = heap.takeDue(now); item !== undefined; item = heap.takeDue(now)) {
        taken.push(item.nextDueAtMs);
        item.nextDueAtMs = Infinity;
      }
    }
    expect(taken).toEqual(expected.sort((a, b) => a - b));
  });
});

describe("a DeadlineHeap under a flood", () => {
  it("keeps no room for what has no deadline any more", () => {
    const heap = new DeadlineHeap<{ nextDueAtMs: number; queuedAtMs: number }>();
    for (let i = 0; i < 20_000; i += 1) {
      const item = { nextDueAtMs: i + 1000, queuedAtMs: Infinity };
      heap.update(item);
      if (i % 100 !== 0) item.nextDueAtMs = Infinity;
    }
    expect(heap.size).toBeLessThan(2000);
    let taken = 0;
    while (heap.takeDue(30_000) !== undefined) taken += 1;
    expect(taken).toBe(200);
  });
});

describe("AgeQueue", () => {
  it("gives up the oldest that is still kept", () => {
    const queue = new AgeQueue<{ isKept: boolean }>(10);
    const items = Array.from({ length: 5 }, () => ({ isKept: true }));
    for (const item of items) queue.push(item);
    if (items[0] !== undefined) items[0].isKept = false;
    expect([queue.takeOldest(), queue.takeOldest()]).toEqual([items[1], items[2]]);
  });

  it("forgets what is not kept even behind something old", () => {
    const queue = new AgeQueue<{ isKept: boolean; name: number }>(10);
    const old = { isKept: true, name: -1 };
    queue.push(old);
    for (let i = 0; i < 5000; i += 1) {
      const item = { isKept: true, name: i };
      queue.push(item);
      item.isKept = i >= 4995;
    }
    expect([queue.takeOldest()?.name, queue.takeOldest()?.name]).toEqual([-1, 4995]);
  });
});
