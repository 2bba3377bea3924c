/**
 * What goes wrong in a call's signalling though the call itself may seem to work.
 *
 * @module
 */

import type { IssueReport } from "../call-report.js";
import type { CallFacts } from "../findings.js";
import { durationText, issue } from "./issue.js";

/** The answer was never acknowledged: the callee gives the call up after 64·T1 (RFC 3261 §13.3.1.4). */
export function findMissingAck({ call }: CallFacts): IssueReport[] {
  const { answeredAtMs, answerRetransmissions, answersNotSent = 0 } = call;
  const { endedAtMs, lastMessageAtMs } = call;
  if (!call.isAckMissing || answeredAtMs === undefined) return [];
  const span = { fromMs: answeredAtMs, toMs: endedAtMs ?? lastMessageAtMs };
  const times = answerRetransmissions + 1;
  const refused =
    answersNotSent === 0
      ? ""
      : answersNotSent < times
        ? `; ${timesText(answersNotSent)} its own transport did not take it`
        : "; its own transport never took it";
  const detail = `No ACK came for the answer, which the callee sent ${timesText(times)}${refused}.`;
  return [issue("ack-missing", { span }, detail)];
}

function timesText(times: number): string {
  return `${String(times)} ${times === 1 ? "time" : "times"}`;
}

/** A hang-up that the other party never confirmed: it may think that the call goes on. */
export function findUnansweredBye({ call }: CallFacts): IssueReport[] {
  const { endedAtMs, endedBy, lastMessageAtMs } = call;
  if (!call.isByeUnanswered || endedAtMs === undefined || endedBy === undefined) return [];
  const span = { fromMs: endedAtMs, toMs: Math.max(endedAtMs, lastMessageAtMs) };
  const other = endedBy === "caller" ? "callee" : "caller";
  return [
    issue(
      "bye-unanswered",
      { span },
      `The ${other} never answered the ${endedBy}'s BYE, which was repeated for ${durationText(span.toMs - span.fromMs)}.`,
    ),
  ];
}
