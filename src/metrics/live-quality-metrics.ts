/**
 * What calls in progress sound like, as numbers that do not grow with the number of calls.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CallDetails, CallMoment, CallObserver } from "../call/observer.js";
import { userVerdict } from "../quality/user-satisfaction.js";
import type { SipCall } from "../sip/call.js";
import type { GaugeSeries } from "./gauge.js";
import { LABEL_VALUES, type LabelValue } from "./label-values.js";
import { type LiveFigures, type LiveFlow, liveFigures } from "./live-figures.js";
import type { Recorder } from "./recorder.js";

/** Of each recorder: several probes may record in one, and its gauges are about the calls of all. */
const LIVE = new WeakMap<Recorder, Map<SipCall, LiveFigures>>();

type SeriesOf = (stat: LabelValue<"live-stat">) => GaugeSeries;

/**
 * Shows what calls in progress sound like, at each scrape. It is told of every call once an interval,
 * and forgets a call with its end.
 */
export class LiveQualityMetrics implements CallObserver {
  readonly #live: Map<SipCall, LiveFigures>;
  readonly #calls;
  readonly #rtt;
  readonly #jitter;
  readonly #loss;
  readonly #mosLq;
  readonly #mosCq;

  constructor(recorder: Recorder) {
    this.#calls = recorder.gauge("rtp_live_calls");
    this.#rtt = recorder.gauge("rtp_live_rtt_seconds");
    this.#jitter = recorder.gauge("rtp_live_jitter_seconds");
    this.#loss = recorder.gauge("rtp_live_loss_ratio");
    this.#mosLq = recorder.gauge("rtp_live_mos_lq");
    this.#mosCq = recorder.gauge("rtp_live_mos_cq");
    const known = LIVE.get(recorder);
    this.#live = known ?? new Map<SipCall, LiveFigures>();
    if (known !== undefined) return;
    LIVE.set(recorder, this.#live);
    recorder.onCollect(() => {
      this.#collect();
    });
  }

  onInterval(report: CallReport, { call, atMs }: CallMoment): void {
    const figures = liveFigures(report, atMs);
    if (figures === undefined) this.#live.delete(call);
    else this.#live.set(call, figures);
  }

  onCall(_: CallReport, { call }: Pick<CallDetails, "call">): void {
    this.#live.delete(call);
  }

  #collect(): void {
    const live = [...this.#live.values()];
    for (const transport of LABEL_VALUES.transport) {
      const calls = live.filter((call) => call.transport === transport);
      const verdicts = calls.map(verdictOf);
      for (const verdict of LABEL_VALUES["live-verdict"]) {
        const count = verdicts.filter((one) => one === verdict).length;
        this.#calls.at(transport, verdict).set(count);
      }
      show(numbers(calls, "rttSeconds"), Math.max, (stat) => this.#rtt.at(transport, stat));
      for (const direction of LABEL_VALUES.direction) {
        const flows = calls.flatMap((call) =>
          call.flows.filter((flow) => flow.direction === direction),
        );
        this.#showFlows(flows, transport, direction);
      }
    }
  }

  #showFlows(
    flows: readonly LiveFlow[],
    transport: LabelValue<"transport">,
    direction: LabelValue<"direction">,
  ): void {
    const jitters = flows.map(({ jitterSeconds }) => jitterSeconds);
    const losses = flows.map(({ lossRatio }) => lossRatio);
    for (const view of LABEL_VALUES["heard-view"]) {
      show(numbers(jitters, view), Math.max, (stat) =>
        this.#jitter.at(transport, direction, view, stat),
      );
      show(numbers(losses, view), Math.max, (stat) =>
        this.#loss.at(transport, direction, view, stat),
      );
    }
    const ratings = flows.flatMap(({ rated }) => rated ?? []);
    for (const scale of LABEL_VALUES.scale) {
      const rated = ratings.filter((rating) => rating.scale === scale);
      show(numbers(rated, "mosLq"), Math.min, (stat) =>
        this.#mosLq.at(transport, direction, scale, stat),
      );
      show(numbers(rated, "mosCq"), Math.min, (stat) =>
        this.#mosCq.at(transport, direction, scale, stat),
      );
    }
  }
}

/** By the worse direction. */
function verdictOf({ flows }: LiveFigures): LabelValue<"live-verdict"> {
  const scores = flows.flatMap(({ rated }) => rated?.mosCq ?? rated?.mosLq ?? []);
  return scores.length === 0 ? "unrated" : userVerdict(Math.min(...scores));
}

/** One figure of those that have it. */
function numbers<Name extends string>(
  those: readonly Readonly<Partial<Record<Name, number | undefined>>>[],
  name: Name,
): number[] {
  return those.flatMap((one) => one[name] ?? []);
}

/** What nobody has is not shown: a 0 would be a claim. */
function show(
  values: readonly number[],
  worseOf: (a: number, b: number) => number,
  seriesOf: SeriesOf,
): void {
  if (values.length === 0) {
    for (const stat of LABEL_VALUES["live-stat"]) seriesOf(stat).clear();
    return;
  }
  seriesOf("mean").set(values.reduce((sum, value) => sum + value, 0) / values.length);
  seriesOf("worst").set(values.reduce((worst, value) => worseOf(worst, value)));
}
