/**
 * Builds DTLS records and handshake messages: RFC 6347 §4.1 and §4.2.2, RFC 5246 §7.4, RFC 9147 §4.
 *
 * @module
 */

import type { DtlsDatagram } from "../../src/dtls/observer.js";
import { bytesOf, uint } from "../support/packets.js";
import { BEGAN_AT_MS, CLIENT, SERVER } from "./traces.js";

type Bytes = Uint8Array | readonly number[];

export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
export const TLS12_CID = 25;

/** Bytes written in hex, with spaces where they help to read them. */
export function hex(...parts: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(parts.join("").replaceAll(" ", ""), "hex"));
}

/** A vector of the presentation language: its length in so many bytes, then itself. */
export function vector(lengthBytes: number, ...content: Bytes[]): Uint8Array {
  const joined = bytesOf(...content);
  return bytesOf(uint(joined.length, lengthBytes), joined);
}

/** A record with the header of 13 bytes. */
export function record(
  type: number,
  body: Bytes,
  fields: {
    readonly epoch?: number;
    readonly number?: number;
    readonly version?: number;
    readonly connectionId?: Bytes;
  } = {},
): Uint8Array {
  const { epoch = 0, number = 0, version = 0xfefd, connectionId = [] } = fields;
  return bytesOf(
    [type, ...uint(version, 2), ...uint(epoch, 2), ...uint(number, 6)],
    connectionId,
    vector(2, body),
  );
}

/** A whole handshake message, or one fragment of it. */
export function message(
  type: number,
  sequence: number,
  body: Bytes,
  fragment: { readonly from?: number; readonly to?: number } = {},
): Uint8Array {
  const { from = 0, to = body.length } = fragment;
  return bytesOf(
    [type, ...uint(body.length, 3), ...uint(sequence, 2), ...uint(from, 3), ...uint(to - from, 3)],
    body.slice(from, to),
  );
}

/** 32 bytes that differ by `seed`. */
export function random(seed: number): number[] {
  return Array.from({ length: 32 }, (_, i) => (seed * 7 + i) & 0xff);
}

function extensions(list: Readonly<Record<number, Bytes>>): Uint8Array {
  const all = Object.entries(list).map(([type, data]) =>
    bytesOf(uint(Number(type), 2), vector(2, data)),
  );
  return all.length === 0 ? new Uint8Array(0) : vector(2, ...all);
}

/** What a hello may say. */
export interface HelloFields {
  readonly random?: readonly number[];
  readonly version?: number;
  readonly cookie?: Bytes;
  readonly srtpProfiles?: readonly number[];
  readonly versions?: readonly number[];
  readonly connectionId?: Bytes;
  readonly cipherSuite?: number;
}

/** A ClientHello's body. */
export function clientHello(fields: HelloFields = {}): Uint8Array {
  const { srtpProfiles, versions, connectionId } = fields;
  const profiles = (srtpProfiles ?? []).flatMap((profile) => uint(profile, 2));
  return bytesOf(
    uint(fields.version ?? 0xfefd, 2),
    fields.random ?? random(1),
    vector(1),
    vector(1, fields.cookie ?? []),
    vector(2, [0xc0, 0x2b, 0xc0, 0x2f]),
    vector(1, [0]),
    extensions({
      ...(srtpProfiles && { 14: bytesOf(vector(2, profiles), [0]) }),
      ...(versions && {
        43: vector(
          1,
          versions.flatMap((version) => uint(version, 2)),
        ),
      }),
      ...(connectionId && { 54: vector(1, connectionId) }),
    }),
  );
}

/** A ServerHello's body; of `srtpProfiles` and `versions` there is at most one. */
export function serverHello(fields: HelloFields = {}): Uint8Array {
  const { srtpProfiles, versions, connectionId } = fields;
  const profiles = (srtpProfiles ?? []).flatMap((profile) => uint(profile, 2));
  return bytesOf(
    uint(fields.version ?? 0xfefd, 2),
    fields.random ?? random(2),
    vector(1),
    uint(fields.cipherSuite ?? 0xc02b, 2),
    [0],
    extensions({
      ...(srtpProfiles && { 14: bytesOf(vector(2, profiles), [0]) }),
      ...(versions && { 43: uint(versions[0] ?? 0, 2) }),
      ...(connectionId && { 54: vector(1, connectionId) }),
    }),
  );
}

/** A Certificate message's body. */
export function certificates(...list: Bytes[]): Uint8Array {
  return vector(3, ...list.map((der) => vector(3, der)));
}

/** A record of 1.3 with the unified header. */
export function unified(
  epoch: number,
  body: Bytes,
  fields: {
    readonly connectionId?: Bytes;
    readonly hasLongNumber?: boolean;
    readonly hasLength?: boolean;
  } = {},
): Uint8Array {
  const { connectionId, hasLongNumber = true, hasLength = true } = fields;
  const first =
    0x20 |
    (connectionId ? 0x10 : 0) |
    (hasLongNumber ? 0x08 : 0) |
    (hasLength ? 0x04 : 0) |
    (epoch & 3);
  return bytesOf(
    [first],
    connectionId ?? [],
    hasLongNumber ? [0xaa, 0xbb] : [0xaa],
    hasLength ? uint(body.length, 2) : [],
    body,
  );
}

/** A datagram from the client, so many milliseconds after the trace began. */
export function fromClient(atMs: number, ...records: Bytes[]): DtlsDatagram {
  const payload = bytesOf(...records);
  return { source: CLIENT, destination: SERVER, atMs: BEGAN_AT_MS + atMs, payload };
}

/** A datagram from the server. */
export function fromServer(atMs: number, ...records: Bytes[]): DtlsDatagram {
  const payload = bytesOf(...records);
  return { source: SERVER, destination: CLIENT, atMs: BEGAN_AT_MS + atMs, payload };
}
