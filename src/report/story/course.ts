/**
 * The course of a call in sentences: who called whom, what came of it, who ended it.
 *
 * @module
 */

import type { CallReport, OutcomeReport } from "../../call/call-report.js";
import {
  beganBefore,
  isAnswered,
  isAnsweredElsewhere,
  isUnanswered,
  reasonsText,
  REQUEST_TERMINATED,
} from "../call-outcome.js";
import { printable, shortened, TIE } from "../display-text.js";
import { partyNames } from "../party-name.js";
import { countOf, durationText, secondsBetween, timeOfDay, UNKNOWN } from "../quantity.js";
import { statusText } from "../../sip/status-codes.js";
import { failureMeaning } from "./failure.js";
import { type Sentence, sentenceText } from "./sentence.js";

/** Shorter, people would say "at once". */
const AT_ONCE_SECONDS = 0.1;
/** A post-dial delay that callers take for a dead line (ITU-T E.721: 3 s for a local call). */
const LONG_POST_DIAL_SECONDS = 3;
/** Columns for a name, which anybody may write. */
const MAX_NAME_COLUMNS = 80;
/** Columns for the Call-ID of another leg, which anybody may write. */
const MAX_ID_COLUMNS = 80;

/** Who called whom, how the call was set up, how it ended. */
export function courseSentences(call: CallReport): Sentence[] {
  return [
    opening(call),
    ...attempts(call),
    ...(isAnswered(call) || beganBefore(call) ? answered(call) : unanswered(call)),
    ...otherLegs(call),
  ];
}

function opening(call: CallReport): Sentence {
  const { invitedAt, answeredAt } = call.course;
  const [caller, callee] = partyNames(call, { columns: MAX_NAME_COLUMNS });
  const at = invitedAt ?? answeredAt;
  const when = at === undefined ? "" : ` on ${at.slice(0, 10)} at${TIE}${timeOfDay(at)}${TIE}UTC`;
  const isNameless = caller === UNKNOWN && callee === UNKNOWN;
  const [from, to] = [nameOr(caller, "somebody"), nameOr(callee, "somebody")];
  const text =
    isNameless && call.transport === "webrtc"
      ? `a peer connection was up${when}`
      : invitedAt === undefined && !isUnanswered(call)
        ? `${from} and ${to} were in a call${when}`
        : `${from} called ${to}${when}`;
  return {
    about: "course",
    // A name is written as its owner writes it.
    text: isNameless || from === "somebody" ? sentenceText(text) : `${text}.`,
    fields: [
      "caller.uri",
      "callee.uri",
      "caller.endpoint",
      "callee.endpoint",
      "transport",
      invitedAt === undefined ? "course.answeredAt" : "course.invitedAt",
    ],
  };
}

function nameOr(name: string, otherwise: string): string {
  return name === UNKNOWN ? otherwise : name;
}

function attempts({ outcome }: CallReport): Sentence[] {
  if (outcome.attempts < 2) return [];
  const text = `It took ${countOf(outcome.attempts, "INVITE")}, as after a demand for credentials or a redirection.`;
  return [{ about: "course", text, fields: ["outcome.attempts"] }];
}

/** "rang after 2.1 s". */
function rang({ course: { invitedAt, ringingAt } }: CallReport): string | undefined {
  if (ringingAt === undefined || invitedAt === undefined) return undefined;
  const seconds = secondsBetween(invitedAt, ringingAt);
  if (seconds < AT_ONCE_SECONDS) return "rang at once";
  return `rang ${seconds >= LONG_POST_DIAL_SECONDS ? "only " : ""}after ${durationText(seconds)}`;
}

const RINGING = ["course.invitedAt", "course.ringingAt"];

function answered(call: CallReport): Sentence[] {
  const { outcome, timings, course } = call;
  const { setupSeconds, durationSeconds } = timings;
  const isAtOnce = setupSeconds !== undefined && setupSeconds < AT_ONCE_SECONDS;
  const parts = [
    isAtOnce ? "was answered at once" : rang(call),
    outcome.isAnswerUnseen === true
      ? "was answered, as what followed shows"
      : setupSeconds === undefined || isAtOnce
        ? undefined
        : `was answered ${durationText(setupSeconds)} after the INVITE`,
    durationSeconds === undefined ? undefined : `lasted ${durationText(durationSeconds)}`,
  ].filter((part) => part !== undefined);
  const until = ending(outcome, course.endedAt !== undefined);
  // Only what lasts does so until something happens.
  const joint = durationSeconds === undefined ? ";" : ", until";
  const text =
    parts.length === 0
      ? until && `it went on until ${until}`
      : `it ${enumerated(parts)}${until === undefined ? "" : `${joint} ${until}`}`;
  if (text === undefined) return [];
  return [
    {
      about: "course",
      text: sentenceText(text),
      fields: [
        ...RINGING,
        "outcome.isAnswerUnseen",
        "timings.setupSeconds",
        "timings.durationSeconds",
        "outcome.endedBy",
        "outcome.byeReasonClass",
        "outcome.reasons",
      ],
      tone: outcome.byeReasonClass === "error" ? "fair" : undefined,
    },
  ];
}

