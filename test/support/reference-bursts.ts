/**
 * When the bursts of a stream were (RFC 3611 §4.7.2), computed a second time: slow and plain.
 *
 * @module
 */

import type { Epoch, Placement } from "./reference-sequence.js";

/** A burst of lost and discarded packets, and from when to when they were missed. */
export interface ReferenceBurst {
  readonly fromNs: number;
  readonly toNs: number;
  readonly packetsMissing: number;
  readonly packetsDiscarded: number;
}

/** A packet with what decides when others were missed. */
export interface Arrival {
  readonly placement: Placement;
  readonly atNs: number;
  /** Its timestamp says when a sample was taken. */
  readonly isTimed: boolean;
  /** How much too late for the buffer it was; undefined for one that was played. */
  readonly latenessNs: number | undefined;
}

interface Missed {
  readonly fromNs: number;
  readonly toNs: number;
  readonly isDiscarded: boolean;
}

type When = Pick<Missed, "fromNs" | "toNs">;

/**
 * A gap is noticed with the packet after it, and began after the packet that came before that one: of
 * the stream, or, where the gap is an outage that a later packet confirms, of those with a time.
 */
function gapBefore(arrivals: readonly Arrival[], index: number): When & { readonly next: number } {
  const { placement, atNs } = arrivals[index] as Arrival;
  const { epoch, sequence } = placement;
  const earlier = arrivals.slice(0, index);
  const stray = earlier.findLast(
    (one) =>
      one.placement.kind === "held" &&
      one.placement.epoch === epoch &&
      one.placement.sequence === sequence - 1,
  );
  if (stray !== undefined) {
    const timed = earlier.findLast((one) => one.isTimed && one.placement.kind !== "held");
    const fromNs = Math.min(timed?.atNs ?? 0, stray.atNs);
    return { fromNs, toNs: stray.atNs, next: sequence - 1 };
  }
  return { fromNs: earlier.at(-1)?.atNs ?? atNs, toNs: atNs, next: sequence };
}

/** When each packet of an epoch was missed that never came or came too late, by its number. */
function missedOf(arrivals: readonly Arrival[], epoch: Epoch): Map<number, Missed> {
  const missed = new Map<number, Missed>();
  const gap = (from: number, to: number, { fromNs, toNs }: When): void => {
    for (let sequence = from; sequence < to; ++sequence) {
      if (epoch.seen.has(sequence)) continue;
      missed.set(sequence, { fromNs, toNs, isDiscarded: false });
    }
  };
  let highest: number | undefined;
  let lowest = Infinity;
  arrivals.forEach(({ placement, atNs, latenessNs }, index) => {
    if (placement.epoch !== epoch || placement.kind === "held") return;
    const { sequence } = placement;
    if (highest !== undefined && sequence > highest) {
      const { next, ...when } = gapBefore(arrivals, index);
      gap(highest + 1, next, when);
    } else if (sequence < lowest) {
      gap(sequence + 1, lowest === Infinity ? sequence : lowest, { fromNs: atNs, toNs: atNs });
    }
    highest = Math.max(highest ?? sequence, sequence);
    lowest = Math.min(lowest, sequence);
    if (latenessNs !== undefined) {
      missed.set(sequence, { fromNs: atNs - latenessNs, toNs: atNs, isDiscarded: true });
    }
  });
  return missed;
}

function burstsAmong(missed: ReadonlyMap<number, Missed>, gmin: number): ReferenceBurst[] {
  const clusters: [number, Missed][][] = [];
  for (const one of [...missed].toSorted(([a], [b]) => a - b)) {
    const last = clusters.at(-1);
    const before = last?.at(-1);
    if (last && before && one[0] - before[0] - 1 < gmin) last.push(one);
    else clusters.push([one]);
  }
  return clusters
    .filter((cluster) => cluster.length > 1)
    .map((cluster) => {
      const all = cluster.map(([, one]) => one);
      const packetsDiscarded = all.filter(({ isDiscarded }) => isDiscarded).length;
      return {
        fromNs: all.reduce((least, { fromNs }) => Math.min(least, fromNs), Infinity),
        toNs: all.reduce((most, { toNs }) => Math.max(most, toNs), -Infinity),
        packetsMissing: all.length - packetsDiscarded,
        packetsDiscarded,
      };
    });
}

/** So many bursts with the most packets missed, in order; of equals those that came first. */
export function worstBursts(
  arrivals: readonly Arrival[],
  { gmin = 16, kept = 32 } = {},
): ReferenceBurst[] {
  const epochs = [...new Set(arrivals.map(({ placement }) => placement.epoch))];
  const bursts = epochs.flatMap((epoch) => burstsAmong(missedOf(arrivals, epoch), gmin));
  const missedIn = (one: ReferenceBurst): number => one.packetsMissing + one.packetsDiscarded;
  const worst = new Set(bursts.toSorted((a, b) => missedIn(b) - missedIn(a)).slice(0, kept));
  return bursts.filter((one) => worst.has(one));
}
