/**
 * Taps the two functions of a stack through which every message goes: the one that sends and the one
 * that is called with what came in.
 *
 * @module
 */

import { replaceProperty } from "./property-hook.js";
import type { StackHooks } from "./sip-attachment.js";
import type { StackMessage } from "./sip-observer.js";

/** Which function to tap, and what the transport knows of the way its messages take. */
export interface Tap {
  readonly name: string;
  readonly way: () => Pick<StackMessage, "transport" | "local" | "remote">;
  /** The message in the value that the function is called with. Must not change that value. */
  readonly textOf: (value: unknown) => unknown;
}

type Text = StackMessage["text"];

/** A function that takes its `this` and its values as a function of the stack was given them. */
type Call = (self: unknown, values: unknown[]) => unknown;

/**
 * Taps what sends. Its result is handed on as it is; an exception, `false` and a promise of it that
 * is rejected are failures to send.
 */
export function tapSend(hooks: StackHooks, target: object, tap: Tap): void {
  const hook = (): (() => void) | undefined =>
    replaceFunction(target, tap.name, (send) => (self, values) => {
      const text = tellMessage(hooks, tap, "out", values[0]);
      let result: unknown;
      try {
        result = send(self, values);
      } catch (error) {
        tellFailure(hooks, text, error);
        throw error;
      }
      if (text !== undefined) watchResult(hooks, text, result);
      return result;
    });
  hooks.install(["sent-messages", "send-failures"], hook);
}

/** Taps what takes a message. An exception is told of and goes on to the transport as before. */
export function tapReceive(hooks: StackHooks, target: object, tap: Tap): void {
  const hook = (): (() => void) | undefined =>
    replaceFunction(target, tap.name, (receive) => (self, values) => {
      tellMessage(hooks, tap, "in", values[0]);
      try {
        return receive(self, values);
      } catch (error) {
        hooks.tell("stackFault", { error });
        throw error;
      }
    });
  hooks.install(["received-messages", "stack-faults"], hook);
}

/**
 * Replaces a function of an object by another that calls it.
 *
 * @returns What takes the replacement away, or `undefined` if there is no function or it is fixed.
 */
export function replaceFunction(
  target: object,
  name: string,
  wrap: (original: Call) => Call,
): (() => void) | undefined {
  if (typeof Reflect.get(target, name) !== "function") return undefined;
  return replaceProperty(target, name, (present) => {
    const original = present as (...values: unknown[]) => unknown;
    const call = wrap((self, values) => Reflect.apply(original, self, values));
    return function (this: unknown, ...values: unknown[]): unknown {
      return call(this, values);
    };
  });
}

/** What takes several hooks out; `undefined` where one of them is not in, and then none is. */
export function together(
  ...undos: readonly ((() => void) | undefined)[]
): (() => void) | undefined {
  const undo = (): void => {
    for (const one of undos) one?.();
  };
  if (!undos.includes(undefined)) return undo;
  undo();
  return undefined;
}

/** Returns the message, if it is one. */
function tellMessage(
  hooks: StackHooks,
  tap: Tap,
  direction: "in" | "out",
  value: unknown,
): Text | undefined {
  let text: Text | undefined;
  hooks.guard(() => {
    const read = tap.textOf(value);
    if (typeof read !== "string" && !(read instanceof Uint8Array)) return;
    text = read;
    hooks.tell("message", { direction, text: read, ...tap.way() });
  });
  return text;
}

function tellFailure(hooks: StackHooks, text: Text | undefined, error: unknown): void {
  if (text === undefined) return;
  hooks.tell("sendFailed", { text, error });
}

function watchResult(hooks: StackHooks, text: Text, result: unknown): void {
  if (result === false) tellFailure(hooks, text, result);
  hooks.guard(() => {
    if (!isThenable(result)) return;
    // Before the stack's own handler, so that what the failure ends is still there.
    result.then(undefined, (error: unknown) => {
      tellFailure(hooks, text, error);
    });
  });
}

interface Thenable {
  then(onFulfilled: undefined, onRejected: (error: unknown) => void): unknown;
}

function isThenable(value: unknown): value is Thenable {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
