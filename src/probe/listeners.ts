/**
 * Who listens to a probe.
 *
 * @module
 */

import type { CallReport, IssueReport } from "../call/call-report.js";
import type { Guard } from "./guarded.js";

/** What a probe tells its listeners. Each is called at once, inside the work that caused it. */
export interface ProbeEvents {
  /** A call has begun: its INVITE was seen, or its connection attached. */
  readonly call: [call: CallReport];
  /** A call that goes on, as it stands: once an interval. */
  readonly interval: [call: CallReport];
  /** Something is wrong with a call; each kind and direction once a call. */
  readonly issue: [issue: IssueReport, call: CallReport];
  /** A call is over. Once a call. */
  readonly end: [call: CallReport];
}

/** The name of an event. */
export type ProbeEventName = keyof ProbeEvents;

type Listener<Name extends ProbeEventName> = (...values: ProbeEvents[Name]) => unknown;

const NAMES: readonly ProbeEventName[] = ["call", "interval", "issue", "end"];

/** The listeners of one probe. */
export class Listeners {
  readonly #guard: Guard;
  readonly #byName = new Map<ProbeEventName, Set<(...values: never[]) => unknown>>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  /**
   * @returns What takes the listener away again.
   * @throws {TypeError} If there is no such event, or the listener is no function.
   */
  add<Name extends ProbeEventName>(name: Name, listener: Listener<Name>): () => void {
    if (!NAMES.includes(name)) {
      throw new TypeError(`"${name}" is not an event of a probe: ${NAMES.join(", ")}`);
    }
    if (typeof listener !== "function") {
      throw new TypeError(`the listener is ${typeof listener}; it must be a function`);
    }
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  has(name: ProbeEventName): boolean {
    return (this.#byName.get(name)?.size ?? 0) > 0;
  }

  tell<Name extends ProbeEventName>(name: Name, ...values: ProbeEvents[Name]): void {
    for (const listener of this.#byName.get(name) ?? []) {
      this.#guard.run(() => (listener as Listener<Name>)(...values));
    }
  }
}
