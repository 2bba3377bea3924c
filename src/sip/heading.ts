/**
 * What of a message tells its transaction, read once.
 *
 * @module
 */

import type { SipMessage } from "./message.js";
import { detached } from "./wire-text.js";

/** Identifies a message's transaction. */
export interface Heading {
  readonly callId: string;
  readonly cseq: number;
  /** Of the request, or of the request that is answered. */
  readonly method: string;
  /** Of the topmost Via. */
  readonly viaKey: string;
  /** Of the transaction on its hop. Shares no memory with the message. */
  readonly key: string;
}

/** The heading of a message, or nothing if it lacks a Call-ID or a CSeq. */
export function headingOf(message: SipMessage): Heading | undefined {
  const { callId, cseq } = message;
  if (callId === undefined || cseq === undefined) return undefined;
  const method = message.kind === "request" ? message.method : cseq.method;
  const viaKey = message.topViaKey ?? "";
  const key = transactionKey(callId, cseq.number, method, viaKey);
  return { callId, cseq: cseq.number, method, viaKey, key };
}

/** The key of another transaction of the same hop: that of the INVITE an ACK or CANCEL is about. */
export function siblingKey({ callId, cseq, viaKey }: Heading, method: string): string {
  return transactionKey(callId, cseq, method, viaKey);
}

// A branch alone repeats in real traffic: some stacks draw it from ten million.
function transactionKey(callId: string, cseq: number, method: string, viaKey: string): string {
  return detached(`${viaKey}\n${cseq}\n${method}\n${callId}`);
}
