/**
 * What an attached SIP stack tells: its messages, and what never reaches the wire. The adapters of
 * this room speak it, whichever stack they are attached to.
 *
 * Times are epoch milliseconds of the clock that the adapter was given.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { SeenMessage } from "../sip/call.js";

/** What carries SIP. */
export type SipTransportName = SeenMessage["transport"];

/** A message on its way out, before the stack's transport takes it, or in, before the stack reads it. */
export interface StackMessage {
  readonly direction: "in" | "out";
  readonly text: string | Uint8Array;
  readonly atMs: number;
  /** Absent where only the message's own Via can tell. */
  readonly transport?: SipTransportName | undefined;
  /** Of the stack, as its transport or configuration names it. */
  readonly local?: Endpoint | undefined;
  /** The next hop, as the transport names it. */
  readonly remote?: Endpoint | undefined;
}

/** A message that was told of as going out and that the transport refused or could not deliver. */
export interface StackSendFailure {
  readonly text: string | Uint8Array;
  readonly atMs: number;
  readonly error: unknown;
}

/** What a stack calls the state of one of its sessions. */
export type StackSessionState =
  "initial" | "establishing" | "established" | "terminating" | "terminated";

/** A session is in that state: when it is first seen, and whenever the state changes. */
export interface StackSession {
  readonly callId: string;
  /** Of the INVITE that made the session. */
  readonly fromTag?: string | undefined;
  /** Whether the stack's own side sent that INVITE. */
  readonly isCaller: boolean;
  readonly state: StackSessionState;
  readonly atMs: number;
}

/** A dialog that the stack had before anybody was attached. */
export interface StackDialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** Whether the stack's own side sent the INVITE that made the dialog. */
  readonly isCaller: boolean;
  readonly isEarly: boolean;
  readonly atMs: number;
}

/** A peer connection that carries the media of a session; a session may have several. */
export interface MediaBinding {
  readonly callId: string;
  /** Of the INVITE that made the session. */
  readonly fromTag?: string | undefined;
  readonly peerConnection: unknown;
  readonly atMs: number;
}

/** An exception that the stack threw at its own transport while it took a message. */
export interface StackFault {
  readonly atMs: number;
  readonly error: unknown;
}

/** The stack says that a transaction timer of RFC 3261 §17.1 ran out. */
export interface StackTimer {
  readonly atMs: number;
  readonly timer: "B" | "F";
  /** Of the transaction's Via. */
  readonly branch: string;
}

/**
 * Is told what a SIP stack does, synchronously and in order: of a BYE before the stack acts on it,
 * so that whatever the stack then closes can be read for the last time.
 *
 * What it throws is kept from the stack, and counted.
 */
export interface SipStackObserver {
  message(message: StackMessage): void;
  sendFailed(failure: StackSendFailure): void;
  sessionState(session: StackSession): void;
  /** The connection dropped without the stack closing it. Its calls may live on. */
  transportLost(at: { readonly atMs: number }): void;
  /** The stack is connected again, or for the first time. */
  transportBack(at: { readonly atMs: number }): void;
  /** The stack stopped; open calls are nobody's any more. */
  stopped(at: { readonly atMs: number }): void;
  adopt(dialog: StackDialog): void;
  bindMedia(binding: MediaBinding): void;
  stackFault(fault: StackFault): void;
  stackTimer(timer: StackTimer): void;
}
