/**
 * Tells a leak from what V8 keeps for itself: the one grows with every round, the other now and then.
 *
 * @module
 */

import { expect } from "vitest";

import { collectGarbage } from "./garbage.js";

const BATCHES = 5;

/**
 * Half of what the smallest object takes with a reference to it, 40 bytes. Where nothing is kept, up to
 * 4 were seen in ten thousand rounds with Node 20, 22 and 24.
 */
const LEAK_BYTES = 20;

/** Bytes that stay of each round: the median of several batches of so many rounds. */
export function keptPerRound(rounds: number, act: () => void): number {
  const used = (): number => {
    for (let round = 0; round < rounds; round += 1) act();
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  // The first rounds compile code and fill bounded tables.
  let before = used();
  const grown = Array.from({ length: BATCHES }, () => {
    const now = used();
    const bytes = now - before;
    before = now;
    return bytes / rounds;
  });
  return grown.toSorted((a, b) => a - b)[(BATCHES - 1) / 2] ?? NaN;
}

/** Holds that nothing stays of a round, and that a single small object which stayed would be seen. */
export function expectNothingKept(rounds: number, act: () => void): void {
  expect(keptPerRound(rounds, act)).toBeLessThan(LEAK_BYTES);
  const leak: object[] = [];
  const leaking = keptPerRound(rounds, () => {
    act();
    leak.push({ rounds });
  });
  expect(leaking).toBeGreaterThan(LEAK_BYTES);
  expect(leak).toHaveLength(rounds * (BATCHES + 1));
}
