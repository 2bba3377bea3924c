/**
 * What a stream sounded like, and what cost how many points: the E-model on measured loss and delay.
 *
 * @module
 */

import type { CodecImpairment } from "./codec-impairment.js";
import { bestRating, delayCost } from "./e-model.js";
import { effectiveEquipmentImpairment, soundEquipmentImpairment } from "./equipment-impairment.js";
import { mosFromR } from "./mos.js";
import type { Scale } from "./mos.js";
import { requireWithin } from "./range-check.js";

/** The fixed jitter buffer assumed unless another is stated, in milliseconds. */
export const DEFAULT_BUFFER_MS = 60;

/** What holds for a stream and for every part of it. */
export interface QualityConditions {
  /** Absent when unknown: then there is no quality. */
  readonly codec: CodecImpairment | undefined;
  /** Delay of the jitter buffer, 0 or more. Default {@link DEFAULT_BUFFER_MS}. */
  readonly bufferDelayMs?: number | undefined;
  /** Speech in one packet, 0 or more. Default that of the codec. */
  readonly packetizationMs?: number | undefined;
  /** Round-trip time of the network, 0 or more. Absent when unknown. */
  readonly rttSeconds?: number | undefined;
  /** Talker echo loudness rating, in dB. Absent, as by default, echo costs nothing. */
  readonly telrDb?: number | undefined;
}

/** What was counted in a stream, or in a part of it. */
export interface QualityCounts {
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
}

/** What was measured of a stream, or of a part of it. */
export interface QualityInput extends QualityConditions, QualityCounts {}

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

/** The scores of a {@link Quality} alone. */
export type QualityScores = Pick<Quality, "rFactor" | "mosCq" | "mosLq">;

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
  return new QualityAssessor(input).quality(input);
}

/** {@link assessQuality} for the parts of one stream: what holds for all of them is worked out once. */
export class QualityAssessor {
  readonly #codec: CodecImpairment | undefined;
  readonly #best: number;
  /** What delay costs; absent without a round-trip time. */
  readonly #delay: number | undefined;
  // Costs of the part at hand.
  #randomLoss = 0;
  #burstLoss = 0;
  #lateLoss = 0;

  /** @throws {RangeError} If a value is outside the range given in {@link QualityConditions}. */
  constructor(conditions: QualityConditions) {
    requireSoundConditions(conditions);
    const { codec, rttSeconds, telrDb } = conditions;
    this.#codec = codec;
    if (codec === undefined) {
      this.#best = 0;
      return;
    }
    this.#best = bestRating(codec.scale);
    const { ie, bpl, scale } = codec;
    if (bpl !== undefined) {
      effectiveEquipmentImpairment(scale, { ie, bpl, lossPercent: 0, burstRatio: 1 });
    }
    if (rttSeconds !== undefined) {
      this.#delay = delayCost(scale, oneWayDelayMs(codec, rttSeconds, conditions), telrDb);
    }
  }

  /**
   * As {@link assessQuality}.
   *
   * @throws {RangeError} If a count is outside the range given in {@link QualityCounts}.
   */
  quality(counts: QualityCounts): Quality | undefined {
    const listening = this.listening(counts);
    const codec = this.#codec;
    if (listening === undefined || codec === undefined) return undefined;
    const { scale } = codec;
    const { rFactor, mosCq, mosLq } = this.#scoresOf(listening, scale);
    const equipment = {
      codec: codec.ie,
      randomLoss: this.#randomLoss,
      // G.107.1 has no term for bursts: that they cost nothing there would be a claim.
      ...(scale === "wideband" ? {} : { burstLoss: this.#burstLoss }),
      lateLoss: this.#lateLoss,
    };
    if (mosCq === undefined || this.#delay === undefined) {
      return { rFactor, mosLq, scale, costs: equipment };
    }
    return { rFactor, mosCq, mosLq, scale, costs: { delay: this.#delay, ...equipment } };
  }

  /** The scores of {@link QualityAssessor.quality} alone. @throws As that. */
  scores(counts: QualityCounts): QualityScores | undefined {
    const listening = this.listening(counts);
    if (listening === undefined || this.#codec === undefined) return undefined;
    return this.#scoresOf(listening, this.#codec.scale);
  }

  /**
   * What the rating is before delay, below 0 where the costs exceed what there was; all that differs
   * from part to part. @throws As {@link QualityAssessor.quality}.
   */
  listening(counts: QualityCounts): number | undefined {
    const { packetsExpected, packetsNeverReceived, packetsDiscarded, burstRatio = 1 } = counts;
    requireSoundCounts(packetsExpected, packetsNeverReceived, packetsDiscarded, burstRatio);
    if (this.#codec === undefined || !(packetsExpected > 0)) return undefined;
    const { ie, bpl, scale } = this.#codec;
    const lost = percentOf(packetsNeverReceived, packetsExpected);
    const missed = percentOf(packetsNeverReceived + packetsDiscarded, packetsExpected);
    if (missed === 0) {
      this.#randomLoss = 0;
      this.#burstLoss = 0;
      this.#lateLoss = 0;
      return this.#best - ie;
    }
    if (bpl === undefined) return undefined;
    const random = soundEquipmentImpairment(scale, ie, bpl, lost, 1);
    const bursty = soundEquipmentImpairment(scale, ie, bpl, lost, burstRatio);
    this.#randomLoss = random - ie;
    this.#burstLoss = bursty - random;
    this.#lateLoss = soundEquipmentImpairment(scale, ie, bpl, missed, burstRatio) - bursty;
    return this.#best - ie - this.#randomLoss - this.#burstLoss - this.#lateLoss;
  }

  /** The rating for what {@link QualityAssessor.listening} gave. */
  rFactor(listening: number): number {
    return Math.max(0, this.#delay === undefined ? listening : listening - this.#delay);
  }

  #scoresOf(listening: number, scale: Scale): QualityScores {
    const rFactor = this.rFactor(listening);
    const mosLq = mosFromR(listening, scale);
    if (this.#delay === undefined) return { rFactor, mosLq };
    return { rFactor, mosCq: mosFromR(listening - this.#delay, scale), mosLq };
  }
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

function percentOf(packets: number, expected: number): number {
  return Math.min(100, (packets / expected) * 100);
}

const MOST = Number.MAX_VALUE;

function requireSoundCounts(
  packetsExpected: number,
  packetsNeverReceived: number,
  packetsDiscarded: number,
  burstRatio: number,
): void {
  requireWithin("packetsExpected", packetsExpected, -MOST, MOST);
  requireWithin("packetsNeverReceived", packetsNeverReceived, 0, MOST);
  requireWithin("packetsDiscarded", packetsDiscarded, 0, MOST);
  requireWithin("burstRatio", burstRatio, 1, MOST);
}

function requireSoundConditions(conditions: QualityConditions): void {
  requireWithin("bufferDelayMs", conditions.bufferDelayMs ?? 0, 0, 86_400_000);
  requireWithin("packetizationMs", conditions.packetizationMs ?? 0, 0, 86_400_000);
  requireWithin("rttSeconds", conditions.rttSeconds ?? 0, 0, 86_400);
  requireWithin("telrDb", conditions.telrDb ?? 0, -200, 200);
}
