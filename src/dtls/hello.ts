/**
 * ClientHello and ServerHello (RFC 6347 §4.2.1, RFC 5246 §7.4.1, RFC 9147 §5.3 and §5.4) as far as
 * they tell what is negotiated.
 *
 * @module
 */

import { WireReader } from "./wire-reader.js";

const USE_SRTP = 14; // RFC 5764 §4.1.1
const SUPPORTED_VERSIONS = 43; // RFC 8446 §4.2.1
const CONNECTION_ID = 54; // RFC 9146 §3

const RANDOM_BYTES = 32;
const VERSION_BYTES = 2;

/** Versions on the wire are ones' complements: `0xfeff` is 1.0. */
const VERSIONS: ReadonlyMap<number, DtlsVersion> = new Map([
  [0xfeff, "1.0"],
  [0xfefd, "1.2"],
  [0xfefc, "1.3"],
]);

export type DtlsVersion = "1.0" | "1.2" | "1.3";

/** What a client offers. */
export interface ClientHello {
  /** In hex: the same in every ClientHello of one handshake. */
  readonly random: string;
  readonly offersSrtp: boolean;
  /** Length of the connection identifier it wants to receive. */
  readonly connectionIdBytes?: number;
}

/** What a server selects; a HelloRetryRequest is one too (RFC 8446 §4.1.3). */
export interface ServerHello {
  /** Absent where it is none that is known. */
  readonly version?: DtlsVersion;
  readonly cipherSuite: number;
  readonly srtpProfile?: number;
  readonly connectionIdBytes?: number;
}

/** The random of a ClientHello by its first bytes; nothing where they are too few. */
export function clientRandom(start: Uint8Array): string | undefined {
  if (start.length < VERSION_BYTES + RANDOM_BYTES) return undefined;
  return hex(start.subarray(VERSION_BYTES, VERSION_BYTES + RANDOM_BYTES));
}

/** @returns Nothing where the body is no ClientHello. */
export function parseClientHello(body: Uint8Array): ClientHello | undefined {
  const reader = new WireReader(body);
  reader.take(VERSION_BYTES);
  const random = hex(reader.take(RANDOM_BYTES));
  reader.take(reader.uint8()); // session identifier
  reader.take(reader.uint8()); // cookie
  reader.take(reader.uint16()); // cipher suites
  reader.take(reader.uint8()); // compression methods
  const extensions = readExtensions(reader);
  if (extensions === undefined) return undefined;
  return {
    random,
    offersSrtp: extensions.has(USE_SRTP),
    ...connectionId(extensions),
  };
}

/** @returns Nothing where the body is no ServerHello. */
export function parseServerHello(body: Uint8Array): ServerHello | undefined {
  const reader = new WireReader(body);
  const legacyVersion = reader.uint16();
  reader.take(RANDOM_BYTES);
  reader.take(reader.uint8()); // session identifier
  const cipherSuite = reader.uint16();
  reader.uint8(); // compression method
  const extensions = readExtensions(reader);
  if (extensions === undefined) return undefined;
  const selected = extensions.get(SUPPORTED_VERSIONS);
  const version = VERSIONS.get(
    selected === undefined ? legacyVersion : new WireReader(selected).uint16(),
  );
  const srtpProfile = selectedProfile(extensions.get(USE_SRTP));
  return {
    cipherSuite,
    ...(version === undefined ? {} : { version }),
    ...(srtpProfile === undefined ? {} : { srtpProfile }),
    ...connectionId(extensions),
  };
}

/** The extensions by type, the first of a type; nothing where the message does not add up. */
function readExtensions(reader: WireReader): ReadonlyMap<number, Uint8Array> | undefined {
  const extensions = new Map<number, Uint8Array>();
  // A hello may end without any (RFC 5246 §7.4.1.2).
  if (reader.remaining === 0) return reader.isShort ? undefined : extensions;
  const block = new WireReader(reader.take(reader.uint16()));
  while (block.remaining > 0) {
    const type = block.uint16();
    const data = block.take(block.uint16());
    if (!extensions.has(type)) extensions.set(type, data);
  }
  return reader.isShort || block.isShort ? undefined : extensions;
}

/** A server selects exactly one profile (RFC 5764 §4.1.1). */
function selectedProfile(data: Uint8Array | undefined): number | undefined {
  if (data === undefined) return undefined;
  const profiles = new WireReader(data);
  const lengthBytes = profiles.uint16();
  const profile = profiles.uint16();
  return profiles.isShort || lengthBytes !== 2 ? undefined : profile;
}

function connectionId(extensions: ReadonlyMap<number, Uint8Array>): {
  connectionIdBytes?: number;
} {
  const data = extensions.get(CONNECTION_ID);
  if (data === undefined || data.length === 0 || data[0] !== data.length - 1) return {};
  return { connectionIdBytes: data.length - 1 };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
