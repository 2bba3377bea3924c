/**
 * Our reading of tshark against the tools that sent, received or impaired the packets of the
 * fixtures. What compares our engine with tshark leans on this.
 *
 * @module
 */

import { describe, expect, it } from "vitest";

import { endpointKey } from "../../src/net/endpoint.js";
import {
  fixtureCapture,
  fixtureNames,
  knownStreams,
  type KnownStream,
} from "../support/fixtures.js";
import { describePeer } from "../support/peer.js";
import { tsharkAvailable, tsharkStreams } from "../support/tshark.js";
import {
  statisticsOf,
  type TsharkPacket,
  type TsharkStream,
} from "../support/tshark-statistics.js";

// tshark takes the first packets inside ChannelData for something else, and cannot be told.
const OUT_OF_REACH = new Set(["webrtc-turn"]);

describePeer("tshark's packets with our arithmetic", tsharkAvailable(), () => {
  const names = fixtureNames().filter((name) => !OUT_OF_REACH.has(name));

  it.each(names.filter((name) => knownStreams(name).length > 0))(
    "gives the counts known of %s",
    (name) => {
      const known = knownStreams(name);
      const rtpPorts = [...new Set(known.map((stream) => stream.destination.port))];
      const streams = tsharkStreams(fixtureCapture(name), { rtpPorts });
      for (const stream of known) {
        const found = streams.find((candidate) => keyOf(candidate) === keyOf(stream));
        expect(found && countsOf(found), keyOf(stream)).toMatchObject(countsKnown(stream));
      }
    },
    30_000,
  );
});

describe("the arithmetic itself", () => {
  it("counts loss over a wrap of the sequence number", () => {
    expect(sent([65534, 65535, 1, 2])).toMatchObject({ expected: 5, lost: 1, missing: 1 });
  });

  it("reports negative loss for duplicates, as RFC 3550 appendix A.3 does", () => {
    expect(sent([1, 2, 2, 2, 3])).toMatchObject({
      expected: 3,
      lost: -2,
      missing: 0,
      duplicates: 2,
    });
  });

  it("counts a late packet as reordered, also one from before the first", () => {
    expect(sent([10, 12, 11, 9])).toMatchObject({ expected: 4, lost: 0, reordered: 2 });
  });

  it("takes two packets in a row far away for a restart, one for a stray", () => {
    expect(sent([1, 2, 40000, 40001, 40002])).toMatchObject({ expected: 5, lost: 0, restarts: 1 });
    expect(sent([1, 2, 40000, 3])).toMatchObject({ expected: 4, lost: 0, restarts: 0 });
    expect(sent([1, 2, 40000, 3, 40001])).toMatchObject({ expected: 5, lost: 0, restarts: 0 });
  });

  it("takes back a restart when the number comes that was due before it", () => {
    const numbers = [...Array(200).keys(), 50, 51, 200, 201];
    expect(sent(numbers)).toMatchObject({ expected: 204, lost: 0, restarts: 0 });
  });

  it("has 1/16 of a millisecond of jitter after one packet that is a millisecond late", () => {
    const jitterSeconds = sent([1, 2], [0, 21])?.jitterSeconds;
    expect(jitterSeconds?.last).toBeCloseTo(0.001 / 16, 12);
  });
});

function sent(sequenceNumbers: number[], atMs?: number[]): TsharkStream | undefined {
  const packets = sequenceNumbers.map((sequenceNumber, index): TsharkPacket => {
    return {
      frame: index + 1,
      atNs: BigInt(atMs?.[index] ?? index * 20) * 1_000_000n,
      source: { address: "192.0.2.1", port: 4000 },
      destination: { address: "192.0.2.2", port: 5000 },
      ssrc: 1,
      sequenceNumber,
      timestamp: index * 160,
      payloadType: 0,
    };
  });
  return statisticsOf(packets)[0];
}

function keyOf(stream: KnownStream | TsharkStream): string {
  const { source, destination, ssrc } = stream;
  return `${endpointKey(source)} to ${endpointKey(destination)} SSRC ${ssrc}`;
}

function countsOf(stream: TsharkStream): Partial<KnownStream> {
  return {
    packetsReceived: stream.packets,
    packetsExpected: stream.expected,
    packetsLost: stream.lost,
    packetsMissing: stream.missing,
    packetsDuplicated: stream.duplicates,
    packetsReordered: stream.reordered,
  };
}

function countsKnown(stream: KnownStream): Partial<KnownStream> {
  const counts = Object.keys(countsOf({} as TsharkStream)) as (keyof KnownStream)[];
  return Object.fromEntries(
    counts.filter((count) => stream[count] !== undefined).map((count) => [count, stream[count]]),
  );
}
