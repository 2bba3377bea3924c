/**
 * What was measured of one RTP stream, before anything is known of the call it belongs to.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";

/** A mean, the extremes, and the last value of something that changes over a stream's life. */
export interface JitterSeconds {
  readonly last: number;
  readonly mean: number;
  readonly max: number;
}

/** Quantiles of how much longer a packet took than the fastest of its evaluation interval. */
export interface DelayVariationSeconds {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Bursts and gaps by the definition of RFC 3611 §4.7.2, Gmin 16. Impaired: lost or discarded. */
export interface BurstTotals {
  readonly bursts: number;
  /** Packets inside bursts, impaired and not. */
  readonly burstPackets: number;
  readonly burstImpaired: number;
  readonly gapImpaired: number;
}

/**
 * One of those bursts, and when it was: from the arrival of the packet before its first lost one, or
 * from when its first discarded one ought to have come, to the arrival of the packet after its last
 * lost one, or of its last discarded one.
 */
export interface Burst {
  /** Epoch milliseconds with a fraction. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Never received. */
  readonly packetsMissing: number;
  /** Too late for the simulated fixed buffer. */
  readonly packetsDiscarded: number;
}

/** How many packets of one payload type a stream had. */
export interface PayloadTypeCount {
  readonly payloadType: number;
  readonly packets: number;
  /** Which payload map told its format: a number the engine gave out. */
  readonly map: number;
}

/** One interval of a stream. What is counted in it is what was noticed in it. */
export interface StreamInterval {
  readonly fromMs: number;
  readonly toMs: number;
  readonly packetsReceived: number;
  readonly packetsExpected: number;
  readonly packetsDuplicated: number;
  readonly packetsReordered: number;
  readonly packetsDiscarded: number;
  /**
   * How many more runs of packets lost or discarded, in order of sequence numbers, were known at its
   * end than at its start: a run counts where it was noticed first, and below 0 are intervals in
   * which packets filled gaps. The sum over all intervals is the stream's.
   */
  readonly impairedRuns: number;
  readonly payloadBytes: number;
  readonly jitterSeconds?: { readonly mean: number; readonly max: number };
  readonly delayVariationSeconds?: { readonly p95: number; readonly max: number };
  /** The interval's least delay, relative to the stream's first packet. */
  readonly leastDelaySeconds?: number;
}

/** Everything measured of one 5-tuple and SSRC. */
export interface StreamMeasurement {
  /** From 0 to 2^32 − 1. */
  readonly ssrc: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Epoch milliseconds with a fraction. */
  readonly firstPacketAtMs: number;
  readonly lastPacketAtMs: number;
  /** Duplicates included (RFC 3550 §6.4.1). */
  readonly packetsReceived: number;
  /** From the lowest to the highest extended sequence number, summed over restarts. */
  readonly packetsExpected: number;
  readonly packetsDuplicated: number;
  readonly packetsReordered: number;
  /** How often the sender began a new sequence. */
  readonly restarts: number;
  /** Too late for the simulated fixed buffer. */
  readonly packetsDiscarded: number;
  readonly adaptiveBuffer: {
    readonly packetsDiscarded: number;
    readonly meanDelaySeconds?: number;
  };
  /** RFC 3550 A.8. Absent without a clock or with fewer than two packets. */
  readonly jitterSeconds?: JitterSeconds;
  /** RFC 5481 §4.2. Absent without a clock. */
  readonly delayVariationSeconds?: DelayVariationSeconds;
  /** Runs of packets never received: length and how often. */
  readonly lossRuns: readonly (readonly [length: number, count: number])[];
  /** Packets lost or discarded, and in how many runs, in order of sequence numbers. */
  readonly impairedPackets: number;
  readonly impairedRuns: number;
  readonly bursts: BurstTotals;
  /** In order, at most 32: where there were more, those with the most packets lost or discarded. */
  readonly worstBursts: readonly Burst[];
  readonly payloadBytes: number;
  /** IP packets, headers included. */
  readonly wireBytes: number;
  /** RTP clock ticks from packet to packet; not above 0 when unknown. */
  readonly frameTicks: number;
  readonly payloadTypes: readonly PayloadTypeCount[];
  readonly intervals: readonly StreamInterval[];
}

/** Expected minus received: negative when duplicates outnumber losses (RFC 3550 §6.4.1). */
export function packetsLost(stream: StreamMeasurement): number {
  return stream.packetsExpected - stream.packetsReceived;
}

/** How many sequence numbers were never seen. */
export function packetsNeverReceived(stream: StreamMeasurement): number {
  return stream.packetsExpected - (stream.packetsReceived - stream.packetsDuplicated);
}

/** The same for one interval; 0 where packets of the one before it arrived late. */
export function missedInInterval(interval: StreamInterval): number {
  const unique = interval.packetsReceived - interval.packetsDuplicated;
  return Math.max(0, interval.packetsExpected - unique);
}
