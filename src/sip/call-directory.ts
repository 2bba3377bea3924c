/**
 * The calls that are tracked, by Call-ID and the caller's tag, bounded.
 *
 * @module
 */

import { AgeQueue } from "./age-queue.js";
import type { CallState } from "./call-state.js";

/** Calls of one Call-ID that are told apart. */
export const MAX_CALLS_OF_ONE_ID = 16;

/** Calls, newest first for each Call-ID. */
export class CallDirectory {
  readonly #newest = new Map<string, CallState>();
  readonly #ages: AgeQueue<CallState>;
  readonly #limit: number;
  #size = 0;
  #evicted = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#ages = new AgeQueue(limit);
  }

  get size(): number {
    return this.#size;
  }

  /** Calls given up for newer ones while something was still expected of them. */
  get evicted(): number {
    return this.#evicted;
  }

  has(callId: string): boolean {
    return this.#newest.has(callId);
  }

  /**
   * The call of which one of the tags names the caller: one that knows the dialog, else the newest
   * that is not over, else the newest.
   */
  find(
    callId: string,
    fromTag: string | undefined,
    toTag: string | undefined,
  ): CallState | undefined {
    let open: CallState | undefined;
    let over: CallState | undefined;
    for (let call = this.#newest.get(callId); call !== undefined; call = call.older) {
      const by = call.partyOfTag(fromTag, toTag);
      if (by === undefined) continue;
      if (call.isOver) over ??= call;
      else {
        const dialogTag = by === "caller" ? toTag : fromTag;
        if (dialogTag === undefined || call.knowsDialog(dialogTag)) return call;
        open ??= call;
      }
    }
    return open ?? over;
  }

  /**
   * Adds a call.
   *
   * @returns The call that was given up for it, where there are too many.
   */
  add(call: CallState): CallState | undefined {
    const { callId } = call.record;
    const evicted =
      this.#oldestOf(callId) ?? (this.#size >= this.#limit ? this.#ages.takeOldest() : undefined);
    if (evicted !== undefined) {
      this.remove(evicted);
      if (!evicted.isOver) this.#evicted += 1;
    }
    call.older = this.#newest.get(callId);
    this.#newest.set(callId, call);
    this.#ages.push(call);
    this.#size += 1;
    return evicted;
  }

  remove(call: CallState): void {
    if (!call.isKept) return;
    const { callId } = call.record;
    const newest = this.#newest.get(callId);
    if (newest === call) {
      if (call.older === undefined) this.#newest.delete(callId);
      else this.#newest.set(callId, call.older);
    } else {
      let newer = newest;
      while (newer !== undefined && newer.older !== call) newer = newer.older;
      if (newer !== undefined) newer.older = call.older;
    }
    call.isKept = false;
    this.#size -= 1;
  }

  *all(): Generator<CallState> {
    for (const newest of this.#newest.values()) {
      for (let call: CallState | undefined = newest; call !== undefined; call = call.older) {
        yield call;
      }
    }
  }

  /** The oldest call of a Call-ID that has as many as are told apart. */
  #oldestOf(callId: string): CallState | undefined {
    let count = 0;
    let oldest: CallState | undefined;
    for (let call = this.#newest.get(callId); call !== undefined; call = call.older) {
      count += 1;
      oldest = call;
    }
    return count < MAX_CALLS_OF_ONE_ID ? undefined : oldest;
  }
}
