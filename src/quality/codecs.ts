/**
 * Which impairment a payload format has. The rows are in `codecs-*.ts`, each with its source and how
 * sure it is.
 *
 * @module
 */

import { AMR_CODECS, findAmr, findAmrWb } from "./codecs-amr.js";
import type { Listening } from "./codecs-amr.js";
import { EVS_CODECS, findEvs } from "./codecs-evs.js";
import {
  findG7231,
  findG729,
  findIlbc,
  G711_WITH_PLC,
  G726,
  G728,
  GSM,
  NARROWBAND_CODECS,
} from "./codecs-narrowband.js";
import { findOpus, OPUS_CODECS } from "./codecs-opus.js";
import { findG722, findG7221, WIDEBAND_CODECS } from "./codecs-wideband.js";
import type { CodecFormat } from "./codec-format.js";
import { formatKey } from "./codec-impairment.js";
import type { CodecImpairment, CodecTable } from "./codec-impairment.js";

/** Every built-in row, for documentation and for tables of one's own. */
export const CODECS: readonly CodecImpairment[] = [
  ...NARROWBAND_CODECS,
  ...AMR_CODECS,
  ...WIDEBAND_CODECS,
  ...EVS_CODECS,
  ...OPUS_CODECS,
];

/** What a lookup may be told besides the format. */
export interface CodecLookup {
  /** Rows that replace or extend the built-in ones. */
  readonly table?: CodecTable | undefined;
  /** How AMR-WB is listened to. Default diotic: the only way that loss can be rated. */
  readonly listening?: Listening | undefined;
}

type Find = (format: CodecFormat, listening: Listening) => CodecImpairment | undefined;

/** Formats whose rate is part of their name, with one row each; of G.728, that of 16 kbit/s. */
const PLAIN: readonly CodecImpairment[] = [...G711_WITH_PLC, ...G726, ...G728.slice(0, 1), ...GSM];

const FINDERS: ReadonlyMap<string, Find> = new Map<string, Find>([
  ...PLAIN.map((row): [string, Find] => [formatKey(row.encodingName, row.clockRateHz), () => row]),
  [formatKey("G729", 8000), findG729],
  [formatKey("G723", 8000), findG7231],
  [formatKey("iLBC", 8000), findIlbc],
  [formatKey("AMR", 8000), findAmr],
  [formatKey("AMR-WB", 16_000), findAmrWb],
  [formatKey("G722", 8000), findG722],
  [formatKey("G7221", 16_000), findG7221],
  [formatKey("EVS", 16_000), findEvs],
]);

/**
 * What a format costs. Absent when the codec is not known, or its quality depends on a mode that is
 * not: then there is no score.
 *
 * G.711 is taken to be played with packet-loss concealment. Rows of the caller's table come first and
 * answer for every mode and channel count of their format.
 */
export function findCodec(
  format: CodecFormat,
  lookup: CodecLookup = {},
): CodecImpairment | undefined {
  const key = formatKey(format.name, format.clockRateHz);
  const own = lookup.table?.own.get(key);
  if (own !== undefined) return own;
  // SDP always calls Opus stereo (RFC 7587 §7); elsewhere a second channel is beyond the values.
  if (key === "OPUS/48000") return findOpus(format);
  if ((format.channels ?? 1) !== 1) return undefined;
  return FINDERS.get(key)?.(format, lookup.listening ?? "diotic");
}
