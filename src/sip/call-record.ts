/**
 * The record of a call as it is when the call is first seen.
 *
 * @module
 */

import type { SipCall, SipHop } from "./call.js";

/** A fact that may be written. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What is known of a call when it is first seen. */
export interface CallOrigin {
  readonly callId: string;
  readonly callerTag: string | undefined;
  readonly calleeTag: string | undefined;
  readonly atMs: number;
  readonly direction: "in" | "out" | undefined;
  readonly hasInvite: boolean;
  /** Who speaks first is taken for the caller. */
  readonly isCallerAssumed?: boolean;
  readonly wasConfirmed?: boolean;
}

/** A record that says no more than where the call began. `hops` fills as hops are seen. */
export function newRecord(origin: CallOrigin, hops: readonly SipHop[]): Mutable<SipCall> {
  const { callId, callerTag, calleeTag, direction } = origin;
  const record: Mutable<SipCall> = {
    callId,
    caller: { uri: "" },
    callee: { uri: "" },
    isCallerAssumed: origin.isCallerAssumed ?? false,
    invitedAtMs: origin.atMs,
    hasInvite: origin.hasInvite,
    wasConfirmed: origin.wasConfirmed ?? false,
    isAnswerUnseen: false,
    answerRetransmissions: 0,
    isAckMissing: false,
    lastMessageAtMs: origin.atMs,
    attempts: 1,
    isCancelled: false,
    cancelReasons: [],
    reasons: [],
    isByeGlare: false,
    isByeUnanswered: false,
    isDefunct: false,
    vouching: { identities: [] },
    hops,
    forkTags: [],
    messages: 0,
    retransmissions: 0,
    conflictingFinals: 0,
    isOneSided: false,
    isTruncated: false,
  };
  if (callerTag !== undefined) record.callerTag = callerTag;
  if (calleeTag !== undefined) record.calleeTag = calleeTag;
  if (direction !== undefined) record.direction = direction;
  return record;
}
