/**
 * Opus. The ITU-T has published nothing for it. The values are those of Alahmadi, Počta and Melvin,
 * ACM TOMM 17(4) 133, 2021, as their own implementation states them: Ie, and Bpl for random loss.
 * They are for one channel; what in-band FEC repairs is not in them.
 *
 * Provisional, and for two reasons: which scale the factors of each bandwidth belong to is inferred
 * here (G.107 for narrowband, G.107.1 for wideband, G.107.2 for super-wideband) and not stated
 * there, and the table ends at 40 kbit/s, where browsers begin.
 *
 * @module
 */

import { formatParameter, numberParameter, payloadKbps } from "./codec-format.js";
import type { CodecFormat } from "./codec-format.js";
import type { CodecImpairment } from "./codec-impairment.js";
import type { Scale } from "./mos.js";

type Row = readonly [kbps: number, ie: number, bpl: number];

const NARROWBAND_VBR: readonly Row[] = [
  [6, 23.0, 24.6],
  [7, 21.3, 22.5],
  [8, 16.0, 20.3],
  [9, 11.7, 18.9],
];
const NARROWBAND_CBR: readonly Row[] = [
  [6, 46.3, 8.9],
  [7, 31.7, 18.2],
  [8, 19.2, 15.1],
  [9, 13.2, 17.2],
  [10, 6.2, 15.3],
  [11, 2.0, 16.0],
];
const WIDEBAND_VBR: readonly Row[] = [
  [11, 28.4, 23.9],
  [12, 23.3, 22.2],
  [13, 20.0, 19.5],
];
const WIDEBAND_CBR: readonly Row[] = [
  [12, 29.8, 24.8],
  [13, 26.2, 23.0],
  [14, 20.8, 17.6],
  [15, 18.1, 18.7],
];
const SUPERWIDEBAND_VBR: readonly Row[] = [
  [14, 38.1, 16.5],
  [15, 34.1, 15.0],
  [16, 30.2, 11.8],
  [19, 23.8, 10.7],
  [22, 20.2, 10.5],
  [25, 20.2, 11.3],
  [28, 18.5, 10.6],
  [31, 16.8, 10.4],
  [34, 14.8, 10.1],
  [37, 12.1, 10.4],
  [40, 10.7, 9.8],
];
const SUPERWIDEBAND_CBR: readonly Row[] = [
  [16, 36.9, 13.3],
  [19, 29.6, 10.7],
  [22, 23.4, 10.0],
  [25, 22.6, 10.6],
  [28, 23.7, 11.7],
  [31, 21.7, 11.5],
  [34, 20.6, 11.8],
  [37, 16.2, 10.6],
  [40, 15.9, 11.4],
];

/** A row and the rate it is for. */
interface Step {
  readonly kbps: number;
  readonly row: CodecImpairment;
}

function steps(scale: Scale, variant: string, values: readonly Row[]): readonly Step[] {
  return values.map(([kbps, ie, bpl]) => ({
    kbps,
    row: {
      name: `Opus ${variant}, ${kbps} kbit/s`,
      encodingName: "opus",
      clockRateHz: 48_000,
      scale,
      ie,
      bpl,
      status: "provisional",
      source: "Alahmadi, Počta and Melvin, ACM TOMM 17(4) 133, 2021; scale inferred",
      frameMs: 20,
      packetMs: 20,
      lookAheadMs: 6.5,
      lookAheadSource: "libopus: 6.5 ms, or 2.5 ms in its restricted low-delay mode",
    },
  }));
}

/** What a sender with one kind of rate control can choose from, by bandwidth. */
interface Ladder {
  readonly narrowband: readonly Step[];
  readonly wideband: readonly Step[];
  readonly superWideband: readonly Step[];
}

const VBR: Ladder = {
  narrowband: steps("narrowband", "narrowband VBR", NARROWBAND_VBR),
  wideband: steps("wideband", "wideband VBR", WIDEBAND_VBR),
  superWideband: steps("fullband", "super-wideband VBR", SUPERWIDEBAND_VBR),
};
const CBR: Ladder = {
  narrowband: steps("narrowband", "narrowband CBR", NARROWBAND_CBR),
  wideband: steps("wideband", "wideband CBR", WIDEBAND_CBR),
  superWideband: steps("fullband", "super-wideband CBR", SUPERWIDEBAND_CBR),
};

/** All rows of this file. */
export const OPUS_CODECS: readonly CodecImpairment[] = [VBR, CBR]
  .flatMap((ladder) => [...ladder.narrowband, ...ladder.wideband, ...ladder.superWideband])
  .map(({ row }) => row);

/**
 * Opus at the rate it is known to have: that of `maxaveragebitrate`, or with `cbr=1` that of its
 * packets where it is lower. Without either it is the best row of its bandwidth, which for
 * full-bandwidth Opus is Ie 10.7, Bpl 9.8. A rate between two rows gets the lower one, a rate below
 * all rows the lowest.
 *
 * With variable rate the mean of the packets says how much was spoken as much as how well: an encoder
 * spends little on pauses. Two channels share their rate in a way the values do not cover
 * (`sprop-stereo=1`).
 */
export function findOpus(format: CodecFormat): CodecImpairment | undefined {
  const ladder = isConstantRate(format) ? CBR : VBR;
  const choice = withinPlaybackRate(ladder, numberParameter(format, "maxplaybackrate") ?? 48_000);
  const kbps = knownKbps(format);
  return (choice.findLast((step) => step.kbps <= kbps) ?? choice[0])?.row;
}

/**
 * RFC 7587 §6.1: what the receiver can play bounds the bandwidth worth sending. The rates of a
 * bandwidth all lie below those of the next one.
 */
function withinPlaybackRate(ladder: Ladder, playbackRateHz: number): readonly Step[] {
  const { narrowband, wideband, superWideband } = ladder;
  if (playbackRateHz < 16_000) return narrowband;
  if (playbackRateHz < 24_000) return [...narrowband, ...wideband];
  return [...narrowband, ...wideband, ...superWideband];
}

function knownKbps(format: CodecFormat): number {
  if (formatParameter(format, "sprop-stereo") === "1") return Infinity;
  const negotiated = (numberParameter(format, "maxaveragebitrate") ?? Infinity) / 1000;
  const fillsPauses = formatParameter(format, "usedtx") !== "1";
  const isEvenlySized = isConstantRate(format) && fillsPauses;
  return Math.min(negotiated, isEvenlySized ? (payloadKbps(format) ?? Infinity) : Infinity);
}

function isConstantRate(format: CodecFormat): boolean {
  return formatParameter(format, "cbr") === "1";
}
