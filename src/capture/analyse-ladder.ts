/**
 * One call of a capture as a ladder.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { type Ladder, ladderOf } from "../call/ladder.js";
import { analyseCapture } from "./analyse.js";
import type { AnalyseOptions } from "./analyse-options.js";
import { LadderCollector } from "./ladder-collector.js";
import type { CaptureSource } from "./source.js";

/** Calls whose messages are kept while it is not known which of them is meant. */
const MAX_CANDIDATES = 64;

/** A ladder, or the calls that there are to choose from. */
export type LadderResult =
  | {
      readonly ladder: Ladder;
      /** Calls of the same Call-ID that are not drawn. Absent where there are none. */
      readonly namesakes?: readonly CallReport[];
    }
  | { readonly ladder?: undefined; readonly candidates: readonly CallReport[] };

/**
 * Analyses a capture for the ladder of one call.
 *
 * @param callId Its Call-ID, or how that begins. Without it, the only call there is. Of several calls
 *   with that Call-ID an answered one is drawn, else the one with most messages.
 * @returns The ladder; where no call or several are meant, those that begin so, else all.
 * @throws As `analyseCapture`.
 */
export async function analyseLadder(
  source: CaptureSource,
  callId: string | undefined,
  options: AnalyseOptions = {},
): Promise<LadderResult> {
  const collector = new LadderCollector({ callId, maxCalls: MAX_CANDIDATES });
  const { calls, damage } = await analyseCapture(source, {
    ...options,
    observer: collector,
    inWorker: false,
  });
  const { call, namesakes } = meant(calls, callId, collector);
  if (call === undefined) {
    const begun = calls.filter((one) => callId !== undefined && one.callId.startsWith(callId));
    return { candidates: begun.length > 0 ? begun : calls };
  }
  return {
    ladder: ladderOf({ call, ...collector.factsOf(call), ...(damage !== undefined && { damage }) }),
    ...(namesakes.length > 0 && { namesakes }),
  };
}

interface Meant {
  readonly call?: CallReport | undefined;
  readonly namesakes: readonly CallReport[];
}

function meant(
  calls: readonly CallReport[],
  callId: string | undefined,
  collector: LadderCollector,
): Meant {
  if (callId === undefined)
    return { call: calls.length === 1 ? calls[0] : undefined, namesakes: [] };
  const exact = calls.filter((one) => one.callId === callId);
  const named = exact.length > 0 ? exact : calls.filter((one) => one.callId.startsWith(callId));
  const [first, ...others] = named;
  const isOneId = others.every((one) => one.callId === first?.callId);
  if (first === undefined || !isOneId) return { namesakes: [] };
  const rank = (one: CallReport): number =>
    isAnswered(one) ? Infinity : collector.messagesOf(one);
  const call = others.reduce((best, one) => (rank(one) > rank(best) ? one : best), first);
  return { call, namesakes: named.filter((one) => one !== call) };
}

function isAnswered({ course, outcome }: CallReport): boolean {
  return (
    course.answeredAt !== undefined ||
    outcome.statusClass === "2xx" ||
    outcome.isAnswerUnseen === true
  );
}
