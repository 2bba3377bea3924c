/**
 * Payload maps as the addon takes them.
 *
 * @module
 */

import type { PayloadKind, PayloadMap } from "../rtp/codec.js";

/** Order is that of `core/rtp/payload_format.hpp`. */
const KINDS: readonly (PayloadKind | undefined)[] = [
  undefined,
  "audio",
  "video",
  "comfort-noise",
  "telephone-event",
  "redundancy",
  "retransmission",
  "fec",
];

/** A clock rate and a kind for each of the 128 payload types; 0 where the map has none. */
export function packedMap(map: PayloadMap): { clockRatesHz: Uint32Array; kinds: Uint8Array } {
  const clockRatesHz = new Uint32Array(128);
  const kinds = new Uint8Array(128);
  for (const [payloadType, format] of map) {
    clockRatesHz[payloadType] = format.clockRateHz;
    kinds[payloadType] = KINDS.indexOf(format.kind);
  }
  return { clockRatesHz, kinds };
}
