/**
 * Builders of RTCP records for the tests of this folder.
 *
 * @module
 */

import type { Endpoint } from "../../src/net/endpoint.js";
import type {
  Path,
  ReportBlock,
  SenderInfo,
  XrDlrr,
  XrReferenceTime,
} from "../../src/rtcp/report.js";

export const ALICE: Endpoint = { address: "192.0.2.1", port: 5001 };
export const BOB: Endpoint = { address: "192.0.2.2", port: 6001 };
export const TO_BOB: Path = { source: ALICE, destination: BOB };
export const TO_ALICE: Path = { source: BOB, destination: ALICE };
export const ALICE_SSRC = 0xa11ce;
export const BOB_SSRC = 0xb0b;

/** Some instant of 2026. */
export const START_MS = 1_767_600_000_000;

/** An NTP time that has these middle 32 bits. */
function ntpOf(middle: number): { ntpSeconds: number; ntpFraction: number } {
  return {
    ntpSeconds: 0xeea00000 + Math.floor(middle / 65536),
    ntpFraction: (middle % 65536) * 65536,
  };
}

/** A sender report of Alice that Bob would quote as `lsr`. */
export function senderReport(
  atMs: number,
  lsr: number,
  fields: Partial<SenderInfo> = {},
): SenderInfo {
  return {
    kind: "sender-info",
    atMs,
    path: TO_BOB,
    senderSsrc: ALICE_SSRC,
    ...ntpOf(lsr),
    rtpTimestamp: 0,
    packetsSent: 0,
    bytesSent: 0,
    ...fields,
  };
}

/** A block of Bob's about Alice's stream. */
export function reportBlock(atMs: number, fields: Partial<ReportBlock> = {}): ReportBlock {
  return {
    kind: "report-block",
    atMs,
    path: TO_ALICE,
    senderSsrc: BOB_SSRC,
    subjectSsrc: ALICE_SSRC,
    fractionLost: 0,
    packetsLost: 0,
    extendedHighestSequence: 0,
    jitterTicks: 0,
    lsr: 0,
    dlsr: 0,
    ...fields,
  };
}

/** A reference time of Alice that Bob would quote as `lrr`. */
export function referenceTime(
  atMs: number,
  lrr: number,
  fields: Partial<XrReferenceTime> = {},
): XrReferenceTime {
  return {
    kind: "xr-reference-time",
    atMs,
    path: TO_BOB,
    senderSsrc: ALICE_SSRC,
    ...ntpOf(lrr),
    ...fields,
  };
}

/** Bob's answer to a reference time of Alice. */
export function dlrr(atMs: number, fields: Partial<XrDlrr> = {}): XrDlrr {
  return {
    kind: "xr-dlrr",
    atMs,
    path: TO_ALICE,
    senderSsrc: BOB_SSRC,
    subjectSsrc: ALICE_SSRC,
    lrr: 0,
    dlrr: 0,
    ...fields,
  };
}

/** A duration in units of 1/65536 s. */
export function units(seconds: number): number {
  return Math.round(seconds * 65536);
}
