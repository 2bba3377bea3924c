/**
 * Counts that follow from a report.
 *
 * @module
 */

import type { StreamReport } from "../../src/call/report.js";

/** How many sequence numbers were never seen. */
export function packetsNeverReceivedOf(stream: StreamReport): number {
  return stream.packetsExpected - (stream.packetsReceived - stream.packetsDuplicated);
}
