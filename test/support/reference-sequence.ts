/**
 * The order of a stream's packets, done slowly and plainly: an independent port that tests hold the
 * engine against. RFC 3550 A.1 without its probation, A.3, and the definition of bursts and gaps in
 * RFC 3611 §4.7.2.
 *
 * @module
 */

/** A run of sequence numbers without a restart. */
export interface Epoch {
  lowest: number;
  highest: number;
  /** Extended sequence numbers. They begin with that of the first packet and may fall below 0. */
  readonly seen: Set<number>;
}

/**
 * Where a packet belongs: `new`, the first of its number and the highest so far; `reordered`, the
 * first of its number but below the highest; `duplicate`, its number was seen before in its epoch;
 * `held`, far from the others when it came. A held one is an epoch of its own unless a later packet
 * has the number after it: then both begin an epoch, or go on after an outage.
 */
export interface Placement {
  readonly kind: "new" | "reordered" | "duplicate" | "held";
  readonly epoch: Epoch;
  readonly sequence: number;
}

/** Whether the jump at index `stray` was an outage, seen from the end of the `placed` packets. */
export type OutageTest = (placed: readonly Placement[], stray: number) => boolean;

const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

function startEpoch(sequence: number): Epoch {
  return { lowest: sequence, highest: sequence, seen: new Set([sequence]) };
}

function addTo(epoch: Epoch, sequence: number): Placement {
  if (epoch.seen.has(sequence)) return { kind: "duplicate", epoch, sequence };
  const kind = sequence > epoch.highest ? "new" : "reordered";
  epoch.seen.add(sequence);
  epoch.lowest = Math.min(epoch.lowest, sequence);
  epoch.highest = Math.max(epoch.highest, sequence);
  return { kind, epoch, sequence };
}

/**
 * Puts packets into epochs in order of arrival. A number 3000 or more ahead, or 100 or more behind
 * the highest, is a jump (RFC 3550 A.1), which the next number after it confirms unless the highest
 * moved in between. A step ahead to the number that was due before a jump begins an epoch too.
 *
 * @param isOutage is asked of a confirmed jump that may be one ahead
 */
export function placePackets(
  sequenceNumbers: readonly number[],
  isOutage: OutageTest = () => false,
): Placement[] {
  const placements: Placement[] = [];
  let current: Epoch | undefined;
  let stray = -1;
  let highestAtStray = -1;
  let left = -1;
  sequenceNumbers.forEach((number, index) => {
    if (current === undefined) {
      current = startEpoch(number);
      placements.push({ kind: "new", epoch: current, sequence: number });
      return;
    }
    const ahead = (number - current.highest) & 0xffff;
    const behind = 0x10000 - ahead;
    if (ahead > 1 && ahead < MAX_DROPOUT && number === left) {
      current = startEpoch(number);
      left = -1;
      placements.push({ kind: "new", epoch: current, sequence: number });
    } else if (ahead < MAX_DROPOUT) {
      placements.push(addTo(current, current.highest + ahead));
    } else if (behind < MAX_MISORDER) {
      placements.push(addTo(current, current.highest - behind));
    } else if (
      stray < 0 ||
      current.highest !== highestAtStray ||
      number !== (((sequenceNumbers[stray] ?? 0) + 1) & 0xffff)
    ) {
      placements.push({ kind: "held", epoch: startEpoch(number), sequence: number });
      stray = index;
      highestAtStray = current.highest;
    } else {
      const strayAhead = ahead - 1;
      let first = current.highest + strayAhead;
      if (strayAhead < 0x8000 && isOutage(placements, stray)) {
        addTo(current, first);
      } else {
        first = number - 1;
        left = (current.highest + 1) & 0xffff;
        current = startEpoch(first);
      }
      placements[stray] = { kind: "held", epoch: current, sequence: first };
      placements.push(addTo(current, first + 1));
      stray = -1;
    }
  });
  return placements;
}

/** Counts over all epochs. */
export interface SequenceCounts {
  /** Duplicates included. */
  readonly packetsReceived: number;
  readonly packetsExpected: number;
  /** Expected less received; below 0 when there are more duplicates than losses (RFC 3550 A.3). */
  readonly packetsLost: number;
  /** Numbers never seen. */
  readonly packetsMissing: number;
  readonly packetsDuplicated: number;
  readonly packetsReordered: number;
  readonly epochs: number;
  /** Runs of missing numbers, by their length. */
  readonly lossRuns: ReadonlyMap<number, number>;
}

function runLengths(sequences: readonly number[]): number[] {
  const lengths: number[] = [];
  sequences.forEach((sequence, i) => {
    if (i > 0 && sequences[i - 1] === sequence - 1) lengths.push((lengths.pop() ?? 0) + 1);
    else lengths.push(1);
  });
  return lengths;
}

function missingOf({ lowest, highest, seen }: Epoch): number[] {
  const missing = [];
  for (let sequence = lowest; sequence <= highest; ++sequence) {
    if (!seen.has(sequence)) missing.push(sequence);
  }
  return missing;
}

