/**
 * Builds packets and captures for tests, layer by layer, every length and checksum right: RTP as in
 * RFC 3550, the headers below it as in RFC 768, 791, 8200 and IEEE 802.1Q, classic pcap around it.
 *
 * @module
 */
import type { Endpoint } from "../../src/net/endpoint.js";

/** Joins byte strings. */
export function bytesOf(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Big-endian bytes of a number. */
export function uint(value: number | bigint, bytes: number): number[] {
  if (typeof value === "bigint") {
    return bytes === 8
      ? [...uint(Number(value >> 32n), 4), ...uint(Number(value & 0xffffffffn), 4)]
      : uint(Number(value), bytes);
  }
  const digits = [];
  for (let i = bytes - 1; i >= 0; --i) digits.push(Math.floor(value / 256 ** i) % 256);
  return digits;
}

/** Sum of the big-endian 16-bit words, as the Internet checksum folds it (RFC 1071). */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; ++i) {
    const byte = bytes[i] ?? 0;
    sum += i % 2 === 0 ? byte << 8 : byte;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

// -- RTP ------------------------------------------------------------------------------------------

/** Fields of an RTP packet; what is left out is 0, empty or absent. */
export interface RtpFields {
  readonly version?: number;
  readonly marker?: boolean;
  readonly payloadType?: number;
  readonly sequenceNumber?: number;
  readonly timestamp?: number;
  readonly ssrc?: number;
  readonly csrcs?: readonly number[];
  /** `profile` is 0xBEDE for the one-byte form of RFC 8285. The bytes are padded to whole words. */
  readonly extension?: { readonly profile: number; readonly bytes: Uint8Array | readonly number[] };
  /** G.711 silence of 20 ms when left out. */
  readonly payload?: Uint8Array | readonly number[];
  /** Padding with its count in the last byte (RFC 3550 §5.1). */
  readonly paddingBytes?: number;
}

function extensionBytes({ profile, bytes }: NonNullable<RtpFields["extension"]>): number[] {
  const words = Math.ceil(bytes.length / 4);
  const fill = new Array<number>(words * 4 - bytes.length).fill(0);
  return [...uint(profile, 2), ...uint(words, 2), ...bytes, ...fill];
}

/** An RTP packet (RFC 3550 §5.1). */
export function rtpPacket(fields: RtpFields = {}): Uint8Array {
  const { csrcs = [], extension, paddingBytes = 0 } = fields;
  const payload = fields.payload ?? new Array<number>(160).fill(0xff);
  const padding = new Array<number>(paddingBytes).fill(0);
  if (paddingBytes > 0) padding[paddingBytes - 1] = paddingBytes;
  return bytesOf(
    [
      ((fields.version ?? 2) << 6) |
        (paddingBytes > 0 ? 0x20 : 0) |
        (extension ? 0x10 : 0) |
        csrcs.length,
      (fields.marker ? 0x80 : 0) | (fields.payloadType ?? 0),
      ...uint((fields.sequenceNumber ?? 0) & 0xffff, 2),
      ...uint((fields.timestamp ?? 0) >>> 0, 4),
      ...uint((fields.ssrc ?? 0) >>> 0, 4),
    ],
    csrcs.flatMap((csrc) => uint(csrc, 4)),
    extension ? extensionBytes(extension) : [],
    payload,
    padding,
  );
}

// -- UDP, IP, Ethernet ----------------------------------------------------------------------------

/** The bytes of an IPv4 or IPv6 address in the form of RFC 5952. */
export function addressBytes(address: string): Uint8Array {
  if (!address.includes(":")) return Uint8Array.from(address.split("."), Number);
  const [head = "", tail = ""] = address.split("::");
  const groupsOf = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const first = groupsOf(head);
  const last = groupsOf(tail);
  const middle = new Array<number>(8 - first.length - last.length).fill(0);
  return Uint8Array.from([...first, ...middle, ...last].flatMap((group) => uint(group, 2)));
}

/** A UDP datagram with its checksum, which covers the addresses too (RFC 768, RFC 8200 §8.1). */
export function udpDatagram(
  source: Endpoint,
  destination: Endpoint,
  payload: Uint8Array,
): Uint8Array {
  const length = 8 + payload.length;
  const pseudo = [
    ...addressBytes(source.address),
    ...addressBytes(destination.address),
    ...uint(17, 2),
    ...uint(length, 2),
  ];
  const ports = [...uint(source.port, 2), ...uint(destination.port, 2), ...uint(length, 2)];
  const checksum = internetChecksum(bytesOf(pseudo, ports, [0, 0], payload)) || 0xffff;
  return bytesOf(ports, uint(checksum, 2), payload);
}

/** What an IP packet says beside its addresses. Offsets in bytes, a multiple of 8. */
export interface IpFields {
  readonly protocol?: number;
  readonly identification?: number;
  readonly fragment?: { readonly offset: number; readonly more: boolean };
}

function ipv4Packet(
  from: Uint8Array,
  to: Uint8Array,
  payload: Uint8Array,
  ip: IpFields,
): Uint8Array {
  const { offset = 0, more = false } = ip.fragment ?? {};
  const start = [
    0x45, // version 4, five words of header
    0,
    ...uint(20 + payload.length, 2),
    ...uint(ip.identification ?? 0, 2),
    ...uint((more ? 0x2000 : 0) | (offset / 8), 2),
    64,
    ip.protocol ?? 17,
  ];
  const checksum = internetChecksum(bytesOf(start, [0, 0], from, to));
  return bytesOf(start, uint(checksum, 2), from, to, payload);
}

function ipv6Packet(
  from: Uint8Array,
  to: Uint8Array,
  payload: Uint8Array,
  ip: IpFields,
): Uint8Array {
  const protocol = ip.protocol ?? 17;
  const { offset = 0, more = false } = ip.fragment ?? {};
  const fragmentHeader = ip.fragment
    ? [protocol, 0, ...uint(offset | (more ? 1 : 0), 2), ...uint(ip.identification ?? 0, 4)]
    : [];
  return bytesOf(
    [0x60, 0, 0, 0, ...uint(fragmentHeader.length + payload.length, 2)],
    [ip.fragment ? 44 : protocol, 64],
    from,
    to,
    fragmentHeader,
    payload,
  );
}

/** An IPv4 (RFC 791) or IPv6 (RFC 8200) packet, by the form of the source address. */
export function ipPacket(
  source: string,
  destination: string,
  payload: Uint8Array,
  fields: IpFields = {},
): Uint8Array {
  const build = source.includes(":") ? ipv6Packet : ipv4Packet;
  return build(addressBytes(source), addressBytes(destination), payload, fields);
}

/** An Ethernet frame around an IP packet, in VLANs from outermost to innermost (IEEE 802.1Q). */
export function ethernetFrame(packet: Uint8Array, vlanIds: readonly number[] = []): Uint8Array {
  const isIpv6 = (packet[0] ?? 0) >> 4 === 6;
  return bytesOf(
    [0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01],
    vlanIds.flatMap((id) => [0x81, 0x00, ...uint(id, 2)]),
    uint(isIpv6 ? 0x86dd : 0x0800, 2),
    packet,
  );
}

/** An Ethernet frame with one whole UDP datagram. */
export function udpFrame(fields: {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly payload: Uint8Array;
  readonly vlanIds?: readonly number[];
}): Uint8Array {
  const { source, destination, payload, vlanIds } = fields;
  const datagram = udpDatagram(source, destination, payload);
  return ethernetFrame(ipPacket(source.address, destination.address, datagram), vlanIds);
}

// -- pcap -----------------------------------------------------------------------------------------

/** A frame to put into a capture. */
export interface CapturedFrame {
  /** Since the Unix epoch. */
  readonly atNs: bigint;
  readonly bytes: Uint8Array;
  /** When the snap length cut the frame: what it was. */
  readonly wireLength?: number;
}

/** A classic pcap file; in microseconds, little-endian and of Ethernet unless said otherwise. */
export function pcapFile(
  frames: readonly CapturedFrame[],
  options: {
    readonly nanoseconds?: boolean;
    readonly bigEndian?: boolean;
    /** LINKTYPE_* of tcpdump.org. */
    readonly linkType?: number;
  } = {},
): Uint8Array {
  const { nanoseconds = false, bigEndian = false, linkType = 1 } = options;
  const field = (value: number | bigint, bytes: number): number[] => {
    const digits = uint(value, bytes);
    return bigEndian ? digits : digits.reverse();
  };
  const header = [
    ...field(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4),
    ...field(2, 2),
    ...field(4, 2),
    ...field(0, 8),
    ...field(262144, 4),
    ...field(linkType, 4),
  ];
  const records = frames.map(({ atNs, bytes, wireLength }) => {
    const fraction = (atNs % 1_000_000_000n) / (nanoseconds ? 1n : 1000n);
    return bytesOf(
      field(atNs / 1_000_000_000n, 4),
      field(fraction, 4),
      field(bytes.length, 4),
      field(wireLength ?? bytes.length, 4),
      bytes,
    );
  });
  return bytesOf(header, ...records);
}
