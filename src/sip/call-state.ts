/**
 * One call while it is tracked: the record that is handed out, and what else must be known to keep
 * it up to date.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { CallParty, PartyFacts, Reason, SeenMessage, SipCall } from "./call.js";
import { newRecord, type CallOrigin, type Mutable } from "./call-record.js";
import { IDLE_T1, SETTLE_T1, TIMEOUT_T1 } from "./call-context.js";
import { DialogList, type DialogState } from "./dialogs.js";
import type { Exchange } from "./exchange.js";
import type { Heading } from "./heading.js";
import { HopList } from "./hops.js";
import { linkedCallIdOf, partyOf, productOf, sessionIdOf } from "./parties.js";
import { SessionClock } from "./session-timer.js";
import type { AnswerProof } from "./unseen-answer.js";
import { vouchingAfter } from "./vouching.js";

/** Requests of one call that are remembered; the oldest are forgotten. */
export const MAX_EXCHANGES = 256;

/** A call and the state behind its record. */
export class CallState {
  readonly record: Mutable<SipCall>;
  readonly hops: HopList = new HopList();
  /** Of the attempt with the highest CSeq. */
  current: Exchange | undefined;
  bye: Exchange | undefined;
  /** When what was taken for the caller's CANCEL was sent. */
  cancelledAtMs: number = Infinity;
  hasOutcome = false;
  /** Its answer was not seen, but there was one. */
  answerProof: AnswerProof | undefined;
  isOver = false;
  isKept = true;
  /** The outcome holds unless another attempt begins before. */
  outcomeDueAtMs: number = Infinity;
  endDueAtMs: number = Infinity;
  queuedAtMs: number = Infinity;
  /** A call of the same Call-ID that began before. */
  older: CallState | undefined;
  readonly #t1Ms: number;
  readonly #dialogs = new DialogList();
  #exchanges: readonly Exchange[] = [];
  #isCallerSeen = false;
  #isCalleeSeen = false;
  #clock: SessionClock | undefined;
  #isAnswerMissing = false;
  #isLive = false;

  constructor(origin: CallOrigin, t1Ms: number) {
    this.#t1Ms = t1Ms;
    this.record = newRecord(origin, this.hops.hops);
    if (origin.calleeTag !== undefined) this.#dialogs.of(origin.calleeTag);
  }