/** "a", "a and b", "a, b and c" of clauses, which a comma parts where they have one of their own. */
function enumerated(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  const others = parts.slice(0, -1);
  if (others.length === 0) return last;
  const comma = others.at(-1)?.includes(",") === true ? "," : "";
  return `${others.join(", ")}${comma} and ${last}`;
}

/** "the callee hung up because of an error (Q.850 34 No circuit available)". */
function ending(outcome: OutcomeReport, hasEnded: boolean): string | undefined {
  const { endedBy, byeReasonClass } = outcome;
  if (endedBy === undefined || !hasEnded) return undefined;
  const why =
    byeReasonClass === "error"
      ? " because of an error"
      : byeReasonClass === "timer-expired"
        ? " because a timer had run out"
        : "";
  return `the ${endedBy} hung up${why}${given(outcome)}`;
}

function given(outcome: OutcomeReport): string {
  const reasons = reasonsText(outcome);
  return reasons === "" ? "" : ` (${reasons})`;
}

function unanswered(call: CallReport): Sentence[] {
  const { text, fields, tone } = call.outcome.cancelled ? cancelled(call) : failed(call);
  const ring = rang(call);
  const whole = ring === undefined ? text : `it ${ring}, but ${text}`;
  return [
    {
      about: "course",
      text: sentenceText(whole),
      fields: [...RINGING, ...fields, "outcome.reasons"],
      tone,
    },
  ];
}

type Failure = Pick<Sentence, "text" | "fields" | "tone">;

function cancelled({ outcome, course }: CallReport): Failure {
  const fields = ["outcome.cancelled", "course.invitedAt", "course.endedAt", "outcome.statusCode"];
  const { statusCode } = outcome;
  const after = sinceInvite(course);
  if (isAnsweredElsewhere(outcome)) {
    return { text: `the call was taken back${after}, since it was answered elsewhere`, fields };
  }
  // The record has when it was over: with the 487, that is when the caller gave up, else later.
  const isConfirmed = statusCode === REQUEST_TERMINATED;
  const text = `the caller gave up${isConfirmed && after !== "" ? `${after},` : ""} before anybody answered${given(outcome)}`;
  if (isConfirmed) return { text, fields, tone: "fair" };
  const over =
    statusCode !== undefined
      ? `; the CANCEL crossed with ${statusText(statusCode)}${after.replace(/^ (?=\d)/, ", ")}`
      : after && `; the call was over${after}`;
  return { text: text + over, fields, tone: "fair" };
}

/** " at once", " 1.2 s after the INVITE"; nothing where it was not seen to end. */
function sinceInvite({ invitedAt, endedAt }: CallReport["course"]): string {
  if (invitedAt === undefined || endedAt === undefined) return "";
  const seconds = secondsBetween(invitedAt, endedAt);
  return seconds < AT_ONCE_SECONDS ? " at once" : ` ${durationText(seconds)} after the INVITE`;
}

/** Why it was never answered, as far as anybody said. */
function failed({ outcome, course }: CallReport): Failure {
  const { via, statusCode, statusClass } = outcome;
  const after = sinceInvite(course);
  const fields = ["outcome.via", "outcome.statusCode", "course.invitedAt", "course.endedAt"];
  const told = (text: string, tone: Sentence["tone"] = "bad"): Failure => ({ text, fields, tone });
  switch (via) {
    case "timeout":
      return told(
        course.ringingAt === undefined
          ? `no final answer had come${after}, when it timed out: look whether the INVITE reaches the callee, and whether its answers find their way back`
          : `nobody answered until it timed out${after}`,
      );
    case "transport-error":
      return told(`the INVITE could not be sent: look at the connection to the next server`);
    case "local-abort":
      return told(
        `it was broken off on the observed side${after}, before anybody answered`,
        "fair",
      );
    case "abandoned":
      return told(`it was left unfinished${after}, with no final answer`, "fair");
    case "response":
    case undefined:
  }
  const isFinal = statusCode !== undefined && statusClass !== "1xx";
  if (!isFinal) return told("no final answer was seen", undefined);
  const meaning = failureMeaning(statusCode, statusClass);
  const what = statusClass === "3xx" ? "it was redirected" : "it failed";
  const why = meaning === undefined ? "" : `: ${meaning}`;
  return told(
    `${what}${after} with ${statusText(statusCode)}${why}${given(outcome)}`,
    statusClass === "5xx" ? "bad" : "fair",
  );
}

function otherLegs({ linkedCallIds = [] }: CallReport): Sentence[] {
  const [first, ...more] = linkedCallIds;
  if (first === undefined) return [];
  const others = more.length === 0 ? "" : ` and ${countOf(more.length, "other", "others")}`;
  const name = shortened(printable(first), MAX_ID_COLUMNS);
  const text = `It is one leg of a conversation, with ${name}${others}.`;
  return [{ about: "course", text, fields: ["linkedCallIds"] }];
}
