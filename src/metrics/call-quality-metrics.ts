/**
 * What calls sounded like, each once and at its end.
 *
 * @module
 */

import type { CallReport, CallTransport, MediaFlow } from "../call/call-report.js";
import type { StreamReport } from "../call/report.js";
import { roundedNumber } from "../call/rounding.js";
import type { Quality } from "../quality/assess.js";
import type { CallParty } from "../sip/call.js";
import { callExemplar } from "./call-exemplar.js";
import { codecOf, isAudio, largest, type StreamFigure } from "./audio.js";
import { BurstMetrics } from "./burst-metrics.js";
import type { HistogramSeries } from "./histogram.js";
import type { LabelTuple } from "./family.js";
import type { LabelValue } from "./label-values.js";
import type { ProbeCatalogue } from "./catalogue.js";
import type { Recorder, SeriesByLabels } from "./recorder.js";
import { mediaDirection } from "./sides.js";

/** Which streams the figures of a call as a whole are taken from. */
export interface CallQualityOptions {
  /**
   * `both` directions, as a capture shows them, or `inbound`: what the local side receives, all that a
   * live probe measures itself.
   *
   * @default "both"
   */
  readonly directions?: "both" | "inbound" | undefined;
  /**
   * Has OpenMetrics name a call beside round-trip times and scores, so that from a bad one its record can
   * be found. No series is named after a call.
   *
   * @default false
   */
  readonly exemplars?: boolean | undefined;
}

const FLOWS = ["caller-to-callee", "callee-to-caller"] as const satisfies MediaFlow[];
const VIEWS = ["measured", "reported", "stack"] as const satisfies LabelValue<"view">[];

type PerCodecLabels = ProbeCatalogue["rtp_call_jitter_seconds"]["labels"];
type PerCodec = SeriesByLabels<HistogramSeries, PerCodecLabels>;
type Figure = (stream: StreamReport) => number | undefined;

const measuredJitter: Figure = ({ jitterSeconds }) => jitterSeconds?.mean;
const measuredLoss: Figure = ({ packetsExpected, lossRatio }) =>
  packetsExpected > 0 ? lossRatio : undefined;

/** Records the quality of a call that is over. */
export class CallQualityMetrics {
  readonly #directions: "both" | "inbound";
  readonly #hasExemplars: boolean;
  readonly #rttMs;
  readonly #jitterMs;
  readonly #lossFraction;
  readonly #mosEstimate;
  readonly #rtt;
  readonly #jitter: PerCodec;
  readonly #delayVariation: PerCodec;
  readonly #loss: PerCodec;
  readonly #mosLq;
  readonly #mosCq;
  readonly #rFactor;
  readonly #bursts: BurstMetrics;

  constructor(recorder: Recorder, options: CallQualityOptions = {}) {
    const { directions = "both", exemplars = false } = options;
    this.#directions = directions;
    this.#hasExemplars = exemplars;
    this.#rttMs = recorder.summary("sip_call_rtt_ms");
    this.#jitterMs = recorder.summary("sip_call_jitter_ms");
    this.#lossFraction = recorder.summary("sip_call_loss_fraction");
    this.#mosEstimate = recorder.summary("sip_call_mos_estimate");
    this.#rtt = recorder.histogram("rtp_call_rtt_seconds");
    this.#jitter = recorder.histogram("rtp_call_jitter_seconds");
    this.#delayVariation = recorder.histogram("rtp_call_delay_variation_seconds");
    this.#loss = recorder.histogram("rtp_call_loss_ratio");
    this.#mosLq = recorder.histogram("rtp_call_mos_lq");
    this.#mosCq = recorder.histogram("rtp_call_mos_cq");
    this.#rFactor = recorder.histogram("rtp_call_r_factor");
    this.#bursts = new BurstMetrics(recorder);
  }

  onCall(report: CallReport, transport: CallTransport, local: CallParty): void {
    const audio = report.streams.filter(isAudio);
    this.#summarise(report, audio, local);
    for (const view of VIEWS) {
      const seconds = report.rtt?.[view]?.meanSeconds;
      if (seconds !== undefined) this.#take(this.#rtt.at(transport, view), seconds, report);
    }
    for (const flow of FLOWS) {
      const direction = mediaDirection(flow, local);
      const streams = audio.filter((stream) => stream.direction === flow);
      this.#onDirection(streams, transport, direction);
      this.#bursts.onDirection(streams, transport, direction);
      this.#onQuality(report, qualityOf(report, flow), streams, transport, direction);
    }
  }

