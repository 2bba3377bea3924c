/**
 * What goes wrong at the moment a call is answered.
 *
 * @module
 */

import { endpointKey } from "../../net/endpoint.js";
import type { IssueKind, IssueReport } from "../call-report.js";
import type { CallFacts, CallStream } from "../findings.js";
import { audioOf, mayShareHop } from "./audio.js";
import { openFor } from "./course.js";
import { durationText, issue } from "./issue.js";
import { intersection, merged, type Span } from "./spans.js";

/** A longer gap is a lost syllable; a shorter one is what jitter buffers are for. */
export const MIN_CUT_MS = 200;

/** People say their first word within the first second. */
export const MAX_FIRST_MEDIA_MS = 1000;

/** Early media that ended longer before the answer was not cut by it: a ring tone pauses for 4 s. */
export const MAX_EARLY_END_BEFORE_ANSWER_MS = 5000;

/** The answer and the first packet of its media may overtake each other by so much. */
const AT_ANSWER_MS = 1000;

const CALLEE = { direction: "callee-to-caller" } as const;

/** The callee's media broke off or changed where it answered. */
export function findEarlyMediaCut(facts: CallFacts): IssueReport[] {
  const around = aroundAnswer(facts);
  // A fork's announcement and the voice of who answered are two sources by nature.
  if (around?.last === undefined || facts.call.forkTags.length > 0) return [];
  const { last, next, answeredAtMs, suppressesSilence } = around;
  return reported(
    "early-media-cut",
    facts,
    cutBetween(last, next, answeredAtMs, suppressesSilence),
  );
}

/** What the callee sent around its answer. */
interface AroundAnswer {
  /** Early media that did not carry on. */
  readonly last: CallStream | undefined;
  readonly next: CallStream;
  readonly answeredAtMs: number;
  readonly suppressesSilence: boolean;
}

function aroundAnswer(facts: CallFacts): AroundAnswer | undefined {
  const { answeredAtMs, hasInvite, endedAtMs = Infinity } = facts.call;
  if (answeredAtMs === undefined || !hasInvite) return undefined;
  const { streams, suppressesSilence } = audioOf(facts, CALLEE.direction);
  const after = streams.filter(
    ({ firstPacketAtMs: firstMs, lastPacketAtMs: lastMs }) =>
      firstMs >= answeredAtMs - AT_ANSWER_MS && firstMs < endedAtMs && lastMs > answeredAtMs,
  );
  const early = streams.filter((one) => one.firstPacketAtMs < answeredAtMs - AT_ANSWER_MS);
  if (early.some((one) => one.lastPacketAtMs > answeredAtMs + AT_ANSWER_MS)) return undefined;
  const last = early.reduce<CallStream | undefined>(
    (latest, one) => (latest && latest.lastPacketAtMs > one.lastPacketAtMs ? latest : one),
    undefined,
  );
  const [first] = after;
  const next = (last && after.find((one) => mayShareHop(last, one))) ?? first;
  if (next === undefined) return undefined;
  return { last, next, answeredAtMs, suppressesSilence };
}

function reported(kind: IssueKind, facts: CallFacts, cut: Cut | undefined): IssueReport[] {
  if (cut === undefined || hasGap(facts, cut.span)) return [];
  return [issue(kind, { ...CALLEE, span: cut.span }, cut.detail)];
}

interface Cut {
  readonly span: Span;
  readonly detail: string;
}

function cutBetween(
  last: CallStream,
  next: CallStream,
  answeredAtMs: number,
  suppressesSilence: boolean,
): Cut | undefined {
  if (last.lastPacketAtMs < answeredAtMs - MAX_EARLY_END_BEFORE_ANSWER_MS) return undefined;
  const changes = changesBetween(last, next);
  const gapMs = next.firstPacketAtMs - last.lastPacketAtMs;
  if (gapMs > MIN_CUT_MS && !suppressesSilence) {
    const also = changes.length > 0 ? `; ${changes.join(", ")}` : "";
    return {
      span: { fromMs: last.lastPacketAtMs, toMs: next.firstPacketAtMs },
      detail: `The callee's early media ended ${durationText(gapMs)} before the media of its answer began${also}.`,
    };
  }
  if (changes.length === 0) return undefined;
  return {
    span: { fromMs: next.firstPacketAtMs, toMs: next.firstPacketAtMs },
    detail: `The callee's media changed at the answer: ${changes.join(", ")}.`,
  };
}

function changesBetween({ stream: last }: CallStream, { stream: next }: CallStream): string[] {
  const changes: string[] = [];
  const [from, to] = [endpointKey(last.source), endpointKey(next.source)];
  if (from !== to) changes.push(`its source from ${from} to ${to}`);
  if (last.codec !== undefined && next.codec !== undefined && last.codec !== next.codec) {
    changes.push(`its codec from ${last.codec} to ${next.codec}`);
  }
  return changes;
}

function lateStart(facts: CallFacts, next: CallStream, answeredAtMs: number): Cut | undefined {
  // With the offer in the 200 the callee has to wait for the ACK.
  const [open] = intersection(openFor(facts, [CALLEE.direction]), [
    { fromMs: answeredAtMs, toMs: answeredAtMs + MAX_EARLY_END_BEFORE_ANSWER_MS },
  ]);
  if (open === undefined) return undefined;
  const delayMs = next.firstPacketAtMs - open.fromMs;
  if (delayMs <= MAX_FIRST_MEDIA_MS) return undefined;
  return {
    span: { fromMs: open.fromMs, toMs: next.firstPacketAtMs },
    detail: `The callee's first audio packet came ${durationText(delayMs)} after its answer.`,
  };
}

function hasGap({ observation }: CallFacts, span: Span): boolean {
  return intersection([span], merged(observation.gaps)).length > 0;
}

/** An answer long before the callee was heard. */
export function findLateMedia(facts: CallFacts): IssueReport[] {
  const around = aroundAnswer(facts);
  if (around === undefined || around.suppressesSilence) return [];
  const { last, next, answeredAtMs } = around;
  // What broke off at the answer is told as that.
  if (last && cutBetween(last, next, answeredAtMs, false) !== undefined) return [];
  return reported("late-media", facts, lateStart(facts, next, answeredAtMs));
}

/** An answer that came when the caller had given up. */
export function findLateAnswer({ call }: CallFacts): IssueReport[] {
  const { answeredAtMs, endedAtMs, invitedAtMs, via } = call;
  if (answeredAtMs === undefined) return [];
  const gaveUp = call.isCancelled
    ? "cancelled the call"
    : via === "timeout" || via === "abandoned" || via === "local-abort"
      ? "given the call up"
      : undefined;
  if (gaveUp === undefined) return [];
  const after = call.hasInvite
    ? `, ${durationText(answeredAtMs - invitedAtMs)} after the INVITE`
    : "";
  const span = { fromMs: answeredAtMs, toMs: Math.max(answeredAtMs, endedAtMs ?? answeredAtMs) };
  return [
    issue(
      "late-answer",
      { span },
      `The callee answered${after}, although the caller had ${gaveUp}.`,
    ),
  ];
}
