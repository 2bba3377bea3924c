/**
 * Calls whose answer passed unseen, and what proves that there was one (RFC 3261 §12.1, §13.2.2.4).
 *
 * @module
 */

import type { CallState } from "./call-state.js";
import type { Exchange } from "./exchange.js";

/** What shows that the call was answered, until its outcome is told. */
export interface AnswerProof {
  readonly atMs: number;
  /** The callee's tag of the dialog it confirms. */
  readonly dialogTag: string | undefined;
}

/**
 * Takes a proof of an answer to the call's opening INVITE. It counts from `dueAtMs` on unless the
 * answer, or a failure, is seen after all.
 */
export function proveAnswer(call: CallState, proof: AnswerProof, dueAtMs: number): void {
  const { current } = call;
  if (current === undefined || call.hasOutcome || current.final !== undefined) return;
  current.hasGoneOn = true;
  call.noteMissingAnswer();
  if (call.answerProof === undefined || proof.atMs < call.answerProof.atMs) {
    call.answerProof = proof;
  }
  call.outcomeDueAtMs = Math.min(call.outcomeDueAtMs, dueAtMs);
}

/** Takes the success of a request within a dialog, which may prove that the dialog was confirmed. */
export function proveAnswerBySuccess(exchange: Exchange): void {
  const { call, by, method, dialogTag, firstAtMs } = exchange;
  if (dialogTag === undefined) return;
  const proof = { atMs: firstAtMs, dialogTag };
  // Neither may come before the answer (RFC 3261 §14.1, §15).
  if (method === "INVITE" || (method === "BYE" && by === "callee")) {
    proveAnswer(call, proof, firstAtMs);
  }
  // A caller's BYE may end an early dialog: then a failure follows (RFC 3261 §15.1.2).
  else if (method === "BYE") proveAnswer(call, proof, Infinity);
}

/** Has a call be answered for which there is nothing but a proof. Returns false without one. */
export function takeAnswerProof(call: CallState): boolean {
  const { record, answerProof, current, hasOutcome } = call;
  if (answerProof === undefined || hasOutcome || current?.final !== undefined) return false;
  call.answerProof = undefined;
  record.via = "response";
  record.isAnswerUnseen = true;
  record.wasConfirmed = true;
  record.answeredAtMs = answerProof.atMs;
  if (answerProof.dialogTag !== undefined) call.confirmDialog(answerProof.dialogTag);
  return true;
}
