/**
 * One association while it is watched.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { DtlsAlert, DtlsAssociation } from "./association.js";
import { fingerprintsOf, parseCertificateMessage } from "./certificate.js";
import { cipherSuiteName } from "./cipher-suites.js";
import {
  type FragmentDamage,
  HANDSHAKE_TYPE,
  type HandshakeFragment,
  type PartialMessages,
  senderOf,
} from "./handshake.js";
import { type DtlsVersion, parseClientHello, parseServerHello } from "./hello.js";
import { alertName, srtpProfileName } from "./names.js";
import { ALERT, CHANGE_CIPHER_SPEC, type DtlsRecord, HANDSHAKE, TLS12_CID } from "./record.js";
import { Sender } from "./sender.js";

/** Alerts that are kept of one association. */
export const MAX_ALERTS = 16;

const APPLICATION_DATA = 23;

/** Of DTLS 1.3: the first whose keys follow the whole handshake (RFC 9147 §6.1). */
const APPLICATION_EPOCH = 3;

/** Which of the two endpoints: 0 sent the first packet. */
export type SideIndex = 0 | 1;

/** Why a part of a datagram was not used. */
export type MessageDamage = FragmentDamage | "alert" | "hello" | "certificate";

/** A record and, of a plaintext handshake record, what is in it. */
export interface OpenedRecord {
  readonly record: DtlsRecord;
  readonly fragments: readonly HandshakeFragment[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Messages whose bytes are read. */
const READ_TYPES: ReadonlySet<number> = new Set([
  HANDSHAKE_TYPE.clientHello,
  HANDSHAKE_TYPE.serverHello,
  HANDSHAKE_TYPE.certificate,
]);

/** What is known of one association, from its first packet on. */
export class TrackedAssociation {
  /** Of the client's first message, in hex. */
  clientRandom: string | undefined;
  readonly #endpoints: readonly [Endpoint, Endpoint];
  readonly #senders: readonly [Sender, Sender];
  readonly #count: (damage: MessageDamage) => void;
  readonly #alerts: { readonly side: SideIndex; readonly alert: Omit<DtlsAlert, "by"> }[] = [];
  readonly #startedAtMs: number;
  #lastPacketAtMs: number;
  #lastProgressAtMs: number;
  #completedAtMs: number | undefined;
  #clientSide: SideIndex | undefined;
  #version: DtlsVersion | undefined;
  #cipherSuite: number | undefined;
  #srtpProfile: number | undefined;
  #offersSrtp = false;
  #retransmissions = 0;
  #view: Mutable<DtlsAssociation> | undefined;

  constructor(
    endpoints: readonly [Endpoint, Endpoint],
    atMs: number,
    partial: PartialMessages,
    count: (damage: MessageDamage) => void,
  ) {
    this.#endpoints = endpoints;
    this.#senders = [new Sender(partial), new Sender(partial)];
    this.#count = count;
    this.#startedAtMs = atMs;
    this.#lastPacketAtMs = atMs;
    this.#lastProgressAtMs = atMs;
  }

  /** Once it is known which side is the client; the same object ever after. */
  get view(): DtlsAssociation | undefined {
    return this.#view;
  }

  /** Length of the connection identifier in packets from that side, where known. */
  connectionIdBytesFrom(side: SideIndex): number | undefined {
    return this.#senders[other(side)].connectionIdBytes;
  }

  /** Whether a first ClientHello with that random begins another handshake than this one. */
  isSupersededBy(random: string, side: SideIndex): boolean {
    if (this.clientRandom !== undefined) return this.clientRandom !== random;
    if (this.#clientSide !== undefined && this.#clientSide !== side) return true;
    return this.#senders.some((sender) => sender.isEncrypted);
  }

  /** Takes the records of one datagram that `side` sent. */
  observe(side: SideIndex, records: readonly OpenedRecord[], atMs: number): void {
    this.#senders[side].wasSeen = true;
    this.#lastPacketAtMs = Math.max(this.#lastPacketAtMs, atMs);
    for (const opened of records) {
      if (this.#takeRecord(side, opened, atMs)) {
        this.#lastProgressAtMs = Math.max(this.#lastProgressAtMs, atMs);
      }
    }
    this.#updateView();
  }

  /** Gives up what is incomplete. */
  close(): void {
    for (const sender of this.#senders) sender.close();
  }

  /** @returns Whether the record brings something new. */
  #takeRecord(side: SideIndex, { record, fragments }: OpenedRecord, atMs: number): boolean {
    if (record.isUnified) return this.#takeCiphertext(side, record.epoch, atMs);
    if (record.epoch > 0) return this.#takeEncrypted(side, record, atMs);
    if (record.contentType === ALERT) return this.#takeAlert(side, record, atMs);
    if (record.contentType === CHANGE_CIPHER_SPEC) return this.#takeChangeCipherSpec(side, record);
    let isNew = false;
    for (const fragment of fragments) {
      if (this.#takeFragment(side, fragment, record.sequenceNumber ?? 0)) isNew = true;
    }
    return isNew;
  }

  #takeChangeCipherSpec(side: SideIndex, { sequenceNumber }: DtlsRecord): boolean {
    const sender = this.#senders[side];
    const isNew = sender.changedCipherIn === undefined;
    sender.hasAnswered = true;
    if (sender.changedCipherIn === sequenceNumber) return false;
    sender.changedCipherIn = sequenceNumber;
    sender.isFinishedDue = true;
    return isNew;
  }

  /** DTLS 1.3: epoch 2 is the rest of the handshake, epoch 3 what comes after it. */
  #takeCiphertext(side: SideIndex, epoch: number, atMs: number): boolean {
    const sender = this.#senders[side];
    const isNew = !sender.isEncrypted;
    sender.isEncrypted = true;
    sender.hasAnswered = true;
    const isAfterwards = epoch === APPLICATION_EPOCH && this.#senders[other(side)].isEncrypted;
    if (!isAfterwards || this.#completedAtMs !== undefined) return isNew;
    this.#complete(atMs);
    return true;
  }

  /** Up to 1.2: a Finished is the first handshake message of an epoch; data comes only after it. */
  #takeEncrypted(side: SideIndex, { contentType }: DtlsRecord, atMs: number): boolean {
    const sender = this.#senders[side];
    sender.isEncrypted = true;
    const isHandshake = contentType === HANDSHAKE || contentType === TLS12_CID;
    const isFinished = isHandshake || contentType === APPLICATION_DATA;
    // A last flight that comes again, its change of cipher included, shows that the one before was
    // lost on its way: the handshake went on till now.
    const comesAgain = isHandshake && sender.isFinishedDue;
    if (!isFinished || (sender.hasFinished && !comesAgain)) return false;
    const isFirst = !sender.hasFinished;
    sender.isFinishedDue = false;
    sender.hasFinished = true;
    sender.hasAnswered = true;
    if (this.#senders[other(side)].hasFinished) {
      this.#complete(atMs);
      return true;
    }
    // Sent again to a side that does not answer, it brings nothing new.
    return isFirst;
  }

  #complete(atMs: number): void {
    this.#completedAtMs = Math.max(atMs, this.#completedAtMs ?? this.#startedAtMs);
  }

  #takeAlert(side: SideIndex, { body, sequenceNumber }: DtlsRecord, atMs: number): boolean {
    const [level, code = 0] = body;
    if (body.length !== 2 || (level !== 1 && level !== 2)) {
      this.#count("alert");
      return false;
    }
    const sender = this.#senders[side];
    if (sender.lastAlertRecord === sequenceNumber) return false;
    sender.lastAlertRecord = sequenceNumber;
    if (this.#alerts.length === MAX_ALERTS) return false;
    const alert = {
      level: level === 2 ? "fatal" : "warning",
      code,
      name: alertName(code),
      atMs,
    } as const;
    this.#alerts.push({ side, alert });
    return true;
  }

  #takeFragment(side: SideIndex, fragment: HandshakeFragment, recordNumber: number): boolean {
    const { type, messageSequence } = fragment;
    this.#learnRole(side, type);
    const sender = this.#senders[side];
    // A first ClientHello is the one message that answers nothing.
    if (type !== HANDSHAKE_TYPE.clientHello || messageSequence > 0) sender.hasAnswered = true;
    const received = sender.receive(fragment, recordNumber, READ_TYPES.has(type));
    if (received.isRetransmission) this.#retransmissions += 1;
    if (received.damage !== undefined) this.#count(received.damage);
    if (received.message !== undefined) this.#read(sender, type, received.message);
    return received.isNew;
  }

