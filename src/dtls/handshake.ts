/**
 * Handshake messages put together from their fragments, which come in any order, again, overlapping
 * and over several datagrams (RFC 6347 §4.2.2 and §4.2.3).
 *
 * @module
 */

import type { DtlsRole } from "./association.js";
import { WireReader } from "./wire-reader.js";

/** Handshake types that are looked at (RFC 8446 §4, RFC 5246 §7.4, RFC 6347 §4.3.2). */
export const HANDSHAKE_TYPE = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  newSessionTicket: 4,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
} as const;

/** Messages that only one of the two roles sends, as far as they are in plaintext. */
const ROLE_OF_TYPE: ReadonlyMap<number, DtlsRole> = new Map([
  [HANDSHAKE_TYPE.helloRequest, "server"],
  [HANDSHAKE_TYPE.clientHello, "client"],
  [HANDSHAKE_TYPE.serverHello, "server"],
  [HANDSHAKE_TYPE.helloVerifyRequest, "server"],
  [HANDSHAKE_TYPE.newSessionTicket, "server"],
  [HANDSHAKE_TYPE.serverKeyExchange, "server"],
  [HANDSHAKE_TYPE.certificateRequest, "server"],
  [HANDSHAKE_TYPE.serverHelloDone, "server"],
  [HANDSHAKE_TYPE.certificateVerify, "client"],
  [HANDSHAKE_TYPE.clientKeyExchange, "client"],
]);

/** Whose message that is; nothing where both send it. */
export function senderOf(type: number): DtlsRole | undefined {
  return ROLE_OF_TYPE.get(type);
}

/** Bytes of a message that is put together. Chains of certificates are mostly below 10,000. */
export const MAX_MESSAGE_BYTES = 65_536;

/** Messages of one sender that may be incomplete at a time. */
export const MAX_PARTIAL_MESSAGES = 4;

/** Separate stretches of one incomplete message. */
export const MAX_STRETCHES = 64;

/** Bytes that all incomplete messages of an observer may take. */
export const MAX_PARTIAL_BYTES = 8_388_608;

const HEADER_BYTES = 12;

/** Why a handshake record or a fragment in it was not used. */
export type FragmentDamage =
  /** Too short for a message header. */
  | "fragment-header"
  /** A fragment beyond its record or its message. */
  | "fragment-length"
  /** A message of more than {@link MAX_MESSAGE_BYTES}, or in more than {@link MAX_STRETCHES}. */
  | "message-limit"
  /** Not the type or length that another fragment of the same message states. */
  | "fragment-mismatch";

/** A fragment of a handshake message; a whole message is one that starts at 0 and is all. */
export interface HandshakeFragment {
  readonly type: number;
  /** Of the whole message, in bytes. */
  readonly length: number;
  readonly messageSequence: number;
  readonly offset: number;
  /** Not copied. */
  readonly body: Uint8Array;
}

/** What a handshake record holds. */
export interface RecordFragments {
  readonly fragments: readonly HandshakeFragment[];
  readonly damage?: FragmentDamage;
}

/** The fragments in the body of a handshake record of epoch 0. */
export function readFragments(body: Uint8Array): RecordFragments {
  const fragments: HandshakeFragment[] = [];
  const reader = new WireReader(body);
  while (reader.remaining > 0) {
    if (reader.remaining < HEADER_BYTES) return { fragments, damage: "fragment-header" };
    const type = reader.uint8();
    const length = reader.uint24();
    const messageSequence = reader.uint16();
    const offset = reader.uint24();
    const size = reader.uint24();
    if (size > reader.remaining || offset + size > length) {
      return { fragments, damage: "fragment-length" };
    }
    fragments.push({ type, length, messageSequence, offset, body: reader.take(size) });
  }
  return { fragments };
}

/** One message of which bytes are missing. */
class PartialMessage {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** What is there, as start and end in turn, in order, no two touching. */
  #stretches: number[] = [];

