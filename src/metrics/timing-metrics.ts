/**
 * How long the parts of a call took (RFC 6076).
 *
 * @module
 */

import type { CallTransport, TimingsReport } from "../call/call-report.js";
import type { HistogramSeries } from "./histogram.js";
import type { LabelValue } from "./label-values.js";
import type { Recorder } from "./recorder.js";

/** Records the durations of a call that is over. */
export class TimingMetrics {
  readonly #postDialDelay;
  readonly #ring;
  readonly #setup;
  readonly #disconnectDelay;
  readonly #duration;
  readonly #firstMediaDelay;

  constructor(recorder: Recorder) {
    this.#postDialDelay = recorder.histogram("sip_post_dial_delay_seconds");
    this.#ring = recorder.histogram("sip_ring_seconds");
    this.#setup = recorder.histogram("sip_setup_seconds");
    this.#disconnectDelay = recorder.histogram("sip_disconnect_delay_seconds");
    this.#duration = recorder.histogram("sip_call_duration_seconds");
    this.#firstMediaDelay = recorder.histogram("sip_first_media_delay_seconds");
  }

  onCall(
    timings: TimingsReport,
    transport: CallTransport,
    direction: LabelValue<"direction">,
  ): void {
    const { firstMediaDelaySeconds: firstMedia } = timings;
    observe(this.#postDialDelay.at(direction), timings.postDialDelaySeconds);
    observe(this.#ring.at(direction), timings.ringSeconds);
    observe(this.#setup.at(direction), timings.setupSeconds);
    observe(this.#disconnectDelay.at(direction), timings.disconnectDelaySeconds);
    observe(this.#duration.at(transport, direction), timings.durationSeconds);
    // Early media flowed before the answer: nobody had to wait for it.
    const waited = firstMedia === undefined ? undefined : Math.max(0, firstMedia);
    observe(this.#firstMediaDelay.at(transport, direction), waited);
  }
}

function observe(series: HistogramSeries, seconds: number | undefined): void {
  if (seconds !== undefined) series.observe(seconds);
}
