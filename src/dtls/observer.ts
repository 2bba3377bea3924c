/**
 * Watches DTLS handshakes from outside, without keys: RFC 6347, RFC 9147, RFC 5764.
 *
 * @module
 */

import { type Endpoint, endpointKey } from "../net/endpoint.js";
import type { DtlsAssociation } from "./association.js";
import {
  HANDSHAKE_TYPE,
  type HandshakeFragment,
  PartialMessages,
  readFragments,
} from "./handshake.js";
import { clientRandom } from "./hello.js";
import { type DtlsRecord, HANDSHAKE, readRecords, type RecordDamage } from "./record.js";
import {
  type MessageDamage,
  type OpenedRecord,
  type SideIndex,
  TrackedAssociation,
} from "./tracked-association.js";

/** A UDP payload that demultiplexing found to be DTLS (RFC 7983 §7). */
export interface DtlsDatagram {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Only read while it is observed. */
  readonly payload: Uint8Array;
  /** Bytes at its end were not captured. */
  readonly isTruncated?: boolean;
}

/** What a host may choose. */
export interface DtlsObserverOptions {
  /**
   * Associations kept; of more, the one longest without a packet goes. From 1 to 1,048,576.
   *
   * @default 16384
   */
  readonly maxAssociations?: number;
}

/** Why some bytes were not used. */
export type DtlsDamage = RecordDamage | MessageDamage;

/** What happened beside the associations. */
export interface DtlsCounters {
  readonly datagrams: number;
  /** Datagrams of which the capture's snap length took the end. */
  readonly cutDatagrams: number;
  readonly malformed: Readonly<Record<DtlsDamage, number>>;
  /** Messages of which some bytes never came. */
  readonly incompleteMessages: number;
  readonly evictedAssociations: number;
}

/** Two endpoints, and the two handshakes between them that were seen last. */
interface Flow {
  readonly key: string;
  /** Side 0 and side 1. */
  readonly endpoints: readonly [Endpoint, Endpoint];
  current: TrackedAssociation;
  previous: TrackedAssociation | undefined;
}

const MAX_ASSOCIATIONS = 1_048_576;

/**
 * Passive observer of all DTLS in an input.
 *
 * It keeps no payload and never throws on what it is shown.
 */
export class DtlsObserver {
  readonly #maxAssociations: number;
  readonly #flows = new Map<string, Flow>();
  /** In the order of their last packets. */
  readonly #byLastPacket = new Map<TrackedAssociation, Flow>();
  /** In the order of their first packets. */
  readonly #byFirstPacket = new Set<TrackedAssociation>();
  readonly #partial = new PartialMessages();
  readonly #malformed: Record<DtlsDamage, number> = noDamage();
  #datagrams = 0;
  #cutDatagrams = 0;
  #evicted = 0;

  /** @throws {RangeError} If an option is outside its range. */
  constructor({ maxAssociations = 16_384 }: DtlsObserverOptions = {}) {
    const isInRange = maxAssociations >= 1 && maxAssociations <= MAX_ASSOCIATIONS;
    if (!Number.isInteger(maxAssociations) || !isInRange) {
      const range = `a whole number from 1 to ${String(MAX_ASSOCIATIONS)}`;
      throw new RangeError(`maxAssociations is ${String(maxAssociations)}; it must be ${range}`);
    }
    this.#maxAssociations = maxAssociations;
  }

