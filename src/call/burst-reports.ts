/**
 * The bursts of a stream as reports carry them, and what lies between.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import { present } from "../rtcp/present.js";
import type { Burst, StreamMeasurement } from "../rtp/stream.js";
import type { BurstReport, BurstTime, GapReport } from "./report.js";

/** One burst where it happened. */
export function burstTime({ fromMs, toMs, packetsMissing, packetsDiscarded }: Burst): BurstTime {
  return {
    from: isoMicroseconds(fromMs),
    to: isoMicroseconds(toMs),
    packetsMissing,
    packetsDiscarded,
  };
}

/**
 * All bursts and all gaps together.
 *
 * @param packetizationSeconds - From packet to packet; unknown, nothing is said of how long they were.
 */
export function burstAndGap(
  stream: StreamMeasurement,
  packetizationSeconds: number | undefined,
): { burst?: BurstReport; gap?: GapReport } {
  const { bursts, burstPackets, burstImpaired, gapImpaired } = stream.bursts;
  const gapPackets = stream.packetsExpected - burstPackets;
  if (gapPackets <= 0 && bursts === 0) return {};
  const seconds = (packets: number, count: number): { durationSeconds?: number } =>
    present(
      "durationSeconds",
      packetizationSeconds === undefined ? undefined : (packets / count) * packetizationSeconds,
    );
  return {
    ...(bursts === 0
      ? {}
      : {
          burst: {
            count: bursts,
            packets: burstPackets,
            density: burstImpaired / burstPackets,
            ...seconds(burstPackets, bursts),
          },
        }),
    ...(gapPackets <= 0
      ? {}
      : {
          gap: {
            packets: gapPackets,
            density: gapImpaired / gapPackets,
            // A session is taken to begin and end in a gap (RFC 3611 §4.7.2).
            ...seconds(gapPackets, bursts + 1),
          },
        }),
  };
}
