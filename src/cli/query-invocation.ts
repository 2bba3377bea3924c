/**
 * What the command line asks of a store of calls.
 *
 * @module
 */

import { ISSUE_KINDS, type IssueKind } from "../call/call-report.js";
import { type CallFilter, OUTCOME_WORDS, type OutcomeFilter } from "../records/search.js";
import { closestName } from "../net/closest-name.js";
import type { DisplayWishes } from "./display.js";
import {
  atLeastOne,
  decimal,
  displayWishes,
  type Given,
  instantMs,
  single,
  wholeNumber,
} from "./option-values.js";
import { type PrivacyChoice, privacyChoice } from "./privacy-option.js";
import { UsageError } from "./usage-error.js";

/** Calls of a store. */
export interface QueryInvocation extends DisplayWishes {
  readonly kind: "query";
  readonly store: string;
  readonly filter: CallFilter;
  readonly isJson: boolean;
  /** As the records of the store are masked, so that a number is found by its pseudonym. */
  readonly privacy?: PrivacyChoice;
}

const MAX_LIMIT = 10_000;

/** @throws {UsageError} If it cannot be understood. */
export function queryInvocation(words: readonly string[], given: Given): QueryInvocation {
  const [store, extra] = atLeastOne(words, "query needs a store, as in query calls.sqlite");
  if (extra !== undefined) throw new UsageError(`query takes one store; ${extra} is one too many`);
  const privacy = privacyChoice(given);
  return {
    kind: "query",
    store,
    filter: filterOf(given),
    isJson: given.has("json"),
    ...displayWishes(given),
    ...(privacy !== undefined && { privacy }),
  };
}

function filterOf(given: Given): CallFilter {
  const [callId, number, from, to] = ["call-id", "number", "from", "to"].map((name) =>
    single(given, name),
  );
  const [mosBelow, issue, outcome, limit] = ["mos-below", "issue", "outcome", "limit"].map((name) =>
    single(given, name),
  );
  return {
    ...(callId !== undefined && { callId }),
    ...(number !== undefined && { number }),
    ...(from !== undefined && { fromMs: instantMs("from", from) }),
    ...(to !== undefined && { toMs: instantMs("to", to) }),
    ...(mosBelow !== undefined && { mosBelow: decimal("mos-below", mosBelow, "MOS", 1, 5) }),
    ...(issue !== undefined && { issue: issueKind(issue) }),
    ...(outcome !== undefined && { outcome: outcomeFilter(outcome) }),
    ...(limit !== undefined && { limit: wholeNumber("limit", limit, 1, MAX_LIMIT) }),
  };
}

function issueKind(written: string): IssueKind {
  const kind = ISSUE_KINDS.find((one) => one === written);
  if (kind !== undefined) return kind;
  const closest = closestName(written, ISSUE_KINDS);
  const hint = closest ?? `one of ${ISSUE_KINDS.join(", ")}`;
  throw new UsageError(`--issue ${written}: there is no such issue; did you mean ${hint}?`);
}

function outcomeFilter(written: string): OutcomeFilter {
  if (/^[1-6]\d\d$/.test(written)) return Number(written);
  if (/^[1-6]xx$/i.test(written)) return written.toLowerCase() as OutcomeFilter;
  const word = OUTCOME_WORDS.find((one) => one === written);
  if (word !== undefined) return word;
  throw new UsageError(
    `--outcome ${written}: it must be a status code, as in 486; a class, as in 4xx; or one of ${OUTCOME_WORDS.join(", ")}`,
  );
}
