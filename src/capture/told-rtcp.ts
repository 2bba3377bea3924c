/**
 * RTCP for an observer who wants to be told of it, kept until it is known whose media it is about.
 *
 * @module
 */

import type { CallTable } from "../call/call-table.js";
import type { CallObserver, CallRtcp } from "../call/observer.js";
import type { RtcpEvent } from "../native/events.js";

/** Datagrams that are kept; the observer is not told of further ones. */
const MAX_KEPT = 262_144;

/** Keeps nothing for an observer who does not ask. */
export class ToldRtcp {
  readonly #observer: CallObserver | undefined;
  readonly #kept: Omit<CallRtcp, "callId">[] = [];
  #refused = 0;

  constructor(observer: CallObserver | undefined) {
    this.#observer = observer?.onRtcp === undefined ? undefined : observer;
  }

  /** Datagrams that the observer is not told of. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes a datagram; its records are read now, as the next scan writes over them. */
  observe(event: RtcpEvent): void {
    if (this.#observer === undefined) return;
    if (this.#kept.length >= MAX_KEPT) {
      this.#refused += 1;
      return;
    }
    const { atMs, path, recordCount } = event;
    const all = Array.from({ length: recordCount }, (_, number) => event.record(number));
    this.#kept.push({ atMs, path, records: all.filter((record) => record !== undefined) });
  }

  /** Tells what is about media of calls, once all of them are known. */
  tell(calls: CallTable): void {
    for (const rtcp of this.#kept) {
      const { atMs, path } = rtcp;
      const callId = calls.callIdOfRtcp({ ...path, fromMs: atMs, toMs: atMs });
      if (callId !== undefined) this.#observer?.onRtcp?.({ callId, ...rtcp });
    }
  }
}
