/**
 * From the INVITE that opens a call to its outcome: attempts, provisional responses, forks, and the
 * one final response that counts (RFC 3261 §8.1.3, §13, §16.7).
 *
 * @module
 */

import type { OutcomeVia, SeenMessage } from "./call.js";
import { IDLE_T1, SETTLE_T1, TIMEOUT_T1, type CallContext } from "./call-context.js";
import type { CallState } from "./call-state.js";
import { isBetterFinal, type Exchange, type FinalResponse } from "./exchange.js";
import { messageReasons } from "./reason.js";
import type { Transaction } from "./transaction.js";
import { takeAnswerProof } from "./unseen-answer.js";
import { vouchingAgain, vouchingAnswered } from "./vouching.js";

/** A response and what it is to its transaction. */
export interface SeenResponse {
  readonly seen: SeenMessage;
  readonly statusCode: number;
  readonly toTag: string | undefined;
  /** That code from that tag for the first time. */
  readonly isDistinct: boolean;
  /** The transaction's first final response. */
  readonly isFirstFinal: boolean;
}

/** A proxy that forks serially, or a sender with another server (RFC 3263 §4.3), goes on at once. */
const FORK_HOLD_T1 = 2;

/**
 * After these the same caller may try again with the same Call-ID: redirection (RFC 3261 §8.1.3.4),
 * challenges, what §8.1.3.5 tells to mend, and the demands of RFC 3329, 4028 and 8224.
 */
export function mayBeRetried(statusCode: number): boolean {
  return (statusCode >= 300 && statusCode < 400) || RETRIED.includes(statusCode);
}

const RETRIED = [401, 407, 415, 416, 420, 421, 422, 428, 494];

/** How long an outcome that may be retried waits for that, where nobody is told of it meanwhile. */
function retryHoldT1({ roots }: Exchange, statusCode: number): number {
  const isLive = roots[0]?.isLive === true;
  // Somebody may have to type a password.
  return isChallenge(statusCode) && !isLive ? IDLE_T1 : TIMEOUT_T1;
}

/** Whether what an attempt waits for is a retry: nothing else of it is on its way any more. */
export function waitsForRetryOnly(t1Ms: number, exchange: Exchange, atMs: number): boolean {
  const { call, final, roots } = exchange;
  if (exchange !== call.current || exchange.hasOpenRoot) return false;
  if (final === undefined || !mayBeRetried(final.statusCode)) return false;
  return roots.every(({ lastFinalAtMs }) => atMs > lastFinalAtMs + TIMEOUT_T1 * t1Ms);
}

/** Whether the sender of an attempt forks it no more: it was hung up, or refused to the caller itself. */
export function isDoneWith({ call, roots }: Exchange, atMs: number): boolean {
  const { record, hasOutcome, isAnswered } = call;
  if (!hasOutcome || !(atMs > (record.endedAtMs ?? Infinity))) return false;
  // A proxy may try another target long after the one before was told to have failed.
  return isAnswered || (roots[0]?.viaKeys.length ?? 0) === 1;
}

/** Whether an INVITE outside a dialog, from the same caller, goes on with this call. */
export function takesAttempt(call: CallState, cseq: number, atMs: number): boolean {
  const { current } = call;
  if (call.isOver || current === undefined) return false;
  // An earlier attempt that comes later: a hole in a TCP stream held it back.
  if (cseq < current.cseq && atMs <= current.firstAtMs) return true;
  if (call.hasOutcome || call.bye !== undefined || call.answerProof !== undefined) return false;
  if (cseq <= current.cseq) return false;
  return !(call.record.isCancelled && current.final?.statusCode === 487);
}

/** Takes an attempt up: the latest by CSeq is the one whose outcome counts. */
export function openAttempt(call: CallState, exchange: Exchange): void {
  const { record, current } = call;
  if (current === undefined) {
    call.current = exchange;
    return;
  }
  record.attempts += 1;
  const [earlier, later] = exchange.cseq > current.cseq ? [current, exchange] : [exchange, current];
  if (earlier.final === undefined) earlier.hasGoneOn = true;
  if (later !== exchange) return;
  if (current.final === undefined) call.noteMissingAnswer();
  call.current = exchange;
  call.outcomeDueAtMs = Infinity;
  delete record.statusCode;
  delete record.finalAtMs;
  delete record.via;
  record.reasons = record.cancelReasons;
  record.vouching = vouchingAgain(record.vouching);
}

/**
 * Takes another branch of the latest attempt. What failed before is not the outcome while that is tried;
 * and where the branch before was cancelled, its sender did so to try this one.
 */
export function openFork(call: CallState, exchange: Exchange, atMs: number): void {
  const { record } = call;
  call.outcomeDueAtMs = Infinity;
  if (call.hasOutcome || atMs <= call.cancelledAtMs) return;
  call.cancelledAtMs = Infinity;
  record.isCancelled = false;
  record.cancelReasons = [];
  record.reasons = [];
  if (exchange.final?.statusCode !== 487) return;
  exchange.final = undefined;
  delete record.statusCode;
  delete record.finalAtMs;
  delete record.via;
}

