/**
 * How calls, attempts and exchanges begin: with a request, or, where that was not seen, with what
 * followed it.
 *
 * @module
 */

import { openAttempt } from "./attempts.js";
import type { SeenMessage } from "./call.js";
import { CallState } from "./call-state.js";
import { Exchange } from "./exchange.js";
import type { Heading } from "./heading.js";
import type { Transaction } from "./transaction.js";

/** A call of which this is the first message, from the caller or back to it. */
export function newCall({ callId }: Heading, seen: SeenMessage, t1Ms: number): CallState {
  const { fromTag, kind } = seen.message;
  const direction = kind === "request" ? seen.direction : reversed(seen.direction);
  const { atMs } = seen;
  return new CallState(
    { callId, callerTag: fromTag, calleeTag: undefined, atMs, direction, hasInvite: false },
    t1Ms,
  );
}

/** A dialog that was set up before anybody looked: who speaks first is taken for its caller. */
export function adoptedCall({ callId }: Heading, seen: SeenMessage, t1Ms: number): CallState {
  const { fromTag, toTag, kind } = seen.message;
  const direction = kind === "request" ? seen.direction : reversed(seen.direction);
  const { atMs } = seen;
  const tags = { callerTag: fromTag, calleeTag: toTag };
  const call = new CallState(
    { callId, ...tags, atMs, direction, hasInvite: false, isCallerAssumed: true },
    t1Ms,
  );
  call.noteParties(seen, "caller");
  return call;
}

/** An attempt of a call, its INVITE seen or not. */
export function newAttempt(call: CallState, root: Transaction, { cseq }: Heading): Exchange {
  const exchange = new Exchange({
    call,
    method: "INVITE",
    cseq,
    by: "caller",
    isInitial: true,
    dialogTag: undefined,
    root,
  });
  call.addExchange(exchange);
  openAttempt(call, exchange);
  return exchange;
}

/** The exchange in a dialog that a message is part of, and whether this is the first of it. */
export function dialogExchange(
  call: CallState,
  transaction: Transaction,
  heading: Heading,
  seen: SeenMessage,
): { readonly exchange: Exchange; readonly isNew: boolean } {
  const { fromTag, toTag } = seen.message;
  const by = call.partyOfTag(fromTag, toTag) ?? "caller";
  const dialogTag = by === "caller" ? toTag : fromTag;
  const known = call.exchange(heading, by, dialogTag);
  if (known !== undefined) {
    known.add(transaction);
    return { exchange: known, isNew: false };
  }
  const { method, cseq } = heading;
  const facts = { call, method, cseq, by, isInitial: false, dialogTag, root: transaction };
  const exchange = new Exchange(facts);
  if (!call.isOver) call.addExchange(exchange);
  return { exchange, isNew: true };
}

/** Some callers put the To tag of a challenge into the INVITE that answers it. */
export function isRetryInDialog(call: CallState | undefined, toTag: string): boolean {
  const final = call?.current?.final;
  if (call === undefined || final === undefined || final.statusCode < 300) return false;
  return !call.knowsDialog(toTag) && final.toTag === toTag;
}

function reversed(direction: "in" | "out" | undefined): "in" | "out" | undefined {
  if (direction === undefined) return undefined;
  return direction === "in" ? "out" : "in";
}
