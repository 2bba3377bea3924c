/**
 * All that the engine says of one stream, computed a second time: slow, plain, from the definitions.
 * Nothing outside the tests may use it.
 *
 * @module
 */
import type { PayloadFormat } from "../../src/rtp/codec.js";
import { type ReferenceBurst, worstBursts } from "./reference-bursts.js";
import {
  burstsOfEpochs,
  countSequence,
  placePackets,
  type BurstsAndGaps,
  type Placement,
  type SequenceCounts,
} from "./reference-sequence.js";
import {
  clockDriftPpm,
  delayIntervals,
  delayVariationOf,
  jitterOf,
  lateForAdaptiveBuffer,
  lateForFixedBuffer,
  transitsOf,
  type DelayVariation,
  type Jitter,
  type TimedPacket,
} from "./reference-timing.js";

/** A packet as it arrived. */
export interface ReferencePacket {
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits. */
  readonly timestamp: number;
  /** From any origin. */
  readonly arrivalNs: bigint;
  /** 0 when left out. */
  readonly payloadType?: number;
  /** Not set when left out. */
  readonly marker?: boolean;
}

/** How packets of a payload type are to be read. */
export type ReferenceFormat = Pick<PayloadFormat, "clockRateHz" | "kind">;

export interface ReferenceOptions {
  /** Undefined for a payload type without a known clock. Audio of 8000 Hz when left out. */
  readonly formatOf?: (payloadType: number) => ReferenceFormat | undefined;
  /** Default 60. */
  readonly fixedBufferMs?: number;
  /** Default 20. */
  readonly adaptiveLeastMs?: number;
  /** Default 200. */
  readonly adaptiveMostMs?: number;
  /** Default 5. */
  readonly intervalSeconds?: number;
}

/** The arithmetic of one stream. What the packets do not tell is undefined. */
export interface ReferenceStream extends SequenceCounts {
  readonly jitter: Jitter | undefined;
  readonly delayVariation: DelayVariation | undefined;
  readonly clockDriftPpm: number | undefined;
  /** First copies of speech packets that were too late for the fixed buffer. */
  readonly packetsDiscarded: number;
  /** The same for the adaptive one. */
  readonly packetsDiscardedAdaptive: number;
  /** Of lost packets and those that were too late for the fixed buffer. */
  readonly burstsAndGaps: BurstsAndGaps;
  /** Of those bursts the worst, timed from the first packet's arrival. */
  readonly worstBursts: readonly ReferenceBurst[];
}

const OUTAGE_TOLERANCE_NS = 5e8;
const OUTAGE_TOLERANCE_RATIO = 0.1;
const UNTIMED = new Set(["telephone-event", "retransmission", "fec"]);
const SPEECH = new Set(["audio", "redundancy", "comfort-noise"]);
const G711: ReferenceFormat = { clockRateHz: 8000, kind: "audio" };

/** A packet with all that is to be known of it beside its place. */
interface Candidate {
  readonly packet: ReferencePacket;
  readonly sinceFirstNs: number;
  /** Undefined where the timestamp does not say when a sample was taken. */
  readonly format: ReferenceFormat | undefined;
}

function candidatesOf(
  packets: readonly ReferencePacket[],
  formatOf: (payloadType: number) => ReferenceFormat | undefined,
): Candidate[] {
  const first = packets[0]?.arrivalNs ?? 0n;
  return packets.map((packet) => {
    const format = formatOf(packet.payloadType ?? 0);
    return {
      packet,
      sinceFirstNs: Number(packet.arrivalNs - first),
      format: format && !UNTIMED.has(format.kind) ? format : undefined,
    };
  });
}

/**
 * Whether as much time went by for the media clock as for ours, within half a second or a tenth,
 * between the last timed packet and the one that jumped.
 */
function isOutage(
  candidates: readonly Candidate[],
  placed: readonly Placement[],
  stray: number,
): boolean {
  const before = candidates.findLast(
    ({ format }, i) => i < placed.length && format && placed[i]?.kind !== "held",
  );
  const after = candidates[stray];
  if (!before?.format || !after) return false;
  const waitedNs = after.sinceFirstNs - before.sinceFirstNs;
  const ticks = (after.packet.timestamp - before.packet.timestamp) | 0;
  const playedNs = (ticks / before.format.clockRateHz) * 1e9;
  const tolerance = Math.max(OUTAGE_TOLERANCE_NS, waitedNs * OUTAGE_TOLERANCE_RATIO);
  return Math.abs(waitedNs - playedNs) <= tolerance;
}

