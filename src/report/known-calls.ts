/**
 * The calls that a probe's server tells of, as who listens to it knows them.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";

/** Calls kept; beyond it the ended one that was heard of longest ago is dropped. */
const MAX_CALLS = 10_000;

/** One call as the server tells it. */
export interface ToldCall {
  readonly state: "open" | "ended";
  readonly call: CallReport;
}

/** One call as it was last heard of. */
export interface KnownCall<Row> {
  /** Tells calls apart, also those of one Call-ID. */
  readonly key: string;
  readonly call: CallReport;
  /** What a list shows of it. */
  readonly row: Row;
  /** It goes on. */
  readonly isOpen: boolean;
}

/** Keeps what was last heard of each call. */
export class KnownCalls<Row> {
  /** The one that was heard of longest ago first. */
  readonly #known = new Map<string, KnownCall<Row>>();
  readonly #rowOf: (call: CallReport) => Row;
  #dropped = 0;

  /** @param rowOf Makes what a list shows of a call, once for each time it is heard of. */
  constructor(rowOf: (call: CallReport) => Row) {
    this.#rowOf = rowOf;
  }

  /** Ended calls that were dropped for newer ones. */
  get dropped(): number {
    return this.#dropped;
  }

  get openCount(): number {
    let open = 0;
    for (const { isOpen } of this.#known.values()) if (isOpen) open += 1;
    return open;
  }

  calls(): readonly KnownCall<Row>[] {
    return [...this.#known.values()];
  }

  get(key: string): KnownCall<Row> | undefined {
    return this.#known.get(key);
  }

  /** @returns The call as it is known now; nothing if that was news of yesterday. */
  take({ state, call }: ToldCall): KnownCall<Row> | undefined {
    const key = keyOf(call);
    const isOpen = state === "open";
    // What the list tells may be older than what was told since.
    if (isOpen && this.#known.get(key)?.isOpen === false) return undefined;
    const known = { key, call, row: this.#rowOf(call), isOpen };
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > MAX_CALLS) this.#dropOldest();
    return known;
  }

  /**
   * Takes the server's whole list, in which is what happened while nobody listened.
   *
   * @returns The keys of the open calls of which the server knows nothing: a probe that began anew.
   */
  takeAll(calls: readonly ToldCall[]): string[] {
    const named = new Set(calls.map(({ call }) => keyOf(call)));
    const gone = this.calls().filter(({ key, isOpen }) => isOpen && !named.has(key));
    for (const { key } of gone) this.#known.delete(key);
    for (const call of calls) this.take(call);
    return gone.map(({ key }) => key);
  }

  #dropOldest(): void {
    for (const [key, { isOpen }] of this.#known) {
      if (isOpen) continue;
      this.#known.delete(key);
      this.#dropped += 1;
      return;
    }
  }
}

/** A Call-ID may come again later, and at another observation point. */
export function keyOf({ observationPoint, callId, course }: CallReport): string {
  return JSON.stringify([observationPoint, callId, course.invitedAt ?? ""]);
}

/** Where a server has the record of just this call, or what else there is of it. */
export function recordPath(call: CallReport, rest: "" | "/ladder" = ""): string {
  const { observationPoint, callId, course } = call;
  const which = new URLSearchParams({ observationPoint, invitedAt: course.invitedAt ?? "" });
  return `calls/${encodeURIComponent(callId)}${rest}?${which.toString()}`;
}
