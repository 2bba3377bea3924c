/**
 * One call as it is stored: its record as JSON, and what it is found by.
 *
 * @module
 */

import type { CallReport, IssueKind } from "../call/call-report.js";
import { canonicalParty } from "../stir/telephone-number.js";

/** What a call is found by. Unknown is absent. */
export interface CallFacts {
  readonly observationPoint: string;
  readonly callId: string;
  /** The first thing known of it, ISO 8601 with microseconds; empty where no time is known. */
  readonly beganAt: string;
  readonly endedAt?: string;
  /** A number in digits alone, else a user name. */
  readonly caller?: string;
  readonly callee?: string;
  readonly statusCode?: number;
  readonly statusClass?: string;
  readonly via?: string;
  readonly isCancelled: boolean;
  /** Of the worse direction: conversational, else listening. */
  readonly mos?: number;
  readonly issues: readonly IssueKind[];
}

/** One call, ready to be stored. */
export interface CallRecord {
  readonly facts: CallFacts;
  /** The record in one line, without the line break. */
  readonly json: string;
  /** Of the JSON, in UTF-8. */
  readonly bytes: number;
}

/** @throws {TypeError} If the record cannot be written as JSON. */
export function callRecord(call: CallReport): CallRecord {
  const json = JSON.stringify(call);
  return { facts: callFacts(call), json, bytes: Buffer.byteLength(json) };
}

/**
 * Tells calls apart, in one store as in another: a Call-ID may be used again, and be seen at several
 * points.
 */
export function callKey({ observationPoint, callId, beganAt }: CallFacts): string {
  return JSON.stringify([observationPoint, callId, beganAt]);
}

/** What the call is found by. */
export function callFacts(call: CallReport): CallFacts {
  const { observationPoint, callId, caller, callee, course, outcome, issues } = call;
  const { statusCode, statusClass, via } = outcome;
  const from = partyKey(caller?.uri);
  const to = partyKey(callee?.uri);
  const mos = worseMos(call);
  return {
    observationPoint,
    callId,
    beganAt: beganAt(call),
    ...(course.endedAt !== undefined && { endedAt: course.endedAt }),
    ...(from !== undefined && { caller: from }),
    ...(to !== undefined && { callee: to }),
    ...(statusCode !== undefined && { statusCode }),
    ...(statusClass !== undefined && { statusClass }),
    ...(via !== undefined && { via }),
    isCancelled: outcome.cancelled,
    ...(mos !== undefined && { mos }),
    issues: [...new Set(issues.map(({ kind }) => kind))],
  };
}

/** What a party is found by: a number however it was written, else a name. */
export function partyKey(uri: string | undefined): string | undefined {
  if (uri === undefined || uri === "") return undefined;
  const written = /^(?:sips?|tel):/i.test(uri) ? uri : `tel:${uri}`;
  const { number, uri: canonical = uri } = canonicalParty(written);
  return number ?? /^(?:sips?:)?([^@]*)/.exec(canonical)?.[1];
}

function beganAt({ course, streams }: CallReport): string {
  const { invitedAt, ringingAt, answeredAt, endedAt } = course;
  const known = invitedAt ?? ringingAt ?? answeredAt ?? endedAt;
  if (known !== undefined) return known;
  return streams.reduce((first, { firstPacketAt }) => {
    return first === "" || firstPacketAt < first ? firstPacketAt : first;
  }, "");
}

function worseMos({ quality }: CallReport): number | undefined {
  const both = [quality?.callerToCallee, quality?.calleeToCaller];
  const known = both.flatMap((one) => one?.mosCq ?? one?.mosLq ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}
