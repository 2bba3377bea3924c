/**
 * What is wrong with a call.
 *
 * @module
 */

import type { IssueKind, IssueReport } from "../call-report.js";
import type { CallFacts } from "../findings.js";
import { findEarlyMediaCut, findLateAnswer, findLateMedia } from "./answer.js";
import { findClockDrift } from "./drift.js";
import { findMediaAfterBye, findSessionTimerExpiring } from "./ending.js";
import { findCodecChanges, findWrongPayloadTypes } from "./payloads.js";
import { findDivergentViews, findMissingRtcp } from "./reports.js";
import { findMissingAck, findUnansweredBye } from "./signalling.js";
import { findDeadAir, findNoMedia, findOneWayAudio } from "./silence.js";

/** Issues of one kind in one record; the last tells how many more there were. */
export const MAX_ISSUES_PER_KIND = 16;

const FINDERS = {
  "one-way-audio": findOneWayAudio,
  "no-media": findNoMedia,
  "media-after-bye": findMediaAfterBye,
  "early-media-cut": findEarlyMediaCut,
  "dead-air": findDeadAir,
  "wrong-payload-type": findWrongPayloadTypes,
  "codec-changed": findCodecChanges,
  "rtcp-missing": findMissingRtcp,
  "clock-drift": findClockDrift,
  "late-answer": findLateAnswer,
  "late-media": findLateMedia,
  "session-timer-expiring": findSessionTimerExpiring,
  "ack-missing": findMissingAck,
  "bye-unanswered": findUnansweredBye,
  "divergent-views": findDivergentViews,
} satisfies Readonly<Record<IssueKind, (facts: CallFacts) => IssueReport[]>>;
const ALL_FINDERS = Object.values(FINDERS);

/** Everything found wrong with a call, in order of time; those without a time come last. */
export function findIssues(facts: CallFacts): IssueReport[] {
  const issues: IssueReport[] = [];
  for (const find of ALL_FINDERS) {
    const found = find(facts);
    // Nearly always there is nothing to put in order.
    if (found.length > 0) issues.push(...limited(found.sort(byTime)));
  }
  return issues.sort(byTime);
}

/** Instants as text sort like the instants. */
function byTime(a: IssueReport, b: IssueReport): number {
  const [atA, atB] = [a.from ?? "~", b.from ?? "~"];
  return atA < atB ? -1 : Number(atA > atB);
}

function limited(issues: readonly IssueReport[]): IssueReport[] {
  const left = issues.slice(0, MAX_ISSUES_PER_KIND);
  const more = issues.length - left.length;
  const last = left.at(-1);
  if (more === 0 || last === undefined) return left;
  left[left.length - 1] = {
    ...last,
    detail: `${last.detail} There are ${String(more)} more of this kind.`,
  };
  return left;
}
