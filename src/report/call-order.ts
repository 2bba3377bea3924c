/**
 * Which calls to look at first.
 *
 * @module
 */

import type { CallReport, IssueKind } from "../call/call-report.js";
import { isUnanswered } from "./call-outcome.js";
import { satisfaction, score } from "./satisfaction.js";
import { BEST_PLACE, placeOf, WORST_PLACE } from "./stream-order.js";

/** Somebody heard nothing, whatever the score of what the other heard. */
export const SILENT_ISSUES: readonly IssueKind[] = ["one-way-audio", "no-media", "dead-air"];

/** From the first to the last. */
export const TIERS = { hurt: 0, failed: 1, fine: 2 } as const;

/**
 * The calls, worst first. Equal ones stay as they were. In order:
 *
 * 1. Answered calls, those that began before the capture among them, with an issue, or whose worse direction does not satisfy users (ITU-T G.109): by
 *    the score of that direction. Where somebody heard nothing, or media was never secured or found
 *    no path, the score counts as the least there is; a call without a score is put where the loss
 *    of its worst stream would put it, as streams are.
 * 2. Calls never answered: failures of servers and networks, then refusals, then those given up.
 * 3. All others, by score.
 */
export function worstCallsFirst(calls: readonly CallReport[]): CallReport[] {
  return calls
    .map((call) => ({ call, ...standing(call) }))
    .sort(byStanding)
    .map(({ call }) => call);
}

/** The lower score of both directions; absent where neither has one. */
export function worseScore({ quality }: CallReport): number | undefined {
  const scores = [score(quality?.callerToCallee), score(quality?.calleeToCaller)];
  const known = scores.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Where a call stands among others: less is worse. */
export interface Standing {
  readonly tier: number;
  readonly place: number;
}

/** The order of {@link worstCallsFirst}. */
export function byStanding(a: Standing, b: Standing): number {
  return a.tier - b.tier || a.place - b.place;
}

/** Where a call stands. */
export function standing(call: CallReport): Standing {
  if (isUnanswered(call)) return { tier: TIERS.failed, place: failureRank(call) };
  const place = isSilent(call) ? WORST_PLACE : (worseScore(call) ?? placeOfStreams(call));
  const isHurt = call.issues.length > 0 || satisfaction(place).tone !== "good";
  return { tier: isHurt ? TIERS.hurt : TIERS.fine, place };
}

function isSilent({ issues, security, ice }: CallReport): boolean {
  const { dtls = [] } = security;
  return (
    issues.some(({ kind }) => SILENT_ISSUES.includes(kind)) ||
    ice?.result === "failed" ||
    (dtls.length > 0 && dtls.every(({ result }) => result !== "ok" && result !== "late-ok"))
  );
}

function placeOfStreams({ streams }: CallReport): number {
  return streams.reduce((worst, stream) => Math.min(worst, placeOf(stream)), BEST_PLACE);
}

/** A call that is still open at the end of the capture may yet be answered: it is the last. */
function failureRank({ outcome }: CallReport): number {
  const { via, statusClass, statusCode, cancelled } = outcome;
  if (cancelled) return 2;
  if (via === "timeout" || via === "transport-error") return 0;
  if (statusClass === "5xx" || statusCode === 408) return 0;
  if (statusClass !== undefined && statusClass !== "1xx") return 1;
  return via === undefined ? 3 : 2;
}
