/**
 * All streams of a capture.
 *
 * @module
 */

import type { CaptureReport, StreamReport } from "../call/report.js";
import { endpointKey } from "../net/endpoint.js";

/** Those of the calls and those without one; a stream that several calls claim, once. */
export function everyStream({
  calls,
  streams,
}: Pick<CaptureReport, "calls" | "streams">): StreamReport[] {
  const byKey = new Map<string, StreamReport>();
  for (const call of calls) {
    for (const stream of call.streams) byKey.set(streamKey(stream), stream);
  }
  return [...byKey.values(), ...streams];
}

function streamKey({ ssrc, source, destination }: StreamReport): string {
  return `${ssrc} ${endpointKey(source)} ${endpointKey(destination)}`;
}
