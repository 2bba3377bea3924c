/**
 * The payload types that mean something without SDP: RFC 3551 §6, tables 4 and 5. Type 2 (formerly
 * G726-32) is reserved there, because two formats were in use under it.
 *
 * @module
 */

import type { PayloadFormat, PayloadMap } from "./codec.js";

function audio(name: string, clockRateHz: number, channels = 1): PayloadFormat {
  return { name, clockRateHz, channels, kind: "audio" };
}

/** All video formats of the table count in 90 kHz. */
function video(name: string): PayloadFormat {
  return { name, clockRateHz: 90000, kind: "video" };
}

/** Static payload type numbers and their formats (RFC 3551 §6). */
export const STATIC_PAYLOADS: PayloadMap = new Map([
  [0, audio("PCMU", 8000)],
  [3, audio("GSM", 8000)],
  [4, audio("G723", 8000)],
  [5, audio("DVI4", 8000)],
  [6, audio("DVI4", 16000)],
  [7, audio("LPC", 8000)],
  [8, audio("PCMA", 8000)],
  // Samples at 16 kHz, counts at 8 kHz: a mistake of RFC 1890 that was kept (§4.5.2).
  [9, audio("G722", 8000)],
  [10, audio("L16", 44100, 2)],
  [11, audio("L16", 44100)],
  [12, audio("QCELP", 8000)],
  [13, { name: "CN", clockRateHz: 8000, channels: 1, kind: "comfort-noise" }],
  // 90 kHz whatever the sampling rate is (§4.5.13).
  [14, { name: "MPA", clockRateHz: 90000, kind: "audio" }],
  [15, audio("G728", 8000)],
  [16, audio("DVI4", 11025)],
  [17, audio("DVI4", 22050)],
  [18, audio("G729", 8000)],
  [25, video("CelB")],
  [26, video("JPEG")],
  [28, video("nv")],
  [31, video("H261")],
  [32, video("MPV")],
  [33, video("MP2T")],
  [34, video("H263")],
]);
