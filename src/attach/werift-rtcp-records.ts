/**
 * RTCP packets as werift has parsed or is about to send them, as records.
 *
 * @module
 */

import type { Path, ReportBlock, RtcpRecord } from "../rtcp/report.js";
import { countOf, memberOf, numberOf } from "./werift-ports.js";

/** What all records of one packet share. */
export interface RecordOrigin {
  readonly atMs: number;
  readonly path: Path;
}

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;

const CNAME = 1;

/** The format of a full intra request, which names its subjects in its body (RFC 5104 §4.3.1). */
const FULL_INTRA_REQUEST = 4;

/** Statements taken of one packet, which has no more by its own format. */
const MAX_STATEMENTS = 31;

/** The records of one packet; none of what is of another kind or malformed. */
export function recordsOf(packet: unknown, origin: RecordOrigin): RtcpRecord[] {
  switch (memberOf(packet, "type")) {
    case SENDER_REPORT:
      return [...senderInfo(packet, origin), ...reportBlocks(packet, origin)];
    case RECEIVER_REPORT: {
      const blocks = reportBlocks(packet, origin);
      const senderSsrc = countOf(packet, "ssrc");
      return [{ ...origin, kind: "receiver-report", senderSsrc, blocks: blocks.length }, ...blocks];
    }
    case SOURCE_DESCRIPTION:
      return canonicalNames(packet, origin);
    case TRANSPORT_FEEDBACK:
      return feedback(packet, "transport", origin);
    case PAYLOAD_FEEDBACK:
      return feedback(packet, "payload", origin);
    default:
      return [];
  }
}

/**
 * A count of lost packets with the sign that the stack's parser drops: 24 bits, two's complement
 * (RFC 3550 §6.4.1).
 */
export function signedPacketsLost(packetsLost: number): number {
  return packetsLost > 0x7fffff ? packetsLost - 0x1000000 : packetsLost;
}

function senderInfo(packet: unknown, origin: RecordOrigin): RtcpRecord[] {
  const info = memberOf(packet, "senderInfo");
  const ntp = memberOf(info, "ntpTimestamp");
  const senderSsrc = numberOf(memberOf(packet, "ssrc"));
  if (typeof ntp !== "bigint" || senderSsrc === undefined) return [];
  return [
    {
      ...origin,
      kind: "sender-info",
      senderSsrc,
      ntpSeconds: Number((ntp >> 32n) & 0xffffffffn),
      ntpFraction: Number(ntp & 0xffffffffn),
      rtpTimestamp: countOf(info, "rtpTimestamp"),
      packetsSent: countOf(info, "packetCount"),
      bytesSent: countOf(info, "octetCount"),
    },
  ];
}

function reportBlocks(packet: unknown, origin: RecordOrigin): ReportBlock[] {
  const senderSsrc = countOf(packet, "ssrc");
  return listOf(packet, "reports").flatMap((block): ReportBlock[] => {
    const subjectSsrc = numberOf(memberOf(block, "ssrc"));
    if (subjectSsrc === undefined) return [];
    return [
      {
        ...origin,
        kind: "report-block",
        senderSsrc,
        subjectSsrc,
        fractionLost: countOf(block, "fractionLost") / 256,
        packetsLost: signedPacketsLost(countOf(block, "packetsLost")),
        extendedHighestSequence: countOf(block, "highestSequence"),
        jitterTicks: countOf(block, "jitter"),
        lsr: countOf(block, "lsr"),
        dlsr: countOf(block, "dlsr"),
      },
    ];
  });
}

function canonicalNames(packet: unknown, origin: RecordOrigin): RtcpRecord[] {
  return listOf(packet, "chunks").flatMap((chunk): RtcpRecord[] => {
    const ssrc = numberOf(memberOf(chunk, "source"));
    const item = listOf(chunk, "items").find((each) => memberOf(each, "type") === CNAME);
    const cname = memberOf(item, "text");
    if (ssrc === undefined || typeof cname !== "string") return [];
    return [{ ...origin, kind: "cname", senderSsrc: ssrc, subjectSsrc: ssrc, cname }];
  });
}

function feedback(
  packet: unknown,
  layer: "transport" | "payload",
  origin: RecordOrigin,
): RtcpRecord[] {
  const body = memberOf(packet, "feedback");
  const format = numberOf(memberOf(body, "count"));
  if (format === undefined) return [];
  const media = memberOf(body, layer === "transport" ? "mediaSourceSsrc" : "mediaSsrc");
  const isIntraRequest = layer === "payload" && format === FULL_INTRA_REQUEST;
  const subjects = isIntraRequest
    ? listOf(body, "fir").map((entry) => memberOf(entry, "ssrc"))
    : [media];
  const senderSsrc = countOf(body, "senderSsrc");
  return subjects.flatMap((subject): RtcpRecord[] => {
    const subjectSsrc = numberOf(subject);
    if (subjectSsrc === undefined) return [];
    const about = { ...origin, senderSsrc, subjectSsrc, controlBytes: 0 };
    return [{ ...about, kind: "feedback", layer, format }];
  });
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list.slice(0, MAX_STATEMENTS) : [];
}
