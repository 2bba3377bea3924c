/**
 * What is known of a format when its impairment is looked up.
 *
 * @module
 */

import type { PayloadFormat } from "../rtp/codec.js";

/** The payload of a packet with speech in it. */
export interface SpeechPayload {
  /**
   * Bytes after the RTP header: of most packets, or the mean. A mean that comfort noise or events
   * are part of matches no size, and then tells nothing.
   */
  readonly bytes: number;
  /** Speech in the packet, in milliseconds. */
  readonly packetMs: number;
}

/** A payload format, and what its packets look like if that is known. */
export interface CodecFormat extends Pick<PayloadFormat, "name" | "clockRateHz"> {
  readonly channels?: number | undefined;
  readonly parameters?: string | undefined;
  readonly payload?: SpeechPayload | undefined;
}

/**
 * The value of one `a=fmtp` parameter, trimmed; absent when the parameter is, or has none. Names are
 * compared without regard to case. Of a parameter given twice, the first counts.
 */
export function formatParameter(format: CodecFormat, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const part of (format.parameters ?? "").split(";")) {
    const equals = part.indexOf("=");
    if (equals > 0 && part.slice(0, equals).trim().toLowerCase() === wanted) {
      const value = part.slice(equals + 1).trim();
      return value === "" ? undefined : value;
    }
  }
  return undefined;
}

/** The same as a number; absent when it is not a plain decimal one. */
export function numberParameter(format: CodecFormat, name: string): number | undefined {
  const value = formatParameter(format, name);
  return value !== undefined && /^\d{1,9}(?:\.\d{1,6})?$/.test(value) ? Number(value) : undefined;
}

/** Bit rate of the payload in kbit/s, while packets are sent; absent when not measured. */
export function payloadKbps(format: CodecFormat): number | undefined {
  const payload = format.payload;
  if (payload === undefined || !(payload.bytes > 0) || !(payload.packetMs > 0)) return undefined;
  return (payload.bytes * 8) / payload.packetMs;
}

/** How many frames of this length a packet holds; absent when not measured, or not a whole number. */
export function framesPerPacket(format: CodecFormat, frameMs: number): number | undefined {
  const payload = format.payload;
  if (payload === undefined || !(payload.packetMs > 0)) return undefined;
  const frames = Math.round(payload.packetMs / frameMs);
  return frames >= 1 && Math.abs(payload.packetMs / frameMs - frames) < 0.05 ? frames : undefined;
}