/** Takes a response to an INVITE that opens the call. */
export function initialResponse(
  context: CallContext,
  exchange: Exchange,
  transaction: Transaction,
  response: SeenResponse,
): void {
  const { statusCode } = response;
  const { call } = exchange;
  const { record, current } = call;
  if (exchange === current) {
    record.vouching = vouchingAnswered(record.vouching, response.seen.message);
    if (exchange.isRoot(transaction) && !call.hasOutcome) call.noteTarget(transaction.destination);
  }
  if (!exchange.isRoot(transaction)) downstreamResponse(context, exchange, transaction, response);
  else if (statusCode < 200) provisional(exchange, response);
  else if (response.isFirstFinal) firstFinal(context, exchange, transaction, response);
  else if (response.isDistinct) furtherFinal(exchange, transaction, response);
}

function provisional(exchange: Exchange, response: SeenResponse): void {
  const { seen, statusCode, toTag } = response;
  const { call } = exchange;
  const { record } = call;
  exchange.hasProvisional = true;
  if (statusCode === 100) return;
  // Only who calls makes it ring.
  record.isCallerAssumed = false;
  record.progressAtMs = Math.min(record.progressAtMs ?? Infinity, seen.atMs);
  if (statusCode === 180) {
    record.ringingAtMs = Math.min(record.ringingAtMs ?? Infinity, seen.atMs);
  }
  if (toTag === undefined || call.hasOutcome || !response.isDistinct) return;
  call.confirmDialog(toTag);
  call.noteCalleeProduct(seen);
}

/** Other hops tell what they saw; it counts only if the first hop never says. */
function downstreamResponse(
  context: CallContext,
  exchange: Exchange,
  transaction: Transaction,
  { seen, statusCode, toTag, isFirstFinal }: SeenResponse,
): void {
  if (!isFirstFinal) return;
  const { call } = exchange;
  call.hops.noteFinal(transaction, statusCode);
  const final: FinalResponse = { statusCode, atMs: seen.atMs, toTag };
  if (!isBetterFinal(final, exchange.downstreamFinal)) return;
  exchange.downstreamFinal = final;
  if (statusCode < 300) call.noteCalleeProduct(seen);
  if (statusCode < 300 && exchange.final === undefined && exchange === call.current) {
    call.outcomeDueAtMs = Math.min(call.outcomeDueAtMs, seen.atMs + TIMEOUT_T1 * context.t1Ms);
  }
}

function firstFinal(
  context: CallContext,
  exchange: Exchange,
  transaction: Transaction,
  response: SeenResponse,
): void {
  const { call } = exchange;
  const { seen, statusCode, toTag } = response;
  call.hops.noteFinal(transaction, statusCode);
  const final: FinalResponse = { statusCode, atMs: seen.atMs, toTag };
  const isFork = exchange.roots.length > 1;
  if (exchange !== call.current) {
    exchange.final ??= final;
  } else if (call.record.isAnswerUnseen && statusCode < 300) {
    lateAnswer(exchange, final);
  } else if (call.hasOutcome) {
    if (call.isAnswered && statusCode < 300) confirmFork(call, final);
    else if (!isFork || statusCode < 300) call.record.conflictingFinals += 1;
  } else if (isBetterFinal(final, exchange.final)) {
    exchange.final = final;
    takeFinal(context, exchange, final);
    if (call.bye === undefined && !call.record.isCancelled) {
      call.setReasons(messageReasons(seen.message));
    }
    if (statusCode < 300) call.noteCalleeProduct(seen);
  } else if (exchange.final !== undefined) {
    // The branch that fails last ends what the best failure is the outcome of.
    const atMs = Math.max(exchange.final.atMs, final.atMs);
    exchange.final = { ...exchange.final, atMs };
    takeFinal(context, exchange, exchange.final);
  }
  if (exchange.final === final && !isChallenge(statusCode)) {
    refreshAnswered(context, exchange, response);
  }
}

/** 401 and 407 ask for another try and say nothing of what was asked. */
export function isChallenge(statusCode: number): boolean {
  return statusCode === 401 || statusCode === 407;
}

function furtherFinal(
  exchange: Exchange,
  transaction: Transaction,
  { seen, statusCode, toTag }: SeenResponse,
): void {
  const isFork = statusCode < 300 && (transaction.finalStatusCode ?? 0) < 300;
  if (isFork) confirmFork(exchange.call, { statusCode, atMs: seen.atMs, toTag });
  else exchange.call.record.conflictingFinals += 1;
}

