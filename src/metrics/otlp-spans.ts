/**
 * One span a call, for the host's own tracing.
 *
 * @module
 */

import type { CallReport, DtlsReport } from "../call/call-report.js";
import type { CallObserver } from "../call/observer.js";

/** Seconds and nanoseconds since 1970. */
type HrTime = [seconds: number, nanoseconds: number];

type SpanAttributes = Record<string, string | number | boolean>;

/** What is used of a tracer provider of OpenTelemetry. */
export interface TracerProviderPort {
  getTracer(name: string): {
    startSpan(
      name: string,
      options: { startTime: HrTime; attributes: SpanAttributes },
    ): {
      addEvent(name: string, attributes: SpanAttributes, time: HrTime): unknown;
      setStatus(status: { code: typeof ERROR }): unknown;
      end(time: HrTime): void;
    };
  };
}

/** `SpanStatusCode.ERROR` */
const ERROR = 2;

const ISO_INSTANT = /^(.+?)(?:\.(\d{1,9}))?Z$/;

/**
 * Makes a span of each call when it is over: its milestones are events, its outcome and quality are
 * attributes. What is not known is left out, parties are not named. A call of which no instant is
 * known makes none.
 */
export class CallSpans implements CallObserver {
  readonly #tracer;
  #failed = 0;

  constructor(provider: TracerProviderPort) {
    this.#tracer = provider.getTracer("mediaprobe");
  }

  onCall(report: CallReport): void {
    try {
      this.#record(report);
    } catch {
      this.#failed += 1;
    }
  }

  /** How many spans the tracer threw at. */
  get failed(): number {
    return this.#failed;
  }

  #record(report: CallReport): void {
    const events = milestones(report);
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) return;
    const attributes = attributesOf(report);
    const span = this.#tracer.startSpan("call", { startTime: first.time, attributes });
    for (const { name, time, attributes: about } of events) span.addEvent(name, about, time);
    if (hasFailed(report)) span.setStatus({ code: ERROR });
    span.end(last.time);
  }
}

interface Milestone {
  readonly name: string;
  readonly time: HrTime;
  readonly attributes: SpanAttributes;
}

/** In order of time. */
function milestones({ course, security, ice }: CallReport): Milestone[] {
  const at = (name: string, instant: string | undefined, attributes: SpanAttributes = {}) =>
    instant === undefined ? [] : [{ name, time: hrTimeOf(instant), attributes }];
  const media = (direction: string, instant: string | undefined): Milestone[] =>
    at("first media", instant, { "call.media.direction": direction });
  return [
    ...at("invite", course.invitedAt),
    ...at("ringing", course.ringingAt),
    ...at("answer", course.answeredAt),
    ...(ice === undefined ? [] : at("ice", ice.selectedAt, { "call.ice.result": ice.result })),
    ...(security.dtls ?? []).flatMap((handshake) => dtlsDone(handshake)),
    ...media("caller-to-callee", course.firstMediaAt?.callerToCallee),
    ...media("callee-to-caller", course.firstMediaAt?.calleeToCaller),
    ...at("end", course.endedAt),
  ].sort(({ time: [a, aNs] }, { time: [b, bNs] }) => a - b || aNs - bNs);
}

function dtlsDone({ startedAt, durationSeconds, result }: DtlsReport): Milestone[] {
  if (startedAt === undefined || durationSeconds === undefined) return [];
  const [seconds, nanoseconds] = hrTimeOf(startedAt);
  const sum = nanoseconds + Math.round(durationSeconds * 1e9);
  const time: HrTime = [seconds + Math.floor(sum / 1e9), sum % 1e9];
  return [{ name: "dtls", time, attributes: { "call.dtls.result": result } }];
}

function attributesOf(report: CallReport): SpanAttributes {
  const { outcome, timings, security, ice, rtt, quality } = report;
  const roundTrip = rtt?.measured ?? rtt?.reported ?? rtt?.stack;
  const { callerToCallee, calleeToCaller } = quality ?? {};
  return known({
    "call.id": report.callId,
    "call.transport": report.transport,
    "call.outcome.status_code": outcome.statusCode,
    "call.outcome.via": outcome.via,
    "call.outcome.cancelled": outcome.cancelled,
    "call.outcome.ended_by": outcome.endedBy,
    "call.outcome.bye_reason_class": outcome.byeReasonClass,
    "call.post_dial_delay_seconds": timings.postDialDelaySeconds,
    "call.setup_seconds": timings.setupSeconds,
    "call.duration_seconds": timings.durationSeconds,
    "call.first_media_delay_seconds": timings.firstMediaDelaySeconds,
    "call.stir.result": security.stir?.result,
    "call.ice.result": ice?.result,
    "call.rtt.mean_seconds": roundTrip?.meanSeconds,
    "call.quality.caller_to_callee.mos_cq": callerToCallee?.mosCq,
    "call.quality.caller_to_callee.mos_lq": callerToCallee?.mosLq,
    "call.quality.caller_to_callee.r_factor": callerToCallee?.rFactor,
    "call.quality.caller_to_callee.scale": callerToCallee?.scale,
    "call.quality.callee_to_caller.mos_cq": calleeToCaller?.mosCq,
    "call.quality.callee_to_caller.mos_lq": calleeToCaller?.mosLq,
    "call.quality.callee_to_caller.r_factor": calleeToCaller?.rFactor,
    "call.quality.callee_to_caller.scale": calleeToCaller?.scale,
    "call.issues": report.issues.map(({ kind }) => kind).join(","),
  });
}

function known(attributes: Record<string, string | number | boolean | undefined>): SpanAttributes {
  const found: SpanAttributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== "") found[key] = value;
  }
  return found;
}

/** It was refused or got no answer; a caller that gave up is no failure. */
function hasFailed({ outcome }: CallReport): boolean {
  if (outcome.cancelled) return false;
  if (outcome.via === "timeout" || outcome.via === "transport-error") return true;
  return (outcome.statusCode ?? 0) >= 400;
}

function hrTimeOf(instant: string): HrTime {
  const [, whole = instant, fraction = ""] = ISO_INSTANT.exec(instant) ?? [];
  return [Date.parse(`${whole}Z`) / 1000, Number(fraction.padEnd(9, "0"))];
}
