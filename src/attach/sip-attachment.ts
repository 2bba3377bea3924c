/**
 * The hooks that one attachment has in a SIP stack: what they tell, what of theirs failed, and how
 * all of them come out again.
 *
 * @module
 */

import type { SipStackObserver } from "./sip-observer.js";

/** Something a stack may or may not let be seen. */
export type SipCapability =
  | "sent-messages"
  | "received-messages"
  /** Messages that the transport could not send. */
  | "send-failures"
  | "transport-state"
  /** Whether the stack was stopped. */
  | "stack-state"
  /** What becomes of sessions that never reach the wire. */
  | "session-state"
  /** Dialogs from before attaching. */
  | "existing-dialogs"
  /** Which peer connection carries a session's media. */
  | "media-binding"
  /** Exceptions of the stack while it takes a message. */
  | "stack-faults"
  /** The stack's own word for a timer that ran out. */
  | "stack-timers";

/** What an attachment can and cannot see. */
export interface SipCapabilities {
  readonly present: readonly SipCapability[];
  /** A hook for it was looked for and not found, or the stack has none. */
  readonly missing: readonly SipCapability[];
  /**
   * Part of the signalling is done elsewhere and never comes by: some 100s and ACKs,
   * retransmissions and timeouts. Counts of messages are then not those of the wire.
   */
  readonly isPartialView: boolean;
}

/** A probe's place in a stack. */
export interface SipAttachment {
  readonly capabilities: SipCapabilities;
  /** Tells of one call anew what there is of it in the stack: its dialogs and its media. */
  takeUp(callId: string): void;
  /** A description of a call was sent, for which the stack may have made another peer connection. */
  lookForMedia(callId: string): void;
  /** Takes every hook out; the stack is as it was found. Further calls do nothing. */
  detach(): void;
}

/** What every adapter needs to be told. */
export interface AttachOptions {
  /** The time in epoch milliseconds that never goes back: a monotonic clock with a fixed base. */
  readonly nowMs: () => number;
  /** Is told what the observer threw. The stack never sees it, nor what this throws. */
  readonly onError?: (error: unknown) => void;
}

/** What an observer is told, before the clock is read. */
type Untimed<Kind extends keyof SipStackObserver> = Omit<
  Parameters<SipStackObserver[Kind]>[0],
  "atMs"
>;

const attached = new WeakSet<object>();

/** The hooks of one attachment. */
export class StackHooks {
  readonly #stack: object;
  readonly #observer: SipStackObserver;
  readonly #options: AttachOptions;
  readonly #present: SipCapability[] = [];
  readonly #missing: SipCapability[] = [];
  readonly #undo: (() => void)[] = [];
  #isLive = true;

  /**
   * @throws {TypeError} If the stack is no object or there is no clock.
   * @throws {Error} If something is attached to the stack already.
   */
  constructor(stack: object, observer: SipStackObserver, options: AttachOptions) {
    requireObject("the stack", stack);
    requireObject("the observer", observer);
    if (typeof (options as Partial<AttachOptions> | undefined)?.nowMs !== "function") {
      throw new TypeError(`options.nowMs must be a function that returns epoch milliseconds`);
    }
    if (attached.has(stack)) {
      throw new Error(
        "This user agent is attached already. Call detach() on what the first attach returned, " +
          "or give one observer to several consumers.",
      );
    }
    attached.add(stack);
    this.#stack = stack;
    this.#observer = observer;
    this.#options = options;
  }

  /** Tells the observer, and lets nothing of what happens then reach the stack. */
  tell<Kind extends keyof SipStackObserver>(kind: Kind, what: Untimed<Kind>): void {
    this.guard(() => {
      const event = { ...what, atMs: this.#options.nowMs() };
      const result: unknown = Reflect.apply(this.#observer[kind], this.#observer, [event]);
      // An observer may have been written with async functions.
      if (result instanceof Promise) result.catch(this.#fault);
    });
  }

  /** Does something inside the stack's own doing that must not disturb it. */
  guard(act: () => void): void {
    if (!this.#isLive) return;
    try {
      act();
    } catch (error) {
      this.#fault(error);
    }
  }

  readonly #fault = (error: unknown): void => {
    try {
      const result: unknown = this.#options.onError?.(error);
      if (result instanceof Promise) result.catch(nobodyLeftToTell);
    } catch {
      nobodyLeftToTell();
    }
  };

  /**
   * Puts a hook in.
   *
   * @param hook Returns what takes it out again, `true` if there is nothing to take out, or nothing
   * or `false` where the stack lacks what it needs.
   */
  install(
    capabilities: readonly SipCapability[],
    hook: () => (() => void) | boolean | undefined,
  ): void {
    let undo: (() => void) | boolean | undefined;
    try {
      undo = hook();
    } catch {
      undo = undefined;
    }
    if (typeof undo === "function") this.#undo.push(undo);
    const isIn = undo !== undefined && undo !== false;
    (isIn ? this.#present : this.#missing).push(...capabilities);
  }

  /** Lists what the stack is known to lack. */
  lack(...capabilities: readonly SipCapability[]): void {
    this.#missing.push(...capabilities);
  }

  /** What the caller of an attach function gets. */
  attachment(
    isPartialView: boolean,
    { takeUp, lookForMedia }: Partial<Pick<SipAttachment, "takeUp" | "lookForMedia">> = {},
  ): SipAttachment {
    return {
      capabilities: { present: this.#present, missing: this.#missing, isPartialView },
      takeUp: (callId) => {
        this.guard(() => takeUp?.(callId));
      },
      lookForMedia: (callId) => {
        this.guard(() => lookForMedia?.(callId));
      },
      detach: this.#detach,
    };
  }

  readonly #detach = (): void => {
    if (!this.#isLive) return;
    this.#isLive = false;
    attached.delete(this.#stack);
    for (const undo of this.#undo.reverse()) {
      try {
        undo();
      } catch (error) {
        this.#fault(error);
      }
    }
    this.#undo.length = 0;
  };
}

function nobodyLeftToTell(): void {
  // What was to hear of faults is at fault itself.
}

function requireObject(name: string, value: unknown): void {
  if (typeof value === "object" && value !== null) return;
  throw new TypeError(`${name} is ${value === null ? "null" : typeof value}; it must be an object`);
}
