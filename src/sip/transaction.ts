/**
 * Transactions as an observer between the two ends sees them (RFC 3261 §17): one for each request
 * on each hop, matched by the topmost Via.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import { AgeQueue } from "./age-queue.js";
import type { SeenMessage } from "./call.js";
import type { Exchange } from "./exchange.js";
import type { Heading } from "./heading.js";

/** Distinct responses of one transaction that are told apart. */
export const MAX_RESPONSES = 32;

/** A response by what tells it from others. */
export interface DistinctResponse {
  readonly statusCode: number;
  readonly toTag: string | undefined;
  reliableNumber: string | undefined;
}

/** One request on one hop and its responses. */
export class Transaction {
  readonly key: string;
  readonly method: string;
  readonly transport: SeenMessage["transport"];
  readonly isLive: boolean;
  /** Of the request; where only responses were seen, the other way round. */
  source: Endpoint;
  destination: Endpoint;
  /** The request itself was seen, not only what came back. */
  hasRequest: boolean;
  firstAtMs: number;
  lastRequestAtMs: number;
  /** From the first request to its first retransmission: the sender's own T1. */
  firstGapMs: number | undefined;
  hasProvisional = false;
  /** The first final response. */
  finalStatusCode: number | undefined;
  finalAtMs = 0;
  lastFinalAtMs = 0;
  /** How often it came again, copies left out. */
  finalResent = 0;
  isAcknowledged = false;
  isCancelled = false;
  /** Timer B, F or H was inferred, or cannot be. */
  isTimerSettled = false;
  hasTimedOut = false;
  isKept = true;
  /** What it is part of. Absent where it belongs to no call. */
  exchange: Exchange | undefined;
  /** Of an INVITE: the keys of all its Via elements, topmost first. */
  viaKeys: readonly string[] = NO_KEYS;
  #responses: readonly DistinctResponse[] | undefined;
  #otherPaths: Endpoint[] | undefined;

  constructor(heading: Heading, seen: SeenMessage) {
    const isRequest = seen.message.kind === "request";
    this.key = heading.key;
    this.method = heading.method;
    this.transport = seen.transport;
    this.isLive = seen.direction !== undefined;
    this.source = isRequest ? seen.source : seen.destination;
    this.destination = isRequest ? seen.destination : seen.source;
    this.hasRequest = isRequest;
    this.firstAtMs = seen.atMs;
    this.lastRequestAtMs = seen.atMs;
  }

  /** Takes the same request once more. Returns false where it is its first sight on another path. */
  noteRequestAgain(seen: SeenMessage): boolean {
    const { atMs } = seen;
    if (atMs < this.firstAtMs) this.firstAtMs = atMs;
    if (atMs > this.lastRequestAtMs) this.lastRequestAtMs = atMs;
    if (!this.#isKnownPath(seen.source, seen.destination)) return false;
    this.firstGapMs ??=
      atMs - this.firstAtMs >= MIN_RESEND_GAP_MS ? atMs - this.firstAtMs : undefined;
    return true;
  }

  /**
   * Takes a response and says what it is: `distinct` where that code came from that To tag for the
   * first time, `repeated` where it comes once more as another reliable provisional response (RSeq,
   * RFC 3262), else `retransmitted`.
   */
  noteResponse(
    statusCode: number,
    toTag: string | undefined,
    reliableNumber: string | undefined,
  ): "distinct" | "repeated" | "retransmitted" {
    const responses = this.#responses ?? NO_RESPONSES;
    for (const known of responses) {
      if (known.statusCode !== statusCode || known.toTag !== toTag) continue;
      if (known.reliableNumber === reliableNumber) return "retransmitted";
      known.reliableNumber = reliableNumber;
      return "repeated";
    }
    if (responses.length < MAX_RESPONSES) {
      // Another array for each: the room that one keeps for more would mostly stay empty.
      this.#responses = responses.concat({ statusCode, toTag, reliableNumber });
    }
    return "distinct";
  }

  /** Takes the first final response once more. */
  noteFinalAgain(atMs: number): void {
    if (atMs - this.lastFinalAtMs >= MIN_FINAL_GAP_MS) this.finalResent += 1;
    if (atMs > this.lastFinalAtMs) this.lastFinalAtMs = atMs;
  }

  /** The distinct responses so far. */
  get responses(): readonly DistinctResponse[] {
    return this.#responses ?? NO_RESPONSES;
  }

  get hasResponses(): boolean {
    return this.#responses !== undefined;
  }

  /** The hop's path, or that of a copy seen elsewhere, such as on the far side of a NAT. */
  #isKnownPath(source: Endpoint, destination: Endpoint): boolean {
    if (isSame(source, this.source) && isSame(destination, this.destination)) return true;
    const paths = (this.#otherPaths ??= []);
    for (let i = 0; i < paths.length; i += 2) {
      if (isSame(source, paths[i]) && isSame(destination, paths[i + 1])) return true;
    }
    if (paths.length < MAX_PATHS * 2) paths.push(source, destination);
    return false;
  }
}

/** Copies of one packet on mirrored ports are closer to one another than any retransmission. */
const MIN_RESEND_GAP_MS = 10;

/** Nor is a response sent again so soon, though a copy of it may come late from behind a NAT. */
const MIN_FINAL_GAP_MS = 50;

const MAX_PATHS = 8;
const NO_KEYS: readonly string[] = [];
const NO_RESPONSES: readonly DistinctResponse[] = [];

/** Whether two endpoints are the same. */
export function isSame(one: Endpoint, other: Endpoint | undefined): boolean {
  return one === other || (one.address === other?.address && one.port === other.port);
}

/** Transactions by key, the oldest given up for the newest. */
export class TransactionTable {
  readonly #byKey = new Map<string, Transaction>();
  readonly #ages: AgeQueue<Transaction>;
  readonly #limit: number;
  #evicted = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#ages = new AgeQueue(limit);
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Transactions given up for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  get(key: string): Transaction | undefined {
    return this.#byKey.get(key);
  }

  add(transaction: Transaction): void {
    if (this.#byKey.size >= this.#limit) {
      const oldest = this.#ages.takeOldest();
      if (oldest !== undefined) this.delete(oldest);
      this.#evicted += 1;
    }
    this.#byKey.set(transaction.key, transaction);
    this.#ages.push(transaction);
  }

  delete(transaction: Transaction): void {
    if (!transaction.isKept) return;
    transaction.isKept = false;
    this.#byKey.delete(transaction.key);
  }
}