/** What the placements amount to. */
export function countSequence(placements: readonly Placement[]): SequenceCounts {
  const epochs = [...new Set(placements.map(({ epoch }) => epoch))];
  const expected = epochs.reduce((sum, { lowest, highest }) => sum + highest - lowest + 1, 0);
  const unique = epochs.reduce((sum, { seen }) => sum + seen.size, 0);
  const lossRuns = new Map<number, number>();
  for (const length of epochs.flatMap((epoch) => runLengths(missingOf(epoch)))) {
    lossRuns.set(length, (lossRuns.get(length) ?? 0) + 1);
  }
  return {
    packetsReceived: placements.length,
    packetsExpected: expected,
    packetsLost: expected - placements.length,
    packetsMissing: expected - unique,
    packetsDuplicated: placements.filter(({ kind }) => kind === "duplicate").length,
    packetsReordered: placements.filter(({ kind }) => kind === "reordered").length,
    epochs: epochs.length,
    lossRuns,
  };
}

/** Bursts and gaps by the definition of RFC 3611 §4.7.2; what is not in a burst is in a gap. */
export interface BurstsAndGaps {
  readonly bursts: number;
  readonly gaps: number;
  /** Received, lost and discarded ones. */
  readonly burstPackets: number;
  readonly gapPackets: number;
  /** Lost and discarded ones. */
  readonly burstImpaired: number;
  readonly gapImpaired: number;
  /** Of lost and discarded ones that follow each other. */
  readonly impairedRuns: number;
}

/**
 * Finds bursts in a run of packets, each impaired (lost or discarded) or not: the longest stretches
 * that begin and end with an impaired one and hold no `gmin` good ones in a row. A single impaired
 * packet with as many good ones around it belongs to the gap. Before the first and after the last
 * packet all is taken to be good.
 */
export function burstsAndGaps(impaired: readonly boolean[], gmin = 16): BurstsAndGaps {
  const positions = impaired.flatMap((isImpaired, i) => (isImpaired ? [i] : []));
  const clusters: number[][] = [];
  for (const position of positions) {
    const last = clusters.at(-1);
    if (last && position - (last.at(-1) ?? 0) - 1 < gmin) last.push(position);
    else clusters.push([position]);
  }
  const bursts = clusters.filter((cluster) => cluster.length > 1);
  const spans = bursts.map((burst) => ({ from: burst[0] ?? 0, to: (burst.at(-1) ?? 0) + 1 }));
  const gapStarts = [0, ...spans.map(({ to }) => to)];
  const gapEnds = [...spans.map(({ from }) => from), impaired.length];
  const burstPackets = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const burstImpaired = bursts.reduce((sum, burst) => sum + burst.length, 0);
  return {
    bursts: bursts.length,
    gaps: gapStarts.filter((start, i) => start < (gapEnds[i] ?? 0)).length,
    burstPackets,
    gapPackets: impaired.length - burstPackets,
    burstImpaired,
    gapImpaired: positions.length - burstImpaired,
    impairedRuns: runLengths(positions).length,
  };
}

/** Bursts and gaps of all epochs, each with good packets before and after it. */
export function burstsOfEpochs(
  placements: readonly Placement[],
  isDiscarded: (placement: Placement) => boolean,
  gmin = 16,
): BurstsAndGaps {
  const impairedOf = new Map<Epoch, boolean[]>();
  for (const { epoch } of placements) {
    const { lowest, highest, seen } = epoch;
    if (impairedOf.has(epoch)) continue;
    const length = highest - lowest + 1;
    impairedOf.set(
      epoch,
      Array.from({ length }, (_, i) => !seen.has(lowest + i)),
    );
  }
  for (const placement of placements.filter(isDiscarded)) {
    const impaired = impairedOf.get(placement.epoch);
    if (impaired) impaired[placement.sequence - placement.epoch.lowest] = true;
  }
  const each = [...impairedOf.values()].map((impaired) => burstsAndGaps(impaired, gmin));
  const sum = (name: keyof BurstsAndGaps): number =>
    each.reduce((total, one) => total + one[name], 0);
  return {
    bursts: sum("bursts"),
    gaps: sum("gaps"),
    burstPackets: sum("burstPackets"),
    gapPackets: sum("gapPackets"),
    burstImpaired: sum("burstImpaired"),
    gapImpaired: sum("gapImpaired"),
    impairedRuns: sum("impairedRuns"),
  };
}

/** The 24-bit two's complement of a report block's cumulative loss (RFC 3550 §6.4.1). */
export function cumulativeLossField(lost: number): number {
  return Math.max(-0x800000, Math.min(0x7fffff, lost)) & 0xffffff;
}

/** The 8-bit fraction lost of an interval; all lost is 255, since 256 has no room (RFC 3550 A.3). */
export function fractionLossField(lost: number, expected: number): number {
  return expected === 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected));
}
