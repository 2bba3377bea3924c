/**
 * What the calls' ladders are made of, kept while a capture is read.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { type LadderFacts, type LadderMessage, MAX_STEPS } from "../call/ladder.js";
import type { CallDetails, CallObserver } from "../call/observer.js";
import type { SipCall, SipEvent } from "../sip/call.js";

/** What is kept at most. */
export interface LadderCollectorOptions {
  /** A Call-ID, or how it begins. A call of that very Call-ID is kept whatever the bounds. */
  readonly callId?: string | undefined;
  /** Further calls are not kept. @default no bound */
  readonly maxCalls?: number;
  /** Messages of all calls together; further ones are not kept. @default no bound */
  readonly maxMessages?: number;
}

/** Keeps the messages, handshakes and checks of calls. */
export class LadderCollector implements CallObserver {
  readonly #callId: string | undefined;
  readonly #maxCalls: number;
  readonly #maxMessages: number;
  readonly #messages = new Map<SipCall, LadderMessage[]>();
  readonly #details = new Map<CallReport, CallDetails>();
  #kept = 0;

  constructor({
    callId,
    maxCalls = Infinity,
    maxMessages = Infinity,
  }: LadderCollectorOptions = {}) {
    this.#callId = callId;
    this.#maxCalls = maxCalls;
    this.#maxMessages = maxMessages;
  }

  onSipEvent(event: SipEvent): void {
    if (event.kind !== "message" || !event.call.callId.startsWith(this.#callId ?? "")) return;
    const isExact = event.call.callId === this.#callId;
    if (!isExact && this.#kept >= this.#maxMessages) return;
    let kept = this.#messages.get(event.call);
    if (kept === undefined) {
      if (!isExact && this.#messages.size >= this.#maxCalls) return;
      kept = [];
      this.#messages.set(event.call, kept);
    }
    if (kept.length >= MAX_STEPS) return;
    const { seen, isRetransmission } = event;
    kept.push({ seen, isRetransmission });
    this.#kept += 1;
  }

  onCall(report: CallReport, details: CallDetails): void {
    if (this.#messages.has(details.call)) this.#details.set(report, details);
  }

  /** Messages of the call, those that were not kept included; 0 for a call that was not kept. */
  messagesOf(report: CallReport): number {
    return this.#details.get(report)?.call.messages ?? 0;
  }

  /** Whether every message that a ladder can show was kept. */
  isWhole(report: CallReport): boolean {
    const call = this.#details.get(report)?.call;
    if (call === undefined) return false;
    return (this.#messages.get(call)?.length ?? 0) >= Math.min(call.messages, MAX_STEPS);
  }

  /** What was kept of the call. */
  factsOf(report: CallReport): Pick<LadderFacts, "messages" | "handshakes" | "checks"> {
    const details = this.#details.get(report);
    if (details === undefined) return { messages: [], handshakes: [] };
    const { call, handshakes, checks } = details;
    return {
      messages: this.#messages.get(call) ?? [],
      handshakes,
      ...(checks !== undefined && { checks }),
    };
  }
}
