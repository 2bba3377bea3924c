/**
 * What is demanded of a call, and what is found of it.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";

/** What one call is to one gate. */
export interface Verdict {
  /** `unknown`: the record does not tell. That is no way through. */
  readonly result: "passed" | "failed" | "unknown";
  /** What the record says of it, a clause without its end: "the loss is 7.0 %". */
  readonly found: string;
}

/** One demand. */
export interface Gate {
  /** As the option is called: `mos`. */
  readonly name: string;
  /** Ends "the call must …": "have a loss below 1 %". */
  readonly demand: string;
  readonly judge: (call: CallReport) => Verdict;
}

/** A verdict as a sentence: what was found, and what must be. */
export function sentence({ found }: Verdict, { demand }: Gate, isReversed = false): string {
  return `${found}; the call must ${isReversed ? "not " : ""}${demand}`;
}

export function passedIf(isPassed: boolean, found: string): Verdict {
  return { result: isPassed ? "passed" : "failed", found };
}

export function unknown(found: string): Verdict {
  return { result: "unknown", found };
}
