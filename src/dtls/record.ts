/**
 * The records of a datagram: DTLS 1.0 and 1.2 (RFC 6347 §4.1), with connection identifiers
 * (RFC 9146 §4), and the unified header of DTLS 1.3 (RFC 9147 §4).
 *
 * @module
 */

export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
/** A record whose true type is encrypted (RFC 9146 §4). */
export const TLS12_CID = 25;
/** The highest type with a header of 13 bytes: ACK (RFC 9147 §7). */
const LAST_CONTENT_TYPE = 26;

const HEADER_BYTES = 13;

/** Why the rest of a datagram could not be read. */
export type RecordDamage =
  /** Neither a known content type nor a unified header. */
  | "content-type"
  /** A version other than 1.0 to 1.3. */
  | "version"
  /** Too short for a record header. */
  | "record-header"
  /** The record is longer than what is left of the datagram. */
  | "record-length";

/** One record. */
export interface DtlsRecord {
  /** Absent where it is encrypted: under a unified header. */
  readonly contentType?: number;
  /** Under a unified header only its two low bits. */
  readonly epoch: number;
  /** Absent where it is encrypted. */
  readonly sequenceNumber?: number;
  /** DTLS 1.3 ciphertext. */
  readonly isUnified: boolean;
  /** Not copied. */
  readonly body: Uint8Array;
}

/** What a datagram holds. */
export interface DatagramRecords {
  readonly records: readonly DtlsRecord[];
  /** Why reading stopped before the end. */
  readonly damage?: RecordDamage;
  /** The capture's snap length cut the last record, or the header of the next. */
  readonly isCut: boolean;
}

/**
 * Reads all records of a datagram.
 *
 * @param isTruncated Bytes at its end were not captured: a record that goes on is cut, not damaged.
 * @param connectionIdBytes Length of the receiver's connection identifier. Where it is not known, a
 * record that has one is taken to fill the datagram.
 */
export function readRecords(
  datagram: Uint8Array,
  isTruncated: boolean,
  connectionIdBytes?: number,
): DatagramRecords {
  const records: DtlsRecord[] = [];
  let at = 0;
  while (at < datagram.length) {
    const next = readRecord(datagram, at, connectionIdBytes);
    if (typeof next === "string") {
      const isCut = isTruncated && next === "record-header";
      return isCut ? { records, isCut } : { records, damage: next, isCut };
    }
    const goesOn = next.end > datagram.length;
    if (goesOn && !isTruncated) return { records, damage: "record-length", isCut: false };
    records.push(next.record);
    if (goesOn) break;
    at = next.end;
  }
  return { records, isCut: isTruncated };
}

interface Placed {
  readonly record: DtlsRecord;
  /** Where the next record starts; past the datagram where this one goes on beyond it. */
  readonly end: number;
}

function readRecord(
  datagram: Uint8Array,
  at: number,
  connectionIdBytes: number | undefined,
): Placed | RecordDamage {
  const first = datagram[at] ?? 0;
  if ((first & 0xe0) === 0x20) return readUnified(datagram, at, connectionIdBytes);
  if (first < CHANGE_CIPHER_SPEC || first > LAST_CONTENT_TYPE) return "content-type";
  if (datagram.length - at < HEADER_BYTES) return "record-header";
  if (datagram[at + 1] !== 0xfe || (datagram[at + 2] ?? 0) < 0xfc) return "version";
  const { lengthAt, start, end } = extent(datagram, at, first, connectionIdBytes);
  if (lengthAt + 2 > datagram.length) return "record-header";
  const record: DtlsRecord = {
    contentType: first,
    epoch: uint(datagram, at + 3, 2),
    sequenceNumber: uint(datagram, at + 5, 6),
    isUnified: false,
    body: datagram.subarray(start, end),
  };
  return { record, end };
}

/** Where the length field stands and the body lies. */
function extent(
  datagram: Uint8Array,
  at: number,
  contentType: number,
  connectionIdBytes: number | undefined,
): { lengthAt: number; start: number; end: number } {
  if (contentType === TLS12_CID && connectionIdBytes === undefined) {
    return { lengthAt: at + 11, start: at + 11, end: datagram.length };
  }
  const skipped = contentType === TLS12_CID ? (connectionIdBytes ?? 0) : 0;
  const lengthAt = at + 11 + skipped;
  const start = lengthAt + 2;
  return { lengthAt, start, end: start + uint(datagram, lengthAt, 2) };
}

/** `001CSLEE`: connection identifier, 16-bit sequence number, length, epoch (RFC 9147 figure 3). */
function readUnified(
  datagram: Uint8Array,
  at: number,
  connectionIdBytes: number | undefined,
): Placed | RecordDamage {
  const first = datagram[at] ?? 0;
  const hasConnectionId = (first & 0x10) !== 0;
  const fill = hasConnectionId && connectionIdBytes === undefined;
  let start = at + 1 + (hasConnectionId ? (connectionIdBytes ?? 0) : 0);
  start += (first & 0x08) !== 0 ? 2 : 1;
  let end = datagram.length;
  if (!fill && (first & 0x04) !== 0) {
    if (start + 2 > datagram.length) return "record-header";
    end = start + 2 + uint(datagram, start, 2);
    start += 2;
  }
  if (start > datagram.length) return "record-header";
  const body = datagram.subarray(start, end);
  return { record: { epoch: first & 0x03, isUnified: true, body }, end };
}

/** A big-endian number; bytes that are not there count as 0. */
function uint(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i += 1) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
