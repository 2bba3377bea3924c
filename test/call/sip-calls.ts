/**
 * Calls as the tracker would tell them, for tests that are about their media.
 *
 * @module
 */

import { CallEntry } from "../../src/call/call-entry.js";
import { parseSdp } from "../../src/sdp/session.js";
import type { CallParty, SipCall } from "../../src/sip/call.js";

/** An answered call of a minute, from instant 0. */
export function sipCall(facts: Partial<SipCall> = {}): SipCall {
  return {
    callId: "a@192.0.2.1",
    callerTag: "caller",
    calleeTag: "callee",
    caller: { uri: "sip:alice@example.org", endpoint: { address: "192.0.2.1", port: 5060 } },
    callee: { uri: "sip:bob@example.org", endpoint: { address: "198.51.100.2", port: 5060 } },
    invitedAtMs: 0,
    hasInvite: true,
    progressAtMs: 100,
    ringingAtMs: 100,
    answeredAtMs: 1000,
    finalAtMs: 1000,
    acknowledgedAtMs: 1050,
    endedAtMs: 60_000,
    byeAnsweredAtMs: 60_050,
    lastMessageAtMs: 60_050,
    attempts: 1,
    statusCode: 200,
    via: "response",
    isCancelled: false,
    cancelReasons: [],
    endedBy: "caller",
    byeReasonClass: "normal",
    reasons: [],
    isCallerAssumed: false,
    wasConfirmed: true,
    isAnswerUnseen: false,
    answerRetransmissions: 0,
    isAckMissing: false,
    isByeUnanswered: false,
    isByeGlare: false,
    isDefunct: false,
    vouching: { identities: [] },
    hops: [],
    forkTags: [],
    messages: 6,
    retransmissions: 0,
    conflictingFinals: 0,
    isOneSided: false,
    isTruncated: false,
    ...facts,
  };
}

/** A call whose parties said where they receive audio. */
export function describedCall(
  places: Readonly<Partial<Record<CallParty, string>>>,
  facts: Partial<SipCall> = {},
): CallEntry {
  const entry = new CallEntry(sipCall(facts));
  for (const by of ["caller", "callee"] as const) {
    const place = places[by];
    if (place === undefined) continue;
    const [address = "", port = ""] = place.split(" ");
    const session = parseSdp(
      `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\n` +
        `m=audio ${port} RTP/AVP 0\r\n`,
    );
    if (typeof session === "string") throw new Error(session);
    const atMs = entry.call.invitedAtMs + (by === "caller" ? 0 : 1000);
    entry.describe({ by, isOffer: by === "caller", atMs, session });
  }
  return entry;
}
