/**
 * Follows the SIP that one observation point sees: transactions, dialogs, calls (RFC 3261, RFC 4028,
 * RFC 6026). Pure: time comes in with the messages.
 *
 * @module
 */

import { fail, settleHeld, updateTimer } from "./attempts.js";
import type { CallParty, SeenMessage, SipEvent } from "./call.js";
import { TIMEOUT_T1, type CallContext } from "./call-context.js";
import { CallState } from "./call-state.js";
import { CallTracker } from "./call-tracker.js";
import { DeadlineHeap, DelayQueue, type Deadlined } from "./deadlines.js";
import { headingOf, siblingKey, type Heading } from "./heading.js";
import { dialogTimeout } from "./in-dialog.js";
import type { SipMessage } from "./message.js";
import { StatisticsCounter, type SipStatistics } from "./statistics.js";
import { Visibility } from "./timeouts.js";
import { isSame, Transaction, TransactionTable } from "./transaction.js";

/** RFC 3261 §17.1.1.1. */
export const DEFAULT_T1_MS = 500;

/** Calls that are tracked at once unless another limit is set. */
export const DEFAULT_MAX_CALLS = 65_536;

/** Transactions that are tracked at once unless another limit is set. */
export const DEFAULT_MAX_TRANSACTIONS = 131_072;

/** In a capture messages may come so much out of order: holes in TCP, several ports merged. */
export const MAX_DISORDER_MS = 2000;

/** What a tracker is told at the start. */
export interface SipTrackerOptions {
  /** Is told what happens while {@link SipTracker.observe} and its like run. Must not throw. */
  readonly onEvent: (event: SipEvent) => void;
  /** RFC 3261 §17.1.1.1, from 1 to 60000 milliseconds. @default 500 */
  readonly t1Ms?: number;
  /** Beyond it the oldest call is ended early. At least 1. @default 65536 */
  readonly maxCalls?: number;
  /** Beyond it the oldest transaction is forgotten. At least 1. @default 131072 */
  readonly maxTransactions?: number;
}

/** What a tracker has counted. */
export interface SipTrackerCounters {
  readonly messages: number;
  /** Without Call-ID or CSeq, so that they are part of nothing. */
  readonly unidentified: number;
  /** Requests and responses that came again. */
  readonly retransmissions: number;
  /** Responses and ACKs of nothing that was seen. */
  readonly unmatched: number;
  /** Of calls that were over. */
  readonly late: number;
  readonly openCalls: number;
  readonly openTransactions: number;
  readonly evictedCalls: number;
  readonly evictedTransactions: number;
}

/** A request or response that could not be sent. */
export interface SendFailure {
  readonly message: SipMessage;
  readonly atMs: number;
}

/** A call that its own user agent gave up without a word on the wire. */
export interface LocalAbort {
  readonly callId: string;
  readonly localTag?: string;
  readonly atMs: number;
}

/** A dialog that was there before anybody looked. */
export interface AdoptedDialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** The observed user agent's part. */
  readonly localParty: CallParty;
  readonly atMs: number;
}

interface PatientRequest extends Deadlined {
  readonly transaction: Transaction;
}

