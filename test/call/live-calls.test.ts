import { describe, expect, it } from "vitest";

import type { CallStream } from "../../src/call/findings.js";
import type { LiveMedia } from "../../src/call/live-media.js";
import type { StreamReport } from "../../src/call/report.js";
import type { CallParty } from "../../src/sip/call.js";
import { LiveStack } from "../support/live-stack.js";

/** Media that received one stream, and says when it was read. */
class Media implements LiveMedia {
  readonly sampledAt: number[] = [];
  packets = 0;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => 0) {
    this.#nowMs = nowMs;
  }

  sample(): void {
    this.sampledAt.push(this.#nowMs());
  }

  streams(localParty: CallParty): CallStream[] {
    const flow = localParty === "caller" ? "callee-to-caller" : "caller-to-callee";
    const stream: StreamReport = {
      ssrc: 1,
      payloadType: 0,
      payloadTypes: [],
      direction: flow,
      source: { address: "198.51.100.2", port: 40_000 },
      destination: { address: "192.0.2.1", port: 40_000 },
      firstPacketAt: "1970-01-01T00:00:02.000000Z",
      lastPacketAt: "1970-01-01T00:00:09.000000Z",
      packetsReceived: this.packets,
      packetsExpected: this.packets,
      packetsLost: 0,
      packetsMissing: 0,
      packetsDuplicated: 0,
      packetsReordered: 0,
      lossRatio: 0,
      lossRuns: {},
      payloadBytes: 0,
      wireBytes: 0,
      intervals: [],
    };
    return [{ stream, flow, mediaType: "audio", firstPacketAtMs: 2000, lastPacketAtMs: 9000 }];
  }

  handshakes(): ReturnType<LiveMedia["handshakes"]> {
    return [{ result: "ok", durationSeconds: 0.1, retransmissions: 0 }];
  }

  ice(): ReturnType<LiveMedia["ice"]> {
    return { result: "ok", durationSeconds: 0.05 };
  }

  reportedFlows(): [] {
    return [];
  }

  stackRoundTrip(): ReturnType<LiveMedia["stackRoundTrip"]> {
    return {
      lastSeconds: 0.1,
      minSeconds: 0.1,
      meanSeconds: 0.1,
      p95Seconds: 0.1,
      maxSeconds: 0.1,
      samples: 1,
    };
  }
}

