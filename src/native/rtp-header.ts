/**
 * Reads of one RTP header what a live tap writes down of it (RFC 3550 §5.1). Runs once a packet: makes
 * no views and no objects.
 *
 * @module
 */

const HEADER_BYTES = 12;
/** No UDP datagram is longer. */
const MAX_BYTES = 0xffff;

/**
 * Bytes after header, CSRCs and extension and before padding; -1 when the header does not fit. The
 * same as `core/rtp/header.hpp` says of a whole packet.
 */
export function payloadLength(bytes: Uint8Array): number {
  const { length } = bytes;
  if (length < HEADER_BYTES || length > MAX_BYTES) return -1;
  const first = byteAt(bytes, 0);
  let header = HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (header + 4 > length) return -1;
    header += 4 + 4 * ((byteAt(bytes, header + 2) << 8) | byteAt(bytes, header + 3));
  }
  if (header > length) return -1;
  const payload = length - header;
  if ((first & 0x20) === 0) return payload;
  // SRTP hides the count: what then stands there is part of the tag.
  const padding = byteAt(bytes, length - 1);
  return padding <= payload ? payload - padding : payload;
}

/** 0 behind the end. */
export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
