/**
 * One call as its SIP messages tell it, at one observation point, and what the tracker says while it
 * goes on. Times are milliseconds on the clock of whoever feeds the tracker.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { SipMessage } from "./message.js";

/** Who sent the call's first INVITE is its caller, whoever sends later ones. */
export type CallParty = "caller" | "callee";

/** Whom a party speaks with. */
export function otherParty(party: CallParty): CallParty {
  return party === "caller" ? "callee" : "caller";
}

/** How an attempt came to its end. */
export type OutcomeVia = "response" | "timeout" | "transport-error" | "local-abort" | "abandoned";

/** Why a call was hung up, by the Reason of its BYE. */
export type ByeReasonClass = "normal" | "timer-expired" | "error" | "user-hangup";

/** One value of a Reason header field (RFC 3326 §2, RFC 9366). */
export interface Reason {
  /** In upper case where registered: `SIP`, `Q.850`, `STIR`. */
  readonly protocol: string;
  /** From 0 to 999. Absent where missing or unreadable. */
  readonly cause?: number;
  readonly text?: string;
}

/** What came of one refresh of a session timer (RFC 4028). */
export type RefreshResult =
  /** A 2xx that keeps the timer running. */
  | "ok"
  /** A first 422 whose Min-SE can be met. */
  | "422-bumped"
  /** A second 422, or one without a usable Min-SE. */
  | "422-gave-up"
  /** The peer does not know the dialog. */
  | "481"
  /** A 2xx after which the other party is to refresh. */
  | "role-swap"
  /** A 2xx without Session-Expires: the timer is off. */
  | "timer-off"
  /** Any other final response, or none. */
  | "failed";

/** One refresh, or the moment at which the session ran out. */
export interface SessionRefresh {
  readonly atMs: number;
  readonly by: CallParty;
  readonly method: "INVITE" | "UPDATE";
  readonly result: RefreshResult;
  /** Absent where nothing came. */
  readonly statusCode?: number;
  /** It is the moment at which the session ran out: nobody had sent a refresh. */
  readonly isMissing?: true;
}

/** The session timer that holds. */
export interface SessionTimer {
  /** As last granted. */
  readonly intervalSeconds: number;
  /** Who is to refresh, whichever side of a transaction that party was on. */
  readonly refresher: CallParty;
  readonly refreshes: readonly SessionRefresh[];
  /** When the session ends unless refreshed. Absent when the timer was switched off. */
  readonly expiresAtMs?: number;
  /** The moment passed while the call went on. */
  readonly isExpired: boolean;
}

/** The INVITE that carries the Identity values, as far as they vouch for it. */
export interface VouchedRequest {
  readonly atMs: number;
  /** URIs as written. */
  readonly fromUri: string;
  readonly toUri: string;
  readonly requestUri: string;
  /** Of P-Asserted-Identity (RFC 3325), at most 4. */
  readonly assertedUris: readonly string[];
  /** The Date header field. */
  readonly date?: string;
  /** Bytes of it are missing. */
  readonly isTruncated?: boolean;
}

/** What the INVITEs that open the call, and their answers, say of who vouches for the caller. */
export interface VouchingFacts {
  /**
   * Every Identity value of the first INVITE that has any, on whichever hop or attempt, as written.
   * At most 16.
   */
  readonly identities: readonly string[];
  /** The INVITE that these are of. Absent without any. */
  readonly request?: VouchedRequest;
  /** The capture holds only the beginning of an INVITE's header: an identity may stand in the rest. */
  readonly isHeaderCut?: boolean;
  /** `verstat` of P-Asserted-Identity, else From, of the first INVITE that has one. */
  readonly verstat?: string;
  /** Reason values of protocol SIP or STIR in responses to the last attempt, at most 16. */
  readonly responseReasons?: readonly Reason[];
  /** Of a 403 to the last attempt, which says nothing of the caller by itself. */
  readonly forbiddenPhrase?: string;
}

/** One hop of a call: its INVITE on its way from one element to the next. */
export interface SipHop {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** First seen. */
  readonly invitedAtMs: number;
  /** Final response on that hop. */
  readonly statusCode?: number;
}

