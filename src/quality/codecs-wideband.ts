/**
 * Wideband codecs other than AMR-WB, on the scale of G.107.1. All of them unverified: the values of
 * Ie,wb are those ascribed to ITU-T G.113 table IV.1, and products do not agree on any.
 *
 * @module
 */

import { numberParameter } from "./codec-format.js";
import type { CodecFormat } from "./codec-format.js";
import type { CodecImpairment } from "./codec-impairment.js";

const COMMON = {
  scale: "wideband",
  bpl: 4.3,
  status: "unverified",
  source: "Ie,wb: ascribed to G.113 table IV.1. Bpl: default of G.107 §7.7",
  packetMs: 20,
} as const;

const G722_RATES = [
  { kbps: 64, ie: 13 },
  { kbps: 56, ie: 20 },
  { kbps: 48, ie: 31 },
] as const;

const G722: readonly CodecImpairment[] = G722_RATES.map(({ kbps, ie }) => ({
  ...COMMON,
  name: `G.722 ${kbps} kbit/s`,
  encodingName: "G722",
  clockRateHz: 8000,
  ie,
  frameMs: 0.125,
  lookAheadMs: 1.5,
  lookAheadSource: "filter delay of G.722, unverified",
}));

const G7221_RATES = [
  { kbps: 32, ie: 13 },
  { kbps: 24, ie: 19 },
] as const;

const G7221: readonly CodecImpairment[] = G7221_RATES.map(({ kbps, ie }) => ({
  ...COMMON,
  name: `G.722.1 ${kbps} kbit/s`,
  encodingName: "G7221",
  clockRateHz: 16_000,
  ie,
  frameMs: 20,
  lookAheadMs: 20,
  lookAheadSource: "G.722.1: the transform overlaps by one frame",
}));

/** All rows of this file. */
export const WIDEBAND_CODECS: readonly CodecImpairment[] = [...G722, ...G7221];

/** G.722 at 64 kbit/s, the one rate that RTP carries (RFC 3551 §4.5.2). */
export function findG722(): CodecImpairment | undefined {
  return G722[0];
}

/** G.722.1 at the rate of its mandatory `bitrate` parameter (RFC 5577 §4.1). */
export function findG7221(format: CodecFormat): CodecImpairment | undefined {
  const bitRate = numberParameter(format, "bitrate");
  return G7221[G7221_RATES.findIndex(({ kbps }) => kbps * 1000 === bitRate)];
}
