/**
 * What follows an INVITE: ACK, CANCEL, BYE, and the requests and responses within a dialog.
 *
 * @module
 */

import {
  initialResponse,
  isChallenge,
  refreshAnswered,
  takeDownstreamFinal,
  updateTimer,
  type SeenResponse,
} from "./attempts.js";
import type { SeenMessage } from "./call.js";
import { SETTLE_T1, TIMEOUT_T1, type CallContext } from "./call-context.js";
import type { CallState } from "./call-state.js";
import type { Exchange } from "./exchange.js";
import { byeReasonClass, messageReasons } from "./reason.js";
import { sessionExpiresOf } from "./session-timer.js";
import type { Transaction } from "./transaction.js";
import { proveAnswer, proveAnswerBySuccess } from "./unseen-answer.js";

/** Takes a request in a dialog, the first time it is seen on any hop. */
export function dialogRequest(context: CallContext, exchange: Exchange, seen: SeenMessage): void {
  const { call, method } = exchange;
  if (method === "INVITE" || method === "UPDATE") noteRefresh(exchange, seen);
  // What goes before is not known, but these hardly come in an early dialog (RFC 3261 §14.1, §15).
  if (call.isAdopted && (method === "INVITE" || method === "BYE")) call.record.wasConfirmed = true;
  noteGoneOn(context, call, exchange);
  if (method === "BYE") hangUp(context, exchange, seen);
}

/** What an INVITE or UPDATE asks of the session timer. */
export function noteRefresh(exchange: Exchange, seen: SeenMessage): void {
  const { by, isInitial, method } = exchange;
  exchange.refresh = {
    by,
    isInitial,
    method: method === "UPDATE" ? "UPDATE" : "INVITE",
    // Where only the answer was seen, what was asked is not known.
    offered: seen.message.kind === "request" ? sessionExpiresOf(seen.message) : undefined,
  };
}

/** Only after an answer does a caller send within a dialog: what answered it was not seen. */
function noteGoneOn(context: CallContext, call: CallState, exchange: Exchange): void {
  const { current } = call;
  if (current === undefined || current.final !== undefined || exchange.by !== current.by) return;
  if (exchange.dialogTag === undefined) return;
  if (exchange.method === "BYE") takeDownstreamFinal(context, call);
  if (current.hasProvisional || current.downstreamFinal !== undefined) return;
  current.hasGoneOn = true;
  call.noteMissingAnswer();
}

function hangUp(context: CallContext, exchange: Exchange, seen: SeenMessage): void {
  const { call, by } = exchange;
  const { record } = call;
  if (!isForCall(context, exchange, seen.atMs)) return;
  if (call.bye !== undefined) {
    hangUpAgain(call, call.bye, exchange, seen.atMs);
    return;
  }
  if (call.hasOutcome && !call.isConfirmed) return;
  const reasons = messageReasons(seen.message);
  const isOverdue = call.hasClock && call.clock.isOverdueFor(by, seen.atMs);
  const reasonClass = byeReasonClass(reasons) ?? (isOverdue ? "timer-expired" : "normal");
  call.bye = exchange;
  record.endedBy = by;
  record.endedAtMs = seen.atMs;
  record.byeReasonClass = reasonClass;
  if (seen.message.kind === "response") record.isByeUnseen = true;
  call.setReasons(reasons);
  call.endDueAtMs = seen.atMs + TIMEOUT_T1 * context.t1Ms;
  context.tell({ kind: "bye", call: record, atMs: seen.atMs, by, reasonClass });
}

/** The BYE itself comes after its answer, as packets of two interfaces may. */
export function noteByeSeen(exchange: Exchange, { message, atMs }: SeenMessage): void {
  const { call } = exchange;
  const { record } = call;
  if (exchange !== call.bye || record.isByeUnseen !== true || message.kind !== "request") return;
  delete record.isByeUnseen;
  record.endedAtMs = Math.min(record.endedAtMs ?? Infinity, atMs);
  const reasons = messageReasons(message);
  record.byeReasonClass = byeReasonClass(reasons) ?? record.byeReasonClass ?? "normal";
  call.setReasons(reasons);
}

/** Whether a BYE is for the call's own dialog, and leaves no fork that lives on in its place. */
function isForCall(context: CallContext, { call, by, dialogTag }: Exchange, atMs: number): boolean {
  const { record } = call;
  if (dialogTag === undefined) return true;
  const isKnown = call.knowsDialog(dialogTag);
  const dialog = call.dialog(dialogTag);
  if (dialog !== undefined) dialog.isHungUp = true;
  if (record.calleeTag !== dialogTag) {
    if (call.isAnswered || (isKnown && record.acknowledgedAtMs === undefined)) return false;
    call.confirmDialog(dialogTag);
  }
  if (by === "callee") return true;
  const fork = call.otherConfirmedDialog(dialogTag, atMs - TIMEOUT_T1 * context.t1Ms);
  if (fork === undefined) return true;
  call.confirmDialog(fork.tag);
  return false;
}

/** A BYE with credentials takes the place of the challenged one; one from the far end is glare. */
function hangUpAgain(call: CallState, first: Exchange, again: Exchange, atMs: number): void {
  if (again.by === first.by) {
    if (first.final !== undefined && isChallenge(first.final.statusCode)) call.bye = again;
  } else if (first.final === undefined || first.final.atMs > atMs) {
    call.record.isByeGlare = true;
  }
}

