/**
 * Tells a leak from what V8 keeps for itself: the one grows with every round, the other now and then.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { expect } from "vitest";

import { collectGarbage } from "./garbage.js";

const BATCHES = 5;

/** Half of what the smallest object takes with a reference to it, 40 bytes. */
const LEAK_BYTES = 20;

/**
 * Code that V8 makes, throws away and makes again is no leak, and is up to 200 kB from batch to batch.
 * Without that, most batches of two thousand rounds that keep nothing grew by 0 to 2 bytes a round.
 */
function withSteadyCode<Result>(act: () => Result): Result {
  for (const flag of ["--no-flush-bytecode", "--no-opt"]) setFlagsFromString(flag);
  try {
    return act();
  } finally {
    for (const flag of ["--flush-bytecode", "--opt"]) setFlagsFromString(flag);
  }
}

/** Bytes that stay of each round: the median of several batches of so many rounds. */
export function keptPerRound(rounds: number, act: () => void): number {
  return withSteadyCode(() => medianKept(rounds, act));
}

function medianKept(rounds: number, act: () => void): number {
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
