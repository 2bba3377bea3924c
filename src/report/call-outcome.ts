/**
 * What came of a call, in words.
 *
 * @module
 */

import type { CallReport, OutcomeReport } from "../call/call-report.js";
import { printable, shortened, TIE } from "./display-text.js";
import { countOf, UNKNOWN } from "./quantity.js";
import { statusText } from "../sip/status-codes.js";
import type { Tone, TonedText } from "./tone.js";

/** Columns for the text of a Reason, which anybody may write. */
const MAX_REASON_COLUMNS = 80;

const WITHOUT_RESPONSE = {
  timeout: { text: "timeout", tone: "bad" },
  "transport-error": { text: "transport error", tone: "bad" },
  "local-abort": { text: "aborted here", tone: "fair" },
  abandoned: { text: "abandoned", tone: "fair" },
} as const satisfies Readonly<Record<string, TonedText>>;

/** Of a request that its CANCEL ended (RFC 3261 §21.4.25). */
export const REQUEST_TERMINATED = 487;
/** Of a CANCEL because another branch answered (RFC 3326 §2). */
const ANSWERED_ELSEWHERE = { protocol: "SIP", cause: 200 };

/** Whether the call came to be. */
export function isAnswered({ outcome, course }: CallReport): boolean {
  return (
    course.answeredAt !== undefined ||
    outcome.statusClass === "2xx" ||
    outcome.isAnswerUnseen === true
  );
}

/** Whether its INVITE was before the capture, which does not tell what came of it. */
export function beganBefore(call: CallReport): boolean {
  const { course, outcome } = call;
  const { via, statusClass } = outcome;
  if (course.invitedAt !== undefined || outcome.cancelled || isAnswered(call)) return false;
  const isOpen = via === undefined || via === "abandoned";
  return isOpen && (statusClass === undefined || statusClass === "1xx");
}

/** Whether the call failed: it was neither answered nor may have been before the capture. */
export function isUnanswered(call: CallReport): boolean {
  return !isAnswered(call) && !beganBefore(call);
}

/** "200 OK", "486 Busy Here", "cancelled", "timeout"; how far it got while there is no outcome. */
export function outcomeCell(call: CallReport): TonedText {
  const { outcome, course } = call;
  const { via, statusCode } = outcome;
  if (isAnswered(call)) return { text: answerText(outcome) };
  if (outcome.cancelled) return { text: cancelledText(outcome), tone: "fair" };
  if (beganBefore(call)) {
    return { text: course.ringingAt === undefined ? "before capture" : "ringing" };
  }
  if (via !== undefined && via !== "response") return WITHOUT_RESPONSE[via];
  if (statusCode !== undefined) {
    return { text: statusText(statusCode), tone: statusTone(outcome) };
  }
  return course.ringingAt === undefined ? { text: UNKNOWN, tone: "faint" } : { text: "ringing" };
}

function answerText({ statusCode, isAnswerUnseen }: OutcomeReport): string {
  return isAnswerUnseen === true ? "answer not seen" : statusText(statusCode ?? 200);
}

/** With the final status where the CANCEL did not bring it about: it crossed with another one. */
function cancelledText({ statusCode }: OutcomeReport): string {
  const isUsual = statusCode === undefined || statusCode === REQUEST_TERMINATED;
  return isUsual ? "cancelled" : `cancelled (${statusCode})`;
}

/** A refusal by the callee is everyday; a failure of a server is not. */
function statusTone({ statusCode = 0, statusClass }: OutcomeReport): Tone | undefined {
  if (statusClass === "5xx" || statusCode === 408) return "bad";
  return statusClass === "4xx" || statusClass === "6xx" ? "fair" : undefined;
}

/** Who ended it, and why: "the callee hung up: Q.850 16 normal call clearing". */
export function endingClause(call: CallReport): string | undefined {
  const { outcome } = call;
  const { attempts, endedBy, cancelled, byeReasonClass } = outcome;
  const who =
    cancelled && !isAnswered(call)
      ? isAnsweredElsewhere(outcome)
        ? "answered elsewhere"
        : "the caller gave up"
      : endedBy !== undefined && !isUnanswered(call)
        ? `the ${endedBy} hung up`
        : undefined;
  const kind =
    byeReasonClass === undefined || byeReasonClass === "normal" || byeReasonClass === "user-hangup"
      ? ""
      : ` (${byeReasonClass})`;
  const reasons = reasonsText(outcome);
  const end =
    who === undefined
      ? reasons === ""
        ? undefined
        : `reason: ${reasons}`
      : `${who}${kind}${reasons === "" ? "" : `: ${reasons}`}`;
  const tries = attempts > 1 ? countOf(attempts, "attempt") : undefined;
  const clauses = [tries, end].filter((clause) => clause !== undefined);
  return clauses.length === 0 ? undefined : clauses.join("; ");
}

/** Of a call that was not answered, whose reasons are those of its CANCEL: another branch answered. */
export function isAnsweredElsewhere({ reasons = [] }: OutcomeReport): boolean {
  const { protocol, cause } = ANSWERED_ELSEWHERE;
  return reasons.some((one) => one.protocol === protocol && one.cause === cause);
}

/** What BYE or CANCEL give as their reason: "Q.850 16 Normal call clearing"; nothing without any. */
export function reasonsText({ reasons = [] }: OutcomeReport): string {
  return reasons
    .map(({ protocol, cause, text = "" }) => {
      const parts = [printable(protocol), ...(cause === undefined ? [] : [String(cause)])];
      const written = shortened(printable(text), MAX_REASON_COLUMNS);
      return parts.join(TIE) + (written === "" ? "" : ` ${written}`);
    })
    .join(", ");
}
