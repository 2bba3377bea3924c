/**
 * Finds the call and the exchange that a message is part of, and has the rules applied to it.
 *
 * @module
 */

import {
  openFork,
  settleHeld,
  takesAttempt,
  isDoneWith,
  waitsForRetryOnly,
  type SeenResponse,
} from "./attempts.js";
import { type SeenMessage, otherParty } from "./call.js";
import type { CallContext } from "./call-context.js";
import { CallDirectory } from "./call-directory.js";
import type { CallState } from "./call-state.js";
import { CallTeller } from "./call-teller.js";
import { DeadlineHeap } from "./deadlines.js";
import type { Exchange } from "./exchange.js";
import type { Heading } from "./heading.js";
import {
  acknowledgeAnswer,
  acknowledgeFailure,
  callResponse,
  cancel,
  dialogRequest,
  noteByeSeen,
  noteRefresh,
} from "./in-dialog.js";
import { adoptedCall, dialogExchange, isRetryInDialog, newAttempt, newCall } from "./origins.js";
import { isSame, type Transaction } from "./transaction.js";
import { viaKeysOf } from "./via-keys.js";

/** Requests that belong to a call only if they name a dialog of it. */
const NEEDS_DIALOG = ["REFER", "NOTIFY", "SUBSCRIBE", "OPTIONS", "MESSAGE", "INFO", "UPDATE"];

/** Requests that are part of no call. */
const OUTSIDE_CALLS = ["REGISTER", "PUBLISH"];

/** What shows a dialog that an INVITE set up before anybody looked. */
const SHOWS_DIALOG = ["INVITE", "BYE", "UPDATE", "PRACK", "INFO", "REFER"];

/** Knows all calls. */
export class CallTracker {
  readonly directory: CallDirectory;
  readonly deadlines: DeadlineHeap<CallState> = new DeadlineHeap();
  readonly #context: CallContext;
  readonly #teller: CallTeller;
  readonly #onOver: (call: CallState) => void;

  constructor(context: CallContext, limit: number, onOver: (call: CallState) => void) {
    this.#context = context;
    this.#teller = new CallTeller(context);
    this.directory = new CallDirectory(limit);
    this.#onOver = onOver;
  }

  /** Messages of calls that were over. */
  get lateMessages(): number {
    return this.#teller.lateMessages;
  }

  /** Takes a request that is new on its hop. Returns false if it is of no call. */
  request(transaction: Transaction, heading: Heading, seen: SeenMessage): boolean {
    const { method, callId } = heading;
    if (OUTSIDE_CALLS.includes(method)) return false;
    if (method !== "INVITE" && !SHOWS_DIALOG.includes(method) && !this.directory.has(callId)) {
      return false;
    }
    const { fromTag, toTag } = seen.message;
    const call = this.directory.find(callId, fromTag, toTag);
    if (method === "INVITE" && (toTag === undefined || isRetryInDialog(call, toTag))) {
      this.#initialInvite(transaction, heading, seen, call);
      return true;
    }
    if (toTag === undefined && NEEDS_DIALOG.includes(method)) return false;
    if (call === undefined) {
      if (toTag === undefined || !SHOWS_DIALOG.includes(method)) return false;
      const adopted = this.#adopt(heading, seen);
      this.#dialogRequest(adopted, transaction, heading, seen);
      return true;
    }
    this.#dialogRequest(call, transaction, heading, seen);
    return true;
  }