/** The packets that have a delay, each with its place. Held ones say nothing about delay. */
function timedPackets(
  candidates: readonly Candidate[],
  placements: readonly Placement[],
): Map<TimedPacket, Placement> {
  const timed = new Map<TimedPacket, Placement>();
  let before: { placement: Placement; format: ReferenceFormat } | undefined;
  let timeline: number | undefined;
  candidates.forEach(({ packet, sinceFirstNs, format }, i) => {
    const placement = placements[i];
    if (!format || !placement || placement.kind === "held") return;
    const payloadType = packet.payloadType ?? 0;
    // Comfort noise shares the timestamps of the codec that it stands in for (RFC 3389 §4).
    const ownTimeline = format.kind === "comfort-noise" ? (timeline ?? payloadType) : payloadType;
    const startsTimeline =
      before === undefined ||
      before.placement.epoch !== placement.epoch ||
      before.format.clockRateHz !== format.clockRateHz ||
      timeline !== ownTimeline;
    timed.set(
      {
        sinceFirstNs,
        timestamp: packet.timestamp,
        clockRateHz: format.clockRateHz,
        startsTimeline,
        isDuplicate: placement.kind === "duplicate",
        isSpeech: SPEECH.has(format.kind),
        marker: packet.marker ?? false,
      },
      placement,
    );
    before = { placement, format };
    timeline = ownTimeline;
  });
  return timed;
}

/** All figures of one stream from its packets in order of arrival. */
export function referenceStream(
  packets: readonly ReferencePacket[],
  options: ReferenceOptions = {},
): ReferenceStream {
  const { fixedBufferMs = 60, adaptiveLeastMs = 20, adaptiveMostMs = 200 } = options;
  const intervalNs = (options.intervalSeconds ?? 5) * 1e9;
  const candidates = candidatesOf(packets, options.formatOf ?? (() => G711));
  const placements = placePackets(
    packets.map(({ sequenceNumber }) => sequenceNumber),
    (placed, stray) => isOutage(candidates, placed, stray),
  );
  const timed = timedPackets(candidates, placements);
  const transits = transitsOf([...timed.keys()]);
  const intervals = delayIntervals(transits, intervalNs);
  const late = lateForFixedBuffer(transits, fixedBufferMs * 1e6);
  const lateness = new Map([...late].map(([packet, ns]) => [timed.get(packet), ns] as const));
  const least = adaptiveLeastMs * 1e6;
  return {
    ...countSequence(placements),
    jitter: jitterOf([...timed.keys()]),
    delayVariation: delayVariationOf(intervals),
    clockDriftPpm: clockDriftPpm(intervals, intervalNs),
    packetsDiscarded: late.size,
    packetsDiscardedAdaptive: lateForAdaptiveBuffer(transits, least, adaptiveMostMs * 1e6),
    burstsAndGaps: burstsOfEpochs(placements, (placement) => lateness.has(placement)),
    worstBursts: worstBursts(
      candidates.flatMap(({ sinceFirstNs, format }, i) => {
        const placement = placements[i];
        if (placement === undefined) return [];
        const latenessNs = lateness.get(placement);
        return [{ placement, atNs: sinceFirstNs, isTimed: format !== undefined, latenessNs }];
      }),
    ),
  };
}

/**
 * Of each interval that had packets, how many more runs of impaired packets a stream had that ended
 * with it than one that ended before it.
 */
export function impairedRunsByInterval(
  packets: readonly ReferencePacket[],
  options: ReferenceOptions = {},
): number[] {
  const intervalNs = BigInt((options.intervalSeconds ?? 5) * 1e9);
  const first = packets[0]?.arrivalNs ?? 0n;
  const ends: number[] = [];
  packets.forEach(({ arrivalNs }, i) => {
    const next = packets[i + 1]?.arrivalNs;
    const index = (arrivalNs - first) / intervalNs;
    if (next === undefined || (next - first) / intervalNs > index) ends.push(i + 1);
  });
  const totals = ends.map(
    (end) => referenceStream(packets.slice(0, end), options).burstsAndGaps.impairedRuns,
  );
  return totals.map((total, i) => total - (totals[i - 1] ?? 0));
}