/** Takes a CANCEL of the opening INVITE, as seen on the first hop. */
export function cancel(exchange: Exchange, transaction: Transaction, seen: SeenMessage): void {
  const { call, roots } = exchange;
  transaction.isCancelled = true;
  if (!exchange.isInitial || !exchange.isRoot(transaction)) return;
  // A forking proxy cancels the branches that lost: that is not the caller's doing.
  if (roots.some((root) => !root.isCancelled && (root.finalStatusCode ?? 0) < 300)) return;
  const { record } = call;
  if (record.isCancelled) return;
  call.cancelledAtMs = seen.atMs;
  record.isCancelled = true;
  record.cancelReasons = messageReasons(seen.message);
  if (call.bye === undefined) call.setReasons(record.cancelReasons);
}

/** An ACK that shares its INVITE's branch: it follows a final response other than 2xx. */
export function acknowledgeFailure(
  context: CallContext,
  exchange: Exchange,
  transaction: Transaction,
  atMs: number,
): void {
  const { call } = exchange;
  transaction.isAcknowledged = true;
  if (!exchange.isRoot(transaction)) return;
  exchange.isAcknowledged = true;
  if (transaction.finalStatusCode === undefined) {
    exchange.hasGoneOn = true;
    call.noteMissingAnswer();
  }
  if (call.hasOutcome && exchange === call.current && !call.isAnswered) {
    call.endDueAtMs = Math.min(call.endDueAtMs, atMs + SETTLE_T1 * context.t1Ms);
  }
}

/** An ACK of its own branch: it follows a 2xx, whichever way it takes. */
export function acknowledgeAnswer(
  context: CallContext,
  exchange: Exchange,
  dialogTag: string | undefined,
  atMs: number,
): void {
  const { call } = exchange;
  const { record } = call;
  exchange.isAcknowledged = true;
  for (const root of exchange.roots) root.isAcknowledged = true;
  if (!exchange.isInitial) return;
  if (exchange.final === undefined) {
    if ((exchange.downstreamFinal?.statusCode ?? 300) < 300) takeDownstreamFinal(context, call);
    else if (exchange === call.current) proveAnswer(call, { atMs, dialogTag }, atMs);
    else exchange.hasGoneOn = true;
  }
  const dialog = call.dialog(dialogTag);
  if (dialog !== undefined) dialog.isAcknowledged = true;
  if (call.hasOutcome && !call.isAnswered) return;
  if (!call.isAnswered && dialogTag !== undefined) call.confirmDialog(dialogTag);
  if (dialogTag === undefined || dialogTag === record.calleeTag) {
    record.acknowledgedAtMs = Math.min(record.acknowledgedAtMs ?? Infinity, atMs);
  }
}

/** Takes a response to a request of the call. */
export function callResponse(
  context: CallContext,
  exchange: Exchange,
  transaction: Transaction,
  response: SeenResponse,
): void {
  if (transaction.method !== exchange.method) return;
  if (exchange.isInitial) {
    initialResponse(context, exchange, transaction, response);
    return;
  }
  const { seen, statusCode, toTag, isFirstFinal } = response;
  if (statusCode < 200) exchange.hasProvisional = true;
  if (!isFirstFinal || !exchange.isRoot(transaction)) return;
  exchange.final = { statusCode, atMs: seen.atMs, toTag };
  if (isChallenge(statusCode)) return;
  if (statusCode < 300) proveAnswerBySuccess(exchange);
  if (exchange.method === "BYE") byeAnswered(context, exchange, seen.atMs);
  if (isOfOtherFork(exchange)) return;
  refreshAnswered(context, exchange, response);
  if (statusCode === 481 || statusCode === 408) noteDefunct(exchange, statusCode);
}

function byeAnswered(context: CallContext, exchange: Exchange, atMs: number): void {
  const { call } = exchange;
  if (exchange !== call.bye) return;
  call.record.byeAnsweredAtMs = atMs;
  call.endDueAtMs = Math.min(call.endDueAtMs, atMs + SETTLE_T1 * context.t1Ms);
}

function isOfOtherFork({ call, dialogTag }: Exchange): boolean {
  const { calleeTag } = call.record;
  return dialogTag !== undefined && calleeTag !== undefined && dialogTag !== calleeTag;
}

/** These take the whole dialog with them (RFC 3261 §12.2.1.2, RFC 5057 §5.1). */
const USE_OF_INVITE_DIALOG = ["INVITE", "UPDATE", "INFO"];

function noteDefunct({ call, method }: Exchange, statusCode: number): void {
  if (call.record.endedAtMs !== undefined || !call.isConfirmed) return;
  if (!USE_OF_INVITE_DIALOG.includes(method)) return;
  // RFC 5057 §5.3: a 408 to what is no target refresh ends the transaction alone.
  if (statusCode === 408 && method === "INFO") return;
  call.record.isDefunct = true;
}

/** Timer B or F ran out on a request within a dialog: as good as a 408 (RFC 3261 §8.1.3.1). */
export function dialogTimeout(context: CallContext, exchange: Exchange, atMs: number): void {
  const { call, refresh } = exchange;
  if (exchange === call.bye) {
    call.endDueAtMs = Math.min(call.endDueAtMs, atMs);
    call.record.isByeUnanswered = true;
  }
  if (isOfOtherFork(exchange)) return;
  noteDefunct(exchange, 408);
  const result = refresh?.offered && call.clock.unanswered(refresh, atMs);
  if (result === undefined) return;
  updateTimer(call);
  context.tell({ kind: "session-refresh", call: call.record, atMs, refresh: result });
}
