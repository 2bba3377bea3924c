/**
 * The native engine with checked options and readable results.
 *
 * @module
 */

import { addressBytes } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import { binding, type NativeEngine } from "./binding.js";
import { checkedOptions, type EngineOptions } from "./engine-options.js";
import { type CaptureEvent, EventReader } from "./events.js";
import { packedMap } from "./packed-map.js";
import { readIdentities, readStreams, type StreamIdentity } from "./stream-rows.js";

export type { EngineOptions };

/** Why a scan came back: see `core/engine.hpp`. */
export type ScanPause = "events" | "hungry" | "turn" | "ended";
const PAUSES: readonly ScanPause[] = ["events", "hungry", "turn", "ended"];

/** Why a capture could not be read further. Order is that of `core/capture/reader.hpp`. */
export const CAPTURE_PROBLEMS = [
  "none",
  "not-a-capture",
  "truncated",
  "record-too-long",
  "block-length",
  "no-interface",
  "bad-section",
  "zeros",
] as const;
export type CaptureProblem = (typeof CAPTURE_PROBLEMS)[number];

/** How far one input was read, and what stopped it. */
export interface InputState {
  readonly problem: CaptureProblem;
  /** Where it stopped, in bytes from the input's start. */
  readonly offset: number;
  /** The length or number at fault. */
  readonly value: number;
  readonly frames: number;
  readonly bytesRead: number;
  /** The system's error number, 0 for none. */
  readonly readError: number;
  readonly origin: InputOrigin;
}

/** What an input's headers say of how it was taken; of several interfaces, all that were read. */
export interface InputOrigin {
  readonly format: "pcap" | "pcapng";
  readonly interfaces: number;
  /** LINKTYPE_* of tcpdump.org, of the first interface; means nothing without one. */
  readonly linkType: number;
  /** Of the interface that keeps least of a packet; 0 for no limit. */
  readonly snapLength: number;
  /** Of the coarsest clock; 0 without an interface. */
  readonly ticksPerSecond: number;
  /** Packets that were lost on the way into the capture; -1 where it does not say. */
  readonly dropped: number;
}

/** Numbers that the addon gives for an input. */
const INPUT_COLUMNS = 12;

/** Counters that {@link Engine.counters} gives, in the addon's order. */
const COUNTERS = [
  "packets",
  "bytes",
  "rtp",
  "rtcp",
  "rtcpEncrypted",
  "sip",
  "dtls",
  "stun",
  "turnChannelData",
  "fragments",
  "ignored",
  "unconfirmedRtp",
  "malformedRtp",
  "malformedRtcp",
  "malformedSipStream",
  "tcpBytesSkipped",
  "evictedFragments",
  "evictedTcpConnections",
  "evictedCandidates",
  "evictedStreams",
  "evictedEndpoints",
  "sipsHandshakes",
  "cutFrames",
  "malformedLinkHeader",
  "malformedIpHeader",
  "malformedIpLength",
  "malformedExtensionHeader",
  "malformedTunnelHeader",
  "malformedUdpHeader",
  "malformedTcpHeader",
  "malformedFragment",
  "malformedTooDeep",
  "malformedLinkType",
  "firstFrameAtMs",
  "lastFrameAtMs",
] as const;
export type EngineCounters = Readonly<Record<(typeof COUNTERS)[number], number>>;

/**
 * Reads captures and measures the media in them, off the main thread.
 *
 * Call {@link Engine.scan} until it says `ended`, look at {@link Engine.takeEvents} after each, and
 * say what they tell of endpoints before the next. Then {@link Engine.finish}.
 */
export class Engine {
  readonly #native: NativeEngine;
  readonly #events = new EventReader();
  readonly #maps: PayloadMap[] = [new Map()];

  /**
   * @throws {RangeError} If an option is outside its range.
   * @throws {NativeUnavailableError} If the addon is missing.
   */
  constructor(options: EngineOptions = {}) {
    const values = checkedOptions(options);
    const seed = crypto.getRandomValues(new BigUint64Array(2));
    this.#native = new (binding().Engine)(values, seed);
  }

  /** Adds a capture file that is open for reading; the caller closes its own descriptor. */
  addFile(descriptor: number): number {
    return this.#native.addInput(descriptor);
  }

  /** Adds a capture whose bytes come through {@link Engine.feed}. */
  addFeed(): number {
    return this.#native.addInput(-1);
  }

  feed(input: number, bytes: Uint8Array): void {
    this.#native.feed(input, bytes);
  }

  endFeed(input: number): void {
    this.#native.endFeed(input);
  }

  async scan(): Promise<ScanPause> {
    return PAUSES[await this.#native.scan()] ?? "ended";
  }

  /** Which fed input wants bytes after a pause for `hungry`. */
  hungryInput(): number {
    return this.#native.hungry();
  }

  /**
   * The events of the last scan, in file order. To be gone through before the next call or scan, which
   * write over what their payloads lie in.
   */
  takeEvents(): Generator<CaptureEvent> {
    return this.#events.read(this.#native.takeEvents());
  }

  /** Registers a payload map and gives its number. */
  addMap(map: PayloadMap): number {
    const { clockRatesHz, kinds } = packedMap(map);
    const id = this.#native.addMap(clockRatesHz, kinds);
    this.#maps[id] ??= map;
    return id;
  }

  /** Says what payload types mean where nothing else does. */
  setDefaultMap(map: PayloadMap): void {
    const { clockRatesHz, kinds } = packedMap(map);
    this.#native.setDefaultMap(clockRatesHz, kinds);
    this.#maps[0] = map;
  }

  /** The map with that number, as it was registered. */
  map(id: number): PayloadMap {
    return this.#maps[id] ?? new Map<number, never>();
  }

  /**
   * Says that media arrives at `endpoint` from `frame` on, with the payload types of `map`.
   *
   * @returns Whether the address is an IP address.
   */
  nameEndpoint(endpoint: Endpoint, frame: number, map: number): boolean {
    const address = addressBytes(endpoint.address);
    if (address === undefined) return false;
    this.#native.nameEndpoint(address.bytes, address.isIpv6, endpoint.port, frame, map);
    return true;
  }

  /** Settles every stream; no scan may follow. */
  async finish(): Promise<void> {
    await this.#native.finish();
  }

  streamCount(): number {
    return this.#native.streamCount();
  }

  /** Finished streams, in the order in which their first packets came. */
  streams(from: number, count: number): StreamMeasurement[] {
    return readStreams(this.#native.streams(from, count));
  }

  /** Whose streams those are, finished or not: a small part of what {@link Engine.streams} tells. */
  streamIdentities(from: number, count: number): StreamIdentity[] {
    return readIdentities(this.#native.streamIdentities(from, count));
  }

  counters(): EngineCounters {
    const values = this.#native.counters();
    return Object.fromEntries(
      COUNTERS.map((name, index) => [name, values[index] ?? 0]),
    ) as EngineCounters;
  }

  inputs(): InputState[] {
    const values = this.#native.inputs();
    const states: InputState[] = [];
    for (let at = 0; at < values.length; at += INPUT_COLUMNS) {
      const column = (index: number): number => values[at + index] ?? 0;
      states.push({
        problem: CAPTURE_PROBLEMS[column(0)] ?? "none",
        offset: column(1),
        value: column(2),
        frames: column(3),
        bytesRead: column(4),
        readError: column(5),
        origin: {
          format: column(6) === 1 ? "pcapng" : "pcap",
          interfaces: column(7),
          linkType: column(8),
          snapLength: column(9),
          ticksPerSecond: column(10),
          dropped: column(11),
        },
      });
    }
    return states;
  }
}
