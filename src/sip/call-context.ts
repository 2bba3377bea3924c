/**
 * What the rules of a call may ask of whoever tracks it.
 *
 * @module
 */

import type { SipEvent } from "./call.js";

/** Where the rules say what happened. */
export interface CallContext {
  /** RFC 3261 §17.1.1.1, in milliseconds. */
  readonly t1Ms: number;
  tell(event: SipEvent): void;
}

/** Timers B, F, H and their like, in T1 (RFC 3261 §17). */
export const TIMEOUT_T1 = 64;

/** After so many T1 a settled end is the end: T4 (RFC 3261 §17.1.2.2). */
export const SETTLE_T1 = 10;

/** Unanswered calls are given up after so many T1 without a message: ten minutes. */
export const IDLE_T1 = 1200;
