/**
 * Tells whether what is done over and over leaves something behind.
 *
 * @module
 */

import { queryObjects } from "node:v8";
import { expect } from "vitest";

/**
 * Objects, functions and collections among them, that are alive. Unlike the heap's bytes they do not
 * change where V8 makes code, throws it away and makes it again, which is hundreds of bytes a round.
 */
function liveObjects(): number {
  return queryObjects(Object, { format: "count" });
}

/** A tenth of an object a round: where nothing is kept a few are seen in ten thousand rounds. */
const LEAK_OBJECTS = 0.1;

/** Live objects that are more after so many rounds, of each round. */
export function keptPerRound(rounds: number, act: () => void): number {
  const times = (): void => {
    for (let round = 0; round < rounds; round += 1) act();
  };
  // The first rounds fill bounded tables.
  times();
  const before = liveObjects();
  times();
  return (liveObjects() - before) / rounds;
}

/** Holds that nothing stays of a round, and that a single small object which stayed would be seen. */
export function expectNothingKept(rounds: number, act: () => void): void {
  expect(keptPerRound(rounds, act)).toBeLessThan(LEAK_OBJECTS);
  const leak: object[] = [];
  const leaking = keptPerRound(rounds, () => {
    act();
    leak.push({ rounds });
  });
  expect(leaking).toBeGreaterThan(1 - LEAK_OBJECTS);
  expect(leak).toHaveLength(2 * rounds);
}
