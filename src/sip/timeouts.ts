/**
 * Which of the timers B, F and H ran out at the ends, as far as an observer can tell (RFC 3261 §17,
 * §13.3.1.4). Where an answer may have passed unseen, none did.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import { TIMEOUT_T1 } from "./call-context.js";
import type { Transaction } from "./transaction.js";

/** Paths on which something was seen that are remembered. */
export const MAX_PATHS_SEEN = 65_536;

/**
 * A sender that has no answer sends again after 1, 3, 7 and 15 T1. One that stopped before either
 * had its answer or gave up on its own; where the far end was never seen it must have gone on longer.
 */
const RESENT_UNTIL_T1 = 7;
const RESENT_UNTIL_T1_UNSEEN = 15;

/** The last retransmission over UDP before timer F (RFC 3261 §17.1.2.2). */
const RESENT_TO_THE_END_T1 = 63;

/** Of the due time of a retransmission, for clocks that are not exact. */
const EARLIEST = 0.9;

/** Senders whose first retransmission comes later than this many T1 are taken at T1. */
const MAX_SENDER_T1 = 8;

/** Which way the observer could see, and when it could not see at all. */
export class Visibility {
  readonly #t1Ms: number;
  readonly #paths = new Set<string>();
  /** By its source the destination of a path that is in `#paths`. */
  readonly #noted = new Map<Endpoint, Endpoint>();
  #lastGapAtMs = -Infinity;

  constructor(t1Ms: number) {
    this.#t1Ms = t1Ms;
  }

  /** Something was seen on its way from one address to another. */
  notePath(source: Endpoint, destination: Endpoint): void {
    // The messages of one path mostly come with the same objects.
    if (this.#noted.get(source) === destination) return;
    if (this.#paths.size >= MAX_PATHS_SEEN) {
      this.#paths.clear();
      this.#noted.clear();
    }
    this.#noted.set(source, destination);
    this.#paths.add(`${source.address}>${destination.address}`);
  }

  /** Messages may be missing around that time. */
  noteGap(atMs: number): void {
    this.#lastGapAtMs = Math.max(this.#lastGapAtMs, atMs);
  }

  /** Whether messages may be missing since then. */
  hasGapSince(atMs: number): boolean {
    return this.#lastGapAtMs >= atMs;
  }

  /** How long the sender of this request waits for an answer: 64 of its own T1, at least 64 T1. */
  patienceMs({ firstGapMs = 0 }: Transaction): number {
    const ownT1Ms = Math.min(firstGapMs, MAX_SENDER_T1 * this.#t1Ms);
    // What comes a little late is not a longer T1.
    return TIMEOUT_T1 * (ownT1Ms > LATE_T1 * this.#t1Ms ? ownT1Ms : this.#t1Ms);
  }

  /** Whether a request that stayed without answer for its sender's whole patience timed out. */
  isUnanswered(transaction: Transaction): boolean {
    if (transaction.exchange?.hasGoneOn === true) return false;
    if (transaction.isLive) return true;
    if (!transaction.hasRequest || this.hasGapSince(transaction.firstAtMs)) return false;
    const { source, destination } = transaction;
    const canSee = this.#paths.has(`${destination.address}>${source.address}`);
    if (transaction.transport !== "udp") return canSee;
    return this.#isResentUntil(transaction, canSee ? RESENT_UNTIL_T1 : RESENT_UNTIL_T1_UNSEEN);
  }

  /** Whether a request other than INVITE, still without answer, was sent as often as it would be. */
  isGivenUp(transaction: Transaction): boolean {
    if (transaction.transport !== "udp" || !this.isUnanswered(transaction)) return false;
    return this.#isResentUntil(transaction, RESENT_TO_THE_END_T1);
  }

  /** Whether an answer, still without ACK, was sent so often that its sender had no ACK either. */
  isAnswerGivenUp(transaction: Transaction): boolean {
    const resentForMs = transaction.lastFinalAtMs - transaction.finalAtMs;
    if (resentForMs < RESENT_UNTIL_T1 * EARLIEST * this.#t1Ms) return false;
    return this.isUnacknowledged(transaction);
  }

  /** Whether a final response to an INVITE that stayed without ACK for 64 T1 timed out. */
  isUnacknowledged(transaction: Transaction): boolean {
    const { exchange, finalStatusCode } = transaction;
    if (finalStatusCode === undefined || transaction.method !== "INVITE") return false;
    if (transaction.isAcknowledged || exchange?.isAcknowledged === true) return false;
    if (exchange?.hasGoneOn === true) return false;
    if (transaction.isLive) return true;
    if (!transaction.hasRequest || this.hasGapSince(transaction.finalAtMs)) return false;
    // Over a stream only a 2xx is sent again (RFC 3261 §13.3.1.4, §17.2.1).
    if (transaction.transport !== "udp" && finalStatusCode >= 300) return true;
    const resentForMs = transaction.lastFinalAtMs - transaction.finalAtMs;
    return resentForMs >= RESENT_UNTIL_T1 * EARLIEST * this.#t1Ms;
  }

  /** Whether a request over UDP was not sent again though no answer was seen: it had one. */
  isAnswerMissing(transaction: Transaction, nowMs: number): boolean {
    if (transaction.isLive || transaction.transport !== "udp" || !transaction.hasRequest)
      return false;
    if (transaction.hasResponses || transaction.lastRequestAtMs > transaction.firstAtMs)
      return false;
    return nowMs - transaction.firstAtMs > MISSED_RESENDS_T1 * this.#t1Ms;
  }

  #isResentUntil({ firstAtMs, lastRequestAtMs, firstGapMs }: Transaction, t1s: number): boolean {
    const t1Ms = Math.min(firstGapMs ?? Infinity, this.#t1Ms);
    return lastRequestAtMs - firstAtMs >= t1s * EARLIEST * t1Ms;
  }
}

const LATE_T1 = 1.5;

/** Three retransmissions were due by then. */
const MISSED_RESENDS_T1 = 8;