/** One of the parties as SIP names it. */
export interface PartyFacts {
  /** As written in From or To, without tag. */
  readonly uri: string;
  readonly displayName?: string;
  /**
   * Where its messages come from and go to on the first hop. The callee's is the target that answered
   * last, whatever it answered, else the first. Absent where nothing says.
   */
  readonly endpoint?: Endpoint;
  readonly userAgent?: string;
}

/**
 * A call, from its first INVITE on. The tracker keeps it up to date until it is over; what is not
 * known is absent.
 */
export interface SipCall {
  readonly callId: string;
  /** Of the first INVITE. */
  readonly callerTag?: string;
  /** Of the dialog that was confirmed, else of the latest early one. */
  readonly calleeTag?: string;
  readonly sessionId?: string;
  /** A Call-ID of another leg, as `Replaces`, `X-Call-ID` and their like name it. */
  readonly linkedCallId?: string;
  /** Of the first INVITE, as the transport said: a user agent's own messages go out. */
  readonly direction?: "in" | "out";
  readonly caller: PartyFacts;
  readonly callee: PartyFacts;
  /**
   * The first message seen does not tell who called: who sent its request is taken for the caller.
   */
  readonly isCallerAssumed: boolean;
  /** First INVITE of the first attempt, or what was first seen of the call. */
  readonly invitedAtMs: number;
  /** False for a call whose INVITE was before the capture or before attaching. */
  readonly hasInvite: boolean;
  /**
   * The dialog is known to have been confirmed (RFC 3261 §12.1): by a 2xx to the INVITE, by a proof of
   * one that was not seen, or, where the call began before it could be seen, by what is sent in
   * confirmed dialogs only. False does not say that it was not.
   */
  readonly wasConfirmed: boolean;
  /** First provisional above 100. */
  readonly progressAtMs?: number;
  /** First 180. */
  readonly ringingAtMs?: number;
  /** First 2xx to the INVITE, or the first proof of one that was not seen. */
  readonly answeredAtMs?: number;
  /**
   * There was a 2xx to the INVITE that was not seen: its ACK, or the success of a request in its
   * confirmed dialog, proves it (RFC 3261 §13.2.2.4, §14.1, §15). `answeredAtMs` is when that was
   * sent, `via` is `response`, `statusCode` is unknown but of class 2xx.
   */
  readonly isAnswerUnseen: boolean;
  /** How often the 2xx to the INVITE was sent again on the first hop. Copies do not count. */
  readonly answerRetransmissions: number;
  /** Live: how often the callee's own transport did not take the 2xx to the INVITE. */
  readonly answersNotSent?: number;
  /**
   * The 2xx to the INVITE was sent again until its sender gave up, 64 T1 after the first or by a BYE,
   * and no ACK was seen until then, though it could have been (RFC 3261 §13.3.1.4).
   */
  readonly isAckMissing: boolean;
  /** The final response to the last attempt. */
  readonly finalAtMs?: number;
  /** First ACK to the 2xx. */
  readonly acknowledgedAtMs?: number;
  /** The BYE, or the failure, or the loss of the transport. */
  readonly endedAtMs?: number;
  /** Final answer to the BYE. */
  readonly byeAnsweredAtMs?: number;
  /** Of the BYE only its answer was seen: `endedAtMs` is when that came. Absent otherwise. */
  readonly isByeUnseen?: boolean;
  /**
   * The BYE stayed without a final answer until timer F ran out, or past its last retransmission,
   * though one could have been seen (RFC 3261 §17.1.2.2).
   */
  readonly isByeUnanswered: boolean;
  /** Last message of the call. */
  readonly lastMessageAtMs: number;
  /**
   * INVITEs of one outcome: those that were challenged (401, 407, 422), redirected, or refused for
   * what RFC 3261 §8.1.3.5 has the caller mend, and the last one.
   */
  readonly attempts: number;
  /**
   * Of the last attempt: the first final response. Present before the outcome is told where that
   * waits for another attempt.
   */
  readonly statusCode?: number;
  /** How the attempt ended. Absent while it is open, or where the capture cannot tell. */
  readonly via?: OutcomeVia;
  readonly isCancelled: boolean;
  /** The observed user agent stopped while the call was open. Absent otherwise. */
  readonly isAbandoned?: boolean;
  readonly cancelReasons: readonly Reason[];
  readonly endedBy?: CallParty;
  readonly byeReasonClass?: ByeReasonClass;
  /** Of the BYE, else of the CANCEL, else of the final response. */
  readonly reasons: readonly Reason[];
  /** Both sides sent a BYE before seeing the other's. */
  readonly isByeGlare: boolean;
  /** The dialog is gone at one end (481, 408 within the dialog) though nobody hung up. */
  readonly isDefunct: boolean;
  readonly sessionTimer?: SessionTimer;
  readonly vouching: VouchingFacts;
  /**
   * Every hop that was seen, the first one first. Forks of a proxy are hops; what the caller tried
   * before at another target (RFC 3261 §8.1.3.4) is none. At most 32.
   */
  readonly hops: readonly SipHop[];
  /** Early dialogs of forks: To-tags with a provisional or 2xx that did not become the call's. */
  readonly forkTags: readonly string[];
  readonly messages: number;
  readonly retransmissions: number;
  /** Final responses after the first that contradict it. */
  readonly conflictingFinals: number;
  /** One direction of the signalling is missing: what one party must have sent was not seen. */
  readonly isOneSided: boolean;
  /** A message of this call was cut by a snap length, or TCP bytes of it are missing. */
  readonly isTruncated: boolean;
}