  /** The families without labels: one figure for the whole call. */
  #summarise(report: CallReport, audio: readonly StreamReport[], local: CallParty): void {
    const flows = FLOWS.filter((flow) => this.#counts(flow, local));
    const streams = audio.filter(({ direction }) =>
      direction === undefined ? this.#directions === "both" : flows.includes(direction),
    );
    const view = VIEWS.find((one) => report.rtt?.[one] !== undefined);
    const rttMs = milliseconds(view && report.rtt?.[view]?.meanSeconds);
    if (rttMs > 0) this.#rttMs.at().observe(rttMs);
    const jitterMs = milliseconds(largest(streams, measuredJitter)?.value);
    if (jitterMs > 0) this.#jitterMs.at().observe(jitterMs);
    const loss = largest(streams, measuredLoss);
    if (loss !== undefined) this.#lossFraction.at().observe(loss.value);
    const scores = flows.flatMap((flow) => {
      const quality = qualityOf(report, flow);
      return quality === undefined ? [] : [quality.mosCq ?? quality.mosLq];
    });
    if (scores.length > 0) this.#mosEstimate.at().observe(Math.min(...scores));
  }

  #counts(flow: MediaFlow, local: CallParty): boolean {
    return this.#directions === "both" || mediaDirection(flow, local) === "inbound";
  }

  #onDirection(
    streams: readonly StreamReport[],
    transport: CallTransport,
    direction: LabelValue<"direction">,
  ): void {
    const observe = (
      family: PerCodec,
      view: LabelTuple<PerCodecLabels>[3],
      figure: StreamFigure | undefined,
    ): void => {
      if (figure === undefined) return;
      family.at(transport, direction, codecOf(figure.stream), view).observe(figure.value);
    };
    observe(this.#jitter, "measured", largest(streams, measuredJitter));
    observe(
      this.#jitter,
      "reported",
      largest(streams, ({ rtcp }) => rtcp?.jitterSeconds?.mean),
    );
    observe(this.#loss, "measured", largest(streams, measuredLoss));
    observe(
      this.#loss,
      "reported",
      largest(streams, ({ rtcp }) => rtcp?.fractionLost?.mean),
    );
    observe(
      this.#delayVariation,
      "measured",
      largest(streams, ({ delayVariationSeconds }) => delayVariationSeconds?.p95),
    );
  }

  #onQuality(
    report: CallReport,
    quality: Quality | undefined,
    streams: readonly StreamReport[],
    transport: CallTransport,
    direction: LabelValue<"direction">,
  ): void {
    if (quality === undefined) return;
    const { rFactor, mosLq, mosCq, scale } = quality;
    // The record has a direction's quality from one of its streams, and does not say which.
    const rated = streams.find(
      (one) => one.quality?.mosLq === mosLq && one.quality.scale === scale,
    );
    const codec = rated === undefined ? "unknown" : codecOf(rated);
    this.#take(this.#mosLq.at(transport, direction, codec, scale), mosLq, report);
    this.#rFactor.at(transport, direction, codec, scale).observe(rFactor);
    if (mosCq === undefined) return;
    this.#take(this.#mosCq.at(transport, direction, codec, scale), mosCq, report);
  }

  #take(series: HistogramSeries, value: number, { callId, course }: CallReport): void {
    series.observe(value);
    if (!this.#hasExemplars) return;
    const atMs = Date.parse(course.endedAt ?? course.answeredAt ?? "");
    const exemplar = callExemplar(callId, value, atMs);
    if (exemplar !== undefined) series.exemplify(exemplar);
  }
}

function qualityOf({ quality }: CallReport, flow: MediaFlow): Quality | undefined {
  return flow === "caller-to-callee" ? quality?.callerToCallee : quality?.calleeToCaller;
}

/** NaN of what is unknown, which is not above 0. */
function milliseconds(seconds: number | undefined): number {
  return seconds === undefined || seconds === 0 ? Number.NaN : roundedNumber(seconds * 1000);
}
