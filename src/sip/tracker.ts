/**
 * Follows the SIP that one observation point sees: transactions, dialogs, calls (RFC 3261, RFC 4028,
 * RFC 6026). Pure: time comes in with the messages.
 *
 * @module
 */

import { fail, settleHeld } from "./attempts.js";
import type { SeenMessage, SipEvent } from "./call.js";
import type { CallContext } from "./call-context.js";
import { CallState } from "./call-state.js";
import { CallTracker } from "./call-tracker.js";
import { headingOf, siblingKey, type Heading } from "./heading.js";
import { dialogTimeout } from "./in-dialog.js";
import { StatisticsCounter, type SipStatistics } from "./statistics.js";
import { Visibility } from "./timeouts.js";
import { Timers } from "./timers.js";
import type {
  AdoptedDialog,
  LocalAbort,
  SendFailure,
  SipTrackerCounters,
  SipTrackerOptions,
} from "./tracker-inputs.js";
import { Transaction, TransactionTable } from "./transaction.js";

/** RFC 3261 §17.1.1.1. */
export const DEFAULT_T1_MS = 500;

/** Calls that are tracked at once unless another limit is set. */
export const DEFAULT_MAX_CALLS = 65_536;

/** Transactions that are tracked at once unless another limit is set. */
export const DEFAULT_MAX_TRANSACTIONS = 131_072;

/** In a capture messages may come so much out of order: holes in TCP, several ports merged. */
export const MAX_DISORDER_MS = 2000;

/** Tracks the calls and the other transactions of one observation point. */
export class SipTracker {
  readonly #onEvent: (event: SipEvent) => void;
  readonly #t1Ms: number;
  readonly #context: CallContext;
  readonly #calls: CallTracker;
  readonly #transactions: TransactionTable;
  readonly #visibility: Visibility;
  readonly #statistics = new StatisticsCounter();
  readonly #timers: Timers;
  #isLive = false;
  #messages = 0;
  #unidentified = 0;
  #retransmissions = 0;
  #unmatched = 0;