/** A message and where it was seen. */
export interface SeenMessage {
  readonly message: SipMessage;
  readonly atMs: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly transport: "udp" | "tcp" | "tls" | "websocket";
  /** Live: whether the observed user agent sent it. Absent in a capture. */
  readonly direction?: "in" | "out";
  /** It carries a session description. */
  readonly hasDescription: boolean;
  /** Bytes are missing. */
  readonly isTruncated?: boolean;
}

interface CallEvent {
  readonly call: SipCall;
  readonly atMs: number;
}

/** What the tracker says, in order of time. */
export type SipEvent =
  | (CallEvent & { readonly kind: "call-started" })
  /** A message of the call, retransmissions and other hops included. */
  | (CallEvent & {
      readonly kind: "message";
      readonly seen: SeenMessage;
      readonly isRetransmission: boolean;
    })
  /**
   * A distinct response to an INVITE or re-INVITE of the first hop; `by` sent the INVITE.
   */
  | (CallEvent & {
      readonly kind: "invite-response";
      readonly by: CallParty;
      readonly statusCode: number;
    })
  /**
   * The message that the feeder now hands in carries a description for the call's media: of the call
   * itself or of an early dialog (`toTag`). Retransmissions and other hops come too.
   */
  | (CallEvent & {
      readonly kind: "description";
      readonly by: CallParty;
      readonly isOffer: boolean;
      /** Of the request that it came in, or in whose response: the same on every hop. */
      readonly cseq: number;
      readonly toTag?: string;
    })
  /**
   * The attempt's outcome is known: `call.via`, and `call.statusCode` unless `call.isAnswerUnseen`.
   * Once a call.
   */
  | (CallEvent & { readonly kind: "outcome" })
  | (CallEvent & {
      readonly kind: "bye";
      readonly by: CallParty;
      readonly reasonClass: ByeReasonClass;
    })
  | (CallEvent & { readonly kind: "session-refresh"; readonly refresh: SessionRefresh })
  /** Once a call: nothing more is expected of it. */
  | (CallEvent & { readonly kind: "call-ended" })
  /** Timer B, F or H ran out (RFC 3261 §17). `call` is absent for other requests. */
  | {
      readonly kind: "transaction-timeout";
      readonly atMs: number;
      readonly method: string;
      readonly timer: "B" | "F" | "H";
      readonly call?: SipCall;
    };
