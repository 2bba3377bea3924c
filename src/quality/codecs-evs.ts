/**
 * EVS on the scale of G.107.2. ITU-T G.113 (09/2024) appendix V, with erratum 1 of 01/2026 (which
 * makes the row printed as "2" one of 32 kbit/s), has values for super-wideband coding and diotic
 * listening, and for nothing else.
 *
 * @module
 */

import { formatParameter, framesPerPacket, numberParameter } from "./codec-format.js";
import type { CodecFormat } from "./codec-format.js";
import type { CodecImpairment } from "./codec-impairment.js";

const FRAME_MS = 20;

const RATES = [
  { kbps: 9.6, ie: 22.7, bpl: 13 },
  { kbps: 13.2, ie: 17.1, bpl: 11.7 },
  { kbps: 16.4, ie: 10.8, bpl: 10.3 },
  { kbps: 24.4, ie: 7.2, bpl: 11.4 },
  { kbps: 32, ie: 8.7, bpl: 9.3 },
  { kbps: 48, ie: 10.2, bpl: 9.6 },
] as const;

/** All rows of this file. */
export const EVS_CODECS: readonly CodecImpairment[] = RATES.map(({ kbps, ie, bpl }) => ({
  name: `EVS super-wideband ${kbps} kbit/s, diotic`,
  encodingName: "EVS",
  clockRateHz: 16_000,
  scale: "fullband",
  ie,
  bpl,
  status: "published",
  source: "G.113 (09/2024) appendix V with erratum 1",
  frameMs: FRAME_MS,
  packetMs: FRAME_MS,
  lookAheadMs: 12,
  lookAheadSource: "3GPP TS 26.441: 32 ms algorithmic delay, less the frame; unverified",
}));

/**
 * EVS at the rate that `br` pins down or that packets have in the compact format (3GPP TS 26.445
 * §A.2.1), where the negotiated bandwidth lets the encoder use super-wideband. Absent otherwise, and
 * for the AMR-WB interoperable mode.
 */
export function findEvs(format: CodecFormat): CodecImpairment | undefined {
  if (formatParameter(format, "evs-mode-switch") === "1" || !allowsSuperWideband(format)) {
    return undefined;
  }
  const pinned = numberParameter(format, "br");
  const bytes = framesPerPacket(format, FRAME_MS) === 1 ? format.payload?.bytes : undefined;
  const rate = RATES.findIndex(({ kbps }) =>
    pinned === undefined ? (kbps * FRAME_MS) / 8 === bytes : kbps === pinned,
  );
  return EVS_CODECS[rate];
}

const BANDWIDTHS = ["nb", "wb", "swb", "fb"];

/** `bw` is one bandwidth or a range of them; without it all are allowed. */
function allowsSuperWideband(format: CodecFormat): boolean {
  const bandwidth = formatParameter(format, "bw")?.toLowerCase();
  if (bandwidth === undefined) return true;
  const [low, high = low] = bandwidth.split("-", 2).map((name) => BANDWIDTHS.indexOf(name.trim()));
  const swb = BANDWIDTHS.indexOf("swb");
  return low !== undefined && high !== undefined && low >= 0 && low <= swb && swb <= high;
}