  get counters(): DtlsCounters {
    return {
      datagrams: this.#datagrams,
      cutDatagrams: this.#cutDatagrams,
      malformed: { ...this.#malformed },
      incompleteMessages: this.#partial.incomplete,
      evictedAssociations: this.#evicted,
    };
  }

  /**
   * The associations whose roles are known, in order of their first packets. Each object stays the
   * same and is kept up to date.
   */
  associations(): readonly DtlsAssociation[] {
    const views: DtlsAssociation[] = [];
    for (const { view } of this.#byFirstPacket) if (view !== undefined) views.push(view);
    return views;
  }

  /** Takes one datagram. */
  observe(datagram: DtlsDatagram): void {
    this.#datagrams += 1;
    const { source, destination, atMs, payload, isTruncated = false } = datagram;
    const sourceKey = endpointKey(source);
    const destinationKey = endpointKey(destination);
    const isOrdered = sourceKey <= destinationKey;
    const key = isOrdered ? `${sourceKey} ${destinationKey}` : `${destinationKey} ${sourceKey}`;
    const side: SideIndex = isOrdered ? 0 : 1;
    const known = this.#flows.get(key);
    const { records, damage, isCut } = readRecords(
      payload,
      isTruncated,
      known?.current.connectionIdBytesFrom(side),
    );
    if (damage !== undefined) this.#count(damage);
    if (isCut) this.#cutDatagrams += 1;
    if (records.length === 0) return;
    const opened = records.map((record) => this.#open(record, isCut));
    const endpoints = isOrdered
      ? ([source, destination] as const)
      : ([destination, source] as const);
    const flow = known ?? this.#newFlow(key, endpoints, atMs);
    const association = this.#route(flow, side, opened, atMs);
    this.#touch(association, flow);
    association.observe(side, opened, atMs);
  }

  #open(record: DtlsRecord, isCut: boolean): OpenedRecord {
    if (record.contentType !== HANDSHAKE || record.epoch > 0) return { record, fragments: [] };
    const { fragments, damage } = readFragments(record.body);
    if (damage !== undefined && !isCut) this.#count(damage);
    return { record, fragments };
  }

  #newFlow(key: string, endpoints: readonly [Endpoint, Endpoint], atMs: number): Flow {
    const current = this.#newAssociation(endpoints, atMs);
    const flow: Flow = { key, endpoints, current, previous: undefined };
    this.#flows.set(key, flow);
    return flow;
  }

  #newAssociation(endpoints: readonly [Endpoint, Endpoint], atMs: number): TrackedAssociation {
    const association = new TrackedAssociation(endpoints, atMs, this.#partial, (damage) => {
      this.#count(damage);
    });
    this.#byFirstPacket.add(association);
    return association;
  }

  /** A first ClientHello with a random of its own begins a handshake (RFC 6347 §4.2.8). */
  #route(
    flow: Flow,
    side: SideIndex,
    records: readonly OpenedRecord[],
    atMs: number,
  ): TrackedAssociation {
    const random = firstHelloRandom(records);
    if (random === undefined) return flow.current;
    if (flow.current.isSupersededBy(random, side)) {
      // Both sides may take themselves for the client, or an old ClientHello come late.
      if (flow.previous?.clientRandom === random) return flow.previous;
      flow.previous = flow.current;
      flow.current = this.#newAssociation(flow.endpoints, atMs);
    }
    flow.current.clientRandom = random;
    return flow.current;
  }

  #touch(association: TrackedAssociation, flow: Flow): void {
    this.#byLastPacket.delete(association);
    this.#byLastPacket.set(association, flow);
    if (this.#byLastPacket.size <= this.#maxAssociations) return;
    for (const [oldest, itsFlow] of this.#byLastPacket) {
      this.#evict(oldest, itsFlow);
      return;
    }
  }

  #evict(association: TrackedAssociation, flow: Flow): void {
    this.#evicted += 1;
    association.close();
    this.#byLastPacket.delete(association);
    this.#byFirstPacket.delete(association);
    if (flow.previous === association) flow.previous = undefined;
    // The flow may have ended and begun again since.
    else if (this.#flows.get(flow.key)?.current === association) this.#flows.delete(flow.key);
  }

  #count(damage: DtlsDamage): void {
    this.#malformed[damage] += 1;
  }
}

/** Of the ClientHello with message_seq 0 that starts in one of the records. */
function firstHelloRandom(records: readonly OpenedRecord[]): string | undefined {
  for (const { fragments } of records) {
    for (const fragment of fragments) {
      if (isFirstHello(fragment)) return clientRandom(fragment.body);
    }
  }
  return undefined;
}

function isFirstHello({ type, messageSequence, offset }: HandshakeFragment): boolean {
  return type === HANDSHAKE_TYPE.clientHello && messageSequence === 0 && offset === 0;
}

function noDamage(): Record<DtlsDamage, number> {
  return {
    "content-type": 0,
    version: 0,
    "record-header": 0,
    "record-length": 0,
    "fragment-header": 0,
    "fragment-length": 0,
    "message-limit": 0,
    "fragment-mismatch": 0,
    alert: 0,
    hello: 0,
    certificate: 0,
  };
}