  /** Takes a request that was seen before, on the same path or on another. */
  requestAgain(exchange: Exchange, seen: SeenMessage, isRetransmission: boolean): void {
    const { call, by } = exchange;
    if (!this.#teller.message({ call, sender: by, isRetransmission }, seen)) return;
    this.#teller.request(exchange, seen);
    this.deadlines.update(call);
  }

  /** Takes a request of which only responses were seen so far. */
  requestAfterResponse(transaction: Transaction, exchange: Exchange, seen: SeenMessage): void {
    const { call, by } = exchange;
    if (call.isOver) {
      this.#teller.late();
      return;
    }
    transaction.hasRequest = true;
    const { record } = call;
    if (exchange.isInitial && seen.message.kind === "request") {
      record.invitedAtMs = Math.min(record.invitedAtMs, seen.atMs);
      call.noteInvite(seen, exchange.isRoot(transaction));
      call.hops.note(transaction, exchange.isRoot(transaction));
    }
    if (exchange.method === "INVITE" || exchange.method === "UPDATE") noteRefresh(exchange, seen);
    noteByeSeen(exchange, seen);
    this.#teller.message({ call, sender: by, isRetransmission: false }, seen);
    this.#teller.request(exchange, seen);
    this.deadlines.update(call);
  }

  /** Takes an ACK that is new on its hop. Returns false if it is of no call. */
  acknowledge(
    transaction: Transaction,
    invite: Transaction | undefined,
    heading: Heading,
    seen: SeenMessage,
  ): boolean {
    const { fromTag, toTag } = seen.message;
    const exchange = invite?.exchange ?? this.#acknowledged(heading, fromTag, toTag);
    if (exchange === undefined) return this.#adoptByAck(heading, seen);
    const { call, by } = exchange;
    transaction.exchange = exchange;
    if (!this.#teller.message({ call, sender: by, isRetransmission: false }, seen)) return true;
    if (invite !== undefined && !((invite.finalStatusCode ?? 300) < 300)) {
      acknowledgeFailure(this.#context, exchange, invite, seen.atMs);
    } else {
      const dialogTag = by === "caller" ? toTag : fromTag;
      acknowledgeAnswer(this.#context, exchange, dialogTag, seen.atMs);
    }
    this.#teller.request(exchange, seen);
    this.deadlines.update(call);
    return true;
  }

  /** What a CANCEL from the INVITE's own sender is about, though its topmost Via is another. */
  cancelled({ callId, cseq }: Heading, seen: SeenMessage): Transaction | undefined {
    const { fromTag, toTag } = seen.message;
    const roots = this.directory.find(callId, fromTag, toTag)?.attempt(cseq)?.roots;
    return roots?.find(({ source }) => isSame(source, seen.source));
  }

  /** Takes up an INVITE that was sent before anybody looked, as its CANCEL shows it. */
  unseenInvite(invite: Transaction, heading: Heading, seen: SeenMessage): void {
    const { fromTag, toTag } = seen.message;
    const known = this.directory.find(heading.callId, fromTag, toTag);
    if (known?.isOver === false) {
      known.attempt(heading.cseq)?.add(invite);
      return;
    }
    const call = newCall(heading, seen, this.#context.t1Ms);
    call.noteParties(seen, "caller");
    newAttempt(call, invite, heading);
    call.hops.note(invite, true);
    this.open(call, seen.atMs);
  }

  /** Takes a CANCEL that is new on its hop. `invite` is what it cancels on that hop. */
  cancel(transaction: Transaction, invite: Transaction | undefined, seen: SeenMessage): void {
    const exchange = invite?.exchange;
    if (exchange === undefined || invite === undefined) return;
    transaction.exchange = exchange;
    const { call, by } = exchange;
    const sender = seen.message.kind === "request" ? by : otherParty(by);
    if (!this.#teller.message({ call, sender, isRetransmission: false }, seen)) return;
    cancel(exchange, invite, seen);
    this.deadlines.update(call);
  }

  /**
   * Takes a response whose request was not seen, before {@link CallTracker.response} does. Returns
   * false if it is of no call.
   */
  responseWithoutRequest(transaction: Transaction, heading: Heading, seen: SeenMessage): boolean {
    const { method, callId } = heading;
    const { fromTag, toTag } = seen.message;
    const call = this.directory.find(callId, fromTag, toTag);
    if (call?.isOver === true) {
      this.#teller.late();
      return false;
    }
    if (method === "INVITE") transaction.viaKeys = viaKeysOf(seen.message);
    return call === undefined
      ? this.#adoptByResponse(transaction, heading, seen)
      : this.#missedRequest(call, transaction, heading, seen);
  }

  /** Takes a response of a call. */
  response(
    transaction: Transaction,
    exchange: Exchange,
    response: SeenResponse,
    isRetransmission: boolean,
  ): void {
    const { call, by } = exchange;
    const { seen, statusCode, toTag, isDistinct } = response;
    if (!this.#teller.message({ call, sender: otherParty(by), isRetransmission }, seen)) return;
    this.#teller.response(exchange, transaction, response);
    const isTold = exchange.wasTold(statusCode, toTag);
    if (isDistinct && transaction.method === "INVITE" && exchange.isRoot(transaction) && !isTold) {
      const { record } = call;
      this.#tell({ kind: "invite-response", call: record, atMs: seen.atMs, by, statusCode });
    }
    callResponse(this.#context, exchange, transaction, response);
    if (isRetransmission && exchange === call.current && exchange.isRoot(transaction)) {
      noteAnswerAgain(call, transaction);
    }
    this.deadlines.update(call);
  }

  /** Nothing more is expected of a call. */
  end(call: CallState, atMs: number): void {
    if (call.isOver) return;
    settleHeld(this.#context, call, atMs);
    call.isOver = true;
    this.#tell({ kind: "call-ended", call: call.record, atMs });
    this.#onOver(call);
  }

  /** Starts a call that nothing was seen of on the wire, or not its beginning. */
  open(call: CallState, atMs: number): void {
    const evicted = this.directory.add(call);
    if (evicted !== undefined) this.end(evicted, atMs);
    this.#tell({ kind: "call-started", call: call.record, atMs });
    this.deadlines.update(call);
  }

  #tell(event: Parameters<CallContext["tell"]>[0]): void {
    this.#context.tell(event);
  }

  #initialInvite(
    transaction: Transaction,
    heading: Heading,
    seen: SeenMessage,
    known: CallState | undefined,
  ): void {
    transaction.viaKeys = viaKeysOf(seen.message);
    const attempt = known?.isOver === false ? known.attempt(heading.cseq) : undefined;
    if (attempt !== undefined) {
      const isRepeated =
        waitsForRetryOnly(this.#context.t1Ms, attempt, seen.atMs) ||
        (attempt.isBeside(transaction) && isDoneWith(attempt, seen.atMs));
      if (!isRepeated) {
        this.#inviteOnOtherHop(attempt, transaction, seen);
        return;
      }
      // A call of its own: no retry has the number of what it retries (RFC 3261 §22.2).
      settleHeld(this.#context, attempt.call, seen.atMs);
      this.deadlines.update(attempt.call);
    }
    const isRetry = known !== undefined && takesAttempt(known, heading.cseq, seen.atMs);
    const call = isRetry ? known : newCall(heading, seen, this.#context.t1Ms);
    const exchange = newAttempt(call, transaction, heading);
    call.record.invitedAtMs = Math.min(call.record.invitedAtMs, seen.atMs);
    call.noteInvite(seen, !isRetry || !call.record.hasInvite);
    if (!isRetry) call.hops.note(transaction, true);
    else if (exchange === call.current) call.hops.noteRetry(transaction);
    else call.hops.noteEarlier(transaction);
    noteRefresh(exchange, seen);
    if (!isRetry) this.open(call, seen.atMs);
    this.#teller.message({ call, sender: "caller", isRetransmission: false }, seen);
    this.#teller.request(exchange, seen);
    this.deadlines.update(call);
  }

  #inviteOnOtherHop(attempt: Exchange, transaction: Transaction, seen: SeenMessage): void {
    const { call } = attempt;
    const place = attempt.add(transaction);
    const isFirst = place === "first-hop";
    if (place === "fork" && attempt === call.current) openFork(call, attempt, seen.atMs);
    call.record.invitedAtMs = Math.min(call.record.invitedAtMs, seen.atMs);
    call.noteInvite(seen, isFirst || !call.record.hasInvite);
    call.hops.note(transaction, isFirst);
    this.#teller.message({ call, sender: "caller", isRetransmission: false }, seen);
    this.#teller.request(attempt, seen);
    this.deadlines.update(call);
  }

  #dialogRequest(
    call: CallState,
    transaction: Transaction,
    heading: Heading,
    seen: SeenMessage,
  ): void {
    const { exchange, isNew } = dialogExchange(call, transaction, heading, seen);
    const { by } = exchange;
    if (!this.#teller.message({ call, sender: by, isRetransmission: false }, seen)) return;
    this.#teller.request(exchange, seen);
    if (isNew) dialogRequest(this.#context, exchange, seen);
    else noteByeSeen(exchange, seen);
    this.deadlines.update(call);
  }

  /** Takes up a dialog that was set up before anybody looked. */
  #adopt(heading: Heading, seen: SeenMessage): CallState {
    const call = adoptedCall(heading, seen, this.#context.t1Ms);
    this.open(call, seen.atMs);
    return call;
  }

  #adoptByAck(heading: Heading, seen: SeenMessage): boolean {
    if (!seen.hasDescription || seen.message.toTag === undefined) return false;
    const call = this.#adopt(heading, seen);
    call.record.acknowledgedAtMs = seen.atMs;
    call.record.wasConfirmed = true;
    this.#teller.message({ call, sender: "caller", isRetransmission: false }, seen);
    const { toTag } = seen.message;
    const { cseq } = heading;
    this.#teller.description(call, { by: "caller", isOffer: false, cseq, toTag }, seen);
    this.deadlines.update(call);
    return true;
  }

  #adoptByResponse(transaction: Transaction, heading: Heading, seen: SeenMessage): boolean {
    const { message } = seen;
    const statusCode = message.kind === "response" ? message.statusCode : 0;
    const { method } = heading;
    if (method === "INVITE") {
      const call = newCall(heading, seen, this.#context.t1Ms);
      // It may be a re-INVITE's.
      call.record.isCallerAssumed = true;
      call.noteParties(seen, "caller");
      newAttempt(call, transaction, heading);
      call.hops.note(transaction, true);
      this.open(call, seen.atMs);
      return true;
    }
    const isShown = SHOWS_DIALOG.includes(method) && message.toTag !== undefined;
    if (!isShown || statusCode < 200 || statusCode >= 300) return false;
    const call = this.#adopt(heading, seen);
    const { exchange } = dialogExchange(call, transaction, heading, seen);
    dialogRequest(this.#context, exchange, seen);
    return true;
  }

  /** A response of a known call whose request passed unseen on this hop. */
  #missedRequest(
    call: CallState,
    transaction: Transaction,
    heading: Heading,
    seen: SeenMessage,
  ): boolean {
    const { method, cseq } = heading;
    const { fromTag, toTag } = seen.message;
    const by = call.partyOfTag(fromTag, toTag);
    if (OUTSIDE_CALLS.includes(method) || method === "CANCEL" || by === undefined) return false;
    if (method === "INVITE" && by === "caller") {
      const attempt = call.attempt(cseq);
      if (attempt !== undefined) {
        attempt.add(transaction);
        return true;
      }
      if (takesAttempt(call, cseq, seen.atMs)) {
        newAttempt(call, transaction, heading);
        call.noteMissingAnswer();
        return true;
      }
    }
    if (toTag === undefined) return false;
    const { exchange, isNew } = dialogExchange(call, transaction, heading, seen);
    call.noteMissingAnswer();
    if (isNew) dialogRequest(this.#context, exchange, seen);
    return true;
  }

  #acknowledged(
    { callId, cseq }: Heading,
    fromTag: string | undefined,
    toTag: string | undefined,
  ): Exchange | undefined {
    const call = this.directory.find(callId, fromTag, toTag);
    const by = call?.partyOfTag(fromTag, toTag);
    if (call === undefined || by === undefined) return undefined;
    return call.inviteOf(cseq, by, by === "caller" ? toTag : fromTag);
  }
}

/** The 2xx to the call's INVITE came again. */
function noteAnswerAgain(
  { record }: CallState,
  { finalStatusCode, finalResent }: Transaction,
): void {
  if (finalStatusCode !== undefined && finalStatusCode < 300) {
    record.answerRetransmissions = Math.max(record.answerRetransmissions, finalResent);
  }
}
