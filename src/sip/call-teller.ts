/**
 * Says which messages and descriptions of a call were seen.
 *
 * @module
 */

import type { SeenResponse } from "./attempts.js";
import { type CallParty, type SeenMessage, otherParty } from "./call.js";
import type { CallContext } from "./call-context.js";
import type { CallState } from "./call-state.js";
import type { Exchange } from "./exchange.js";
import { requestIsOffer, responseIsOffer } from "./offer-answer.js";
import type { Transaction } from "./transaction.js";

/** A message of a call, and whose it is. */
export interface ToldMessage {
  readonly call: CallState;
  readonly sender: CallParty;
  readonly isRetransmission: boolean;
}

/** What is told of a description. */
export interface ToldDescription {
  readonly by: CallParty;
  readonly isOffer: boolean;
  readonly cseq: number;
  readonly toTag: string | undefined;
}

/** Tells of messages and descriptions while calls go on. */
export class CallTeller {
  readonly #context: CallContext;
  #lateMessages = 0;

  constructor(context: CallContext) {
    this.#context = context;
  }

  /** Messages of calls that were over. */
  get lateMessages(): number {
    return this.#lateMessages;
  }

  /** Counts a message of a call that is over. */
  late(): void {
    this.#lateMessages += 1;
  }

  /** Says that a message was seen. Returns false if its call is over. */
  message({ call, sender, isRetransmission }: ToldMessage, seen: SeenMessage): boolean {
    if (call.isOver) {
      this.late();
      return false;
    }
    const { record } = call;
    call.noteMessage(seen, sender);
    if (isRetransmission) record.retransmissions += 1;
    this.#context.tell({ kind: "message", call: record, atMs: seen.atMs, seen, isRetransmission });
    return true;
  }

  /** The description that a request carries, if any. */
  request(exchange: Exchange, seen: SeenMessage): void {
    const { message } = seen;
    if (!seen.hasDescription || message.kind !== "request") return;
    const { call, by } = exchange;
    const { fromTag, toTag, method } = message;
    // ACK and CANCEL are part of their INVITE's exchange; a CANCEL describes nothing.
    if (method !== exchange.method && method !== "ACK") return;
    const isOffer = method === "ACK" ? false : requestIsOffer(exchange, message);
    if (isOffer === undefined) return;
    const tag = by === "caller" ? toTag : fromTag;
    this.description(call, { by, isOffer, cseq: exchange.cseq, toTag: tag }, seen);
  }

  /** The description that a response carries, if any. */
  response(exchange: Exchange, transaction: Transaction, response: SeenResponse): void {
    const { seen, statusCode, toTag } = response;
    if (!seen.hasDescription || transaction.method !== exchange.method) return;
    const isOffer = responseIsOffer(exchange, statusCode, transaction.hasRequest);
    if (isOffer === undefined) return;
    const { call, by, cseq, dialogTag } = exchange;
    const described = { by: otherParty(by), isOffer, cseq, toTag: dialogTag ?? toTag };
    this.description(call, described, seen);
  }

  /** A description, and whose it is. */
  description(call: CallState, { toTag, ...what }: ToldDescription, { atMs }: SeenMessage): void {
    const tag = toTag === undefined ? {} : { toTag };
    this.#context.tell({ kind: "description", call: call.record, atMs, ...what, ...tag });
  }
}