/** Tracks the calls and the other transactions of one observation point. */
export class SipTracker {
  readonly #onEvent: (event: SipEvent) => void;
  readonly #t1Ms: number;
  readonly #context: CallContext;
  readonly #calls: CallTracker;
  readonly #transactions: TransactionTable;
  readonly #visibility: Visibility;
  readonly #statistics = new StatisticsCounter();
  /** Requests whose answer is waited for. */
  readonly #waiting: DelayQueue<Transaction>;
  /** Transactions that have their final response, until the last echo of it is gone. */
  readonly #lingering: DelayQueue<Transaction>;
  /** Requests of senders whose T1 is longer. */
  readonly #patient = new DeadlineHeap<PatientRequest>();
  readonly #departed: DelayQueue<CallState>;
  #nowMs = -Infinity;
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
      this.#departed.push(call, this.#nowMs);
    });
    this.#transactions = new TransactionTable(maxTransactions);
    this.#visibility = new Visibility(t1Ms);
    this.#waiting = new DelayQueue(TIMEOUT_T1 * t1Ms);
    this.#lingering = new DelayQueue(TIMEOUT_T1 * t1Ms);
    this.#departed = new DelayQueue(TIMEOUT_T1 * t1Ms);
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
    if (!(atMs > this.#nowMs)) return;
    this.#nowMs = atMs;
    this.#runDue(this.#isLive ? atMs : atMs - MAX_DISORDER_MS);
  }

  /** Messages may be missing around that time: what was not seen since may have happened. */
  noteGap(atMs: number): void {
    this.#visibility.noteGap(atMs);
  }

  /** Nothing more comes: everything due by then happens, and every call ends. */
  finish(atMs: number): void {
    this.advance(atMs);
    this.#runDue(atMs);
    for (const call of [...this.#calls.directory.all()]) {
      if (!call.isOver) this.#noteMissingAnswers(call);
      this.#calls.end(call, this.#nowMs);
    }
  }

  /** What was handed in last could not be sent. */
  sendFailed({ message, atMs }: SendFailure): void {
    this.advance(atMs);
    const heading = message.kind === "request" ? headingOf(message) : undefined;
    const transaction = heading && this.#transactions.get(heading.key);
    if (transaction === undefined || transaction.finalStatusCode !== undefined) return;
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
    for (const call of [...this.#calls.directory.all()]) {
      if (call.isOver) continue;
      call.record.isAbandoned = true;
      settleHeld(this.#context, call, atMs);
      call.record.endedAtMs ??= atMs;
      if (call.current !== undefined) fail(this.#context, call, "abandoned", atMs);
      this.#calls.end(call, atMs);
    }
  }

  /** Takes up a confirmed dialog from the user agent's own books. Does nothing if it is known. */
  adopt({ callId, localTag, remoteTag, localParty, atMs }: AdoptedDialog): void {
    this.advance(atMs);
    const [callerTag, calleeTag] =
      localParty === "caller" ? [localTag, remoteTag] : [remoteTag, localTag];
    if (this.#calls.directory.find(callId, callerTag, calleeTag)?.isOver === false) return;
    const direction = localParty === "caller" ? "out" : "in";
    const origin = { callId, callerTag, calleeTag, atMs, direction, hasInvite: false } as const;
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
      this.#lingering.push(transaction, this.#nowMs);
      if (!this.#calls.acknowledge(transaction, invite, heading, seen)) this.#unmatched += 1;
      return;
    }
    this.#waiting.push(transaction, this.#nowMs);
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
      exchange.call.noteCopy(seen.source, seen.destination, seen.atMs);
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
      if (transaction.finalStatusCode === statusCode) {
        transaction.lastFinalAtMs = Math.max(transaction.lastFinalAtMs, atMs);
      }
      return false;
    }
    transaction.finalStatusCode = statusCode;
    transaction.finalAtMs = atMs;
    transaction.lastFinalAtMs = atMs;
    if (!transaction.isTimerSettled) this.#lingering.push(transaction, this.#nowMs);
    return true;
  }

  #responseWithoutRequest(heading: Heading, seen: SeenMessage): Transaction | undefined {
    if (heading.method === "CANCEL") return undefined;
    const transaction = new Transaction(heading, seen);
    if (!this.#calls.responseWithoutRequest(transaction, heading, seen)) return undefined;
    this.#transactions.add(transaction);
    this.#waiting.push(transaction, this.#nowMs);
    return transaction;
  }

  #runDue(dueMs: number): void {
    for (let one = this.#waiting.takeDue(dueMs); one; one = this.#waiting.takeDue(dueMs)) {
      this.#waited(one);
    }
    for (let one = this.#patient.takeDue(dueMs); one; one = this.#patient.takeDue(dueMs)) {
      this.#waited(one.transaction);
    }
    for (let one = this.#lingering.takeDue(dueMs); one; one = this.#lingering.takeDue(dueMs)) {
      this.#lingered(one);
    }
    const { deadlines } = this.#calls;
    for (let call = deadlines.takeDue(dueMs); call; call = deadlines.takeDue(dueMs)) {
      this.#callDue(call, dueMs);
    }
    for (let call = this.#departed.takeDue(dueMs); call; call = this.#departed.takeDue(dueMs)) {
      this.#remove(call);
    }
  }

  /** A request has waited 64 T1 for its answer. */
  #waited(transaction: Transaction): void {
    const { isKept, isTimerSettled, finalStatusCode, method, firstAtMs } = transaction;
    if (!isKept || finalStatusCode !== undefined) return;
    // Once it rings, only a proxy's timer C or the parties end it.
    if (method === "INVITE" && transaction.hasProvisional) return;
    const dueAtMs = firstAtMs + this.#visibility.patienceMs(transaction);
    if (!isTimerSettled && this.#nowMs < dueAtMs) {
      this.#patient.update({ transaction, nextDueAtMs: dueAtMs, queuedAtMs: Infinity });
      return;
    }
    this.#lingering.push(transaction, this.#nowMs);
    if (isTimerSettled) return;
    transaction.isTimerSettled = true;
    if (this.#visibility.isUnanswered(transaction)) this.#timedOut(transaction, dueAtMs);
    else if (transaction.exchange !== undefined)
      this.#noteMissingAnswers(transaction.exchange.call);
  }

  #timedOut(transaction: Transaction, atMs: number): void {
    const { exchange, method } = transaction;
    const timer = method === "INVITE" ? "B" : "F";
    transaction.hasTimedOut = true;
    if (exchange === undefined) {
      this.#tell({ kind: "transaction-timeout", atMs, method, timer });
      return;
    }
    const { call } = exchange;
    if (call.isOver || !isOnFirstHop(transaction)) return;
    this.#tell({ kind: "transaction-timeout", atMs, method, timer, call: call.record });
    if (method !== exchange.method) return;
    if (!exchange.isInitial) dialogTimeout(this.#context, exchange, atMs);
    else if (exchange === call.current && !exchange.hasOpenRoot) {
      settleHeld(this.#context, call, atMs);
      fail(this.#context, call, "timeout", atMs);
    }
    this.#calls.deadlines.update(call);
  }

  /** Nothing of a transaction is expected any more. */
  #lingered(transaction: Transaction): void {
    const { exchange, finalAtMs, method } = transaction;
    if (!transaction.isKept) return;
    const call = exchange?.call;
    if (call?.isOver === false && isOnFirstHop(transaction)) {
      if (this.#visibility.isUnacknowledged(transaction)) {
        const atMs = finalAtMs + TIMEOUT_T1 * this.#t1Ms;
        this.#tell({ kind: "transaction-timeout", atMs, method, timer: "H", call: call.record });
      }
    }
    this.#transactions.delete(transaction);
  }

  #callDue(call: CallState, dueMs: number): void {
    if (call.outcomeDueAtMs <= dueMs) settleHeld(this.#context, call, call.outcomeDueAtMs);
    const endAtMs = Math.min(call.endDueAtMs, call.idleDueAtMs);
    if (endAtMs <= dueMs) {
      this.#noteMissingAnswers(call);
      this.#calls.end(call, endAtMs);
      return;
    }
    if (call.hasClock && call.record.endedAtMs === undefined && call.clock.dueAtMs <= dueMs) {
      this.#expire(call);
    }
    this.#calls.deadlines.update(call);
  }

  /** The session timer ran out, unless a refresh may have passed unseen. */
  #expire(call: CallState): void {
    const { record, clock } = call;
    const atMs = clock.dueAtMs;
    const sinceMs = atMs - (record.sessionTimer?.intervalSeconds ?? 0) * 1000;
    if (
      record.isOneSided ||
      this.#visibility.hasGapSince(sinceMs) ||
      call.hasOpenRefresh(sinceMs)
    ) {
      clock.lose();
      updateTimer(call);
      return;
    }
    const refresh = clock.expire();
    updateTimer(call);
    if (refresh !== undefined) this.#tell({ kind: "session-refresh", call: record, atMs, refresh });
  }

  /** Where a caller over UDP did not repeat itself, it had an answer that was not seen. */
  #noteMissingAnswers(call: CallState): void {
    const root = call.current?.roots[0];
    if (root !== undefined && this.#visibility.isAnswerMissing(root, this.#nowMs)) {
      call.noteMissingAnswer();
    }
  }

  #remove(call: CallState): void {
    this.#calls.directory.remove(call);
    for (const exchange of call.exchanges) {
      for (const transaction of exchange.branches) this.#transactions.delete(transaction);
    }
  }
}

/** Whether a request is of its call's first hop: its ACKs and CANCELs are where their INVITE is. */
function isOnFirstHop(transaction: Transaction): boolean {
  const { exchange, method } = transaction;
  if (exchange === undefined) return false;
  if (method === exchange.method) return exchange.isRoot(transaction);
  return exchange.roots.some(({ source }) => isSame(source, transaction.source));
}

const MAX_TABLE = 16_777_216;

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${name} is ${value}; it must be from ${least} to ${most}`);
}
