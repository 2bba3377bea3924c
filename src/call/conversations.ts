/**
 * Which calls are legs of one conversation: by what their messages say (Session-ID, RFC 7989, or a field
 * that names another leg's Call-ID), or because somebody said so.
 *
 * @module
 */

import type { SipCall } from "../sip/call.js";
import { CallLinks } from "./call-links.js";

/** Calls that are over and still stand in the records of their other legs; the oldest goes first. */
export const MAX_CALLS_OVER = 16_384;

/** Legs of one conversation that are told apart: whoever calls chooses its Session-ID. */
export const MAX_LEGS = 64;

/** That a call belongs where others may. */
type Fact = readonly [place: string, callId: string];

/** Calls may end at different times, and be of several user agents: each names the others. */
export class Conversations {
  readonly #stated = new CallLinks();
  readonly #open = new Map<SipCall, Fact[]>();
  /** Not by call: they would be kept with all that hangs on them. */
  readonly #over = new Set<readonly Fact[]>();
  /** Of each place the Call-IDs, with how many calls say so. */
  readonly #places = new Map<string, Map<string, number>>();

  /** Somebody says that two calls are legs of one conversation. */
  link(callId: string, otherCallId: string): void {
    this.#stated.add(callId, otherCallId);
  }

  /** Takes what the messages of an open call have said by now. */
  note(call: SipCall): void {
    const { callId, sessionId, linkedCallId } = call;
    if (sessionId === undefined && linkedCallId === undefined) return;
    let facts = this.#open.get(call);
    if (facts === undefined) this.#open.set(call, (facts = []));
    if (sessionId !== undefined) this.#add(facts, `session ${sessionId}`, callId);
    if (linkedCallId === undefined) return;
    this.#add(facts, `id ${linkedCallId}`, callId);
    this.#add(facts, `id ${callId}`, linkedCallId);
  }

  /** The call is told: its other legs may be told later. */
  ended(call: SipCall): void {
    const facts = this.#open.get(call);
    if (facts === undefined) return;
    this.#open.delete(call);
    this.#over.add(facts);
    const [oldest] = this.#over;
    if (this.#over.size <= MAX_CALLS_OVER || oldest === undefined) return;
    this.#over.delete(oldest);
    for (const fact of oldest) this.#remove(fact);
  }

  /** The Call-IDs of the other legs. */
  of({ callId, sessionId }: SipCall): string[] {
    const found = new Set(this.#stated.of(callId));
    for (const other of this.#places.get(`id ${callId}`)?.keys() ?? []) found.add(other);
    if (sessionId !== undefined) {
      for (const other of this.#places.get(`session ${sessionId}`)?.keys() ?? []) found.add(other);
    }
    found.delete(callId);
    return [...found].sort();
  }

  #add(facts: Fact[], place: string, callId: string): void {
    if (facts.some(([known, id]) => known === place && id === callId)) return;
    let callIds = this.#places.get(place);
    if (callIds === undefined) this.#places.set(place, (callIds = new Map<string, number>()));
    const count = callIds.get(callId) ?? 0;
    if (count === 0 && callIds.size >= MAX_LEGS) return;
    callIds.set(callId, count + 1);
    facts.push([place, callId]);
  }

  #remove([place, callId]: Fact): void {
    const callIds = this.#places.get(place);
    const count = callIds?.get(callId) ?? 0;
    if (count > 1) callIds?.set(callId, count - 1);
    else callIds?.delete(callId);
    if (callIds?.size === 0) this.#places.delete(place);
  }
}
