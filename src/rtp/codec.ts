/**
 * What a payload type stands for: the clock its timestamps count in and how the packets are to be
 * read. From SDP (RFC 8866 §6.6) or, for static types, from RFC 3551 §6.
 *
 * @module
 */

/** How packets of a payload type take part in the statistics. */
export type PayloadKind =
  "audio" | "video" | "comfort-noise" | "telephone-event" | "redundancy" | "retransmission" | "fec";

export interface PayloadFormat {
  /** Encoding name as registered, upper case where RFC 3551 has it so: `PCMU`, `opus`. */
  readonly name: string;
  /** RTP timestamp rate. For G722 this is 8000 though it samples at 16000 (RFC 3551 §4.5.2). */
  readonly clockRateHz: number;
  readonly channels?: number;
  readonly kind: PayloadKind;
  /** The `a=fmtp` parameters, as written. */
  readonly parameters?: string;
}

/** Payload type number to format. */
export type PayloadMap = ReadonlyMap<number, PayloadFormat>;
