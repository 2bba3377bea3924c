/**
 * Which calls are going on, and how those that did came to their end.
 *
 * @module
 */

import type { CallReport, CallTransport } from "../call/call-report.js";
import type { CallContext } from "../call/observer.js";
import type { DtlsResult } from "../dtls/association.js";
import type { SipCall, SipEvent } from "../sip/call.js";
import type { LabelValue } from "./label-values.js";
import type { Recorder } from "./recorder.js";

/** What was counted of one call. */
interface CountedCall {
  /** Under which all of it is counted, whatever is learned later. */
  readonly transport: CallTransport;
  isActive: boolean;
}

/**
 * Counts calls as active, started and over. Each call is in all three under one transport, and started
 * calls are at any time the sum of active ones and those that are over: a call's end is counted when
 * its record comes, and it stops being active then or before.
 */
export class CallStatusMetrics {
  readonly #activeCalls;
  readonly #started;
  readonly #ended;
  readonly #counted = new WeakMap<SipCall, CountedCall>();
  readonly #over = new WeakSet<SipCall>();

  constructor(recorder: Recorder) {
    this.#activeCalls = recorder.gauge("voiceserver_active_calls");
    this.#started = recorder.counter("voiceserver_calls_started_total");
    this.#ended = recorder.counter("voiceserver_calls_total");
  }

  onSipEvent(event: SipEvent, context: CallContext): void {
    switch (event.kind) {
      case "invite-response":
        if (event.statusCode >= 200 && event.statusCode < 300) this.#connect(event.call, context);
        break;
      // An answer may have passed unseen, and so may the whole beginning of a call.
      case "outcome":
      case "session-refresh":
        if (event.call.wasConfirmed) this.#connect(event.call, context);
        break;
      case "bye":
        if (event.call.wasConfirmed) this.#connect(event.call, context);
        this.#disconnect(event.call);
        break;
      case "call-ended":
        this.#disconnect(event.call);
        break;
      case "call-started":
      case "message":
      case "description":
      case "transaction-timeout":
        break;
    }
  }

  /** Counts the end of a call. @returns What it is counted under, here and elsewhere. */
  onCall(report: CallReport, call: SipCall): CallTransport {
    if (wasConnected(report, call)) this.#start(call, report.transport);
    this.#disconnect(call);
    const counted = this.#counted.get(call);
    if (counted === undefined) return report.transport;
    this.#ended.at(counted.transport, statusOf(report)).inc();
    return counted.transport;
  }

  #connect(call: SipCall, context: CallContext): void {
    if (this.#over.has(call) || this.#counted.has(call)) return;
    const counted = this.#start(call, context.transportOf(call));
    counted.isActive = true;
    this.#activeCalls.at(counted.transport).count(1);
  }

  #start(call: SipCall, transport: CallTransport): CountedCall {
    let counted = this.#counted.get(call);
    if (counted === undefined) {
      counted = { transport, isActive: false };
      this.#counted.set(call, counted);
      this.#started.at(transport).inc();
    }
    return counted;
  }

  #disconnect(call: SipCall): void {
    this.#over.add(call);
    const counted = this.#counted.get(call);
    if (counted?.isActive !== true) return;
    counted.isActive = false;
    this.#activeCalls.at(counted.transport).count(-1);
  }
}

const FAILED_HANDSHAKES: ReadonlySet<DtlsResult> = new Set([
  "fail",
  "timeout",
  "fingerprint-mismatch",
  "no-srtp-profile",
  "no-fingerprint",
] as const);

/** Answered, or begun before it could be seen and known to be confirmed. */
function wasConnected({ course, outcome }: CallReport, call: SipCall): boolean {
  return call.wasConfirmed || course.answeredAt !== undefined || outcome.statusClass === "2xx";
}

/** How a call that was connected ended. */
function statusOf(report: CallReport): LabelValue<"call-status"> {
  const { byeReasonClass, via } = report.outcome;
  if (byeReasonClass === "normal" || byeReasonClass === "user-hangup") return "ok";
  if (byeReasonClass === "timer-expired") return "timer-expired";
  if (report.ice !== undefined && report.ice.result !== "ok") return "ice-failed";
  if (report.security.dtls?.some(({ result }) => FAILED_HANDSHAKES.has(result)) === true) {
    return "media-error";
  }
  if (via === "abandoned") return "timeout";
  if (byeReasonClass !== undefined || report.course.endedAt !== undefined) return "error";
  const isCut = report.confidence.some(({ kind }) => kind === "capture-ended");
  return isCut ? "other" : "timeout";
}
