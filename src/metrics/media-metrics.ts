/**
 * How much media calls had, and what it was like interval by interval.
 *
 * @module
 */

import type { CallReport, CallTransport } from "../call/call-report.js";
import type { IntervalReport, StreamReport } from "../call/report.js";
import type { CallParty } from "../sip/call.js";
import { codecOf, intervalLoss, isAudio, mediaOf } from "./audio.js";
import type { LabelValue } from "./label-values.js";
import type { Recorder } from "./recorder.js";
import { mediaDirection } from "./sides.js";

/** How streams are cut. */
export interface MediaMetricsOptions {
  /**
   * Length of an interval that counts once, as the engine was told. Above 0.
   *
   * @default 5
   */
  readonly intervalSeconds?: number | undefined;
}

/** Records the streams of a call that is over. */
export class MediaMetrics {
  readonly #intervalMs: number;
  readonly #received;
  readonly #expected;
  readonly #lost;
  readonly #duplicated;
  readonly #reordered;
  readonly #discarded;
  readonly #bursts;
  readonly #payloadBytes;
  readonly #wireBytes;
  readonly #jitter;
  readonly #delayVariation;
  readonly #loss;
  readonly #mosLq;
  readonly #mosCq;

  /** @throws {RangeError} If `intervalSeconds` is not above 0. */
  constructor(recorder: Recorder, { intervalSeconds = 5 }: MediaMetricsOptions = {}) {
    if (!(intervalSeconds > 0 && intervalSeconds < Infinity)) {
      throw new RangeError(`intervalSeconds is ${intervalSeconds}; it must be above 0`);
    }
    this.#intervalMs = intervalSeconds * 1000;
    this.#received = recorder.counter("rtp_packets_received_total");
    this.#expected = recorder.counter("rtp_packets_expected_total");
    this.#lost = recorder.counter("rtp_packets_lost_total");
    this.#duplicated = recorder.counter("rtp_packets_duplicated_total");
    this.#reordered = recorder.counter("rtp_packets_reordered_total");
    this.#discarded = recorder.counter("rtp_packets_discarded_total");
    this.#bursts = recorder.counter("rtp_bursts_total");
    this.#payloadBytes = recorder.counter("rtp_payload_bytes_total");
    this.#wireBytes = recorder.counter("rtp_wire_bytes_total");
    this.#jitter = recorder.histogram("rtp_interval_jitter_seconds");
    this.#delayVariation = recorder.histogram("rtp_interval_delay_variation_seconds");
    this.#loss = recorder.histogram("rtp_interval_loss_ratio");
    this.#mosLq = recorder.histogram("rtp_interval_mos_lq");
    this.#mosCq = recorder.histogram("rtp_interval_mos_cq");
  }

  onCall({ streams }: CallReport, transport: CallTransport, local: CallParty): void {
    for (const stream of streams) {
      if (stream.direction === undefined) continue;
      const direction = mediaDirection(stream.direction, local);
      this.#countPackets(stream, transport, direction);
      if (!isAudio(stream)) continue;
      this.#bursts.at(transport, direction).add(stream.burst?.count ?? 0);
      for (const interval of stream.intervals) {
        const times = this.#timesOf(interval, stream);
        if (times > 0) this.#onInterval(interval, times, stream, transport, direction);
      }
    }
  }

  #countPackets(
    stream: StreamReport,
    transport: CallTransport,
    direction: LabelValue<"direction">,
  ): void {
    const media = mediaOf(stream);
    this.#received.at(transport, direction, media).add(stream.packetsReceived);
    this.#expected.at(transport, direction, media).add(stream.packetsExpected);
    this.#lost.at(transport, direction, media).add(stream.packetsMissing);
    this.#duplicated.at(transport, direction, media).add(stream.packetsDuplicated);
    this.#reordered.at(transport, direction, media).add(stream.packetsReordered);
    this.#discarded.at(transport, direction, media).add(stream.packetsDiscarded ?? 0);
    this.#payloadBytes.at(transport, direction, media).add(stream.payloadBytes);
    this.#wireBytes.at(transport, direction, media).add(stream.wireBytes);
  }

  /**
   * How many intervals of the usual length this one stands for. Old ones of long calls are merged; the
   * last one of a stream is cut where the stream ends, and a short rest does not count.
   */
  #timesOf({ from, to }: IntervalReport, { lastPacketAt }: StreamReport): number {
    const endMs = Math.min(Date.parse(to), Date.parse(lastPacketAt));
    const times = Math.round((endMs - Date.parse(from)) / this.#intervalMs);
    return Number.isFinite(times) ? times : 0;
  }

  #onInterval(
    interval: IntervalReport,
    times: number,
    stream: StreamReport,
    transport: CallTransport,
    direction: LabelValue<"direction">,
  ): void {
    const { jitterSeconds, delayVariationSeconds } = interval;
    const codec = codecOf(stream);
    if (jitterSeconds !== undefined) {
      this.#jitter.at(transport, direction, codec).observe(jitterSeconds.mean, times);
    }
    if (delayVariationSeconds !== undefined) {
      this.#delayVariation
        .at(transport, direction, codec)
        .observe(delayVariationSeconds.p95, times);
    }
    const loss = intervalLoss(interval);
    if (loss !== undefined) this.#loss.at(transport, direction, codec).observe(loss, times);
    const { quality } = interval;
    if (quality === undefined || stream.quality === undefined) return;
    const { scale } = stream.quality;
    this.#mosLq.at(transport, direction, codec, scale).observe(quality.mosLq, times);
    if (quality.mosCq !== undefined) {
      this.#mosCq.at(transport, direction, codec, scale).observe(quality.mosCq, times);
    }
  }
}
