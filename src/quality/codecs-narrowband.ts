/**
 * Telephone-band codecs on the scale of G.107.
 *
 * Ie is from ITU-T G.113 (09/2024) appendix I, table I.1; Bpl from table I.4, which has five rows.
 * Where it has none, G.107's own default of 4.3 stands in: that of a codec which conceals nothing.
 * Such rows are provisional, and severe under loss.
 *
 * @module
 */

import { framesPerPacket, formatParameter, numberParameter } from "./codec-format.js";
import type { CodecFormat } from "./codec-format.js";
import type { CodecImpairment } from "./codec-impairment.js";

/** Bpl of G.107 §7.7 for a codec of which none is known. */
const BPL_DEFAULT = 4.3;

const TABLE_I1_ONLY = "Ie: G.113 table I.1. Bpl: default of G.107 §7.7, none is published";
const NO_LOOK_AHEAD = "sample by sample";

const COMMON = {
  clockRateHz: 8000,
  scale: "narrowband",
  frameMs: 20,
  packetMs: 20,
  lookAheadMs: 0,
  lookAheadSource: NO_LOOK_AHEAD,
} as const;

const G711 = { ...COMMON, ie: 0, frameMs: 0.125, status: "published", bplPacketMs: 10 } as const;

/** G.711 with the packet-loss concealment of its appendix I: what receivers do nowadays. */
export const G711_WITH_PLC: readonly CodecImpairment[] = ["PCMU", "PCMA"].map((encodingName) => ({
  ...G711,
  name: "G.711 with PLC",
  encodingName,
  bpl: 25.1,
  source: "G.113 tables I.1 and I.4",
}));

/** G.711 played with holes where packets are missing. For a caller's own table. */
export const G711_WITHOUT_PLC: readonly CodecImpairment[] = ["PCMU", "PCMA"].map(
  (encodingName) => ({
    ...G711,
    name: "G.711 without PLC",
    encodingName,
    bpl: 4.3,
    source: "G.113 tables I.1 and I.4",
  }),
);

const G726_IE = [
  { kbps: 40, ie: 2 },
  { kbps: 32, ie: 7 },
  { kbps: 24, ie: 25 },
  { kbps: 16, ie: 50 },
] as const;

/** G.726 at its four rates, in both packings (RFC 3551 §4.5.4). */
export const G726: readonly CodecImpairment[] = ["G726", "AAL2-G726"].flatMap((packing) =>
  G726_IE.map(({ kbps, ie }) => ({
    ...COMMON,
    name: `G.726 ${kbps} kbit/s`,
    encodingName: `${packing}-${kbps}`,
    frameMs: 0.125,
    ie,
    bpl: BPL_DEFAULT,
    status: "provisional" as const,
    source: TABLE_I1_ONLY,
  })),
);

/** G.728. RTP carries the 16 kbit/s mode alone (RFC 3551 §4.5.5). */
export const G728: readonly CodecImpairment[] = [
  { kbps: 16, ie: 7 },
  { kbps: 12.8, ie: 20 },
].map(({ kbps, ie }) => ({
  ...COMMON,
  name: `G.728 ${kbps} kbit/s`,
  encodingName: "G728",
  frameMs: 2.5,
  ie,
  bpl: BPL_DEFAULT,
  status: "provisional" as const,
  source: TABLE_I1_ONLY,
}));

const G729 = {
  ...COMMON,
  encodingName: "G729",
  frameMs: 10,
  bpl: 19,
  bplPacketMs: 20,
  lookAheadMs: 5,
  lookAheadSource: "G.729: 5 ms look-ahead",
} as const;

/** G.729 and G.729A, with and without silence suppression. */
export const G729_WITH_VAD: CodecImpairment = {
  ...G729,
  name: "G.729A with VAD",
  ie: 11,
  status: "published",
  source: "G.113 tables I.1 and I.4",
};

/** See {@link G729_WITH_VAD}. */
export const G729_WITHOUT_VAD: CodecImpairment = {
  ...G729,
  name: "G.729 or G.729A",
  ie: 10,
  status: "provisional",
  source: "Ie: G.113 table I.1. Bpl: that of G.729A with VAD, table I.4",
};

const G7231 = {
  ...COMMON,
  encodingName: "G723",
  frameMs: 30,
  packetMs: 30,
  bpl: 16.1,
  bplPacketMs: 30,
  lookAheadMs: 7.5,
  lookAheadSource: "G.723.1: 7.5 ms look-ahead",
} as const;