  /** @throws {RangeError} If a number is outside its range. */
  constructor(options: SipTrackerOptions) {
    const { t1Ms = DEFAULT_T1_MS, maxCalls = DEFAULT_MAX_CALLS } = options;
    const { maxTransactions = DEFAULT_MAX_TRANSACTIONS } = options;
    requireWithin("t1Ms", t1Ms, 1, 60_000);
    requireWithin("maxCalls", maxCalls, 1, MAX_TABLE);
    requireWithin("maxTransactions", maxTransactions, 1, MAX_TABLE);
    this.#onEvent = options.onEvent;
    this.#t1Ms = t1Ms;
    this.#context = { t1Ms, tell: this.#tell.bind(this) };
    this.#calls = new CallTracker(this.#context, maxCalls, (call) => {
      this.#timers.depart(call);
    });
    this.#transactions = new TransactionTable(maxTransactions);
    this.#visibility = new Visibility(t1Ms);
    this.#timers = new Timers(this.#context, this.#calls, this.#transactions, this.#visibility);
  }

  get counters(): SipTrackerCounters {
    return {
      messages: this.#messages,
      unidentified: this.#unidentified,
      retransmissions: this.#retransmissions,
      unmatched: this.#unmatched,
      late: this.#calls.lateMessages,
      openCalls: this.#calls.directory.size,
      openTransactions: this.#transactions.size,
      evictedCalls: this.#calls.directory.evicted,
      evictedTransactions: this.#transactions.evicted,
    };
  }

  /** Figures over all that was seen so far. */
  statistics(): SipStatistics {
    return this.#statistics.values;
  }

  /** Takes a message. Those of a capture may be out of order by {@link MAX_DISORDER_MS}. */
  observe(seen: SeenMessage): void {
    this.#messages += 1;
    this.#isLive = seen.direction !== undefined;
    this.advance(seen.atMs);
    const heading = headingOf(seen.message);
    if (heading === undefined) {
      this.#unidentified += 1;
      return;
    }
    if (seen.message.kind === "request") this.#request(heading, seen);
    else this.#response(heading, seen, seen.message.statusCode);
  }

  /** Time goes on without a message: what is due by then happens. */
  advance(atMs: number): void {
    if (!this.#timers.advance(atMs)) return;
    this.#timers.run(this.#isLive ? atMs : atMs - MAX_DISORDER_MS);
  }

  /** Messages may be missing around that time: what was not seen since may have happened. */
  noteGap(atMs: number): void {
    this.#visibility.noteGap(atMs);
  }

  /** Nothing more comes: everything due by then happens, and every call ends. */
  finish(atMs: number): void {
    this.advance(atMs);
    this.#timers.run(atMs);
    for (const call of [...this.#calls.directory.all()]) {
      if (!call.isOver) this.#timers.noteMissing(call);
      this.#calls.end(call, this.#timers.nowMs);
    }
  }

  /** What was handed in last could not be sent. */
  sendFailed({ message, atMs }: SendFailure): void {
    this.advance(atMs);
    const heading = headingOf(message);
    const transaction = heading && this.#transactions.get(heading.key);
    if (transaction === undefined) return;
    if (message.kind === "response") {
      noteAnswerNotSent(transaction, message.statusCode);
      return;
    }
    if (transaction.finalStatusCode !== undefined) return;
    transaction.isTimerSettled = true;
    transaction.hasTimedOut = true;
    const { exchange, method } = transaction;
    if (exchange === undefined || exchange.call.isOver || method !== exchange.method) return;
    const { call } = exchange;
    if (!exchange.isInitial) dialogTimeout(this.#context, exchange, atMs);
    else if (exchange === call.current) fail(this.#context, call, "transport-error", atMs);
    this.#calls.deadlines.update(call);
  }

  /** The user agent gave a call up; where the wire never showed the call, it becomes one. */
  localAbort({ callId, localTag, atMs }: LocalAbort): void {
    this.advance(atMs);
    const known = this.#calls.directory.find(callId, localTag, localTag);
    const call = known?.isOver === false ? known : this.#silentCall(callId, localTag, atMs);
    fail(this.#context, call, "local-abort", atMs);
    this.#calls.deadlines.update(call);
  }

  /** The user agent stopped: nobody hears the calls out that are open. */
  abandonAll(atMs: number): void {
    this.advance(atMs);
    for (const call of [...this.#calls.directory.all()]) this.#abandon(call, atMs);
  }

  /** Nobody hears the calls of one Call-ID out any more. */
  abandon(callId: string, atMs: number): void {
    this.advance(atMs);
    for (const call of [...this.#calls.directory.all()]) {
      if (call.record.callId === callId) this.#abandon(call, atMs);
    }
  }

  #abandon(call: CallState, atMs: number): void {
    if (call.isOver) return;
    settleHeld(this.#context, call, atMs);
    if (call.record.endedAtMs === undefined) {
      call.record.isAbandoned = true;
      call.record.endedAtMs = atMs;
      if (call.current !== undefined) fail(this.#context, call, "abandoned", atMs);
    }
    this.#calls.end(call, atMs);
  }

  /** Takes up a confirmed dialog from the user agent's own books. Does nothing if it is known. */
  adopt({ callId, localTag, remoteTag, localParty, atMs }: AdoptedDialog): void {
    this.advance(atMs);
    const [callerTag, calleeTag] =
      localParty === "caller" ? [localTag, remoteTag] : [remoteTag, localTag];
    if (this.#calls.directory.find(callId, callerTag, calleeTag)?.isOver === false) return;
    const direction = localParty === "caller" ? "out" : "in";
    const origin = {
      callId,
      callerTag,
      calleeTag,
      atMs,
      direction,
      hasInvite: false,
      wasConfirmed: true,
    } as const;
    this.#calls.open(new CallState(origin, this.#t1Ms), atMs);
  }

  #silentCall(callId: string, callerTag: string | undefined, atMs: number): CallState {
    const origin = {
      callId,
      callerTag,
      calleeTag: undefined,
      atMs,
      direction: "out",
      hasInvite: false,
    } as const;
    const call = new CallState(origin, this.#t1Ms);
    this.#calls.open(call, atMs);
    return call;
  }

  #tell(event: SipEvent): void {
    this.#statistics.observe(event);
    this.#onEvent(event);
  }

  #request(heading: Heading, seen: SeenMessage): void {
    const known = this.#transactions.get(heading.key);
    if (known !== undefined) {
      this.#requestAgain(known, seen);
      return;
    }
    const transaction = new Transaction(heading, seen);
    this.#transactions.add(transaction);
    this.#visibility.notePath(seen.source, seen.destination);
    const { method } = heading;
    if (method === "ACK") {
      const invite = this.#transactions.get(siblingKey(heading, "INVITE"));
      this.#timers.linger(transaction);
      if (!this.#calls.acknowledge(transaction, invite, heading, seen)) this.#unmatched += 1;
      return;
    }
    this.#timers.awaitAnswer(transaction);
    if (method === "CANCEL") this.#cancel(transaction, heading, seen);
    else this.#calls.request(transaction, heading, seen);
  }

  #requestAgain(transaction: Transaction, seen: SeenMessage): void {
    const { exchange, hasRequest } = transaction;
    if (!hasRequest) {
      transaction.hasRequest = true;
      transaction.firstAtMs = Math.min(transaction.firstAtMs, seen.atMs);
      transaction.lastRequestAtMs = seen.atMs;
      transaction.source = seen.source;
      transaction.destination = seen.destination;
      if (exchange !== undefined) this.#calls.requestAfterResponse(transaction, exchange, seen);
      return;
    }
    const isRetransmission = transaction.noteRequestAgain(seen);
    if (isRetransmission) this.#retransmissions += 1;
    else if (exchange?.isInitial === true && transaction.method === "INVITE") {
      exchange.call.hops.noteCopy(seen.source, seen.destination, seen.atMs);
    }
    if (exchange !== undefined) this.#calls.requestAgain(exchange, seen, isRetransmission);
  }

  #cancel(transaction: Transaction, heading: Heading, seen: SeenMessage): void {
    const key = siblingKey(heading, "INVITE");
    let invite = this.#transactions.get(key) ?? this.#calls.cancelled(heading, seen);
    if (invite === undefined && seen.message.kind === "request") {
      // The INVITE was sent before anybody looked.
      invite = new Transaction({ ...heading, key, method: "INVITE" }, seen);
      invite.hasRequest = false;
      this.#transactions.add(invite);
      this.#calls.unseenInvite(invite, { ...heading, method: "INVITE" }, seen);
    }
    this.#calls.cancel(transaction, invite, seen);
  }

  #response(heading: Heading, seen: SeenMessage, statusCode: number): void {
    const transaction =
      this.#transactions.get(heading.key) ?? this.#responseWithoutRequest(heading, seen);
    if (transaction === undefined) {
      this.#unmatched += 1;
      return;
    }
    if (!transaction.hasResponses) this.#visibility.notePath(seen.source, seen.destination);
    const { exchange, method } = transaction;
    const isInvite = method === "INVITE";
    const toTag = exchange === undefined ? undefined : seen.message.toTag;
    const isReliable = isInvite && statusCode > 100 && statusCode < 200;
    const reliableNumber = isReliable ? seen.message.header("rseq") : undefined;
    const sight = transaction.noteResponse(statusCode, toTag, reliableNumber);
    const isFirstFinal = this.#noteFinal(transaction, statusCode, seen.atMs);
    const isRetransmission = sight === "retransmitted";
    if (isRetransmission) this.#retransmissions += 1;
    if (exchange !== undefined) {
      const isDistinct = sight === "distinct";
      const response = { seen, statusCode, toTag, isDistinct, isFirstFinal };
      this.#calls.response(transaction, exchange, response, isRetransmission);
    } else if (isFirstFinal && method === "REGISTER") {
      this.#statistics.registered(statusCode, seen.atMs - transaction.firstAtMs);
    }
  }

  /** Returns whether this is the transaction's first final response. */
  #noteFinal(transaction: Transaction, statusCode: number, atMs: number): boolean {
    if (statusCode < 200) {
      transaction.hasProvisional = true;
      return false;
    }
    if (transaction.finalStatusCode !== undefined) {
      if (transaction.finalStatusCode === statusCode) transaction.noteFinalAgain(atMs);
      return false;
    }
    transaction.finalStatusCode = statusCode;
    transaction.finalAtMs = atMs;
    transaction.lastFinalAtMs = atMs;
    if (!transaction.isTimerSettled) this.#timers.linger(transaction);
    return true;
  }

  #responseWithoutRequest(heading: Heading, seen: SeenMessage): Transaction | undefined {
    if (heading.method === "CANCEL") return undefined;
    const transaction = new Transaction(heading, seen);
    if (!this.#calls.responseWithoutRequest(transaction, heading, seen)) return undefined;
    this.#transactions.add(transaction);
    this.#timers.awaitAnswer(transaction);
    return transaction;
  }
}

function noteAnswerNotSent({ exchange, method }: Transaction, statusCode: number): void {
  if (exchange?.isInitial !== true || method !== "INVITE") return;
  if (statusCode < 200 || statusCode > 299) return;
  const { record } = exchange.call;
  record.answersNotSent = (record.answersNotSent ?? 0) + 1;
}

const MAX_TABLE = 16_777_216;

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${name} is ${value}; it must be from ${least} to ${most}`);
}
