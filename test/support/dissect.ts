/**
 * Takes the datagrams out of a capture that a test made: classic pcap with microseconds, Ethernet,
 * IPv4 without options or IPv6 without extension headers, UDP. Throws on anything else, since it
 * judges our own writers and not the world's captures.
 *
 * @module
 */
import type { Endpoint } from "../../src/net/endpoint.js";
import { internetChecksum } from "./packets.js";

/** One UDP datagram of a capture. */
export interface Datagram {
  /** Since the Unix epoch. */
  readonly atUs: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly payload: Uint8Array;
}

/** An RTP packet's fixed header and what it travelled on. */
export interface DissectedRtp extends Datagram {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

function check(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(`The capture is not as written: ${what}.`);
}

/** The form of RFC 5952 for the addresses that tests use: the first run of zeros is the longest. */
function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i).toString(16));
  return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}

function datagramOf(frame: Uint8Array, atUs: number): Datagram {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const etherType = view.getUint16(12);
  check(etherType === 0x0800 || etherType === 0x86dd, "EtherType");
  const isIpv6 = etherType === 0x86dd;
  const udp = 14 + (isIpv6 ? 40 : 20);
  const ip = frame.subarray(14, udp);
  check(frame[14] === (isIpv6 ? 0x6b : 0x45) || (isIpv6 && frame[14] === 0x60), "IP version");
  check((isIpv6 ? ip[6] : ip[9]) === 17, "protocol");
  if (!isIpv6) check(internetChecksum(ip) === 0, "IPv4 checksum");
  const ipLength = isIpv6 ? 40 + view.getUint16(18) : view.getUint16(16);
  check(14 + ipLength === frame.length, "IP length");
  check(view.getUint16(udp + 4) === frame.length - udp, "UDP length");
  const addresses = isIpv6 ? ip.subarray(8) : ip.subarray(12);
  const checked = [
    ...addresses,
    0,
    17,
    ...frame.subarray(udp + 4, udp + 6),
    ...frame.subarray(udp),
  ];
  check(internetChecksum(Uint8Array.from(checked)) === 0, "UDP checksum");
  const half = addresses.length / 2;
  return {
    atUs,
    source: { address: addressText(addresses.slice(0, half)), port: view.getUint16(udp) },
    destination: { address: addressText(addresses.slice(half)), port: view.getUint16(udp + 2) },
    payload: frame.subarray(udp + 8),
  };
}

/** All datagrams in file order, each with its checksums verified. */
export function dissect(capture: Uint8Array): Datagram[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  check(view.getUint32(0, true) === 0xa1b2c3d4, "magic number");
  check(view.getUint32(20, true) === 1, "link type");
  const datagrams = [];
  let at = 24;
  while (at < capture.length) {
    const atUs = view.getUint32(at, true) * 1e6 + view.getUint32(at + 4, true);
    const length = view.getUint32(at + 8, true);
    check(length === view.getUint32(at + 12, true), "frame length");
    check(at + 16 + length <= capture.length, "whole frames");
    datagrams.push(datagramOf(capture.subarray(at + 16, at + 16 + length), atUs));
    at += 16 + length;
  }
  return datagrams;
}

/** The fixed header of an RTP packet (RFC 3550 §5.1); undefined for anything else, RTCP included. */
export function rtpOf(datagram: Datagram): DissectedRtp | undefined {
  const { payload } = datagram;
  const [first = 0, second = 0] = payload;
  if (first >> 6 !== 2 || payload.length < 12 || (second >= 192 && second < 224)) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return {
    ...datagram,
    marker: second >= 128,
    payloadType: second & 0x7f,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
  };
}
