/**
 * Encoding names of `a=rtpmap`: their registered spelling, what they carry, and the clock of those
 * that have only one.
 *
 * @module
 */

import type { PayloadKind } from "../rtp/codec.js";

interface Encoding {
  readonly name: string;
  /** The one RTP clock its RFC allows, for an rtpmap that leaves it out. */
  readonly clockRateHz?: number;
  /** Where it is not that of the media section it stands in. */
  readonly kind?: PayloadKind;
}

/** Names as IANA registers them as media types, or, if it does not, as their authors write them. */
const ENCODINGS: readonly Encoding[] = [
  { name: "PCMU" },
  { name: "PCMA" },
  { name: "G722", clockRateHz: 8000 },
  { name: "G7221" },
  { name: "G723", clockRateHz: 8000 },
  { name: "G726-16", clockRateHz: 8000 },
  { name: "G726-24", clockRateHz: 8000 },
  { name: "G726-32", clockRateHz: 8000 },
  { name: "G726-40", clockRateHz: 8000 },
  { name: "G728", clockRateHz: 8000 },
  { name: "G729", clockRateHz: 8000 },
  { name: "GSM", clockRateHz: 8000 },
  { name: "GSM-EFR", clockRateHz: 8000 },
  { name: "GSM-HR-08", clockRateHz: 8000 },
  { name: "iLBC", clockRateHz: 8000 },
  { name: "AMR", clockRateHz: 8000 },
  { name: "AMR-WB", clockRateHz: 16000 },
  { name: "AMR-WB+", clockRateHz: 72000 },
  { name: "EVS", clockRateHz: 16000 },
  { name: "opus", clockRateHz: 48000 },
  { name: "speex" },
  { name: "SILK" },
  { name: "iSAC" },
  { name: "QCELP", clockRateHz: 8000 },
  { name: "DVI4" },
  { name: "LPC", clockRateHz: 8000 },
  { name: "L8" },
  { name: "L16" },
  { name: "L24" },
  { name: "MPA", clockRateHz: 90000 },
  { name: "MP4A-LATM" },
  { name: "CN", kind: "comfort-noise" },
  { name: "telephone-event", kind: "telephone-event" },
  { name: "red", kind: "redundancy" },
  { name: "rtx", kind: "retransmission" },
  { name: "ulpfec", kind: "fec" },
  { name: "parityfec", kind: "fec" },
  { name: "1d-interleaved-parityfec", kind: "fec" },
  { name: "flexfec", kind: "fec" },
  { name: "flexfec-03", kind: "fec" },
  { name: "raptorfec", kind: "fec" },
  { name: "rs-fec", kind: "fec" },
  { name: "x-ulpfecuc", kind: "fec" },
  { name: "VP8", clockRateHz: 90000 },
  { name: "VP9", clockRateHz: 90000 },
  { name: "AV1", clockRateHz: 90000 },
  { name: "H261", clockRateHz: 90000 },
  { name: "H263", clockRateHz: 90000 },
  { name: "H263-1998", clockRateHz: 90000 },
  { name: "H263-2000", clockRateHz: 90000 },
  { name: "H264", clockRateHz: 90000 },
  { name: "H265", clockRateHz: 90000 },
  { name: "JPEG", clockRateHz: 90000 },
  { name: "MP4V-ES" },
];

const BY_LOWER_CASE: ReadonlyMap<string, Encoding> = new Map(
  ENCODINGS.map((encoding) => [encoding.name.toLowerCase(), encoding]),
);

/** The registered spelling of a name in any case, or the name as written if it is not known. */
export function registeredName(name: string): string {
  return BY_LOWER_CASE.get(name.toLowerCase())?.name ?? name;
}

/** The only clock a format may have, or nothing if it may have several or is not known. */
export function onlyClockRateHz(name: string): number | undefined {
  return BY_LOWER_CASE.get(name.toLowerCase())?.clockRateHz;
}

/**
 * How packets of this format take part, or nothing if the section carries neither audio nor video.
 *
 * @param mediaType Type of the media section, in lower case.
 */
export function payloadKind(name: string, mediaType: string): PayloadKind | undefined {
  const kind = BY_LOWER_CASE.get(name.toLowerCase())?.kind;
  if (kind !== undefined) return kind;
  return mediaType === "audio" || mediaType === "video" ? mediaType : undefined;
}