  constructor({ type, length }: HandshakeFragment) {
    this.type = type;
    this.bytes = new Uint8Array(length);
  }

  get isComplete(): boolean {
    return this.#stretches[0] === 0 && this.#stretches[1] === this.bytes.length;
  }

  /** @returns False where there would be too many stretches. */
  add({ offset, body }: HandshakeFragment): boolean {
    let from = offset;
    let to = offset + body.length;
    const merged: number[] = [];
    let isPlaced = false;
    for (let i = 0; i < this.#stretches.length; i += 2) {
      const start = this.#stretches[i] ?? 0;
      const end = this.#stretches[i + 1] ?? 0;
      if (end < from) merged.push(start, end);
      else if (start > to) {
        if (!isPlaced) merged.push(from, to);
        isPlaced = true;
        merged.push(start, end);
      } else {
        from = Math.min(from, start);
        to = Math.max(to, end);
      }
    }
    if (!isPlaced) merged.push(from, to);
    if (merged.length > 2 * MAX_STRETCHES) return false;
    this.#stretches = merged;
    this.bytes.set(body, offset);
    return true;
  }
}

/** The incomplete messages of all senders: the oldest is given up when they take too much. */
export class PartialMessages {
  readonly #owners = new Map<PartialMessage, MessageAssembler>();
  #bytes = 0;
  #givenUp = 0;

  /** Messages of which bytes are missing, given up or still waited for. */
  get incomplete(): number {
    return this.#givenUp + this.#owners.size;
  }

  admit(message: PartialMessage, owner: MessageAssembler): void {
    this.#owners.set(message, owner);
    this.#bytes += message.bytes.length;
    for (const [oldest, itsOwner] of this.#owners) {
      if (this.#bytes <= MAX_PARTIAL_BYTES) break;
      itsOwner.giveUp(oldest);
    }
  }

  release(message: PartialMessage, isComplete: boolean): void {
    if (!this.#owners.delete(message)) return;
    this.#bytes -= message.bytes.length;
    if (!isComplete) this.#givenUp += 1;
  }
}

/** Puts the messages of one sender together. */
export class MessageAssembler {
  readonly #partial = new Map<number, PartialMessage>();
  readonly #all: PartialMessages;

  constructor(all: PartialMessages) {
    this.#all = all;
  }

  /** The whole message once all its bytes are there; why the fragment was not used; or nothing. */
  add(fragment: HandshakeFragment): Uint8Array | FragmentDamage | undefined {
    const { messageSequence, length, body } = fragment;
    if (length > MAX_MESSAGE_BYTES) return "message-limit";
    let message = this.#partial.get(messageSequence);
    if (body.length === length) {
      if (message !== undefined) this.giveUp(message);
      return body;
    }
    if (body.length === 0) return undefined;
    if (message === undefined) {
      message = new PartialMessage(fragment);
      this.#partial.set(messageSequence, message);
      this.#all.admit(message, this);
      this.#dropOldest();
    } else if (message.type !== fragment.type || message.bytes.length !== length) {
      return "fragment-mismatch";
    }
    if (!message.add(fragment)) {
      this.giveUp(message);
      return "message-limit";
    }
    if (!message.isComplete) return undefined;
    this.#partial.delete(messageSequence);
    this.#all.release(message, true);
    return message.bytes;
  }

  giveUp(message: PartialMessage): void {
    for (const [sequence, candidate] of this.#partial) {
      if (candidate === message) this.#partial.delete(sequence);
    }
    this.#all.release(message, false);
  }

  /** Forgets what is incomplete. */
  close(): void {
    for (const message of this.#partial.values()) this.giveUp(message);
  }

  #dropOldest(): void {
    if (this.#partial.size <= MAX_PARTIAL_MESSAGES) return;
    for (const oldest of this.#partial.values()) {
      this.giveUp(oldest);
      return;
    }
  }
}
