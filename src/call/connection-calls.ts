/**
 * Calls without SIP: peer connections that no dialog belongs to. Each has a record as any other call,
 * with what there is to know of it. The attached side is the callee of it, since what is known is what
 * it receives.
 *
 * @module
 */

import type { CallParty, SipCall } from "../sip/call.js";
import { CallEntry } from "./call-entry.js";
import type { CallReport } from "./call-report.js";
import { composeCall } from "./compose-call.js";
import type { Conversations } from "./conversations.js";
import type { Observation } from "./findings.js";
import { type LiveMedia, materialOf, type StatedSession } from "./live-media.js";
import type { CallContext, CallObserver } from "./observer.js";

/** The attached side of a connection. */
const LOCAL_PARTY: CallParty = "callee";

/** How a connection came to its end. */
export type ConnectionEnd =
  /** Closed by one of its sides. */
  | "closed-here"
  | "closed-by-peer"
  /** It failed, for what its DTLS and ICE reports say. */
  | "failed"
  /** Whoever watched it, or the process it was in, stopped. */
  | "abandoned";

/** A call as it is known; signalling has no part in it. */
type ConnectionCall = { -readonly [Key in keyof SipCall]: SipCall[Key] };

/** One connection as a call. */
export interface OpenConnection {
  readonly call: SipCall;
  connected(atMs: number): void;
  /** Takes the descriptions that are in force now, the offer first. */
  described(stated: readonly StatedSession[], atMs: number): void;
  /** Tells the record. Further calls do nothing. */
  end(atMs: number, how: ConnectionEnd): void;
  report(atMs: number): CallReport;
}

/** What such calls have in common. */
export interface ConnectionCallsOptions {
  readonly observationPoint: string;
  readonly conversations: Conversations;
  readonly observer: CallObserver;
}

/** Keeps the calls of peer connections on their own. */
export class ConnectionCalls {
  readonly #options: ConnectionCallsOptions;
  readonly #open = new Map<SipCall, OpenConnection>();
  readonly #context: CallContext = {
    localPartyOf: () => LOCAL_PARTY,
    transportOf: () => "webrtc",
  };

  constructor(options: ConnectionCallsOptions) {
    this.#options = options;
  }

  /** Every open call as it stands. */
  snapshot(atMs: number): CallReport[] {
    return Array.from(this.#open.values(), (connection) => connection.report(atMs));
  }

  /** An open call as it stands; `undefined` once it is over. */
  reportOf(call: SipCall, atMs: number): CallReport | undefined {
    return this.#open.get(call)?.report(atMs);
  }

  /**
   * @param stated The descriptions in force, the offer first.
   * @param atMs When the connection was first seen.
   * @param isMediaWhole Whether that was before it was up.
   */
  start(
    callId: string,
    media: LiveMedia,
    stated: readonly StatedSession[],
    atMs: number,
    isMediaWhole: boolean,
  ): OpenConnection {
    const { observer } = this.#options;
    const call = newCall(callId, atMs);
    const entry = new CallEntry(call);
    const context = this.#context;
    describe(entry, stated, atMs);
    let isOver = false;
    const compose = (toMs: number): ReturnType<typeof composeCall> =>
      this.#compose(entry, media, { fromMs: atMs, toMs, isMediaWhole });
    const connection: OpenConnection = {
      call,
      connected: (connectedAtMs) => {
        if (isOver || call.wasConfirmed) return;
        call.wasConfirmed = true;
        call.answeredAtMs = connectedAtMs;
        entry.answered(connectedAtMs);
        observer.onSipEvent?.({ kind: "outcome", call, atMs: connectedAtMs }, context);
      },
      described: (statedNow, describedAtMs) => {
        describe(entry, statedNow, describedAtMs);
      },
      end: (endedAtMs, how) => {
        if (isOver) return;
        isOver = true;
        this.#open.delete(call);
        call.endedAtMs = endedAtMs;
        finish(call, how);
        const { report, details } = compose(endedAtMs);
        observer.onSipEvent?.({ kind: "call-ended", call, atMs: endedAtMs }, context);
        observer.onCall?.(report, details);
      },
      report: (toMs) => compose(toMs).report,
    };
    this.#open.set(call, connection);
    observer.onSipEvent?.({ kind: "call-started", call, atMs }, context);
    return connection;
  }

  #compose(
    entry: CallEntry,
    media: LiveMedia,
    observed: Pick<Observation, "fromMs" | "toMs" | "isMediaWhole">,
  ): ReturnType<typeof composeCall> {
    return composeCall({
      entry,
      ...materialOf([media], LOCAL_PARTY),
      observation: {
        ...observed,
        kind: "live",
        hasMedia: true,
        hasCutPackets: false,
        gaps: [],
        isSideAssumed: false,
        hasEncryptedSignalling: false,
        hasNoDialog: true,
      },
      observationPoint: this.#options.observationPoint,
      localParty: LOCAL_PARTY,
      linkedCallIds: this.#options.conversations.of(entry.call),
    });
  }
}

function describe(entry: CallEntry, stated: readonly StatedSession[], atMs: number): void {
  for (const { by, isOffer, session } of stated) {
    entry.describe({ by: by === "local" ? LOCAL_PARTY : "caller", isOffer, atMs, session });
  }
}

function newCall(callId: string, atMs: number): ConnectionCall {
  return {
    callId,
    caller: { uri: "" },
    callee: { uri: "" },
    isCallerAssumed: false,
    invitedAtMs: atMs,
    hasInvite: false,
    wasConfirmed: false,
    isAnswerUnseen: false,
    answerRetransmissions: 0,
    isAckMissing: false,
    isByeUnanswered: false,
    lastMessageAtMs: atMs,
    attempts: 1,
    isCancelled: false,
    cancelReasons: [],
    reasons: [],
    isByeGlare: false,
    isDefunct: false,
    vouching: { identities: [] },
    hops: [],
    forkTags: [],
    messages: 0,
    retransmissions: 0,
    conflictingFinals: 0,
    isOneSided: false,
    isTruncated: false,
  };
}

/** Closing a connection that was up is how such a call is hung up. */
function finish(call: ConnectionCall, how: ConnectionEnd): void {
  if (how === "abandoned") call.isAbandoned = true;
  if (how !== "closed-here" && how !== "closed-by-peer") return;
  call.endedBy = how === "closed-here" ? LOCAL_PARTY : "caller";
  if (call.wasConfirmed) call.byeReasonClass = "normal";
}
