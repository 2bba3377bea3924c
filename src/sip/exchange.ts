/**
 * What one party of a call asked of the other once, on whichever hops it was seen.
 *
 * @module
 */

import type { CallParty } from "./call.js";
import type { CallState } from "./call-state.js";
import type { RefreshRequest } from "./session-timer.js";
import type { DistinctResponse, Transaction } from "./transaction.js";
import { sentByOf } from "./via-keys.js";

/** Transactions of one exchange that are kept: hops and forks of one request. */
export const MAX_BRANCHES = 64;

/** A final response and when it came. */
export interface FinalResponse {
  readonly statusCode: number;
  readonly atMs: number;
  readonly toTag: string | undefined;
}

/** A request between the parties of a call: one transaction on each hop. */
export class Exchange {
  readonly call: CallState;
  readonly method: string;
  readonly cseq: number;
  readonly by: CallParty;
  /** An INVITE that opens the call. */
  readonly isInitial: boolean;
  /** The callee's tag of the dialog it is in. Absent outside one. */
  readonly dialogTag: string | undefined;
  /** On the first hop. More than one where its sender forked it. */
  readonly roots: Transaction[];
  /** The first final response of the first hop. */
  final: FinalResponse | undefined;
  /** The best final response of other hops. */
  downstreamFinal: FinalResponse | undefined;
  /** Its sender did what it can only do once it was answered. */
  hasGoneOn = false;
  isAcknowledged = false;
  hasProvisional = false;
  /** The request carries a description. */
  hasDescription = false;
  /** A response carries one. */
  hasAnswerDescription = false;
  /** A PRACK answered an offer that came in a response. */
  isOfferAnswered = false;
  /** Of a PRACK with a description. */
  isOffer: boolean | undefined;
  /** What it asks of the session timer. */
  refresh: RefreshRequest | undefined;
  /** On all hops. */
  readonly branches: Transaction[];
  /** What was told of as the first hop's until a hop before it was seen. */
  #told: readonly DistinctResponse[] = [];

  constructor(facts: {
    readonly call: CallState;
    readonly method: string;
    readonly cseq: number;
    readonly by: CallParty;
    readonly isInitial: boolean;
    readonly dialogTag: string | undefined;
    readonly root: Transaction;
  }) {
    this.call = facts.call;
    this.method = facts.method;
    this.cseq = facts.cseq;
    this.by = facts.by;
    this.isInitial = facts.isInitial;
    this.dialogTag = facts.dialogTag;
    this.roots = [facts.root];
    this.branches = [facts.root];
    facts.root.exchange = this;
  }

  get firstAtMs(): number {
    return this.roots.reduce((first, { firstAtMs }) => Math.min(first, firstAtMs), Infinity);
  }

  isRoot(transaction: Transaction): boolean {
    return this.roots.includes(transaction);
  }

  /** Whether a branch of the first hop still has no final response. */
  get hasOpenRoot(): boolean {
    return this.roots.some((root) => root.finalStatusCode === undefined && !root.isTimerSettled);
  }

  /**
   * Takes the same request as seen on another branch. It is a hop further on; or before, where the
   * Via elements of what was the first hop name it; or a fork, where the same element sent both and
   * neither passed the other (RFC 3261 §16.6).
   *
   * @returns What it is to this exchange.
   */
  add(transaction: Transaction): "hop" | "fork" | "first-hop" {
    transaction.exchange = this;
    const root = this.roots[0];
    if (root === undefined || this.branches.length >= MAX_BRANCHES) return "hop";
    this.branches.push(transaction);
    const key = transaction.viaKeys[0];
    if (key !== undefined && root.viaKeys.indexOf(key) > 0) {
      this.#told = [...root.responses];
      this.roots.splice(0, this.roots.length, transaction);
      return "first-hop";
    }
    if (!this.isBeside(transaction)) return "hop";
    this.roots.push(transaction);
    return "fork";
  }

  /** Whether what sent the first hop's INVITE sent this one as well, and neither passed the other. */
  isBeside({ viaKeys }: Transaction): boolean {
    const [root] = this.roots;
    const [key] = viaKeys;
    if (!this.isInitial || root === undefined || key === undefined) return false;
    const rootKey = root.viaKeys[0] ?? "";
    return (
      sentByOf(key) === sentByOf(rootKey) &&
      !viaKeys.includes(rootKey) &&
      root.viaKeys.indexOf(key) <= 0
    );
  }

  /** Whether a response of the first hop was told of while another hop was taken for the first. */
  wasTold(statusCode: number, toTag: string | undefined): boolean {
    return this.#told.some((one) => one.statusCode === statusCode && one.toTag === toTag);
  }
}

/** Whether one final response stands above another as a forking proxy sees it (RFC 3261 §16.7). */
export function isBetterFinal(one: FinalResponse, than: FinalResponse | undefined): boolean {
  if (than === undefined) return true;
  return rank(one.statusCode) < rank(than.statusCode);
}

/** 2xx before 6xx before 3xx, 4xx and 5xx; among 4xx, challenges first, as §16.7 step 6 prefers. */
function rank(statusCode: number): number {
  if (statusCode < 300) return 0;
  if (statusCode >= 600) return 1;
  const isPreferred = [401, 407, 415, 420, 484].includes(statusCode);
  return Math.floor(statusCode / 100) + (isPreferred ? 0 : 0.5);
}
