/**
 * The only module that loads the native addon. Keep its types in step with `native/addon`.
 *
 * @module
 */

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { NativeUnavailableError } from "../errors.js";

/** The addon's exports. */
export interface Binding {
  readonly Engine: new (options: Float64Array, seed: BigUint64Array) => NativeEngine;
  readonly LiveEngine: new (
    options: Float64Array,
    limits: Float64Array,
    seed: BigUint64Array,
  ) => NativeLiveEngine;
  /**
   * Decodes one datagram: the number of `core/rtcp/decode.hpp`'s Verdict, then the rows of its records.
   * `protection` is the number of that header's Protection.
   */
  readonly decodeRtcp: (payload: Uint8Array, protection: number) => Float64Array;
  /** Reads a file in the engine's blocks and does nothing with it; resolves to its length. */
  readonly readOnly: (descriptor: number) => Promise<number>;
}

/** An engine as the addon exposes it; {@link Engine} is the one to use. */
export interface NativeEngine {
  addInput(descriptor: number): number;
  feed(input: number, bytes: Uint8Array): void;
  endFeed(input: number): void;
  scan(): Promise<number>;
  finish(): Promise<number>;
  hungry(): number;
  takeEvents(): NativeEvents;
  addMap(clockRatesHz: Uint32Array, kinds: Uint8Array): number;
  setDefaultMap(clockRatesHz: Uint32Array, kinds: Uint8Array): void;
  nameEndpoint(
    address: Uint8Array,
    isIpv6: boolean,
    port: number,
    frame: number,
    map: number,
  ): void;
  streamCount(): number;
  streams(from: number, count: number): NativeStreams;
  streamIdentities(from: number, count: number): NativeIdentities;
  counters(): Float64Array;
  inputs(): Float64Array;
}

/** A live engine as the addon exposes it; {@link LiveEngine} is the one to use. */
export interface NativeLiveEngine {
  /** The flow's number, or -1 when there are too many. */
  openFlow(
    addresses: Uint8Array,
    isIpv6: boolean,
    sourcePort: number,
    destinationPort: number,
  ): number;
  closeFlow(flow: number): NativeStreams;
  setPayloads(flow: number, isDescribedBySource: boolean, map: number): void;
  addMap(clockRatesHz: Uint32Array, kinds: Uint8Array): number;
  replaceMap(clockRatesHz: Uint32Array, kinds: Uint8Array, map: number): void;
  /** Accounts the first `packets` rows of the ring, which are `core/live.hpp`'s LivePacket. */
  drain(ring: Uint8Array, packets: number): void;
  streams(flow: number): NativeStreams;
  counters(): Float64Array;
}

/**
 * What one scan handed out: rows of `core/scanner.hpp`'s Event, the bytes and records they name. All
 * three lie in memory that is as large as it had to be so far, and that the next call writes over.
 */
export interface NativeEvents {
  /** Rows that are of this scan. */
  readonly count: number;
  readonly rows: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly records: Float64Array;
}

/** Streams as columns of `core/report_row.hpp`. */
export interface NativeStreams {
  readonly rows: Float64Array;
  readonly intervals: Float64Array;
  readonly lossRuns: Float64Array;
  readonly worstBursts: Float64Array;
  readonly addresses: Uint8Array;
}

/** Who sends what to whom: SSRC, both ports and whether it is IPv6 for each stream. */
export interface NativeIdentities {
  readonly rows: Float64Array;
  readonly addresses: Uint8Array;
}

let loaded: Binding | undefined;

/** @throws {NativeUnavailableError} If the addon was not built for this platform. */
export function binding(): Binding {
  loaded ??= load();
  return loaded;
}

/** Where the addon lies once it is built, from here. */
const ADDON = "../../native/build/mediaprobe.node";

/** The path of the addon, whether or not there is one. */
export function addonPath(): string {
  return fileURLToPath(new URL(ADDON, import.meta.url));
}

function load(): Binding {
  const require = createRequire(import.meta.url);
  try {
    return require(ADDON) as Binding;
  } catch (cause) {
    throw new NativeUnavailableError(
      "The native addon is missing or was built for another platform. Build it with " +
        "`npm rebuild mediaprobe` (in a checkout: `npm run install`); it needs make and a C++20 compiler. " +
        "A bundler must leave mediaprobe out of its bundle: the addon is looked for beside our files.",
      { cause },
    );
  }
}
