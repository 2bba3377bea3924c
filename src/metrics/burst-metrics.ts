/**
 * How losses were spread over calls that are over, and what the worst stretch of each sounded like.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { largest, type StreamFigure } from "./audio.js";
import type { HistogramSeries } from "./histogram.js";
import type { LabelValue } from "./label-values.js";
import type { Recorder } from "./recorder.js";

/** Records each direction of a call once. */
export class BurstMetrics {
  readonly #worstMosLq;
  readonly #burstDuration;
  readonly #burstDensity;
  readonly #gapDensity;

  constructor(recorder: Recorder) {
    this.#worstMosLq = recorder.histogram("rtp_call_worst_mos_lq");
    this.#burstDuration = recorder.histogram("rtp_call_burst_duration_seconds");
    this.#burstDensity = recorder.histogram("rtp_call_burst_density_ratio");
    this.#gapDensity = recorder.histogram("rtp_call_gap_density_ratio");
  }

  /** @param streams Audio of one direction of one call. */
  onDirection(
    streams: readonly StreamReport[],
    transport: LabelValue<"transport">,
    direction: LabelValue<"direction">,
  ): void {
    const burstDuration = largest(streams, ({ burst }) => burst?.durationSeconds);
    const burstDensity = largest(streams, ({ burst }) => burst?.density);
    const gapDensity = largest(streams, ({ gap }) => gap?.density);
    observe(this.#burstDuration.at(transport, direction), burstDuration);
    observe(this.#burstDensity.at(transport, direction), burstDensity);
    observe(this.#gapDensity.at(transport, direction), gapDensity);
    const worst = largest(streams, ({ quality, worst }) =>
      quality === undefined || worst?.mosLq === undefined ? undefined : -worst.mosLq,
    );
    const scale = worst?.stream.quality?.scale;
    if (worst === undefined || scale === undefined) return;
    this.#worstMosLq.at(transport, direction, scale).observe(-worst.value);
  }
}

function observe(series: HistogramSeries, figure: StreamFigure | undefined): void {
  if (figure !== undefined) series.observe(figure.value);
}
