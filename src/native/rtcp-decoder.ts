/**
 * Decodes single RTCP datagrams, as a live tap sees them. There are a few a second.
 *
 * @module
 */

import type { Path, RtcpRecord } from "../rtcp/report.js";
import { recordAt, ROW_WIDTH } from "../rtcp/row.js";
import { binding } from "./binding.js";

/** Order is that of `core/rtcp/decode.hpp`'s Verdict. A live datagram is never cut. */
const VERDICTS = ["decoded", "truncated", "encrypted", "malformed", "not-rtcp"] as const;

/** What a datagram was found to be. */
export type RtcpVerdict = (typeof VERDICTS)[number];

/** What one datagram said. */
export interface DecodedRtcp {
  readonly verdict: RtcpVerdict;
  /** In the order of the wire. Of a malformed one, what came whole before or beside that. */
  readonly records: readonly RtcpRecord[];
}

/** What is known of the datagrams of a path: `core/rtcp/decode.hpp`'s Protection. */
export type RtcpProtection = "unknown" | "plain" | "srtp";

const PROTECTIONS: readonly RtcpProtection[] = ["unknown", "plain", "srtp"];

/**
 * Decodes one UDP payload (RFC 3550 §6, RFC 5506, RFC 3611, RFC 4585). Keeps nothing of `payload`.
 *
 * @param atMs Epoch milliseconds with a fraction.
 * @throws {NativeUnavailableError} If the addon is missing.
 */
export function decodeRtcp(
  payload: Uint8Array,
  origin: { readonly atMs: number; readonly path: Path },
  protection: RtcpProtection = "unknown",
): DecodedRtcp {
  const rows = binding().decodeRtcp(payload, PROTECTIONS.indexOf(protection));
  const place = { bytes: payload, from: 0, to: payload.length };
  const records: RtcpRecord[] = [];
  for (let at = 1; at < rows.length; at += ROW_WIDTH) {
    const record = recordAt(rows, at, origin, place);
    if (record !== undefined) records.push(record);
  }
  return { verdict: VERDICTS[rows[0] ?? 0] ?? "not-rtcp", records };
}
