/**
 * What a probe tells of calls while they go on and when they end: to its sinks and its listeners, at
 * the right moments, once.
 *
 * @module
 */

import type { CallReport, IssueReport } from "../call/call-report.js";
import type { CallContext, CallDetails, CallObserver, CallRtcp } from "../call/observer.js";
import type { PollWheel } from "../attach/poll-wheel.js";
import type { MaskedCalls } from "../privacy/masked-calls.js";
import type { SipCall, SipEvent } from "../sip/call.js";
import type { Listeners } from "./listeners.js";
import type { Sinks } from "./sinks.js";

/** Who knows how a call stands. */
export type ReportOf = (call: SipCall) => CallReport | undefined;

interface OpenCall {
  readonly stop: () => void;
  /** Kinds and directions of issues that were told. */
  readonly told: Set<string>;
}

/** What open calls are followed with. */
export interface OpenCallsOptions {
  readonly sinks: Sinks;
  readonly listeners: Listeners;
  /** Turns once an interval. */
  readonly wheel: PollWheel;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Masks what is told. */
  readonly masked?: MaskedCalls | undefined;
}

/** Follows the open calls of one probe. */
export class OpenCalls {
  readonly #sinks: Sinks;
  readonly #listeners: Listeners;
  readonly #wheel: PollWheel;
  readonly #nowMs: () => number;
  readonly #masked: MaskedCalls | undefined;
  readonly #open = new Map<SipCall, OpenCall>();

  constructor({ sinks, listeners, wheel, nowMs, masked }: OpenCallsOptions) {
    this.#sinks = sinks;
    this.#listeners = listeners;
    this.#wheel = wheel;
    this.#nowMs = nowMs;
    this.#masked = masked;
  }

  get size(): number {
    return this.#open.size;
  }

  /** An observer for a source of calls; `reportOf` is that source's. */
  observer(reportOf: ReportOf): CallObserver {
    const masked = this.#masked;
    if (masked === undefined) return this.#observer(reportOf);
    const maskedReportOf = (call: SipCall): CallReport | undefined => {
      const report = reportOf(call);
      return report && masked.report(report);
    };
    return masked.before(this.#observer(maskedReportOf));
  }

  /** Tells of RTCP that passed beside a call's signalling. */
  onRtcp(rtcp: CallRtcp): void {
    if (!this.#sinks.takes("onRtcp")) return;
    this.#sinks.onRtcp(this.#masked === undefined ? rtcp : this.#masked.rtcp(rtcp));
  }

  #observer(reportOf: ReportOf): CallObserver {
    return {
      onSipEvent: (event, context) => {
        this.#onEvent(event, context, reportOf);
      },
      onMessage: (seen) => {
        this.#sinks.onMessage(seen);
      },
      onRtcp: (rtcp) => {
        this.#sinks.onRtcp(rtcp);
      },
      onCall: (report, details) => {
        this.#onEnd(report, details);
      },
    };
  }

  #onEvent(event: SipEvent, context: CallContext, reportOf: ReportOf): void {
    this.#sinks.onSipEvent(event, context);
    if (event.kind === "call-started") this.#start(event.call, reportOf);
    const isTurn = event.kind === "outcome" || event.kind === "bye";
    if (isTurn && this.#sinks.takes("onInterval")) {
      const report = reportOf(event.call);
      const { call, atMs } = event;
      if (report !== undefined) this.#sinks.onInterval(report, { call, atMs });
    }
  }

  #start(call: SipCall, reportOf: ReportOf): void {
    if (this.#open.has(call)) return;
    const told = new Set<string>();
    const stop = this.#wheel.add({
      poll: () => () => {
        this.#onInterval(call, reportOf, told);
      },
    });
    this.#open.set(call, { stop, told });
    if (!this.#listeners.has("call")) return;
    const report = reportOf(call);
    if (report !== undefined) this.#listeners.tell("call", report);
  }

  #onInterval(call: SipCall, reportOf: ReportOf, told: Set<string>): void {
    const isHeard =
      this.#listeners.has("interval") ||
      this.#listeners.has("issue") ||
      this.#sinks.takes("onInterval");
    if (!isHeard) return;
    const report = reportOf(call);
    if (report === undefined) return;
    this.#sinks.onInterval(report, { call, atMs: this.#nowMs() });
    this.#listeners.tell("interval", report);
    this.#tellIssues(report, told);
  }

  #onEnd(report: CallReport, details: CallDetails): void {
    const open = this.#open.get(details.call);
    this.#open.delete(details.call);
    open?.stop();
    this.#sinks.onCall(report, details);
    this.#tellIssues(report, open?.told ?? new Set());
    this.#listeners.tell("end", report);
  }

  #tellIssues(report: CallReport, told: Set<string>): void {
    for (const issue of report.issues) {
      const key = keyOf(issue);
      if (told.has(key)) continue;
      told.add(key);
      this.#listeners.tell("issue", issue, report);
    }
  }
}

function keyOf({ kind, direction }: IssueReport): string {
  return `${kind} ${direction ?? "both"}`;
}