describe("LiveCalls", () => {
  it("tells of a call once, when nothing more is expected of it", () => {
    const stack = new LiveStack();
    stack.invite(1000, "one");
    stack.answer(2000, "one");
    stack.bye(10_000, "one");
    expect(stack.told).toEqual([]);
    for (let atMs = 11_000; atMs <= 60_000; atMs += 1000) stack.calls.advance(atMs);
    expect(stack.told).toHaveLength(1);
    expect(stack.told[0]).toMatchObject({
      callId: "one",
      observationPoint: "agent",
      localParty: "caller",
      outcome: { statusCode: 200, endedBy: "caller", endedBySide: "local" },
      timings: { setupSeconds: 1, durationSeconds: 8 },
    });
    expect(stack.told[0]?.confidence.map(({ kind }) => kind)).toEqual(["no-media-captured"]);
    expect(stack.calls.snapshot()).toEqual([]);
  });

  it("says nothing of how long that took which ended before it began: a clock was set back", () => {
    const stack = new LiveStack();
    stack.invite(10_000, "one");
    stack.answer(8000, "one");
    stack.bye(7000, "one");
    stack.calls.advance(70_000);
    expect(stack.told[0]).toMatchObject({ outcome: { statusCode: 200, endedBy: "caller" } });
    expect(stack.told[0]?.timings).toEqual({ disconnectDelaySeconds: 0.001 });
  });

  it("has the stack's round trips in nine digits, and leaves the stack's own as they are", () => {
    const stack = new LiveStack();
    const media = new Media(() => 0);
    const times = { ...media.stackRoundTrip(), meanSeconds: 0.1 + 0.2, samples: 2 };
    stack.invite(1000, "one");
    media.stackRoundTrip = () => times as ReturnType<LiveMedia["stackRoundTrip"]>;
    stack.calls.bind({ callId: "one", fromTag: "a" }, media);
    expect(stack.calls.snapshot()[0]?.rtt?.stack).toMatchObject({ meanSeconds: 0.3 });
    expect(times.meanSeconds).not.toBe(0.3);
  });

  it("puts the media into the record that was bound to the call, and reads it at the BYE", () => {
    const stack = new LiveStack();
    let nowMs = 0;
    const media = new Media(() => nowMs);
    stack.invite(1000, "one");
    stack.calls.bind({ callId: "one", fromTag: "a" }, media);
    stack.answer(2000, "one");
    media.packets = 350;
    nowMs = 10_000;
    stack.bye(10_000, "one");
    expect(media.sampledAt).toEqual([10_000]);
    stack.calls.advance(60_000);
    expect(stack.told).toHaveLength(1);
    expect(stack.told[0]).toMatchObject({
      streams: [{ direction: "callee-to-caller", packetsReceived: 350 }],
      security: { dtls: [{ result: "ok", durationSeconds: 0.1 }] },
      ice: { result: "ok" },
      rtt: { stack: { samples: 1 } },
    });
  });

  it("keeps media that was bound before the INVITE went out", () => {
    const stack = new LiveStack();
    stack.calls.bind({ callId: "one" }, new Media());
    stack.calls.bind({ callId: "two", fromTag: "other" }, new Media());
    stack.invite(1000, "one");
    stack.invite(1000, "two");
    const streams = stack.calls.snapshot().map((call) => [call.callId, call.streams.length]);
    expect(streams).toEqual([
      ["one", 1],
      ["two", 0],
    ]);
  });

  it("gives the oldest call up for a new one, tells of it as that, and counts it", () => {
    const stack = new LiveStack(undefined, 1);
    const { calls, told: reports } = stack;
    stack.invite(1000, "first");
    expect([calls.size, calls.limit, calls.evicted]).toEqual([1, 1, 0]);
    stack.invite(2000, "second");
    expect([calls.size, calls.limit, calls.evicted]).toEqual([1, 1, 1]);
    expect(reports.map(({ callId }) => callId)).toEqual(["first"]);
    expect(reports[0]?.confidence).toContainEqual(
      expect.objectContaining({ kind: "call-evicted" }),
    );
    stack.answer(2500, "second");
    stack.bye(3000, "second");
    calls.advance(60_000);
    expect(reports[1]?.confidence.map(({ kind }) => kind)).not.toContain("call-evicted");
  });

  it("shows open calls as they stand", () => {
    const stack = new LiveStack();
    stack.invite(1000, "one");
    expect(stack.calls.snapshot()).toMatchObject([{ callId: "one", outcome: { attempts: 1 } }]);
    stack.answer(2000, "one");
    const [open] = stack.calls.snapshot();
    expect(open?.outcome).toMatchObject({ statusCode: 200, via: "response" });
    expect(open?.course.endedAt).toBeUndefined();
    expect(stack.told).toEqual([]);
  });

  it("finds the call of media by both sides' user fragments", () => {
    const stack = new LiveStack();
    stack.invite(1000, "one");
    stack.answer(2000, "one");
    expect(stack.calls.callByFragments("loca", "remo")?.callId).toBe("one");
    expect(stack.calls.callByFragments("loca", "loca")).toBeUndefined();
    expect(stack.calls.callByFragments("loca", "else")).toBeUndefined();
  });

  it("ends open calls as abandoned when it is closed, once", () => {
    const stack = new LiveStack();
    const media = new Media();
    stack.invite(1000, "one");
    stack.answer(2000, "one");
    stack.calls.bind({ callId: "one" }, media);
    stack.calls.close(9000);
    stack.calls.close(9001);
    expect(stack.told.map(({ callId, outcome }) => [callId, outcome.via])).toEqual([
      ["one", "abandoned"],
    ]);
    expect(media.sampledAt).toHaveLength(1);
  });
});