/** The answer that was only proved is seen after all. */
function lateAnswer(exchange: Exchange, final: FinalResponse): void {
  const { call } = exchange;
  const { record } = call;
  exchange.final = final;
  record.isAnswerUnseen = false;
  record.statusCode = final.statusCode;
  record.finalAtMs = final.atMs;
  record.answeredAtMs = Math.min(record.answeredAtMs ?? Infinity, final.atMs);
  confirmFork(call, final);
}

function confirmFork(call: CallState, { atMs, toTag }: FinalResponse): void {
  const dialog = call.dialog(toTag);
  if (dialog !== undefined) dialog.confirmedAtMs ??= atMs;
}

/** The attempt has a final response; whether it is the outcome may depend on what follows. */
function takeFinal(context: CallContext, exchange: Exchange, final: FinalResponse): void {
  const { call } = exchange;
  const { record } = call;
  call.answerProof = undefined;
  record.statusCode = final.statusCode;
  record.finalAtMs = final.atMs;
  record.via = "response";
  if (final.statusCode < 300) {
    record.answeredAtMs = final.atMs;
    record.wasConfirmed = true;
    if (final.toTag !== undefined) call.confirmDialog(final.toTag);
    confirmFork(call, final);
    settle(context, call, final.atMs);
    return;
  }
  const isProxied = (exchange.roots[0]?.viaKeys.length ?? 0) > 1;
  const mayFailOver = isProxied || final.statusCode === 503;
  if (exchange.hasOpenRoot) call.outcomeDueAtMs = Infinity;
  else if (mayBeRetried(final.statusCode)) {
    const holdT1 = retryHoldT1(exchange, final.statusCode);
    call.outcomeDueAtMs = final.atMs + holdT1 * context.t1Ms;
  } else if (mayFailOver) call.outcomeDueAtMs = final.atMs + FORK_HOLD_T1 * context.t1Ms;
  else settle(context, call, final.atMs);
}

/** What other hops saw is all there is: nothing of the first hop's answer was captured. */
export function takeDownstreamFinal(context: CallContext, call: CallState): void {
  const { current } = call;
  if (call.hasOutcome || current?.downstreamFinal === undefined || current.final !== undefined) {
    return;
  }
  // One branch failed, and yet there was an answer.
  if (call.answerProof !== undefined && current.downstreamFinal.statusCode >= 300) return;
  current.final = current.downstreamFinal;
  takeFinal(context, current, current.final);
}

/** The outcome is known: says so, once. */
export function settle(context: CallContext, call: CallState, atMs: number): void {
  if (call.hasOutcome) return;
  const { record } = call;
  call.hasOutcome = true;
  call.outcomeDueAtMs = Infinity;
  if (record.via !== "response" || (record.statusCode ?? 0) >= 300) {
    const endedAtMs = record.finalAtMs ?? atMs;
    record.endedAtMs ??= endedAtMs;
    const isAcknowledged = call.current?.isAcknowledged === true || record.via !== "response";
    const wait = isAcknowledged ? SETTLE_T1 : TIMEOUT_T1;
    call.endDueAtMs = Math.max(atMs, endedAtMs + wait * context.t1Ms);
  }
  context.tell({ kind: "outcome", call: record, atMs });
}

/** The attempt came to nothing without a response. */
export function fail(context: CallContext, call: CallState, via: OutcomeVia, atMs: number): void {
  if (call.hasOutcome) return;
  call.record.via = via;
  delete call.record.statusCode;
  delete call.record.finalAtMs;
  settle(context, call, atMs);
}

/** An outcome that waited for another attempt is due, or will not be waited for. */
export function settleHeld(context: CallContext, call: CallState, atMs: number): void {
  call.outcomeDueAtMs = Infinity;
  takeDownstreamFinal(context, call);
  if (call.current?.final !== undefined || takeAnswerProof(call)) settle(context, call, atMs);
}

/** Tells the session timer of a final response, and the world what that meant. */
export function refreshAnswered(
  context: CallContext,
  exchange: Exchange,
  { seen, statusCode }: SeenResponse,
): void {
  const { call, refresh } = exchange;
  if (refresh === undefined || !concernsTimer(exchange, seen, statusCode)) return;
  const result = call.clock.answered(refresh, seen.message, statusCode, seen.atMs);
  updateTimer(call);
  if (result === undefined) return;
  if (call.isAdopted && statusCode < 300) call.record.wasConfirmed = true;
  context.tell({ kind: "session-refresh", call: call.record, atMs: seen.atMs, refresh: result });
}

/** Most calls have no session timer, and nobody asks for one. */
function concernsTimer(
  { call, refresh }: Exchange,
  seen: SeenMessage,
  statusCode: number,
): boolean {
  return (
    call.hasClock ||
    refresh?.offered !== undefined ||
    statusCode === 422 ||
    seen.message.header("session-expires") !== undefined
  );
}

/** Brings the record's session timer up to date. */
export function updateTimer(call: CallState): void {
  const timer = call.clock.state;
  if (timer !== undefined) call.record.sessionTimer = timer;
}
