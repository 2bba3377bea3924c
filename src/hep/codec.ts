/**
 * HEP3, the encapsulation in which agents send what they saw to Homer (HEP/EEP specification,
 * revision 37): a header and chunks, each with a vendor, a type and a length.
 *
 * @module
 */

import { addressBytes, addressText } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import type { Draft } from "../rtcp/present.js";
import {
  ADDRESS_BYTES,
  CHUNK,
  FAMILY,
  type HepChunk,
  type HepPacket,
  MAX_HEP_BYTES,
  type NotHepReason,
  NUMBER_BYTES,
  OPAQUE,
} from "./packet.js";

/** `HEP3` and the length of the packet. */
export const HEP_HEADER_BYTES = 6;

const CHUNK_HEADER_BYTES = 6;
const MAGIC = Buffer.from("HEP3");

const UTF_8 = new TextDecoder();

/**
 * Reads one packet. Never throws; bytes after the packet are not looked at.
 *
 * @param bytes Is borrowed: payloads are views on it.
 */
export function decodeHep(bytes: Uint8Array): HepPacket | NotHepReason {
  const length = hepLength(bytes);
  if (typeof length === "string") return length;
  if (length > bytes.length) return "truncated";
  const reader = new PacketReader();
  for (let at = HEP_HEADER_BYTES; at < length;) {
    if (at + CHUNK_HEADER_BYTES > length) return "bad-chunk";
    const chunkLength = word(bytes, at + 4);
    if (chunkLength < CHUNK_HEADER_BYTES || at + chunkLength > length) return "bad-chunk";
    const body = bytes.subarray(at + CHUNK_HEADER_BYTES, at + chunkLength);
    reader.take(word(bytes, at), word(bytes, at + 2), body);
    at += chunkLength;
  }
  return reader.packet();
}

/**
 * The length of the packet that begins there, from {@link HEP_HEADER_BYTES} on, for who cuts packets
 * out of a stream.
 *
 * @returns `truncated` if there is too little to tell.
 */
export function hepLength(bytes: Uint8Array): number | NotHepReason {
  const known = Math.min(bytes.length, MAGIC.length);
  if (!MAGIC.subarray(0, known).equals(bytes.subarray(0, known))) return olderVersion(bytes);
  if (bytes.length < HEP_HEADER_BYTES) return "truncated";
  const length = word(bytes, 4);
  return length < HEP_HEADER_BYTES ? "bad-length" : length;
}

/** HEP 1 and 2 begin with the version, the header's length and the address family. */
function olderVersion(bytes: Uint8Array): NotHepReason {
  const [version, , family] = bytes;
  if (family !== FAMILY.ipv4 && family !== FAMILY.ipv6) return "not-hep";
  return version === 1 ? "hep-1" : version === 2 ? "hep-2" : "not-hep";
}

