/**
 * Builds RTCP for tests: RFC 3550 §6, extended reports as in RFC 3611.
 *
 * @module
 */
import { bytesOf, uint } from "./packets.js";

/** A report block (RFC 3550 §6.4.1); what is left out is 0. */
export interface ReportBlockFields {
  readonly ssrc: number;
  readonly fractionLostQ8?: number;
  /** Signed, 24 bits. */
  readonly packetsLost?: number;
  readonly extendedHighestSequence?: number;
  readonly jitterTicks?: number;
  readonly lastSenderReport?: number;
  /** In units of 1/65536 s. */
  readonly delaySinceLastSenderReport?: number;
}

function reportBlock(fields: ReportBlockFields): number[] {
  return [
    ...uint(fields.ssrc, 4),
    fields.fractionLostQ8 ?? 0,
    ...uint((fields.packetsLost ?? 0) & 0xffffff, 3),
    ...uint(fields.extendedHighestSequence ?? 0, 4),
    ...uint(fields.jitterTicks ?? 0, 4),
    ...uint(fields.lastSenderReport ?? 0, 4),
    ...uint(fields.delaySinceLastSenderReport ?? 0, 4),
  ];
}

/**
 * One RTCP packet of any type (RFC 3550 §6.4.1): `count` is the header's five bits, `body` what
 * follows the length. The length is that of the body, which must be of whole words.
 */
export function rtcpPacket(
  packetType: number,
  count: number,
  body: Uint8Array | readonly number[],
): Uint8Array {
  return bytesOf([0x80 | count, packetType, ...uint(body.length / 4, 2)], body);
}

/** A sender report with its blocks (RFC 3550 §6.4.1). */
export function senderReport(fields: {
  readonly ssrc: number;
  /** 64 bits: seconds since 1900 and their fraction. */
  readonly ntp?: bigint;
  readonly rtpTimestamp?: number;
  readonly packets?: number;
  readonly octets?: number;
  readonly blocks?: readonly ReportBlockFields[];
}): Uint8Array {
  const blocks = fields.blocks ?? [];
  return rtcpPacket(200, blocks.length, [
    ...uint(fields.ssrc, 4),
    ...uint(fields.ntp ?? 0n, 8),
    ...uint(fields.rtpTimestamp ?? 0, 4),
    ...uint(fields.packets ?? 0, 4),
    ...uint(fields.octets ?? 0, 4),
    ...blocks.flatMap(reportBlock),
  ]);
}

/** A receiver report with its blocks (RFC 3550 §6.4.2). */
export function receiverReport(fields: {
  readonly ssrc: number;
  readonly blocks?: readonly ReportBlockFields[];
}): Uint8Array {
  const blocks = fields.blocks ?? [];
  return rtcpPacket(201, blocks.length, [...uint(fields.ssrc, 4), ...blocks.flatMap(reportBlock)]);
}

/** A source description with one CNAME (RFC 3550 §6.5). */
export function sourceDescription(ssrc: number, cname: string): Uint8Array {
  const name = Buffer.from(cname, "utf8");
  const items = [...uint(ssrc, 4), 1, name.length, ...name];
  const end = new Array<number>(4 - (items.length % 4)).fill(0);
  return rtcpPacket(202, 1, [...items, ...end]);
}

/** A goodbye of the given sources (RFC 3550 §6.6). */
export function goodbye(...ssrcs: readonly number[]): Uint8Array {
  return rtcpPacket(
    203,
    ssrcs.length,
    ssrcs.flatMap((ssrc) => uint(ssrc, 4)),
  );
}

/** One block of an extended report: type, type-specific byte, and a body of whole words. */
export interface ExtendedBlockFields {
  readonly blockType: number;
  readonly typeSpecific?: number;
  readonly body: Uint8Array | readonly number[];
}

/** An extended report (RFC 3611 §2). */
export function extendedReport(ssrc: number, blocks: readonly ExtendedBlockFields[]): Uint8Array {
  const body = blocks.flatMap(({ blockType, typeSpecific = 0, body: content }) => [
    blockType,
    typeSpecific,
    ...uint(content.length / 4, 2),
    ...content,
  ]);
  return rtcpPacket(207, 0, [...uint(ssrc, 4), ...body]);
}
