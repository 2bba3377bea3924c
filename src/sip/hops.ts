/**
 * The hops on which the INVITE that opens a call is seen.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { SipHop } from "./call.js";
import { isSame, type Transaction } from "./transaction.js";
import { sentByOf } from "./via-keys.js";

/** Hops of one call that are listed. */
export const MAX_HOPS = 32;

type WritableHop = { -readonly [Key in keyof SipHop]: SipHop[Key] };

/** Keeps the hops of one call, the first hop first. */
export class HopList {
  readonly #hops: WritableHop[] = [];
  /** Who sent the INVITE on the first hop, as its Via says. */
  #sender = "";

  /** As a call record shows them. */
  get hops(): readonly SipHop[] {
    return this.#hops;
  }

  /** The hop that a further attempt takes. The same sender on another path has another target. */
  noteRetry(transaction: Transaction): void {
    const { source, destination, viaKeys } = transaction;
    const [first] = this.#hops;
    if (first !== undefined && sentByOf(viaKeys[0]) === this.#sender) {
      const isSamePath = isSame(first.source, source) && isSame(first.destination, destination);
      if (!isSamePath) this.#hops.length = 0;
    }
    this.note(transaction, false);
  }

  /** The hop that a transaction took. */
  note(transaction: Transaction, isFirst: boolean): void {
    const { source, destination, firstAtMs, viaKeys } = transaction;
    if (isFirst || this.#hops.length === 0) this.#sender = sentByOf(viaKeys[0]);
    const known = this.#hopOf(transaction);
    if (known !== undefined) {
      known.invitedAtMs = Math.min(known.invitedAtMs, firstAtMs);
      return;
    }
    if (this.#hops.length === MAX_HOPS) return;
    const hop = { source, destination, invitedAtMs: firstAtMs };
    if (isFirst) this.#hops.unshift(hop);
    else this.#hops.push(hop);
  }

  /** The hop that an earlier attempt took, if the latest took it too. */
  noteEarlier(transaction: Transaction): void {
    if (this.#hopOf(transaction) !== undefined) this.note(transaction, false);
  }

  /** The same message on another path, such as on the far side of a NAT. */
  noteCopy(source: Endpoint, destination: Endpoint, atMs: number): void {
    if (this.#hops.length < MAX_HOPS) this.#hops.push({ source, destination, invitedAtMs: atMs });
  }

  /** The final response on a hop; that of a later attempt replaces it. */
  noteFinal(transaction: Transaction, statusCode: number): void {
    const hop = this.#hopOf(transaction);
    if (hop !== undefined) hop.statusCode = statusCode;
  }

  #hopOf({ source, destination }: Transaction): WritableHop | undefined {
    return this.#hops.find(
      (hop) => isSame(hop.source, source) && isSame(hop.destination, destination),
    );
  }
}