  /** The session timer. Most calls have none. */
  get clock(): SessionClock {
    return (this.#clock ??= new SessionClock());
  }

  get hasClock(): boolean {
    return this.#clock !== undefined;
  }

  /** When something is due that no message brings. `Infinity` for never. */
  get nextDueAtMs(): number {
    if (this.isOver) return Infinity;
    const sessionDue =
      this.record.endedAtMs === undefined ? (this.#clock?.dueAtMs ?? Infinity) : Infinity;
    return Math.min(this.outcomeDueAtMs, this.endDueAtMs, sessionDue, this.idleDueAtMs);
  }

  /** When a call that nobody answered and nobody ended is given up. */
  get idleDueAtMs(): number {
    return this.isConfirmed || this.endDueAtMs < Infinity
      ? Infinity
      : this.record.lastMessageAtMs + IDLE_T1 * this.#t1Ms;
  }

  /** Somebody answered, whether the answer was seen or only what follows one. */
  get isConfirmed(): boolean {
    const { answeredAtMs, acknowledgedAtMs } = this.record;
    return answeredAtMs !== undefined || acknowledgedAtMs !== undefined || this.isAdopted;
  }

  /** Its dialog was there before anybody looked. */
  get isAdopted(): boolean {
    return this.current === undefined;
  }

  /** Which party a message's sender is, by the tag it put in From or, in a response, in To. */
  partyOfTag(fromTag: string | undefined, toTag: string | undefined): CallParty | undefined {
    const { callerTag } = this.record;
    if (fromTag === callerTag) return "caller";
    return toTag === callerTag && toTag !== undefined ? "callee" : undefined;
  }

  /** Counts a message and keeps what it says of the call besides its meaning. */
  noteMessage(seen: SeenMessage, sender: CallParty): void {
    const { record } = this;
    record.messages += 1;
    if (seen.atMs > record.lastMessageAtMs) record.lastMessageAtMs = seen.atMs;
    if (this.endDueAtMs < Infinity) this.#lingerOn(seen.atMs);
    if (seen.isTruncated === true) record.isTruncated = true;
    if (seen.direction !== undefined) this.#isLive = true;
    if (sender === "caller") this.#isCallerSeen = true;
    else this.#isCalleeSeen = true;
    if (record.sessionId === undefined) {
      const sessionId = sessionIdOf(seen.message, sender === "caller");
      if (sessionId !== undefined) record.sessionId = sessionId;
    }
    this.#updateSides();
  }

  /** A call is not over while its messages still come, up to a limit. */
  #lingerOn(atMs: number): void {
    const { endedAtMs = atMs } = this.record;
    const quietAtMs = Math.min(atMs, endedAtMs + TIMEOUT_T1 * this.#t1Ms) + SETTLE_T1 * this.#t1Ms;
    this.endDueAtMs = Math.max(this.endDueAtMs, quietAtMs);
  }

  /** A message that must have been sent was not seen. */
  noteMissingAnswer(): void {
    this.#isAnswerMissing = true;
    this.#updateSides();
  }

  #updateSides(): void {
    const hasBoth = this.#isCallerSeen && this.#isCalleeSeen;
    this.record.isOneSided = this.#isAnswerMissing && !hasBoth && !this.#isLive;
  }

  /** Keeps what the INVITE that opens the call says, on whichever hop and attempt it is seen. */
  noteInvite(seen: SeenMessage, isFirstHop: boolean): void {
    const { record } = this;
    const { message, source, destination } = seen;
    record.vouching = vouchingAfter(record.vouching, seen);
    if (record.linkedCallId === undefined) {
      const linked = linkedCallIdOf(message);
      if (linked !== undefined) record.linkedCallId = linked;
    }
    if (!isFirstHop) return;
    const product = productOf(message);
    const caller: Mutable<PartyFacts> = { ...partyOf(message.header("from")), endpoint: source };
    if (product !== undefined) caller.userAgent = product;
    record.caller = caller;
    record.callee = { ...record.callee, ...partyOf(message.header("to")), endpoint: destination };
    record.hasInvite = true;
    record.isCallerAssumed = false;
  }

  /** Keeps what a message from within the call says of the parties where no INVITE told. */
  noteParties(seen: SeenMessage, by: CallParty): void {
    const { record } = this;
    const { message } = seen;
    const isRequest = message.kind === "request";
    const [from, to] = isRequest
      ? [seen.source, seen.destination]
      : [seen.destination, seen.source];
    const sender = { ...partyOf(message.header("from")), endpoint: from };
    const receiver = { ...partyOf(message.header("to")), endpoint: to };
    record.caller = by === "caller" ? sender : receiver;
    record.callee = by === "caller" ? receiver : sender;
  }

  /** The target that answers may not be the first that was tried. */
  noteTarget(endpoint: Endpoint): void {
    const { callee } = this.record;
    if (callee.endpoint !== endpoint) this.record.callee = { ...callee, endpoint };
  }

  /** Keeps what the callee calls itself. */
  noteCalleeProduct(seen: SeenMessage): void {
    const { callee } = this.record;
    if (callee.userAgent !== undefined) return;
    const product = productOf(seen.message);
    if (product !== undefined) this.record.callee = { ...callee, userAgent: product };
  }

  /** The dialog of that callee's tag, from now on known. */
  dialog(tag: string | undefined): DialogState | undefined {
    if (tag === undefined) return undefined;
    const isKnown = this.#dialogs.has(tag);
    const dialog = this.#dialogs.of(tag);
    if (isKnown || dialog === undefined) return dialog;
    if (!this.isAnswered) this.record.calleeTag = tag;
    this.record.forkTags = this.#dialogs.tagsBut(this.record.calleeTag);
    return dialog;
  }

  knowsDialog(tag: string): boolean {
    return this.#dialogs.has(tag);
  }

  /** That dialog is the call's; the others are forks. */
  confirmDialog(tag: string): void {
    this.dialog(tag);
    this.record.calleeTag = tag;
    this.record.forkTags = this.#dialogs.tagsBut(tag);
  }

  /** A confirmed dialog besides that one, in use since that moment and not hung up. */
  otherConfirmedDialog(tag: string, sinceMs: number): DialogState | undefined {
    return this.#dialogs.otherConfirmed(tag, sinceMs);
  }

  /** A 2xx to the INVITE was seen, or its outcome told by a proof of one. */
  get isAnswered(): boolean {
    return this.record.answeredAtMs !== undefined;
  }

  /** The exchange of that request in that dialog, if it was seen. */
  exchange(heading: Heading, by: CallParty, dialogTag: string | undefined): Exchange | undefined {
    return this.#find(heading.method, heading.cseq, by, dialogTag);
  }

  /** The attempt with that CSeq. */
  attempt(cseq: number): Exchange | undefined {
    return this.#exchanges.find((one) => one.isInitial && one.cseq === cseq);
  }

  addExchange(exchange: Exchange): void {
    // Another array for each: the room that one keeps for more would mostly stay empty.
    this.#exchanges = this.#exchanges.slice(1 - MAX_EXCHANGES).concat(exchange);
  }

  #find(
    method: string,
    cseq: number,
    by: CallParty,
    dialogTag: string | undefined,
  ): Exchange | undefined {
    return this.#exchanges.findLast(
      (one) =>
        one.cseq === cseq &&
        one.method === method &&
        one.by === by &&
        one.dialogTag === dialogTag &&
        !one.isInitial,
    );
  }

  /** The INVITE that a reliable provisional response or an ACK is about. */
  inviteOf(cseq: number, by: CallParty, dialogTag: string | undefined): Exchange | undefined {
    return (
      this.#find("INVITE", cseq, by, dialogTag) ??
      (by === "caller" ? this.attempt(cseq) : undefined)
    );
  }

  /** Whether a refresh was asked for since then whose answer was not seen. */
  hasOpenRefresh(sinceMs: number): boolean {
    for (const { refresh, final, roots, firstAtMs } of this.#exchanges) {
      if (refresh === undefined || final !== undefined || firstAtMs < sinceMs) continue;
      if (roots.some((root) => !root.hasTimedOut)) return true;
    }
    return false;
  }

  get exchanges(): Iterable<Exchange> {
    return this.#exchanges;
  }

  setReasons(reasons: readonly Reason[]): void {
    if (reasons.length > 0) this.record.reasons = reasons;
  }
}
