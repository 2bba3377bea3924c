import { describe, expect, it } from "vitest";

import { RoundTrips, type TimedStream } from "../../src/capture/round-trips.js";

const ONE = { address: "192.0.2.1", port: 4000 };
const OTHER = { address: "192.0.2.2", port: 5000 };

/** One of two calls of a minute, one after the other over the same ports: both its streams. */
function streamsOf(call: number): readonly [TimedStream, TimedStream] {
  const life = { firstPacketAtMs: call * 61_000, lastPacketAtMs: call * 61_000 + 60_000 };
  return [
    { ...life, ssrc: call * 10 + 1, source: ONE, destination: OTHER },
    { ...life, ssrc: call * 10 + 2, source: OTHER, destination: ONE },
  ];
}

describe("RoundTrips", () => {
  it("are of one call, and of both its ways, where the next has the same ports", () => {
    const roundTrips = new RoundTrips();
    for (const call of [0, 1]) {
      for (const { ssrc, source, destination, firstPacketAtMs } of streamsOf(call)) {
        const [path, sinceMs] = [{ source: destination, destination: source }, firstPacketAtMs + 1];
        for (const atMs of [firstPacketAtMs + 5000, firstPacketAtMs + 10_000]) {
          const seconds = 0.1 + call * 0.5;
          roundTrips.add({ kind: "full", path, ssrc, seconds, atMs, sinceMs, source: "sr" });
        }
      }
    }
    for (const call of [0, 1]) {
      for (const stream of streamsOf(call)) {
        const seconds = 0.1 + call * 0.5;
        const summary = roundTrips.whole(stream);
        expect(summary).toMatchObject({ samples: 4, minSeconds: seconds, maxSeconds: seconds });
      }
    }
  });

  it("are bounded where one conversation has ever new sources", () => {
    const roundTrips = new RoundTrips();
    const path = { source: OTHER, destination: ONE };
    for (let ssrc = 0; ssrc < 3000; ssrc += 1) {
      const at = { atMs: ssrc * 1000, sinceMs: ssrc * 1000 };
      roundTrips.add({ kind: "full", path, ssrc, seconds: 0.1, ...at, source: "sr" });
    }
    expect(roundTrips.evicted).toBe(3000 - 1024);
    const life = { firstPacketAtMs: 0, lastPacketAtMs: 3_000_000 };
    const all = { ...life, ssrc: 2999, source: ONE, destination: OTHER };
    expect(roundTrips.whole(all)?.samples).toBe(1024);
  });
});
