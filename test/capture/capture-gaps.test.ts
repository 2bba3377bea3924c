import { describe, expect, it } from "vitest";

import { CaptureGaps } from "../../src/capture/capture-gaps.js";
import type { StreamInterval, StreamMeasurement } from "../../src/rtp/stream.js";

/** A stream of 50 packets a second from instant 0 on, with what each 5 s interval misses. */
function stream(sender: string, missing: readonly number[]): StreamMeasurement {
  const intervals = missing.map((missed, index): StreamInterval => ({
    fromMs: index * 5000 + 40,
    toMs: (index + 1) * 5000 + 40,
    packetsReceived: 250 - missed,
    packetsExpected: 250,
    packetsDuplicated: 0,
    packetsReordered: 0,
    packetsDiscarded: 0,
    impairedRuns: missed === 0 ? 0 : 1,
    payloadBytes: 0,
  }));
  const expected = 250 * missing.length;
  const received = expected - missing.reduce((sum, missed) => sum + missed, 0);
  const partial: Partial<StreamMeasurement> = {
    source: { address: sender, port: 4000 },
    packetsExpected: expected,
    packetsReceived: received,
    packetsDuplicated: 0,
    intervals,
  };
  return partial as StreamMeasurement;
}

function gaps(...streams: readonly StreamMeasurement[]): readonly unknown[] {
  const finder = new CaptureGaps();
  for (const one of streams) finder.add(one);
  return finder.found();
}

const A = "192.0.2.1";
const B = "198.51.100.2";

describe("CaptureGaps", () => {
  it("finds where every stream of several senders has a hole", () => {
    expect(
      gaps(
        stream(A, [0, 0, 100, 100, 0, 0, 0, 0, 0, 0]),
        stream(B, [0, 0, 90, 110, 0, 0, 0, 0, 0, 0]),
      ),
    ).toEqual([{ fromMs: 10_000, toMs: 20_000 }]);
  });

  it("does not take loss in one direction for a gap", () => {
    expect(gaps(stream(A, [0, 0, 100, 0, 0]), stream(B, [0, 0, 0, 0, 0]))).toEqual([]);
  });

  it("does not take one sender's trouble for a gap, however many streams it sends", () => {
    expect(gaps(stream(A, [0, 0, 100, 0, 0, 0, 0]), stream(A, [0, 0, 100, 0, 0, 0, 0]))).toEqual(
      [],
    );
  });

  it("does not take a path that always loses for a gap", () => {
    const lossy = [60, 60, 60, 60, 60];
    expect(gaps(stream(A, lossy), stream(B, lossy))).toEqual([]);
  });

  it("does not take the beginning and the end of streams for gaps", () => {
    expect(gaps(stream(A, [80, 0, 0, 0, 80]), stream(B, [80, 0, 0, 0, 80]))).toEqual([]);
  });
});
