import { describe, expect, it } from "vitest";

import { inOrder } from "../../src/cli/in-order.js";

/** Work that ends when told to. */
class Bench {
  readonly started: number[] = [];
  readonly #ends = new Map<number, () => void>();

  work = (item: number): Promise<number> => {
    this.started.push(item);
    return new Promise((resolve) => {
      this.#ends.set(item, () => {
        resolve(item * 10);
      });
    });
  };

  end(item: number): void {
    this.#ends.get(item)?.();
  }
}

describe("inOrder", () => {
  it("gives results in the order of the items, whichever is done first", async () => {
    const bench = new Bench();
    const results = inOrder([1, 2, 3], 3, bench.work);
    const first = results.next();
    bench.end(3);
    bench.end(2);
    bench.end(1);
    expect((await first).value).toBe(10);
    expect((await results.next()).value).toBe(20);
    expect((await results.next()).value).toBe(30);
    expect((await results.next()).done).toBe(true);
  });

  it("works on no more than the limit, and goes on as results are taken", async () => {
    const bench = new Bench();
    const results = inOrder([1, 2, 3, 4], 2, bench.work);
    const first = results.next();
    expect(bench.started).toEqual([1, 2]);
    bench.end(2);
    bench.end(1);
    await first;
    expect(bench.started).toEqual([1, 2]);
    await results.next();
    expect(bench.started).toEqual([1, 2, 3]);
  });

  it("gives nothing for nothing", async () => {
    expect((await inOrder([], 2, new Bench().work).next()).done).toBe(true);
  });
});
