/**
 * What a tracker is told besides messages, and what it has counted.
 *
 * @module
 */

import type { CallParty, SipEvent } from "./call.js";
import type { SipMessage } from "./message.js";

/** What a tracker is told at the start. */
export interface SipTrackerOptions {
  /** Is told what happens while `SipTracker.observe` and its like run. Must not throw. */
  readonly onEvent: (event: SipEvent) => void;
  /** RFC 3261 §17.1.1.1, from 1 to 60000 milliseconds. @default 500 */
  readonly t1Ms?: number;
  /** Beyond it the oldest call is ended early. At least 1. @default 65536 */
  readonly maxCalls?: number;
  /** Beyond it the oldest transaction is forgotten. At least 1. @default 131072 */
  readonly maxTransactions?: number;
}

/** What a tracker has counted. */
export interface SipTrackerCounters {
  readonly messages: number;
  /** Without Call-ID or CSeq, so that they are part of nothing. */
  readonly unidentified: number;
  /** Requests and responses that came again. */
  readonly retransmissions: number;
  /** Responses and ACKs of nothing that was seen. */
  readonly unmatched: number;
  /** Of calls that were over. */
  readonly late: number;
  readonly openCalls: number;
  readonly openTransactions: number;
  readonly evictedCalls: number;
  readonly evictedTransactions: number;
}

/** A request or response that could not be sent. */
export interface SendFailure {
  readonly message: SipMessage;
  readonly atMs: number;
}

/** A call that its own user agent gave up without a word on the wire. */
export interface LocalAbort {
  readonly callId: string;
  readonly localTag?: string;
  readonly atMs: number;
}

/** A dialog that was there before anybody looked. */
export interface AdoptedDialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** The observed user agent's part. */
  readonly localParty: CallParty;
  readonly atMs: number;
}
