/**
 * The native engine for media that is tapped where it passes: the statistics of a replay, read while
 * the call goes on.
 *
 * @module
 */

import type { PayloadMap } from "../rtp/codec.js";
import { STATIC_PAYLOADS } from "../rtp/static-payloads.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import { binding, type NativeLiveEngine } from "./binding.js";
import { checkedOptions, type EngineOptions, requireWithin } from "./engine-options.js";
import { type FlowPath, packedPath } from "./flow-path.js";
import { LivePayloadMaps } from "./live-payload-maps.js";
import { byteAt, payloadLength } from "./rtp-header.js";
import { readStreams } from "./stream-rows.js";

export type { FlowPath };

/** What a host may choose about live statistics. */
export interface LiveEngineOptions extends EngineOptions {
  /** Packets held until they are accounted together. From 16 to 1,048,576. @default 4096 */
  readonly ringPackets?: number;
  /** Flows open at a time; more are refused. From 1 to 65,536. @default 16384 */
  readonly maxFlows?: number;
  /**
   * Streams of one flow. One more must show four packets that fit together and then takes the place of
   * the one that was silent for longest among those of fewer than four; where there is none it is
   * refused. From 1 to 1024. @default 64
   */
  readonly maxStreamsPerFlow?: number;
  /** Formats that hold where a flow's own maps say nothing. @default the static ones of RFC 3551 §6 */
  readonly defaultPayloads?: PayloadMap;
}

/** One tap on one path. Never given out twice by one engine; 0 stands for no flow. */
export type FlowId = number;

/** What a live engine has seen, and what it did not take. All count packets unless named otherwise. */
export interface LiveEngineCounters {
  /** Accounted to a stream. */
  readonly rtp: number;
  /** RTCP, which is for others to read: handed in on the port of RTP (RFC 5761 §4), or only counted. */
  readonly rtcp: number;
  /** Neither RTP nor RTCP by their first two bytes. */
  readonly ignored: number;
  /** RTP whose header does not fit the packet. */
  readonly malformedRtp: number;
  /** Looked like RTP, but no stream came of them. */
  readonly unconfirmedRtp: number;
  /** With an arrival time that is no number, or before 1970, or after 2106. */
  readonly untimed: number;
  /** Of a flow that was refused or closed. */
  readonly unknownFlow: number;
  /** Of streams beyond `maxStreamsPerFlow` or `maxStreams`. */
  readonly refused: number;
  /** Flows beyond `maxFlows`. */
  readonly refusedFlows: number;
  /** Calls of {@link LiveEngine.setPayloads} for which no number was left: the default map serves. */
  readonly refusedPayloadMaps: number;
  /** Streams of few packets that made room for others. */
  readonly evictedStreams: number;
  /** What might have become streams, given up before it was certain. */
  readonly evictedCandidates: number;
}

/** A slot is the flow's number in the addon; what stands above it tells its users apart. */
const SLOTS = 0x1_0000;

/** A row is `core/live.hpp`'s LivePacket. */
const ROW_BYTES = 32;
const ROW_WORDS = ROW_BYTES / 4;
const ROW_DOUBLES = ROW_BYTES / 8;

const MAX_UINT16 = 0xffff;

/** Places in the counters kept here; in an array, as a number of its own would be made anew. */
const RTCP = 0;
const IGNORED = 1;
const MALFORMED_RTP = 2;
const UNKNOWN_FLOW = 3;

/**
 * Measures media as it passes, by the same code as {@link Engine} does a capture's.
 *
 * A packet costs a few writes into a ring; the ring is accounted when it is full and before anything
 * is read. Two taps on one path, at each end of it, are two flows and never mixed.
 */
export class LiveEngine {
  readonly #native: NativeLiveEngine;
  readonly #maps: LivePayloadMaps;
  readonly #ring: Uint8Array;
  readonly #doubles: Float64Array;
  readonly #words: Int32Array;
  readonly #capacity: number;
  #held = 0;
  /** The open flow of each slot, 0 for none. */
  readonly #open: Float64Array;
  /** How often each slot was opened. */
  readonly #opened: Float64Array;
  /** Numbers of the payload maps that each slot's flow has named. */
  readonly #named: (Set<number> | undefined)[] = [];
  readonly #counts = new Float64Array(4);

