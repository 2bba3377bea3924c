/**
 * Ethernet frames with IPv4 or IPv6 and UDP in a classic pcap file with microseconds, checksums
 * right.
 *
 * @module
 */
import { writeSync } from "node:fs";

/** Big writes: a file written in small ones reads back slower than one that was copied. */
const WRITE_BYTES = 4 << 20;
const LARGEST_FRAME_BYTES = 4096;

const PCAP_RECORD_BYTES = 16;
const ETHERNET_BYTES = 14;
const UDP_BYTES = 8;
const PROTOCOL_UDP = 17;

/** Bytes of a packet before the UDP payload, the capture's record header included. */
export function headerBytes(family) {
  return PCAP_RECORD_BYTES + ETHERNET_BYTES + (family === 6 ? 40 : 20) + UDP_BYTES;
}

/** Collects a capture, in a file or in memory. Frames must come in order of time. */
export class CaptureSink {
  /** @param {number | undefined} descriptor An open file; in memory when left out. */
  constructor(descriptor) {
    this.descriptor = descriptor;
    this.chunks = [];
    this.bytes = 0;
    this.frames = 0;
    this.buffer = Buffer.allocUnsafe(WRITE_BYTES + LARGEST_FRAME_BYTES);
    this.position = this.#writeFileHeader();
  }

  #writeFileHeader() {
    const { buffer } = this;
    buffer.writeUInt32LE(0xa1b2c3d4, 0);
    buffer.writeUInt16LE(2, 4);
    buffer.writeUInt16LE(4, 6);
    buffer.fill(0, 8, 16);
    buffer.writeUInt32LE(262144, 16);
    buffer.writeUInt32LE(1, 20);
    return 24;
  }

  /** Where the next frame begins in `buffer`; `advance` must follow. */
  room() {
    if (this.position >= WRITE_BYTES) this.flush();
    return this.position;
  }

  advance(bytes) {
    this.position += bytes;
    this.frames += 1;
  }

  flush() {
    const { buffer, position } = this;
    if (this.descriptor === undefined) {
      this.chunks.push(Buffer.from(buffer.subarray(0, position)));
    } else {
      for (let done = 0; done < position;) {
        done += writeSync(this.descriptor, buffer, done, position - done);
      }
    }
    this.bytes += position;
    this.position = 0;
  }
}

/** Sum of the big-endian 16-bit words; an odd last byte counts as a high one (RFC 1071). */
export function wordSum(bytes, from, to) {
  let sum = 0;
  let i = from;
  for (; i + 1 < to; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
  return i < to ? sum + (bytes[i] << 8) : sum;
}

/** The Internet checksum of a word sum (RFC 1071). */
export function checksumOf(sum) {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

function addressBytes(address) {
  if (!address.includes(":")) return Uint8Array.from(address.split("."), Number);
  const [head, tail = ""] = address.split("::");
  const groups = (text) => (text === "" ? [] : text.split(":").map((group) => parseInt(group, 16)));
  const first = groups(head);
  const last = groups(tail);
  const all = [...first, ...new Array(8 - first.length - last.length).fill(0), ...last];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function writeMacs(buffer, at, source, destination) {
  const mac = (offset, address) => {
    buffer[offset] = 0x02; // locally administered
    buffer[offset + 1] = address.length;
    buffer.set(address.subarray(address.length - 4), offset + 2);
  };
  mac(at, destination);
  mac(at + 6, source);
}

function writeIpv4(buffer, at, source, destination, udpBytes) {
  buffer[at] = 0x45;
  buffer[at + 1] = 0xb8; // DSCP 46
  buffer.writeUInt16BE(20 + udpBytes, at + 2);
  buffer.writeUInt32BE(0x00004000, at + 4); // identification 0, don't fragment
  buffer[at + 8] = 64;
  buffer[at + 9] = PROTOCOL_UDP;
  buffer.writeUInt16BE(0, at + 10);
  buffer.set(source, at + 12);
  buffer.set(destination, at + 16);
}

function writeIpv6(buffer, at, source, destination, udpBytes) {
  buffer.writeUInt32BE(0x6b800000, at);
  buffer.writeUInt16BE(udpBytes, at + 4);
  buffer[at + 6] = PROTOCOL_UDP;
  buffer[at + 7] = 64;
  buffer.set(source, at + 8);
  buffer.set(destination, at + 24);
}

/**
 * Writes all headers of a frame but the time and the checksums, from the record header on.
 *
 * @returns Word sums to which the caller adds what is still missing: of the IPv4 header, and of the
 *   UDP pseudo header and header without the payload.
 */
export function writeHeaders(buffer, at, source, destination, payloadBytes) {
  const from = addressBytes(source.address);
  const to = addressBytes(destination.address);
  const family = from.length === 16 ? 6 : 4;
  const udpBytes = UDP_BYTES + payloadBytes;
  const frameBytes = headerBytes(family) - PCAP_RECORD_BYTES + payloadBytes;
  buffer.fill(0, at, at + 8);
  buffer.writeUInt32LE(frameBytes, at + 8);
  buffer.writeUInt32LE(frameBytes, at + 12);
  const ethernet = at + PCAP_RECORD_BYTES;
  writeMacs(buffer, ethernet, from, to);
  buffer.writeUInt16BE(family === 6 ? 0x86dd : 0x0800, ethernet + 12);
  const ip = ethernet + ETHERNET_BYTES;
  (family === 6 ? writeIpv6 : writeIpv4)(buffer, ip, from, to, udpBytes);
  const udp = ip + (family === 6 ? 40 : 20);
  buffer.writeUInt16BE(source.port, udp);
  buffer.writeUInt16BE(destination.port, udp + 2);
  buffer.writeUInt16BE(udpBytes, udp + 4);
  buffer.writeUInt16BE(0, udp + 6);
  const addresses = wordSum(from, 0, from.length) + wordSum(to, 0, to.length);
  return {
    ip: family === 6 ? 0 : wordSum(buffer, ip, udp),
    udp: addresses + PROTOCOL_UDP + udpBytes + wordSum(buffer, udp, udp + UDP_BYTES),
  };
}

/** Sets a frame's time, its IPv4 identification and header checksum, and its UDP checksum. */
export function finishHeaders(buffer, at, family, atUs, identification, ipSum, udpSum) {
  const seconds = Math.floor(atUs / 1e6);
  buffer.writeUInt32LE(seconds, at);
  buffer.writeUInt32LE(atUs - seconds * 1e6, at + 4);
  const ip = at + PCAP_RECORD_BYTES + ETHERNET_BYTES;
  let udp = ip + 40;
  if (family === 4) {
    udp = ip + 20;
    buffer.writeUInt16BE(identification, ip + 4);
    buffer.writeUInt16BE(checksumOf(ipSum + identification), ip + 10);
  }
  // 0 would say that there is no checksum (RFC 768).
  buffer.writeUInt16BE(checksumOf(udpSum) || 0xffff, udp + 6);
}

/** Writes one datagram as a frame of the capture. */
export function writeDatagram(sink, atUs, source, destination, payload) {
  const at = sink.room();
  const { buffer } = sink;
  const family = source.address.includes(":") ? 6 : 4;
  const sums = writeHeaders(buffer, at, source, destination, payload.length);
  const udpSum = sums.udp + wordSum(payload, 0, payload.length);
  finishHeaders(buffer, at, family, atUs, sink.frames & 0xffff, sums.ip, udpSum);
  const header = headerBytes(family);
  buffer.set(payload, at + header);
  sink.advance(header + payload.length);
}
