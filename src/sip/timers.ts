/**
 * What happens when nothing comes: timers of transactions, sessions that run out, outcomes that
 * waited for another attempt, calls of which nothing more is expected.
 *
 * @module
 */

import { fail, settleHeld, updateTimer } from "./attempts.js";
import { TIMEOUT_T1, type CallContext } from "./call-context.js";
import type { CallState } from "./call-state.js";
import type { CallTracker } from "./call-tracker.js";
import { DeadlineHeap, DelayQueue, type Deadlined } from "./deadlines.js";
import { dialogTimeout } from "./in-dialog.js";
import type { Visibility } from "./timeouts.js";
import { isSame, type Transaction, type TransactionTable } from "./transaction.js";

interface PatientRequest extends Deadlined {
  readonly transaction: Transaction;
}

/** Something that is due now and then. */
interface Queue {
  readonly nextDueAtMs: number;
  /** Deals with the first that is due by then. */
  runOne(dueMs: number): void;
}

/** Does what is due, in order of time. */
export class Timers {
  readonly #context: CallContext;
  readonly #calls: CallTracker;
  readonly #transactions: TransactionTable;
  readonly #visibility: Visibility;
  /** Requests whose answer is waited for. */
  readonly #waiting: DelayQueue<Transaction>;
  /** Requests of senders whose T1 is longer. */
  readonly #patient = new DeadlineHeap<PatientRequest>();
  /** Transactions that have their final response, until the last echo of it is gone. */
  readonly #lingering: DelayQueue<Transaction>;
  readonly #departed: DelayQueue<CallState>;
  readonly #queues: readonly Queue[];
  #nowMs = -Infinity;

  constructor(
    context: CallContext,
    calls: CallTracker,
    transactions: TransactionTable,
    visibility: Visibility,
  ) {
    this.#context = context;
    this.#calls = calls;
    this.#transactions = transactions;
    this.#visibility = visibility;
    const delayMs = TIMEOUT_T1 * context.t1Ms;
    this.#waiting = new DelayQueue(delayMs);
    this.#lingering = new DelayQueue(delayMs);
    this.#departed = new DelayQueue(delayMs);
    this.#queues = [
      queue(this.#waiting, (one) => {
        this.#waited(one);
      }),
      queue(this.#patient, ({ transaction }) => {
        this.#waited(transaction);
      }),
      queue(this.#lingering, (one) => {
        this.#lingered(one);
      }),
      queue(calls.deadlines, (call, dueMs) => {
        this.#callDue(call, dueMs);
      }),
      queue(this.#departed, (call) => {
        this.#remove(call);
      }),
    ];
  }

  /** The latest moment that anybody told. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Time goes on. Returns false if it does not. */
  advance(atMs: number): boolean {
    if (!(atMs > this.#nowMs)) return false;
    this.#nowMs = atMs;
    return true;
  }

  /** A request's answer is waited for. */
  awaitAnswer(transaction: Transaction): void {
    this.#waiting.push(transaction, this.#nowMs);
  }

  /** A transaction has all it needs, but echoes of it may come. */
  linger(transaction: Transaction): void {
    this.#lingering.push(transaction, this.#nowMs);
  }

  /** A call is over, but echoes of it may come. */
  depart(call: CallState): void {
    this.#departed.push(call, this.#nowMs);
  }

  /** Does everything that is due by then. */
  run(dueMs: number): void {
    while (this.#isAnyDue(dueMs)) {
      let first: Queue | undefined;
      for (const one of this.#queues) {
        if (one.nextDueAtMs < (first?.nextDueAtMs ?? Infinity)) first = one;
      }
      first?.runOne(dueMs);
    }
  }

  /** Asked for each message, and mostly without avail: the queues are asked one by one, for speed. */
  #isAnyDue(dueMs: number): boolean {
    return (
      this.#waiting.nextDueAtMs <= dueMs ||
      this.#lingering.nextDueAtMs <= dueMs ||
      this.#departed.nextDueAtMs <= dueMs ||
      this.#patient.nextDueAtMs <= dueMs ||
      this.#calls.deadlines.nextDueAtMs <= dueMs
    );
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
      this.#context.tell({ kind: "transaction-timeout", atMs, method, timer });
      return;
    }
    const { call } = exchange;
    if (call.isOver || !isOnFirstHop(transaction)) return;
    this.#context.tell({ kind: "transaction-timeout", atMs, method, timer, call: call.record });
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
        noteMissingAck(transaction);
        const atMs = finalAtMs + TIMEOUT_T1 * this.#context.t1Ms;
        this.#context.tell({
          kind: "transaction-timeout",
          atMs,
          method,
          timer: "H",
          call: call.record,
        });
      }
    }
    this.#transactions.delete(transaction);
  }

  #callDue(call: CallState, dueMs: number): void {
    if (call.outcomeDueAtMs <= dueMs) settleHeld(this.#context, call, call.outcomeDueAtMs);
    const endAtMs = Math.min(call.endDueAtMs, call.idleDueAtMs);
    if (endAtMs <= dueMs) {
      this.noteMissing(call);
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
    if (refresh !== undefined)
      this.#context.tell({ kind: "session-refresh", call: record, atMs, refresh });
  }

  /** What a call that now ends shows to be missing. */
  noteMissing(call: CallState): void {
    this.#noteMissingAnswers(call);
    const { bye, current } = call;
    const byeRoot = bye?.final === undefined ? bye?.roots[0] : undefined;
    if (byeRoot !== undefined && this.#visibility.isGivenUp(byeRoot)) {
      call.record.isByeUnanswered = true;
    }
    // Who answered hangs up an answer without ACK only once it gave up (RFC 3261 §15).
    const answer = bye?.by === "callee" ? current?.roots[0] : undefined;
    if (answer !== undefined && this.#visibility.isAnswerGivenUp(answer)) noteMissingAck(answer);
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

/** Nobody acknowledged an answer, or a failure, which is less of a matter. */
function noteMissingAck({ exchange, finalStatusCode }: Transaction): void {
  if (exchange === undefined || !((finalStatusCode ?? 300) < 300)) return;
  const { call } = exchange;
  if (exchange === call.current) call.record.isAckMissing = true;
}

/** Whether a request is of its call's first hop: its ACKs and CANCELs are where their INVITE is. */
function isOnFirstHop(transaction: Transaction): boolean {
  const { exchange, method } = transaction;
  if (exchange === undefined) return false;
  if (method === exchange.method) return exchange.isRoot(transaction);
  return exchange.roots.some(({ source }) => isSame(source, transaction.source));
}

function queue<T>(
  source: { readonly nextDueAtMs: number; takeDue(dueMs: number): T | undefined },
  run: (item: T, dueMs: number) => void,
): Queue {
  return {
    get nextDueAtMs() {
      return source.nextDueAtMs;
    },
    runOne: (dueMs) => {
      const item = source.takeDue(dueMs);
      if (item !== undefined) run(item, dueMs);
    },
  };
}
