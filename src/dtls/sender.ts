/**
 * What one side of an association sent.
 *
 * @module
 */

import type { CertificateFingerprints } from "./association.js";
import {
  type FragmentDamage,
  type HandshakeFragment,
  MessageAssembler,
  type PartialMessages,
} from "./handshake.js";

/** Messages of one sender that are told apart. A full handshake has fewer than ten. */
export const MAX_MESSAGES = 64;

/** Record numbers that are remembered of a message, to tell a copy from a retransmission. */
const MAX_RECORDS = 16;

/** What a fragment is to the messages before it. */
export interface Received {
  /** The message, now that it is whole. */
  readonly message?: Uint8Array;
  readonly damage?: FragmentDamage;
  /** Part of a message that was not known before. */
  readonly isNew: boolean;
  /** The start of a message that has come before, in a new record. */
  readonly isRetransmission: boolean;
}

interface KnownMessage {
  isWhole: boolean;
  /** Of the records that held its first byte. */
  readonly records: number[];
}

const IGNORED: Received = { isNew: false, isRetransmission: false };

/** One side of an association: its messages and how far it has come. */
export class Sender {
  wasSeen = false;
  /** Number of the last record with a change of cipher. */
  changedCipherIn: number | undefined;
  /** The cipher was changed, and the Finished that follows has not been seen. */
  isFinishedDue = false;
  /** A record of an epoch above 0 that only a sender of a Finished sends (RFC 6347 §4.1). */
  hasFinished = false;
  /** Sent encrypted records, of whatever version. */
  isEncrypted = false;
  /** Sent what only one who has heard the other sends. */
  hasAnswered = false;
  certificate: CertificateFingerprints | undefined;
  /** Length of the connection identifier it wants to receive. */
  connectionIdBytes: number | undefined;
  lastAlertRecord: number | undefined;
  readonly #known = new Map<number, KnownMessage>();
  readonly #assembler: MessageAssembler;

  constructor(partial: PartialMessages) {
    this.#assembler = new MessageAssembler(partial);
  }

  /** Takes one fragment. `isWanted`: its message is to be put together. */
  receive(fragment: HandshakeFragment, recordNumber: number, isWanted: boolean): Received {
    const key = fragment.messageSequence * 256 + fragment.type;
    let known = this.#known.get(key);
    const isNew = known === undefined;
    if (known === undefined) {
      if (this.#known.size === MAX_MESSAGES) return { ...IGNORED, damage: "message-limit" };
      known = { isWhole: !isWanted, records: [] };
      this.#known.set(key, known);
    }
    const isRetransmission = fragment.offset === 0 && cameAgain(known.records, recordNumber);
    if (known.isWhole) return { isNew, isRetransmission };
    const result = this.#assembler.add(fragment);
    if (typeof result === "string") return { isNew, isRetransmission, damage: result };
    if (result === undefined) return { isNew, isRetransmission };
    known.isWhole = true;
    return { isNew: true, isRetransmission, message: result };
  }

  close(): void {
    this.#assembler.close();
  }
}

/** A copy of a record, as a mirror port makes them, has the number of the first. */
function cameAgain(records: number[], recordNumber: number): boolean {
  if (records.includes(recordNumber)) return false;
  if (records.length === MAX_RECORDS) records.shift();
  return records.push(recordNumber) > 1;
}
