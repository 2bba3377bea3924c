/**
 * AMR and AMR-WB, whose quality depends on the mode more than on anything else.
 *
 * AMR-WB: Ie,wb from ITU-T G.113 (09/2024) tables IV.1 (monotic: one ear) and IV.3 (diotic: both
 * ears), Bpl,wb from table IV.4, which has three modes and diotic listening only. Nothing is put in
 * where nothing is published: three modes have no diotic Ie, and most have no Bpl.
 *
 * AMR: G.113 has no row. Ie is worked back from the delay bounds of Telektronikk 2/3.2001 table 3;
 * Bpl is that of GSM-EFR, which is the same codec as the 12.2 mode.
 *
 * @module
 */

import { formatParameter, framesPerPacket } from "./codec-format.js";
import type { CodecFormat } from "./codec-format.js";
import type { CodecImpairment } from "./codec-impairment.js";

/** With one ear, as with a handset, or with both, as with a headset or a loudspeaker. */
export type Listening = "monotic" | "diotic";

interface Mode {
  readonly kbps: number;
  /** Speech bits in a 20 ms frame (RFC 4867 §3.6). */
  readonly bits: number;
}

/** In the order of RFC 4867 §8.1: the index is the mode. */
const AMR_MODES: readonly (Mode & { readonly ie: number })[] = [
  { kbps: 4.75, bits: 95, ie: 21.4 },
  { kbps: 5.15, bits: 103, ie: 19.6 },
  { kbps: 5.9, bits: 118, ie: 16.6 },
  { kbps: 6.7, bits: 134, ie: 13.8 },
  { kbps: 7.4, bits: 148, ie: 11.6 },
  { kbps: 7.95, bits: 159, ie: 10 },
  { kbps: 10.2, bits: 204, ie: 6 },
  { kbps: 12.2, bits: 244, ie: 5 },
];

interface WidebandMode extends Mode {
  readonly monotic: number;
  readonly diotic?: number;
  readonly bpl?: number;
}

/** In the order of RFC 4867 §8.1. That 23.85 is worse than 23.05 is so in G.113. */
const AMR_WB_MODES: readonly WidebandMode[] = [
  { kbps: 6.6, bits: 132, monotic: 41, diotic: 56 },
  { kbps: 8.85, bits: 177, monotic: 26, diotic: 41 },
  { kbps: 12.65, bits: 253, monotic: 13, diotic: 20, bpl: 4.3 },
  { kbps: 14.25, bits: 285, monotic: 10 },
  { kbps: 15.85, bits: 317, monotic: 7, diotic: 17 },
  { kbps: 18.25, bits: 365, monotic: 5 },
  { kbps: 19.85, bits: 397, monotic: 3 },
  { kbps: 23.05, bits: 461, monotic: 1, diotic: 8, bpl: 4.6 },
  { kbps: 23.85, bits: 477, monotic: 8, diotic: 10, bpl: 4.9 },
];

const FRAME_MS = 20;

const AMR_ROWS: readonly CodecImpairment[] = AMR_MODES.map(({ kbps, ie }) => ({
  name: `AMR ${kbps} kbit/s`,
  encodingName: "AMR",
  clockRateHz: 8000,
  scale: "narrowband" as const,
  ie,
  bpl: 10,
  status: "provisional" as const,
  source: "Ie: Telektronikk 2/3.2001 table 3, worked back. Bpl: that of GSM-EFR, G.113 table I.4",
  frameMs: FRAME_MS,
  packetMs: FRAME_MS,
  lookAheadMs: 5,
  lookAheadSource: "3GPP TS 26.090: 5 ms, in the 12.2 mode to stay in step with the others",
}));

const AMR_WB_COMMON = {
  encodingName: "AMR-WB",
  clockRateHz: 16_000,
  scale: "wideband",
  status: "published",
  frameMs: FRAME_MS,
  packetMs: FRAME_MS,
  lookAheadMs: 5,
  lookAheadSource: "3GPP TS 26.190: 5 ms look-ahead, unverified",
} as const;

const MONOTIC_ROWS: readonly CodecImpairment[] = AMR_WB_MODES.map(({ kbps, monotic }) => ({
  ...AMR_WB_COMMON,
  name: `AMR-WB ${kbps} kbit/s, monotic`,
  ie: monotic,
  source: "G.113 table IV.1; no monotic Bpl is published",
}));

const DIOTIC_ROWS: readonly (CodecImpairment | undefined)[] = AMR_WB_MODES.map(
  ({ kbps, diotic, bpl }) =>
    diotic === undefined
      ? undefined
      : {
          ...AMR_WB_COMMON,
          name: `AMR-WB ${kbps} kbit/s, diotic`,
          ie: diotic,
          ...(bpl === undefined ? {} : { bpl }),
          source: `G.113 table IV.3; ${bpl === undefined ? "no Bpl is published" : "table IV.4"}`,
        },
);

/** All rows of this file. */
export const AMR_CODECS: readonly CodecImpairment[] = [
  ...AMR_ROWS,
  ...MONOTIC_ROWS,
  ...DIOTIC_ROWS.filter((row) => row !== undefined),
];

/** AMR at the mode that the stream is known to use; absent when that is not known. */
export function findAmr(format: CodecFormat): CodecImpairment | undefined {
  const mode = modeIndex(format, AMR_MODES);
  return mode === undefined ? undefined : AMR_ROWS[mode];
}

/**
 * AMR-WB at the mode that the stream is known to use; absent when that is not known, or nothing is
 * published for it.
 */
export function findAmrWb(format: CodecFormat, listening: Listening): CodecImpairment | undefined {
  const mode = modeIndex(format, AMR_WB_MODES);
  if (mode === undefined) return undefined;
  return (listening === "diotic" ? DIOTIC_ROWS : MONOTIC_ROWS)[mode];
}

/**
 * The mode, when `mode-set` leaves one, or when packets have the size of one that it allows. A set of
 * several says what a sender may do and not what it did.
 */
function modeIndex(format: CodecFormat, modes: readonly Mode[]): number | undefined {
  const allowed = allowedModes(format, modes.length);
  if (allowed.length === 1) return allowed[0];
  const frames = framesPerPacket(format, FRAME_MS);
  if (frames === undefined || isRearranged(format)) return undefined;
  const isAligned = formatParameter(format, "octet-align") === "1";
  return allowed.find((index) => {
    const bits = modes[index]?.bits ?? 0;
    return format.payload?.bytes === payloadBytes(bits, frames, isAligned);
  });
}

/** The modes of `mode-set`, or all (RFC 4867 §8.1). */
function allowedModes(format: CodecFormat, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const listed = (formatParameter(format, "mode-set") ?? "")
    .split(",")
    .map((mode) => (/^\s*\d\s*$/.test(mode) ? Number(mode) : -1));
  const known = all.filter((index) => listed.includes(index));
  return known.length === 0 ? all : known;
}

/** Whether the payload has checksums or an order of its own, which change its size. */
function isRearranged(format: CodecFormat): boolean {
  return (
    formatParameter(format, "crc") === "1" ||
    formatParameter(format, "robust-sorting") === "1" ||
    formatParameter(format, "interleaving") !== undefined
  );
}

/** Size of a payload with `frames` of this mode (RFC 4867 §4.3, §4.4). */
function payloadBytes(bits: number, frames: number, isAligned: boolean): number {
  return isAligned
    ? 1 + frames * (1 + Math.ceil(bits / 8))
    : Math.ceil((4 + frames * (6 + bits)) / 8);
}
