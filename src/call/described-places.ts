/**
 * Open calls by where their descriptions say that their media is. Only sources of RTCP ask for calls by
 * endpoint: for others no index is made.
 *
 * @module
 */

import type { SipCall } from "../sip/call.js";
import type { CallEntry } from "./call-entry.js";
import { type Claim, MediaIndex, type Traffic } from "./media-index.js";
import { rtcpClaim } from "./reported-stream.js";

/** The places of the calls of one user agent. */
export class DescribedPlaces {
  readonly #entryOf: (call: SipCall) => CallEntry | undefined;
  readonly #index = new MediaIndex();
  /** Calls that were described since the index was last brought up to date. */
  readonly #described = new Set<SipCall>();
  /** How many places of each call are in the index. */
  readonly #indexed = new Map<CallEntry, number>();

  /** @param entryOf - An open call's entry. */
  constructor(entryOf: (call: SipCall) => CallEntry | undefined) {
    this.#entryOf = entryOf;
  }

  /** The call may have places that are new. */
  described(call: SipCall): void {
    this.#described.add(call);
  }

  /** The open call that RTCP between those endpoints is about. */
  callOfRtcp(traffic: Traffic): Claim | undefined {
    this.#update();
    return rtcpClaim(this.#index, traffic);
  }

  /** The call is over. */
  release(entry: CallEntry): void {
    this.#described.delete(entry.call);
    if (this.#indexed.delete(entry)) this.#index.remove(entry);
  }

  #update(): void {
    for (const call of this.#described) {
      const entry = this.#entryOf(call);
      if (entry === undefined) continue;
      const places = [...entry.places];
      const known = this.#indexed.get(entry) ?? 0;
      for (const place of places.slice(known)) this.#index.addPlace(entry, place);
      this.#indexed.set(entry, places.length);
    }
    this.#described.clear();
  }
}
