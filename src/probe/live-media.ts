/**
 * How a probe measures media.
 *
 * @module
 */

import type { LiveStreamSurroundings } from "../attach/connection-media.js";
import { NativeUnavailableError } from "../errors.js";
import { LiveEngine } from "../native/live-engine.js";
import type { ProbeOptions } from "./options.js";

/** Where the addon is missing the views that need none remain. */
export function newEngine({ engine }: ProbeOptions): LiveEngine | undefined {
  try {
    return new LiveEngine(engine);
  } catch (error) {
    if (error instanceof NativeUnavailableError) return undefined;
    throw error;
  }
}

/** What reports on streams need besides them. */
export function surroundingsOf(
  engine: LiveEngine | undefined,
  { engine: measured, codecs }: ProbeOptions,
): LiveStreamSurroundings {
  return {
    formatOf: ({ payloadType, map }) =>
      engine?.map(map).get(payloadType) ?? engine?.map(0).get(payloadType),
    fixedBufferMs: measured?.fixedBufferMs,
    codecs,
  };
}
