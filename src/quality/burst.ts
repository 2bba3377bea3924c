/**
 * How bunched losses are: the burst ratio BurstR of ITU-T G.107 (06/2015) §7.5.
 *
 * @module
 */

import { requireWithin } from "./range-check.js";

/** How much was missed, and in how many pieces. */
export interface ObservedLoss {
  /** Packets due, received or not. */
  readonly packetsExpected: number;
  /** Packets missed: never received, or with those that came too late. 0 or more. */
  readonly packetsMissed: number;
  /** Runs of consecutive missed packets. 0 or more. */
  readonly runs: number;
}

/**
 * Burst ratio of a measured loss: the mean length of its runs over the mean length that random loss
 * of the same ratio has, 1 / (1 − ratio).
 *
 * A run still open may not be counted yet, so a loss has one run at least. Loss of every packet is
 * not a burst: nothing is left to set it off.
 *
 * @returns 1 (random, or nothing lost) or more. Never below 1, which short measurements reach by
 * chance.
 * @throws {RangeError} If a count is negative or not finite.
 */
export function burstRatio(loss: ObservedLoss): number {
  const { packetsExpected, packetsMissed, runs } = loss;
  requireWithin("packetsMissed", packetsMissed, 0, Number.MAX_VALUE);
  requireWithin("runs", runs, 0, Number.MAX_VALUE);
  requireWithin("packetsExpected", packetsExpected, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (packetsExpected <= 0 || packetsMissed === 0) return 1;
  const received = Math.max(0, 1 - packetsMissed / packetsExpected);
  return Math.max(1, (packetsMissed / Math.max(1, runs)) * received);
}

/**
 * Burst ratio from the lengths of all loss runs.
 *
 * @param lossRuns - Length in packets and how often runs of that length occurred.
 * @throws {RangeError} If a length or a count is negative or not finite.
 */
export function burstRatioOfRuns(
  lossRuns: Iterable<readonly [length: number, count: number]>,
  packetsExpected: number,
): number {
  let packetsMissed = 0;
  let runs = 0;
  for (const [length, count] of lossRuns) {
    requireWithin("length of a loss run", length, 0, Number.MAX_VALUE);
    requireWithin("count of a loss run", count, 0, Number.MAX_VALUE);
    packetsMissed += length * count;
    runs += count;
  }
  return burstRatio({ packetsExpected, packetsMissed, runs });
}

/** Loss of the two-state Markov (Gilbert) model. */
export interface GilbertLoss {
  /** Share of packets lost in the long run, from 0 to 1. */
  readonly lossRatio: number;
  /** Burst ratio, 1 or more. */
  readonly burstRatio: number;
}

/**
 * What the Gilbert model loses: Ppl = p / (p + q), BurstR = 1 / (p + q) (G.107 eq. 7-30).
 *
 * @param p - Probability that a received packet is followed by a lost one. From 0 to 1.
 * @param q - Probability that a lost packet is followed by a received one. From 0 to 1.
 * @throws {RangeError} If a probability is outside its range, or both are 0: then the first packet
 * decides for ever.
 */
export function gilbertLoss(p: number, q: number): GilbertLoss {
  requireWithin("p", p, 0, 1);
  requireWithin("q", q, 0, 1);
  requireWithin("p + q", p + q, Number.MIN_VALUE, 2);
  return { lossRatio: p / (p + q), burstRatio: Math.max(1, 1 / (p + q)) };
}
