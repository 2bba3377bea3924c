/**
 * What calls add to the metrics, while they go on and when they are over.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CallContext, CallDetails, CallObserver } from "../call/observer.js";
import type { HandshakeReport } from "../call/report.js";
import type { CallParty, SessionRefresh, SipCall, SipEvent } from "../sip/call.js";
import { CallQualityMetrics, type CallQualityOptions } from "./call-quality-metrics.js";
import { CallStatusMetrics } from "./call-status-metrics.js";
import { LABEL_VALUES, type LabelValue } from "./label-values.js";
import { MediaMetrics, type MediaMetricsOptions } from "./media-metrics.js";
import type { Recorder } from "./recorder.js";
import { SecurityMetrics } from "./security-metrics.js";
import { callDirection, requestDirection, sideOf } from "./sides.js";
import { TimingMetrics } from "./timing-metrics.js";

/** What of a call counts, and how much. */
export interface CallMetricsOptions extends CallQualityOptions, MediaMetricsOptions {}

const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx", "6xx"] as const;
const TIMED_METHODS = ["INVITE", "BYE", "UPDATE"] as const;
const FINAL_CODES: ReadonlySet<string> = new Set(LABEL_VALUES["final-code"]);
const REFRESH_FAILURES = ["3xx", "4xx", "5xx", "6xx"] as const;

/**
 * Records calls: the observer of a call table. Each call is counted once, however often its record is
 * handed in, and nothing here throws.
 */
export class CallMetrics implements CallObserver {
  readonly #inviteResults;
  readonly #callResults;
  readonly #finalCodes;
  readonly #byes;
  readonly #timeouts;
  readonly #timers;
  readonly #refreshCounts;
  readonly #refreshes;
  readonly #refreshFailures;
  readonly #issues;
  readonly #caveats;
  readonly #status: CallStatusMetrics;
  readonly #timings: TimingMetrics;
  readonly #security: SecurityMetrics;
  readonly #quality: CallQualityMetrics;
  readonly #media: MediaMetrics;
  readonly #reported = new WeakSet<SipCall>();

  /** @throws {RangeError} If an option is outside its range. */
  constructor(recorder: Recorder, options: CallMetricsOptions = {}) {
    this.#inviteResults = recorder.counter("sip_invite_result_total");
    this.#callResults = recorder.counter("sip_call_result_total");
    this.#finalCodes = recorder.counter("sip_final_codes_total");
    this.#byes = recorder.counter("sip_bye_total");
    this.#timeouts = recorder.counter("sip_transaction_timeout_total");
    this.#timers = recorder.counter("sip_transaction_timer_expired_total");
    this.#refreshCounts = recorder.counter("sip_session_timer_refresh_total");
    this.#refreshes = recorder.counter("sip_session_refreshes_total");
    this.#refreshFailures = recorder.counter("sip_session_refresh_failures_total");
    this.#issues = recorder.counter("call_issues_total");
    this.#caveats = recorder.counter("call_caveats_total");
    this.#status = new CallStatusMetrics(recorder);
    this.#timings = new TimingMetrics(recorder);
    this.#security = new SecurityMetrics(recorder);
    this.#quality = new CallQualityMetrics(recorder, options);
    this.#media = new MediaMetrics(recorder, options);
  }

  onSipEvent(event: SipEvent, context: CallContext): void {
    this.#status.onSipEvent(event, context);
    switch (event.kind) {
      case "invite-response":
        this.#onInviteResponse(event.statusCode, event.by, context.localPartyOf(event.call));
        break;
      case "outcome":
        this.#onOutcome(event.call, context.localPartyOf(event.call));
        break;
      case "bye": {
        const local = context.localPartyOf(event.call);
        this.#byes.at(callDirection(local), sideOf(event.by, local), event.reasonClass).inc();
        break;
      }
      case "session-refresh":
        this.#onRefresh(event.refresh, context.localPartyOf(event.call));
        break;
      case "transaction-timeout":
        this.#onTimeout(event.timer, event.method);
        break;
      case "call-started":
      case "message":
      case "description":
      case "call-ended":
        break;
    }
  }

  onCall(report: CallReport, { call }: Pick<CallDetails, "call">): void {
    if (this.#reported.has(call)) return;
    this.#reported.add(call);
    const { localParty: local = "callee" } = report;
    const transport = this.#status.onCall(report, call);
    this.#timings.onCall(report.timings, transport, callDirection(local));
    this.#security.onCall(report, transport);
    this.#quality.onCall(report, transport, local);
    this.#media.onCall(report, transport, local);
    for (const { kind } of report.issues) this.#issues.at(kind).inc();
    for (const { kind } of report.confidence) this.#caveats.at(kind).inc();
  }

  /** DTLS of anything but media is not ours to count. Media of no SIP call is WebRTC's. */
  onHandshake(report: HandshakeReport): void {
    if (report.offersSrtp) this.#security.onHandshake(report, "webrtc");
  }

  #onInviteResponse(statusCode: number, by: CallParty, local: CallParty): void {
    const statusClass = STATUS_CLASSES[Math.floor(statusCode / 100) - 1];
    if (statusClass === undefined) return;
    this.#inviteResults.at(requestDirection(by, local), statusClass).inc();
  }

  #onOutcome(call: SipCall, local: CallParty): void {
    const { via } = call;
    // The tracker says so only where it can tell.
    if (via === undefined) return;
    const direction = callDirection(local);
    const statusClass = finalClass(call);
    this.#callResults.at(direction, statusClass, via).inc();
    if (via !== "response" || statusClass === "none") return;
    this.#finalCodes.at(direction, finalCode(call, statusClass)).inc();
  }

  #onRefresh(refresh: SessionRefresh, local: CallParty): void {
    const { method, result } = refresh;
    const by = sideOf(refresh.by, local);
    this.#refreshes.at(by, method, result).inc();
    if (result === "failed") this.#refreshFailures.at(by, method, refreshFailure(refresh)).inc();
    else if (result !== "timer-off") this.#refreshCounts.at(result).inc();
  }

  #onTimeout(timer: LabelValue<"transaction-timer">, request: string): void {
    const method = TIMED_METHODS.find((known) => known === request) ?? "other";
    this.#timers.at(timer, method).inc();
    if (timer !== "H") this.#timeouts.at(method).inc();
  }
}

/** Of the final response; `none` where an attempt ended without one. */
function finalClass({ statusCode = 0, isAnswerUnseen }: SipCall): LabelValue<"final-class"> {
  if (isAnswerUnseen) return "2xx";
  const statusClass = STATUS_CLASSES[Math.floor(statusCode / 100) - 1] ?? "none";
  return statusClass === "1xx" ? "none" : statusClass;
}

/** The code as it is registered; else its class. Of an answer that passed unseen there is no code. */
function finalCode(
  { statusCode = 0, isAnswerUnseen }: SipCall,
  statusClass: string,
): LabelValue<"final-code"> {
  const code = String(statusCode);
  return !isAnswerUnseen && FINAL_CODES.has(code) ? code : statusClass;
}

function refreshFailure({ statusCode, isMissing }: SessionRefresh): LabelValue<"refresh-failure"> {
  if (isMissing === true) return "not-sent";
  if (statusCode === undefined) return "unanswered";
  if (statusCode === 408) return "408";
  return REFRESH_FAILURES[Math.floor(statusCode / 100) - 3] ?? "6xx";
}