/** G.723.1 at 6.3 kbit/s, the rate that its Bpl was determined for. */
export const G7231_6300: CodecImpairment = {
  ...G7231,
  name: "G.723.1 6.3 kbit/s",
  ie: 15,
  status: "published",
  source: "G.113 tables I.1 and I.4 (with VAD)",
};

/** G.723.1 at 5.3 kbit/s. */
export const G7231_5300: CodecImpairment = {
  ...G7231,
  name: "G.723.1 5.3 kbit/s",
  ie: 19,
  status: "provisional",
  source: "Ie: G.113 table I.1. Bpl: that of 6.3 kbit/s with VAD, table I.4",
};

/** GSM full rate, half rate and enhanced full rate. */
export const GSM: readonly CodecImpairment[] = [
  {
    ...COMMON,
    name: "GSM full rate",
    encodingName: "GSM",
    ie: 20,
    bpl: BPL_DEFAULT,
    status: "provisional",
    source: TABLE_I1_ONLY,
    lookAheadSource: "GSM 06.10: none",
  },
  {
    ...COMMON,
    name: "GSM half rate",
    encodingName: "GSM-HR-08",
    ie: 23,
    bpl: BPL_DEFAULT,
    status: "provisional",
    source: TABLE_I1_ONLY,
    lookAheadMs: 4.4,
    lookAheadSource: "unverified",
  },
  {
    ...COMMON,
    name: "GSM enhanced full rate",
    encodingName: "GSM-EFR",
    ie: 5,
    bpl: 10,
    status: "published",
    source: "G.113 tables I.1 and I.4",
    bplPacketMs: 20,
    lookAheadSource: "GSM 06.60: none, unverified",
  },
];

/** iLBC. No publication has values for it; these are what others use. */
export const ILBC: readonly CodecImpairment[] = [
  { frameMs: 20, kbps: 15.2, lookAheadMs: 5 },
  { frameMs: 30, kbps: 13.33, lookAheadMs: 10 },
].map(({ frameMs, kbps, lookAheadMs }) => ({
  ...COMMON,
  name: `iLBC ${kbps} kbit/s`,
  encodingName: "iLBC",
  frameMs,
  packetMs: frameMs,
  ie: 11,
  bpl: 22,
  status: "unverified" as const,
  source: "seen in other products; no publication found",
  lookAheadMs,
  lookAheadSource: "delay of the enhancer of RFC 3951, unverified",
}));

/** All rows of this file that a lookup can return or a table can be made of. */
export const NARROWBAND_CODECS: readonly CodecImpairment[] = [
  ...G711_WITH_PLC,
  ...G711_WITHOUT_PLC,
  ...G726,
  ...G728,
  G729_WITH_VAD,
  G729_WITHOUT_VAD,
  G7231_6300,
  G7231_5300,
  ...GSM,
  ...ILBC,
];

/** G.729: silence suppression is on unless `annexb=no` says otherwise (RFC 4856 §2.1.9). */
export function findG729(format: CodecFormat): CodecImpairment {
  const isOff = formatParameter(format, "annexb")?.toLowerCase() === "no";
  return isOff ? G729_WITHOUT_VAD : G729_WITH_VAD;
}

/**
 * G.723.1: by the size of its frames (24 or 20 bytes, RFC 3551 §4.5.3), else by the `bitrate`
 * parameter, else 6.3 kbit/s, the rate that parameter is taken to imply.
 */
export function findG7231(format: CodecFormat): CodecImpairment {
  const frames = framesPerPacket(format, G7231.frameMs);
  const frameBytes = frames === undefined ? undefined : (format.payload?.bytes ?? 0) / frames;
  if (frameBytes === 24) return G7231_6300;
  if (frameBytes === 20) return G7231_5300;
  return numberParameter(format, "bitrate") === 5.3 ? G7231_5300 : G7231_6300;
}

/** iLBC: by the `mode` parameter, 30 ms unless it says 20 (RFC 3952 §4.2). */
export function findIlbc(format: CodecFormat): CodecImpairment | undefined {
  const frameMs = numberParameter(format, "mode") === 20 ? 20 : 30;
  return ILBC.find((row) => row.frameMs === frameMs);
}