  #learnRole(side: SideIndex, type: number): void {
    if (this.#clientSide !== undefined) return;
    const role = senderOf(type);
    if (role !== undefined) this.#clientSide = role === "client" ? side : other(side);
  }

  #read(sender: Sender, type: number, message: Uint8Array): void {
    if (type === HANDSHAKE_TYPE.clientHello) {
      const hello = parseClientHello(message);
      if (hello === undefined) {
        this.#count("hello");
        return;
      }
      this.clientRandom = hello.random;
      this.#offersSrtp = hello.offersSrtp;
      sender.connectionIdBytes = hello.connectionIdBytes;
    } else if (type === HANDSHAKE_TYPE.serverHello) {
      this.#readServerHello(sender, message);
    } else {
      this.#readCertificate(sender, message);
    }
  }

  #readServerHello(sender: Sender, message: Uint8Array): void {
    const hello = parseServerHello(message);
    if (hello === undefined) {
      this.#count("hello");
      return;
    }
    // A HelloRetryRequest may come before.
    this.#version = hello.version ?? this.#version;
    this.#cipherSuite = hello.cipherSuite;
    this.#srtpProfile = hello.srtpProfile ?? this.#srtpProfile;
    sender.connectionIdBytes = hello.connectionIdBytes;
  }

  #readCertificate(sender: Sender, message: Uint8Array): void {
    const certificate = parseCertificateMessage(message);
    if (certificate === undefined) this.#count("certificate");
    else if (certificate.leaf !== undefined) sender.certificate = fingerprintsOf(certificate.leaf);
  }

  #updateView(): void {
    const clientSide = this.#clientSide;
    if (clientSide === undefined) return;
    const client = this.#senders[clientSide];
    const server = this.#senders[other(clientSide)];
    const isCompleted = this.#completedAtMs !== undefined;
    const facts: DtlsAssociation = {
      client: this.#endpoints[clientSide],
      server: this.#endpoints[other(clientSide)],
      startedAtMs: this.#startedAtMs,
      lastPacketAtMs: this.#lastPacketAtMs,
      lastProgressAtMs: this.#lastProgressAtMs,
      ...(this.#completedAtMs === undefined ? {} : { completedAtMs: this.#completedAtMs }),
      isInferred: isCompleted && this.#version === "1.3",
      ...this.#negotiated(),
      offersSrtp: this.#offersSrtp,
      alerts: this.#alerts.map(({ side, alert }) => ({
        ...alert,
        by: side === clientSide ? "client" : "server",
      })),
      retransmissions: this.#retransmissions,
      ...(client.certificate === undefined ? {} : { clientCertificate: client.certificate }),
      ...(server.certificate === undefined ? {} : { serverCertificate: server.certificate }),
      sawClient: client.wasSeen,
      sawServer: server.wasSeen,
      isClientEncrypted: client.isEncrypted,
      isServerEncrypted: server.isEncrypted,
      isOneSided:
        (client.hasAnswered && !server.wasSeen) || (server.hasAnswered && !client.wasSeen),
    };
    // No fact that was there goes away, so nothing stale is left behind.
    this.#view = Object.assign(this.#view ?? {}, facts);
  }

  #negotiated(): Pick<DtlsAssociation, "version" | "cipher" | "srtpProfile"> {
    return {
      ...(this.#version === undefined ? {} : { version: this.#version }),
      ...(this.#cipherSuite === undefined ? {} : { cipher: cipherSuiteName(this.#cipherSuite) }),
      ...(this.#srtpProfile === undefined
        ? {}
        : { srtpProfile: srtpProfileName(this.#srtpProfile) }),
    };
  }
}

function other(side: SideIndex): SideIndex {
  return side === 0 ? 1 : 0;
}
