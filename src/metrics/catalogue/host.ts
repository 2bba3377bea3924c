/**
 * Families that a host application feeds.
 *
 * @module
 */

import type { Catalogue, Chapter } from "../family.js";
import { GATEWAY_FAMILIES } from "./gateway.js";
import { HTTP_FAMILIES } from "./http.js";
import { LIVEKIT_FAMILIES } from "./livekit.js";
import { RECORDING_FAMILIES } from "./recording.js";
import { VOICE_FAMILIES } from "./voice.js";

/** Part of the whole catalogue. */
export const HOST_FAMILIES = {
  ...VOICE_FAMILIES,
  ...LIVEKIT_FAMILIES,
  ...HTTP_FAMILIES,
  ...GATEWAY_FAMILIES,
  ...RECORDING_FAMILIES,
} as const satisfies Catalogue;

/** Their part of the reference. */
export const HOST_CHAPTERS: readonly Chapter[] = [
  [
    "Voice pipeline",
    "Speech to text, language model, text to speech, and turns: fed by `VoicePipeline`.",
    VOICE_FAMILIES,
  ],
  [
    "Voice agents",
    "The instruments of LiveKit agents, under the names they have in Prometheus: fed by `VoicePipeline`. Over OTLP they have their own names.",
    LIVEKIT_FAMILIES,
  ],
  ["HTTP", "Requests to the host application: fed by `HttpMetrics`.", HTTP_FAMILIES],
  ["Speech gateway", "Requests to a speech gateway: fed by `GatewayMetrics`.", GATEWAY_FAMILIES],
  [
    "Recordings",
    "A queue of recordings to be uploaded: fed by `RecordingQueueMetrics`.",
    RECORDING_FAMILIES,
  ],
];
