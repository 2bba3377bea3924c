/**
 * What a HEP3 packet holds, and the chunks it is made of.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";

/** A packet's length is stated in sixteen bits. */
export const MAX_HEP_BYTES = 65_535;

/** Chunk types of the generic vendor, which is 0. */
export const CHUNK = {
  ipFamily: 1,
  ipProtocol: 2,
  ipv4Source: 3,
  ipv4Destination: 4,
  ipv6Source: 5,
  ipv6Destination: 6,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  microseconds: 10,
  protocolType: 11,
  agentId: 12,
  keepAlive: 13,
  authenticationKey: 14,
  payload: 15,
  compressedPayload: 16,
  correlationId: 17,
  vlanId: 18,
  nodeName: 19,
  sourceMac: 20,
  destinationMac: 21,
  etherType: 22,
  tcpFlags: 23,
  typeOfService: 24,
  mos: 32,
  rFactor: 33,
  location: 34,
  jitter: 35,
} as const;

/** The number that stands for an address family in HEP, which is that of Linux. */
export const FAMILY = { ipv4: 2, ipv6: 10 } as const;

/** IANA's numbers of the transports. */
export const IP_PROTOCOL = { tcp: 6, udp: 17 } as const;

/** What a packet's payload is. */
export const PROTOCOL_TYPE = {
  sip: 1,
  rtcp: 5,
  /** A report on a stream as JSON. */
  rtpReport: 34,
  /** A voice quality report (RFC 6035) as text. */
  voiceQuality: 35,
  log: 100,
} as const;

/** A chunk that is of another vendor, of an unknown type, or of the wrong size. */
export interface HepChunk {
  readonly vendorId: number;
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** One packet. What it does not say is absent. */
export interface HepPacket {
  /** 17 is UDP, 6 TCP. */
  readonly ipProtocol?: number;
  readonly source?: Endpoint;
  readonly destination?: Endpoint;
  /** When the agent saw it: epoch milliseconds with a fraction. */
  readonly atMs?: number;
  readonly protocolType?: number;
  readonly agentId?: number;
  readonly keepAliveSeconds?: number;
  readonly authenticationKey?: string;
  readonly payload?: Uint8Array;
  /** As gzip or deflate has it. */
  readonly compressedPayload?: Uint8Array;
  /** Of SIP the Call-ID, with whatever else belongs to the call. */
  readonly correlationId?: string;
  readonly vlanId?: number;
  readonly nodeName?: string;
  readonly sourceMac?: Uint8Array;
  readonly destinationMac?: Uint8Array;
  readonly etherType?: number;
  readonly tcpFlags?: number;
  readonly typeOfService?: number;
  /** From 1 to 5; a hundredth is the grain. */
  readonly mos?: number;
  readonly rFactor?: number;
  readonly location?: string;
  /** In milliseconds. */
  readonly jitterMs?: number;
  readonly otherChunks?: readonly HepChunk[];
}

/** Why bytes are not a HEP3 packet that can be read. */
export type NotHepReason =
  /** It begins as nothing that is known. */
  | "not-hep"
  /** Versions 1 and 2 carry neither type nor correlation; agents can be set to version 3. */
  | "hep-1"
  | "hep-2"
  /** Shorter than it says. */
  | "truncated"
  /** Its length is less than a header. */
  | "bad-length"
  /** A chunk is shorter than its own header, or reaches beyond the packet. */
  | "bad-chunk";

/** Sizes of the chunks that are numbers. */
export const NUMBER_BYTES = new Map<number, number>([
  [CHUNK.ipFamily, 1],
  [CHUNK.ipProtocol, 1],
  [CHUNK.sourcePort, 2],
  [CHUNK.destinationPort, 2],
  [CHUNK.seconds, 4],
  [CHUNK.microseconds, 4],
  [CHUNK.protocolType, 1],
  [CHUNK.agentId, 4],
  [CHUNK.keepAlive, 2],
  [CHUNK.vlanId, 2],
  [CHUNK.etherType, 2],
  [CHUNK.tcpFlags, 1],
  [CHUNK.typeOfService, 1],
  [CHUNK.mos, 2],
  [CHUNK.rFactor, 2],
  [CHUNK.jitter, 4],
]);

/** Sizes of the chunks that are addresses. */
export const ADDRESS_BYTES = new Map<number, number>([
  [CHUNK.ipv4Source, 4],
  [CHUNK.ipv4Destination, 4],
  [CHUNK.ipv6Source, 16],
  [CHUNK.ipv6Destination, 16],
]);

/** Chunks that are bytes or text of any length. */
export const OPAQUE: ReadonlySet<number> = new Set([
  CHUNK.authenticationKey,
  CHUNK.payload,
  CHUNK.compressedPayload,
  CHUNK.correlationId,
  CHUNK.nodeName,
  CHUNK.sourceMac,
  CHUNK.destinationMac,
  CHUNK.location,
]);

/** Agents are numbered in 32 bits. */
export const MAX_AGENT_ID = 0xffff_ffff;
