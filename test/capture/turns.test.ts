import { setImmediate as nextTurn } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { Turns } from "../../src/capture/turns.js";

/** A clock that goes on when work is done. */
function clockOf(): { nowMs: () => number; pass: (ms: number) => void } {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

describe("Turns", () => {
  it("are over after a few milliseconds of work, and begin anew", async () => {
    const { nowMs, pass } = clockOf();
    const turns = new Turns(nowMs);
    pass(1);
    expect(turns.isOver).toBe(false);
    pass(9);
    expect(turns.isOver).toBe(true);
    turns.begin();
    expect(turns.isOver).toBe(false);
    pass(10);
    await turns.next();
    expect(turns.isOver).toBe(false);
  });

  it("lets others have theirs while long work runs, and gives its result", async () => {
    const { nowMs, pass } = clockOf();
    const turns = new Turns(nowMs);
    const order: string[] = [];
    function* work(): Generator<undefined, string> {
      for (const piece of ["first", "second"]) {
        pass(10);
        order.push(piece);
        yield;
      }
      return "done";
    }
    void nextTurn().then(() => order.push("other"));
    expect(await turns.run(work())).toBe("done");
    expect(order).toEqual(["first", "other", "second"]);
  });

  it("does not turn between short pieces of work", async () => {
    const turns = new Turns(clockOf().nowMs);
    const order: string[] = [];
    function* work(): Generator<undefined, void> {
      for (const piece of ["first", "second"]) {
        order.push(piece);
        yield;
      }
    }
    void nextTurn().then(() => order.push("other"));
    await turns.run(work());
    expect(order).toEqual(["first", "second"]);
  });
});
