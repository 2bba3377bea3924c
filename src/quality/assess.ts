/**
 * What a stream sounded like, and what cost how many points: the E-model on measured loss and delay.
 *
 * @module
 */

import type { CodecImpairment } from "./codec-impairment.js";
import { bestRating, delayCost } from "./e-model.js";
import { effectiveEquipmentImpairment } from "./equipment-impairment.js";
import { mosFromR } from "./mos.js";
import type { Scale } from "./mos.js";
import { requireWithin } from "./range-check.js";

/** The fixed jitter buffer assumed unless another is stated, in milliseconds. */
export const DEFAULT_BUFFER_MS = 60;

/** What was measured of a stream, or of a part of it. */
export interface QualityInput {
  /** Absent when unknown: then there is no quality. */
  readonly codec: CodecImpairment | undefined;
  /** Packets due. With 0 or less there is no quality. */
  readonly packetsExpected: number;
  /**
   * Sequence numbers never seen, 0 or more. Not the signed loss of RFC 3550, in which duplicates
   * make up for losses.
   */
  readonly packetsNeverReceived: number;
  /** Packets too late for the jitter buffer, 0 or more. */
  readonly packetsDiscarded: number;
  /** Burst ratio of the packets lost or discarded, 1 or more. Default 1, random. */
  readonly burstRatio?: number | undefined;
  /** Delay of the jitter buffer, 0 or more. Default {@link DEFAULT_BUFFER_MS}. */
  readonly bufferDelayMs?: number | undefined;
  /** Speech in one packet, 0 or more. Default that of the codec. */
  readonly packetizationMs?: number | undefined;
  /** Round-trip time of the network, 0 or more. Absent when unknown. */
  readonly rttSeconds?: number | undefined;
  /** Talker echo loudness rating, in dB. Absent, as by default, echo costs nothing. */
  readonly telrDb?: number | undefined;
}

/**
 * What took how many R points, each 0 or more.
 *
 * Counted in this order, each on top of those before it: codec, random loss, burst loss, late loss,
 * delay. Not cut off where the rating ends: the costs of a hopeless stream add up to more than the
 * rating had to give, which shows that repairing the smallest would not have saved it.
 */
export interface QualityCosts {
  /** One-way delay, and echo if it was stated. Absent without a round-trip time. */
  readonly delay?: number;
  /** The codec without any loss (Ie). */
  readonly codec: number;
  /** Packets lost on the network, as if the same number had been lost at random. */
  readonly randomLoss: number;
  /** What the same loss cost more because it came in bursts. Absent where the model has no term. */
  readonly burstLoss?: number;
  /** What packets cost that came, but too late to be played. */
  readonly lateLoss: number;
}

/** A rating, the scores for it, and what it lost where. */
export interface Quality {
  /**
   * R, from 0 to {@link bestRating} of the scale: that rating less all costs, and 0 where they
   * exceed it. With the cost of delay where a round-trip time is known, else without.
   */
  readonly rFactor: number;
  /** MOS-CQE, what the conversation was like, 1 to 4.5. Absent without a round-trip time. */
  readonly mosCq?: number;
  /** MOS-LQE, what listening was like, 1 to 4.5: as above without the cost of delay. */
  readonly mosLq: number;
  /** Scores of different scales are not comparable. */
  readonly scale: Scale;
  readonly costs: QualityCosts;
}

/**
 * Quality of a stream. Absent when the codec is unknown, nothing was expected, or packets are missing
 * and nothing is known of how the codec bears that.
 *
 * More missing packets than expected ones are taken as all of them: counts of an interval include
 * what was noticed late.
 *
 * @throws {RangeError} If a value is outside the range given in {@link QualityInput}.
 */
