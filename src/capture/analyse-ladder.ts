/**
 * One call of a capture as a ladder.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { type Ladder, type LadderFacts, ladderOf, MAX_STEPS } from "../call/ladder.js";
import type { CallDetails, CallObserver } from "../call/observer.js";
import type { SeenMessage, SipCall, SipEvent } from "../sip/call.js";
import { analyseCapture, type AnalyseOptions } from "./analyse.js";
import type { CaptureSource } from "./source.js";

/** Calls whose messages are kept while it is not known which of them is meant. */
const MAX_CANDIDATES = 64;

/** A ladder, or the calls that there are to choose from. */
export type LadderResult =
  | { readonly ladder: Ladder }
  | { readonly ladder?: undefined; readonly candidates: readonly CallReport[] };

/**
 * Analyses a capture for the ladder of one call.
 *
 * @param callId Its Call-ID, or how that begins. Without it, the only call there is.
 * @returns The ladder; where no call or several are meant, those that begin so, else all.
 * @throws As `analyseCapture`.
 */
export async function analyseLadder(
  source: CaptureSource,
  callId: string | undefined,
  options: AnalyseOptions = {},
): Promise<LadderResult> {
  const collector = new Collector(callId);
  const { calls, damage } = await analyseCapture(source, { ...options, observer: collector });
  const call = meant(calls, callId);
  if (call === undefined) {
    const begun = calls.filter((one) => callId !== undefined && one.callId.startsWith(callId));
    return { candidates: begun.length > 0 ? begun : calls };
  }
  return {
    ladder: ladderOf({ call, ...collector.of(call), ...(damage !== undefined && { damage }) }),
  };
}

function meant(calls: readonly CallReport[], callId: string | undefined): CallReport | undefined {
  if (callId === undefined) return calls.length === 1 ? calls[0] : undefined;
  const exact = calls.find((call) => call.callId === callId);
  if (exact !== undefined) return exact;
  const begun = calls.filter((call) => call.callId.startsWith(callId));
  return begun.length === 1 ? begun[0] : undefined;
}

interface Kept {
  readonly seen: SeenMessage;
  readonly isRetransmission: boolean;
}

/** Keeps the messages of the calls that may be meant. */
class Collector implements CallObserver {
  readonly #wanted: string | undefined;
  readonly #messages = new Map<SipCall, Kept[]>();
  readonly #details = new Map<CallReport, CallDetails>();

  constructor(wanted: string | undefined) {
    this.#wanted = wanted;
  }

  onSipEvent(event: SipEvent): void {
    if (event.kind !== "message" || !event.call.callId.startsWith(this.#wanted ?? "")) return;
    let kept = this.#messages.get(event.call);
    if (kept === undefined) {
      const isExact = event.call.callId === this.#wanted;
      if (!isExact && this.#messages.size >= MAX_CANDIDATES) return;
      kept = [];
      this.#messages.set(event.call, kept);
    }
    const { seen, isRetransmission } = event;
    if (kept.length < MAX_STEPS) kept.push({ seen, isRetransmission });
  }

  onCall(report: CallReport, details: CallDetails): void {
    if (this.#messages.has(details.call)) this.#details.set(report, details);
  }

  of(report: CallReport): Pick<LadderFacts, "messages" | "handshakes"> {
    const details = this.#details.get(report);
    if (details === undefined) return { messages: [], handshakes: [] };
    const { call, handshakes } = details;
    return { messages: this.#messages.get(call) ?? [], handshakes };
  }
}
