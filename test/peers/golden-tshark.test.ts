/**
 * Golden reports do not bless themselves: packets, loss and jitter of each are computed again from
 * what tshark reads in the same capture, by arithmetic of its own.
 *
 * @module
 */

import { expect, it } from "vitest";

import type { PayloadTypeReport, StreamReport } from "../../src/call/report.js";
import { analysedFixture, identityOf } from "../support/analysed.js";
import { packetsNeverReceivedOf } from "../support/counts.js";
import { fixtureCapture, fixtureNames } from "../support/fixtures.js";
import { describePeer } from "../support/peer.js";
import { tsharkAvailable, tsharkRtpPackets } from "../support/tshark.js";
import { statisticsOf, type ClocksHz, type TsharkPacket } from "../support/tshark-statistics.js";

// tshark takes the first packets inside ChannelData for something else, and cannot be told.
const OUT_OF_REACH = new Set(["webrtc-turn"]);

/** The truth's own times are microseconds, ours are doubles of milliseconds. */
const JITTER_TOLERANCE_SECONDS = 1e-6;

describePeer("golden reports, computed again from tshark's packets", tsharkAvailable(), () => {
  const names = fixtureNames().filter((name) => !OUT_OF_REACH.has(name));

  it.each(names)(
    "%s",
    async (name) => {
      const { streams } = await analysedFixture(name);
      const rtpPorts = [...new Set(streams.map(({ destination }) => destination.port))];
      const packets = tsharkRtpPackets(fixtureCapture(name), { rtpPorts });
      for (const stream of streams) {
        const own = packets.filter((packet) => identityOf(packet) === identityOf(stream));
        const [again] = statisticsOf(asOnTheWire(own, stream), clocksOf(stream));
        expect(again, identityOf(stream)).toMatchObject({
          packets: stream.packetsReceived,
          expected: stream.packetsExpected,
          lost: stream.packetsLost,
          missing: packetsNeverReceivedOf(stream),
          duplicates: stream.packetsDuplicated,
          reordered: stream.packetsReordered,
        });
        if (isOneTimeline(stream)) {
          for (const which of ["last", "mean", "max"] as const) {
            expect(
              again?.jitterSeconds?.[which],
              `${which} jitter of ${identityOf(stream)}`,
            ).toSatisfy((seconds: number | undefined) =>
              isNear(seconds, stream.jitterSeconds?.[which]),
            );
          }
        }
      }
    },
    60_000,
  );
});

const TIMED = new Set<PayloadTypeReport["kind"]>(["audio", "video", "comfort-noise", "redundancy"]);

/** Of redundant media tshark tells the payload type of the block inside (RFC 2198). */
function asOnTheWire(
  packets: readonly TsharkPacket[],
  { payloadTypes: [only, ...others] }: StreamReport,
): readonly TsharkPacket[] {
  if (only?.kind !== "redundancy" || others.length > 0) return packets;
  return packets.map((packet) => ({ ...packet, payloadType: only.payloadType }));
}

function clocksOf({ payloadTypes }: StreamReport): ClocksHz {
  return new Map(
    payloadTypes.flatMap(({ payloadType, clockRateHz, kind }): [number, number][] =>
      clockRateHz === undefined || !TIMED.has(kind) ? [] : [[payloadType, clockRateHz]],
    ),
  );
}

/** One payload type number may stand for two codecs in turn: the oracle knows only one clock each. */
function isOneTimeline(stream: StreamReport): boolean {
  const numbers = stream.payloadTypes.map(({ payloadType }) => payloadType);
  return new Set(numbers).size === numbers.length;
}

function isNear(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Math.abs(one - other) <= JITTER_TOLERANCE_SECONDS;
}