export function assessQuality(input: QualityInput): Quality | undefined {
  requireSound(input);
  const { codec } = input;
  if (codec === undefined || !(input.packetsExpected > 0)) return undefined;
  const equipment = equipmentCosts(codec, input);
  if (equipment === undefined) return undefined;

  const { codec: ie, randomLoss, burstLoss = 0, lateLoss } = equipment;
  const listening = bestRating(codec.scale) - ie - randomLoss - burstLoss - lateLoss;
  const mosLq = mosFromR(listening, codec.scale);
  if (input.rttSeconds === undefined) {
    return { rFactor: Math.max(0, listening), mosLq, scale: codec.scale, costs: equipment };
  }
  const delayMs = oneWayDelayMs(codec, input.rttSeconds, input);
  const delay = delayCost(codec.scale, delayMs, input.telrDb);
  const conversing = listening - delay;
  return {
    rFactor: Math.max(0, conversing),
    mosCq: mosFromR(conversing, codec.scale),
    mosLq,
    scale: codec.scale,
    costs: { delay, ...equipment },
  };
}

/**
 * Delay from mouth to ear, in milliseconds: half the round-trip time, the jitter buffer, the speech
 * in one packet and the codec's look-ahead. That both ways take the same time is an assumption.
 */
export function oneWayDelayMs(
  codec: CodecImpairment,
  rttSeconds: number,
  buffering: Pick<QualityInput, "bufferDelayMs" | "packetizationMs"> = {},
): number {
  const bufferMs = buffering.bufferDelayMs ?? DEFAULT_BUFFER_MS;
  const packetMs = buffering.packetizationMs ?? codec.packetMs;
  return (rttSeconds * 1000) / 2 + bufferMs + packetMs + codec.lookAheadMs;
}

/** The costs of codec and loss; absent when there was loss and the codec has no Bpl. */
function equipmentCosts(
  codec: CodecImpairment,
  input: QualityInput,
): Omit<QualityCosts, "delay"> | undefined {
  const { ie, bpl, scale } = codec;
  const { packetsExpected, packetsNeverReceived, packetsDiscarded, burstRatio = 1 } = input;
  const lostPercent = percentOf(packetsNeverReceived, packetsExpected);
  const missedPercent = percentOf(packetsNeverReceived + packetsDiscarded, packetsExpected);
  // G.107.1 has no term for bursts: that they cost nothing there would be a claim.
  const burst = (cost: number): Pick<QualityCosts, "burstLoss"> =>
    scale === "wideband" ? {} : { burstLoss: cost };
  if (bpl === undefined) {
    return missedPercent > 0 ? undefined : { codec: ie, randomLoss: 0, ...burst(0), lateLoss: 0 };
  }
  const impairment = (lossPercent: number, ratio: number): number =>
    effectiveEquipmentImpairment(scale, { ie, bpl, lossPercent, burstRatio: ratio });
  const random = impairment(lostPercent, 1);
  const bursty = impairment(lostPercent, burstRatio);
  return {
    codec: ie,
    randomLoss: random - ie,
    ...burst(bursty - random),
    lateLoss: impairment(missedPercent, burstRatio) - bursty,
  };
}

function percentOf(packets: number, expected: number): number {
  return Math.min(100, (packets / expected) * 100);
}

function requireSound(input: QualityInput): void {
  const most = Number.MAX_VALUE;
  requireWithin("packetsExpected", input.packetsExpected, -most, most);
  requireWithin("packetsNeverReceived", input.packetsNeverReceived, 0, most);
  requireWithin("packetsDiscarded", input.packetsDiscarded, 0, most);
  requireWithin("burstRatio", input.burstRatio ?? 1, 1, most);
  requireWithin("bufferDelayMs", input.bufferDelayMs ?? 0, 0, 86_400_000);
  requireWithin("packetizationMs", input.packetizationMs ?? 0, 0, 86_400_000);
  requireWithin("rttSeconds", input.rttSeconds ?? 0, 0, 86_400);
  requireWithin("telrDb", input.telrDb ?? 0, -200, 200);
}
