/**
 * Watches connectivity checks and address discovery: RFC 8445, RFC 7675, RFC 8489, RFC 8656.
 *
 * @module
 */

import { type Endpoint, endpointKey } from "../net/endpoint.js";
import type { IceMapping, IcePair } from "./pair.js";
import { checkFragments, parseStun, type StunDamage, type StunMessage } from "./stun.js";

/** A UDP payload that demultiplexing found to be STUN (RFC 7983 §7). */
export interface StunDatagram {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Only read while it is observed. */
  readonly payload: Uint8Array;
}

/** What a host may choose. */
export interface IceObserverOptions {
  /**
   * Pairs kept, and as many mappings; of more, the pair longest unused and the mapping stated first
   * go. From 1 to 1,048,576.
   *
   * @default 16384
   */
  readonly maxPairs?: number;
}

/** What happened beside the pairs and mappings. */
export interface IceCounters {
  readonly messages: number;
  /** Responses to no request that was seen, or to one from another address. */
  readonly unmatchedResponses: number;
  readonly malformed: Readonly<Record<StunDamage, number>>;
  readonly evictedPairs: number;
  readonly evictedMappings: number;
  /** Requests forgotten before their time because there were too many. */
  readonly evictedRequests: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A request that waits for its response. */
interface Request {
  readonly sourceKey: string;
  readonly source: Endpoint;
  readonly atMs: number;
  readonly useCandidate: boolean;
  /** What it checks; absent where it asks a server. */
  readonly pair: Mutable<IcePair> | undefined;
  isAnswered: boolean;
}

interface Seen {
  readonly datagram: StunDatagram;
  readonly message: StunMessage;
  readonly sourceKey: string;
  readonly destinationKey: string;
  /** The same for both directions. */
  readonly transactionKey: string;
}

const MAX_PAIRS = 1_048_576;

/** Requests that may wait for responses at a time. */
export const MAX_REQUESTS = 16_384;

/** A transaction is over when the last retransmission has had its time (RFC 8489 §6.2.1): 39.5 s. */
const TRANSACTION_MS = 39_500;

const ROLE_CONFLICT = 487;

/**
 * Passive observer of all STUN in an input.
 *
 * What a TURN server relays inside Send and Data indications is for the caller to unwrap. It keeps no
 * payload and never throws on what it is shown.
 */
export class IceObserver {
  readonly #maxPairs: number;
  readonly #pairs = new Map<string, Mutable<IcePair>>();
  readonly #pairKeys = new Map<IcePair, string>();
  readonly #mappings = new Map<string, IceMapping>();
  /** By transaction, in the order in which they were first seen. */
  readonly #requests = new Map<string, Request>();
  readonly #malformed: Record<StunDamage, number> = {
    "not-stun": 0,
    length: 0,
    truncated: 0,
    attribute: 0,
  };
  #messages = 0;
  #unmatchedResponses = 0;
  #evictedPairs = 0;
  #evictedMappings = 0;
  #evictedRequests = 0;

  /** @throws {RangeError} If an option is outside its range. */
  constructor({ maxPairs = 16_384 }: IceObserverOptions = {}) {
    if (!Number.isInteger(maxPairs) || maxPairs < 1 || maxPairs > MAX_PAIRS) {
      const range = `a whole number from 1 to ${String(MAX_PAIRS)}`;
      throw new RangeError(`maxPairs is ${String(maxPairs)}; it must be ${range}`);
    }
    this.#maxPairs = maxPairs;
  }

  get counters(): IceCounters {
    return {
      messages: this.#messages,
      unmatchedResponses: this.#unmatchedResponses,
      malformed: { ...this.#malformed },
      evictedPairs: this.#evictedPairs,
      evictedMappings: this.#evictedMappings,
      evictedRequests: this.#evictedRequests,
    };
  }

  /** In order of their first checks. Each object stays the same and is kept up to date. */
  pairs(): readonly IcePair[] {
    return [...this.#pairKeys.keys()];
  }

  /** In the order in which they were first stated. */
  mappings(): readonly IceMapping[] {
    return [...this.#mappings.values()];
  }

  /** Takes one message. Returns it as it was read, for who wants more of it; absent where it is none. */
  observe(datagram: StunDatagram): StunMessage | undefined {
    this.#messages += 1;
    const message = parseStun(datagram.payload);
    if (message === "not-stun") {
      this.#malformed["not-stun"] += 1;
      return undefined;
    }
    if (message.damage !== undefined) this.#malformed[message.damage] += 1;
    const sourceKey = endpointKey(datagram.source);
    const destinationKey = endpointKey(datagram.destination);
    const path =
      sourceKey <= destinationKey
        ? `${sourceKey} ${destinationKey}`
        : `${destinationKey} ${sourceKey}`;
    const transactionKey = `${path} ${message.transactionId}`;
    const seen: Seen = { datagram, message, sourceKey, destinationKey, transactionKey };
    if (message.class === "request") this.#takeRequest(seen);
    else if (message.class !== "indication") this.#takeResponse(seen);
    return message;
  }

  #takeRequest(seen: Seen): void {
    const { datagram, message, sourceKey, transactionKey } = seen;
    this.#expireRequests(datagram.atMs);
    const known = this.#requests.get(transactionKey);
    if (known !== undefined) {
      if (known.pair !== undefined) this.#touch(known.pair, datagram.atMs);
      return;
    }
    const pair = this.#checkedPair(seen);
    if (pair !== undefined) pair.checks += 1;
    this.#requests.set(transactionKey, {
      sourceKey,
      source: datagram.source,
      atMs: datagram.atMs,
      useCandidate: message.useCandidate,
      pair,
      isAnswered: false,
    });
    if (this.#requests.size <= MAX_REQUESTS) return;
    for (const oldest of this.#requests.keys()) {
      this.#requests.delete(oldest);
      this.#evictedRequests += 1;
      return;
    }
  }

  #takeResponse(seen: Seen): void {
    const { message, destinationKey, transactionKey } = seen;
    const request = this.#requests.get(transactionKey);
    if (request?.sourceKey !== destinationKey) {
      this.#unmatchedResponses += 1;
      return;
    }
    // The server answers each copy of a request (RFC 8489 §6.3.1).
    if (request.isAnswered) return;
    request.isAnswered = true;
    if (request.pair !== undefined) this.#answer(request.pair, request, seen);
    else if (message.class === "success") this.#addMappings(request.source, seen);
  }

