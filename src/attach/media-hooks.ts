/**
 * The hooks that one attachment has in a peer connection: what of them failed, what the connection
 * lacks, and how all of them come out again.
 *
 * @module
 */

import type { MediaCapability } from "./media-attachment.js";
import { replaceProperty } from "./property-hook.js";
import type { WeriftEvent } from "./werift-ports.js";

/** What a wrapped function was called with, and what it gave back. */
export interface ObservedCall {
  readonly before: (values: readonly unknown[]) => void;
  readonly after?: (result: unknown) => void;
}

/** The hooks of one attachment. */
export class MediaHooks {
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #undo: (() => void)[] = [];
  readonly #present = new Set<MediaCapability>();
  readonly #missing = new Set<MediaCapability>();
  #faults = 0;
  #isLive = true;

  constructor(onError?: (error: unknown) => void) {
    this.#onError = onError;
  }

  get faults(): number {
    return this.#faults;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** What is there everywhere it was looked for, and what is not. */
  get capabilities(): { present: MediaCapability[]; missing: MediaCapability[] } {
    const present = [...this.#present].filter((capability) => !this.#missing.has(capability));
    return { present, missing: [...this.#missing] };
  }

  note(capability: MediaCapability, isPresent: boolean): void {
    (isPresent ? this.#present : this.#missing).add(capability);
  }

  /** Does something inside the stack's own doing that must not disturb it. */
  guard(act: () => void): void {
    if (!this.#isLive) return;
    try {
      act();
    } catch (error) {
      this.fault(error);
    }
  }

  /** Counts what was thrown, and tells of it. */
  fault(error: unknown): void {
    this.#faults += 1;
    try {
      const result: unknown = this.#onError?.(error);
      if (result instanceof Promise) result.catch(nobodyLeftToTell);
    } catch {
      nobodyLeftToTell();
    }
  }

  /** Listens to an event; whether there is one. */
  subscribe<Value>(
    event: WeriftEvent<Value> | undefined,
    listener: (value: Value) => void,
  ): boolean {
    let isThere = false;
    this.guard(() => {
      if (typeof event?.subscribe !== "function") return;
      const subscription = event.subscribe((value) => {
        this.guard(() => {
          listener(value);
        });
      });
      isThere = true;
      this.onDetach(() => {
        subscription.unSubscribe();
      });
    });
    return isThere;
  }

  /** Watches the calls of a function of an object; whether there is one that can be watched. */
  watchCalls(target: object, name: string, call: ObservedCall): boolean {
    let undo: (() => void) | undefined;
    this.guard(() => {
      if (typeof Reflect.get(target, name) !== "function") return;
      undo = replaceProperty(target, name, (present) => this.#watching(present, call));
    });
    if (undo === undefined) return false;
    this.onDetach(undo);
    return true;
  }

  #watching(present: unknown, { before, after }: ObservedCall): unknown {
    const original = present as (...values: unknown[]) => unknown;
    const guard = this.guard.bind(this);
    return function (this: unknown, ...values: unknown[]): unknown {
      guard(() => {
        before(values);
      });
      const result = Reflect.apply(original, this, values);
      if (after !== undefined) {
        guard(() => {
          after(result);
        });
      }
      return result;
    };
  }

  /** Has something done when the hooks come out. */
  onDetach(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Takes all hooks out, the last first. */
  detach(): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    for (const undo of this.#undo.reverse()) {
      try {
        undo();
      } catch (error) {
        this.fault(error);
      }
    }
    this.#undo.length = 0;
  }
}

function nobodyLeftToTell(): void {
  // What was to hear of faults is at fault itself.
}