  /**
   * @throws {RangeError} If an option is outside its range.
   * @throws {NativeUnavailableError} If the addon is missing.
   */
  constructor(options: LiveEngineOptions = {}) {
    const { ringPackets = 4096, maxFlows = 16_384, maxStreamsPerFlow = 64 } = options;
    const values = checkedOptions(options);
    requireWithin("ringPackets", ringPackets, 16, 1_048_576);
    requireWithin("maxFlows", maxFlows, 1, SLOTS);
    requireWithin("maxStreamsPerFlow", maxStreamsPerFlow, 1, 1024);
    const limits = Float64Array.of(maxFlows, maxStreamsPerFlow);
    const seed = crypto.getRandomValues(new BigUint64Array(2));
    this.#native = new (binding().LiveEngine)(values, limits, seed);
    this.#maps = new LivePayloadMaps(this.#native, options.defaultPayloads ?? STATIC_PAYLOADS);
    this.#capacity = Math.trunc(ringPackets);
    const memory = new ArrayBuffer(this.#capacity * ROW_BYTES);
    this.#ring = new Uint8Array(memory);
    this.#doubles = new Float64Array(memory);
    this.#words = new Int32Array(memory);
    this.#open = new Float64Array(SLOTS);
    this.#opened = new Float64Array(SLOTS);
  }

  /**
   * Opens a flow for a tap. An IPv4-mapped IPv6 address, as a dual-stack socket shows it, is the IPv4
   * address that is on the wire.
   *
   * @returns 0 when there are too many, which the other methods take for a flow without packets.
   * @throws {RangeError} If an address is no IP address, both are not of one family, or a port is
   *   outside 0 to 65,535.
   */
  openFlow(path: FlowPath): FlowId {
    const { addresses, isIpv6 } = packedPath(path);
    const slot = this.#native.openFlow(addresses, isIpv6, path.source.port, path.destination.port);
    if (slot < 0) return 0;
    const times = (this.#opened[slot] ?? 0) + 1;
    const id = times * SLOTS + slot;
    this.#opened[slot] = times;
    this.#open[slot] = id;
    return id;
  }

  /**
   * Closes a flow and forgets its streams.
   *
   * @returns The streams as they ended; none if the flow is not open.
   */
  closeFlow(id: FlowId): StreamMeasurement[] {
    const slot = this.#slotOf(id);
    if (slot === undefined) return [];
    this.drain();
    const streams = readStreams(this.#native.closeFlow(slot));
    for (const number of this.#named[slot] ?? []) this.#maps.letGo(number);
    this.#named[slot] = undefined;
    this.#open[slot] = 0;
    return streams;
  }

  /**
   * Says what the flow's payload types mean from now on. The destination's description goes before the
   * source's (RFC 3264 §5.1), and either before the default. From then on the first packet of an SSRC
   * makes a stream; without a description it takes four that fit together.
   */
  setPayloads(
    id: FlowId,
    map: PayloadMap,
    describedBy: "source" | "destination" = "destination",
  ): void {
    const slot = this.#slotOf(id);
    if (slot === undefined) return;
    this.drain();
    const named = (this.#named[slot] ??= new Set());
    const number = this.#maps.hold(map);
    if (named.has(number)) this.#maps.letGo(number);
    named.add(number);
    this.#native.setPayloads(slot, describedBy === "source", number);
  }

  /**
   * The map with that number, which {@link StreamMeasurement.payloadTypes} names; 0 is the default one.
   * It stays while a flow that named it is open, and then until 4095 others have come.
   */
  map(number: number): PayloadMap {
    return this.#maps.at(number);
  }

  /**
   * Takes one RTP packet as it came off the wire. Reads the header and, where there is padding, the
   * last byte, and keeps nothing of it. Payload bytes are what a capture would show: of SRTP they
   * include the authentication tag, of a packet already decrypted they do not. Never throws.
   *
   * @param bytes The UDP payload.
   * @param wireBytes Of the IP packet: the UDP payload and 28 bytes with IPv4, 48 with IPv6. What is
   *   outside 0 to 65,535 is taken as the nearer of these.
   * @param arrivalMs Epoch milliseconds with a fraction, which is kept to the microsecond. From a clock
   *   that nobody sets, or a step of it looks like one of the network's.
   */
  packet(id: FlowId, bytes: Uint8Array, wireBytes: number, arrivalMs: number): void {
    // A fraction that is handed on is a new object, unless the caller has this compiled into it: it
    // must stay small for that, and `#write` large enough to stay outside.
    this.#doubles[this.#held * ROW_DOUBLES] = arrivalMs;
    this.#write(id, bytes, wireBytes);
  }

  #write(id: FlowId, bytes: Uint8Array, wireBytes: number): void {
    const slot = id & (SLOTS - 1);
    const isOpen = this.#open[slot] === id && id !== 0;
    const second = byteAt(bytes, 1);
    const isRtcp = second >= 192 && second <= 223;
    if (!isOpen || isRtcp || bytes.length < 2 || byteAt(bytes, 0) >> 6 !== 2) {
      this.#leaveOut(isOpen, isRtcp, bytes);
      return;
    }
    const payloadBytes = payloadLength(bytes);
    if (payloadBytes < 0) {
      this.#count(MALFORMED_RTP);
      return;
    }
    const words = this.#words;
    const at = this.#held * ROW_WORDS;
    const ipBytes = wireBytes > 0 ? (wireBytes < MAX_UINT16 ? wireBytes | 0 : MAX_UINT16) : 0;
    words[at + 2] = slot;
    words[at + 3] =
      (byteAt(bytes, 8) << 24) |
      (byteAt(bytes, 9) << 16) |
      (byteAt(bytes, 10) << 8) |
      byteAt(bytes, 11);
    words[at + 4] =
      (byteAt(bytes, 4) << 24) |
      (byteAt(bytes, 5) << 16) |
      (byteAt(bytes, 6) << 8) |
      byteAt(bytes, 7);
    words[at + 5] = (payloadBytes << 16) | (byteAt(bytes, 2) << 8) | byteAt(bytes, 3);
    words[at + 6] = (second << 16) | ipBytes;
    this.#held += 1;
    if (this.#held === this.#capacity) this.drain();
  }

  #leaveOut(isOpen: boolean, isRtcp: boolean, bytes: Uint8Array): void {
    if (!isOpen) this.#count(UNKNOWN_FLOW);
    else if (isRtcp && byteAt(bytes, 0) >> 6 === 2) this.#count(RTCP);
    else this.#count(IGNORED);
  }

  /** Counts one packet of RTCP, which whoever tapped it reads. */
  rtcpSeen(): void {
    this.#count(RTCP);
  }

  /** Accounts what the ring holds. Whatever reads of the engine does so first. */
  drain(): void {
    if (this.#held === 0) return;
    this.#native.drain(this.#ring, this.#held);
    this.#held = 0;
  }

  /**
   * The flow's streams as they would be if they ended now, in the order in which they began; what
   * comes after is measured as if nobody had looked. None if the flow is not open.
   */
  streams(id: FlowId): StreamMeasurement[] {
    const slot = this.#slotOf(id);
    if (slot === undefined) return [];
    this.drain();
    return readStreams(this.#native.streams(slot));
  }

  counters(): LiveEngineCounters {
    this.drain();
    const [rtp = 0, unconfirmedRtp = 0, untimed = 0, unknown = 0, refusedFlows = 0, ...rest] =
      this.#native.counters();
    const [refused = 0, evictedStreams = 0, evictedCandidates = 0] = rest;
    const [rtcp = 0, ignored = 0, malformedRtp = 0, unknownFlow = 0] = this.#counts;
    return {
      rtp,
      rtcp,
      ignored,
      malformedRtp,
      unconfirmedRtp,
      untimed,
      unknownFlow: unknown + unknownFlow,
      refused,
      refusedFlows,
      refusedPayloadMaps: this.#maps.refused,
      evictedStreams,
      evictedCandidates,
    };
  }

  #slotOf(id: FlowId): number | undefined {
    const slot = id & (SLOTS - 1);
    return id !== 0 && this.#open[slot] === id ? slot : undefined;
  }

  #count(which: number): void {
    this.#counts[which] = (this.#counts[which] ?? 0) + 1;
  }
}