  #answer(pair: Mutable<IcePair>, { useCandidate }: Request, { datagram, message }: Seen): void {
    const { atMs } = datagram;
    this.#touch(pair, atMs);
    if (message.class === "error") {
      pair.errors += 1;
      if (message.errorCode === ROLE_CONFLICT) pair.roleConflicts += 1;
      return;
    }
    pair.responses += 1;
    pair.succeededAtMs ??= atMs;
    pair.lastSuccessAtMs = Math.max(pair.lastSuccessAtMs ?? atMs, atMs);
    if (useCandidate) pair.nominatedAtMs ??= atMs;
  }

  /** The pair that a request checks; nothing where it is no connectivity check. */
  #checkedPair({
    datagram,
    message,
    sourceKey,
    destinationKey,
  }: Seen): Mutable<IcePair> | undefined {
    const { source, destination, atMs } = datagram;
    const fragments = checkFragments(message);
    if (fragments === undefined) return undefined;
    const [destinationUfrag, sourceUfrag] = fragments;
    const there = `${sourceKey} ${sourceUfrag}`;
    const here = `${destinationKey} ${destinationUfrag}`;
    const key = there <= here ? `${there}\n${here}` : `${here}\n${there}`;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = {
        source,
        destination,
        destinationUfrag,
        sourceUfrag,
        firstCheckAtMs: atMs,
        lastMessageAtMs: atMs,
        checks: 0,
        responses: 0,
        errors: 0,
        roleConflicts: 0,
      };
      this.#pairs.set(key, pair);
      this.#pairKeys.set(pair, key);
      this.#evictPairs();
    }
    this.#touch(pair, atMs);
    return pair;
  }

  /** The pair that was used last stands last in the table. */
  #touch(pair: Mutable<IcePair>, atMs: number): void {
    pair.lastMessageAtMs = Math.max(pair.lastMessageAtMs, atMs);
    const key = this.#pairKeys.get(pair);
    if (key === undefined) return;
    this.#pairs.delete(key);
    this.#pairs.set(key, pair);
  }

  #evictPairs(): void {
    if (this.#pairs.size <= this.#maxPairs) return;
    for (const [key, oldest] of this.#pairs) {
      this.#pairs.delete(key);
      this.#pairKeys.delete(oldest);
      this.#evictedPairs += 1;
      return;
    }
  }

  #addMappings(from: Endpoint, { datagram, message }: Seen): void {
    const { source: server, atMs } = datagram;
    const { mappedAddress, relayedAddress } = message;
    if (mappedAddress !== undefined) {
      this.#addMapping({ from, server, mapped: mappedAddress, kind: "server-reflexive", atMs });
    }
    if (relayedAddress !== undefined) {
      this.#addMapping({ from, server, mapped: relayedAddress, kind: "relayed", atMs });
    }
  }

  #addMapping(mapping: IceMapping): void {
    const { kind, from, mapped } = mapping;
    const key = `${kind} ${endpointKey(from)} ${endpointKey(mapped)}`;
    if (this.#mappings.has(key)) return;
    this.#mappings.set(key, mapping);
    if (this.#mappings.size <= this.#maxPairs) return;
    for (const oldest of this.#mappings.keys()) {
      this.#mappings.delete(oldest);
      this.#evictedMappings += 1;
      return;
    }
  }

  #expireRequests(atMs: number): void {
    for (const [key, request] of this.#requests) {
      if (atMs - request.atMs <= TRANSACTION_MS) return;
      this.#requests.delete(key);
    }
  }
}