/** A pattern that looks for nulls at the end takes seconds over a packet full of others. */
function withoutNulls(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** A number of one, two or four bytes in network order. */
function unsigned(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Gathers the chunks of one packet. Of several of one type the last one counts. */
class PacketReader {
  readonly #generic = new Map<number, Uint8Array>();
  readonly #others: HepChunk[] = [];

  take(vendorId: number, type: number, bytes: Uint8Array): void {
    const size = NUMBER_BYTES.get(type) ?? ADDRESS_BYTES.get(type);
    const isKnown = size === undefined ? OPAQUE.has(type) : bytes.length === size;
    if (vendorId === 0 && isKnown) this.#generic.set(type, bytes);
    else this.#others.push({ vendorId, type, bytes });
  }

  packet(): HepPacket {
    const packet: Draft<HepPacket> = {};
    const put = <Key extends keyof HepPacket>(
      key: Key,
      value: HepPacket[Key] | undefined,
    ): void => {
      if (value !== undefined) packet[key] = value;
    };
    put("ipProtocol", this.#number(CHUNK.ipProtocol));
    put("source", this.#endpoint(CHUNK.ipv4Source, CHUNK.ipv6Source, CHUNK.sourcePort));
    put(
      "destination",
      this.#endpoint(CHUNK.ipv4Destination, CHUNK.ipv6Destination, CHUNK.destinationPort),
    );
    put("atMs", this.#atMs());
    put("protocolType", this.#number(CHUNK.protocolType));
    put("agentId", this.#number(CHUNK.agentId));
    put("keepAliveSeconds", this.#number(CHUNK.keepAlive));
    put("authenticationKey", this.#text(CHUNK.authenticationKey));
    put("payload", this.#generic.get(CHUNK.payload));
    put("compressedPayload", this.#generic.get(CHUNK.compressedPayload));
    put("correlationId", this.#text(CHUNK.correlationId));
    put("vlanId", this.#number(CHUNK.vlanId));
    put("nodeName", this.#text(CHUNK.nodeName));
    put("sourceMac", this.#generic.get(CHUNK.sourceMac));
    put("destinationMac", this.#generic.get(CHUNK.destinationMac));
    put("etherType", this.#number(CHUNK.etherType));
    put("tcpFlags", this.#number(CHUNK.tcpFlags));
    put("typeOfService", this.#number(CHUNK.typeOfService));
    const mos = this.#number(CHUNK.mos);
    put("mos", mos === undefined ? undefined : mos / 100);
    put("rFactor", this.#number(CHUNK.rFactor));
    put("location", this.#text(CHUNK.location));
    put("jitterMs", this.#number(CHUNK.jitter));
    if (this.#others.length > 0) packet.otherChunks = this.#others;
    return packet;
  }

  #number(type: number): number | undefined {
    const bytes = this.#generic.get(type);
    return bytes && unsigned(bytes);
  }

  /** Some agents end a text with a null byte, as C has it. */
  #text(type: number): string | undefined {
    const bytes = this.#generic.get(type);
    return bytes && UTF_8.decode(withoutNulls(bytes));
  }

  #endpoint(ipv4: number, ipv6: number, port: number): Endpoint | undefined {
    const isIpv4 = this.#generic.has(ipv4);
    const address = this.#generic.get(isIpv4 ? ipv4 : ipv6);
    const number = this.#number(port);
    if (address === undefined || number === undefined) return undefined;
    return { address: addressText(address, !isIpv4), port: number };
  }

  /** Microseconds that are a second or more are of an agent that means something else by them. */
  #atMs(): number | undefined {
    const seconds = this.#number(CHUNK.seconds);
    if (seconds === undefined || seconds === 0) return undefined;
    const microseconds = this.#number(CHUNK.microseconds) ?? 0;
    return seconds * 1000 + (microseconds < 1e6 ? microseconds / 1000 : 0);
  }
}

/**
 * Writes one packet, with the chunks that the fields ask for.
 *
 * @returns `undefined` if it would be longer than {@link MAX_HEP_BYTES}.
 */
export function encodeHep(packet: HepPacket): Buffer | undefined {
  const chunks = new ChunkWriter();
  const { source, destination, atMs } = packet;
  const isIpv6 = (source ?? destination)?.address.includes(":") === true;
  if (source !== undefined || destination !== undefined) {
    chunks.number(CHUNK.ipFamily, isIpv6 ? FAMILY.ipv6 : FAMILY.ipv4);
  }
  chunks.number(CHUNK.ipProtocol, packet.ipProtocol);
  chunks.address(CHUNK.ipv4Source, CHUNK.ipv6Source, source);
  chunks.address(CHUNK.ipv4Destination, CHUNK.ipv6Destination, destination);
  chunks.number(CHUNK.sourcePort, source?.port);
  chunks.number(CHUNK.destinationPort, destination?.port);
  if (atMs !== undefined) {
    const microseconds = Math.round(atMs * 1000);
    chunks.number(CHUNK.seconds, Math.floor(microseconds / 1e6));
    chunks.number(CHUNK.microseconds, microseconds % 1e6);
  }
  chunks.number(CHUNK.protocolType, packet.protocolType);
  chunks.number(CHUNK.agentId, packet.agentId);
  chunks.number(CHUNK.keepAlive, packet.keepAliveSeconds);
  chunks.text(CHUNK.authenticationKey, packet.authenticationKey);
  chunks.number(CHUNK.vlanId, packet.vlanId);
  chunks.text(CHUNK.nodeName, packet.nodeName);
  chunks.bytes(CHUNK.sourceMac, packet.sourceMac);
  chunks.bytes(CHUNK.destinationMac, packet.destinationMac);
  chunks.number(CHUNK.etherType, packet.etherType);
  chunks.number(CHUNK.tcpFlags, packet.tcpFlags);
  chunks.number(CHUNK.typeOfService, packet.typeOfService);
  chunks.number(CHUNK.mos, packet.mos === undefined ? undefined : packet.mos * 100);
  chunks.number(CHUNK.rFactor, packet.rFactor);
  chunks.text(CHUNK.location, packet.location);
  chunks.number(CHUNK.jitter, packet.jitterMs);
  chunks.text(CHUNK.correlationId, packet.correlationId);
  for (const { vendorId, type, bytes } of packet.otherChunks ?? []) {
    chunks.bytes(type, bytes, vendorId);
  }
  chunks.bytes(CHUNK.compressedPayload, packet.compressedPayload);
  chunks.bytes(CHUNK.payload, packet.payload);
  return chunks.packet();
}

class ChunkWriter {
  readonly #parts: Uint8Array[] = [];
  #length = HEP_HEADER_BYTES;

  /** Rounded, and held to what the chunk can carry. */
  number(type: number, value: number | undefined): void {
    if (value === undefined) return;
    const size = NUMBER_BYTES.get(type) ?? 4;
    const bytes = Buffer.alloc(size);
    bytes.writeUIntBE(Math.min(Math.max(Math.round(value), 0), 256 ** size - 1), 0, size);
    this.bytes(type, bytes);
  }

  text(type: number, value: string | undefined): void {
    if (value !== undefined) this.bytes(type, Buffer.from(value));
  }

  /** Of an address that is none there is no chunk. */
  address(ipv4: number, ipv6: number, endpoint: Endpoint | undefined): void {
    const parsed = endpoint && addressBytes(endpoint.address);
    if (parsed === undefined) return;
    const { bytes, isIpv6 } = parsed;
    this.bytes(isIpv6 ? ipv6 : ipv4, isIpv6 ? bytes : bytes.subarray(0, 4));
  }

  bytes(type: number, bytes: Uint8Array | undefined, vendorId = 0): void {
    if (bytes === undefined) return;
    const header = Buffer.alloc(CHUNK_HEADER_BYTES);
    header.writeUInt16BE(vendorId, 0);
    header.writeUInt16BE(type, 2);
    this.#length += CHUNK_HEADER_BYTES + bytes.length;
    if (this.#length > MAX_HEP_BYTES) return;
    header.writeUInt16BE(CHUNK_HEADER_BYTES + bytes.length, 4);
    this.#parts.push(header, bytes);
  }

  packet(): Buffer | undefined {
    if (this.#length > MAX_HEP_BYTES) return undefined;
    const header = Buffer.alloc(HEP_HEADER_BYTES);
    MAGIC.copy(header);
    header.writeUInt16BE(this.#length, 4);
    return Buffer.concat([header, ...this.#parts], this.#length);
  }
}
