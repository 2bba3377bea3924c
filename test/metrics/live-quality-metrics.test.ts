import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { IntervalReport, StreamReport } from "../../src/call/report.js";
import { exposition } from "../../src/metrics/exposition.js";
import { LiveQualityMetrics } from "../../src/metrics/live-quality-metrics.js";
import { register } from "../../src/metrics/prometheus.js";
import { Recorder } from "../../src/metrics/recorder.js";
import type { SipCall } from "../../src/sip/call.js";
import { counted, someCall, someInterval, someQuality, someReport, someStream } from "./calls.js";

/** When the streams of these calls had their last packet. */
const NOW_MS = Date.parse("2026-01-02T03:04:18.000Z");

/** A call that goes on. */
function goingOn(streams: readonly StreamReport[], changes: Partial<CallReport> = {}): CallReport {
  const course = { answeredAt: "2026-01-02T03:04:08.000000Z" };
  return someReport({ course, streams, ...changes });
}

/** A stream, rated, with intervals of five seconds each. */
function heard(
  intervals: readonly Partial<IntervalReport>[],
  changes: Partial<StreamReport> = {},
): StreamReport {
  return someStream({
    quality: someQuality(4.2),
    intervals: intervals.map((one, i) => someInterval(5 * i, one)),
    ...changes,
  });
}

const jitter = (mean: number): Partial<IntervalReport> => ({ jitterSeconds: { mean, max: mean } });

class Watched {
  readonly recorder = new Recorder();
  readonly metrics = new LiveQualityMetrics(this.recorder);

  tell(report: CallReport, call: SipCall = someCall(), atMs = NOW_MS): SipCall {
    this.metrics.onInterval(report, { call, atMs });
    return call;
  }

  /** Series that are not at 0. */
  shown(name: string): Record<string, number> {
    return counted(this.recorder, name);
  }

  lines(name: string): string[] {
    return exposition(this.recorder)
      .split("\n")
      .filter((line) => line.startsWith(name));
  }
}

describe("calls in progress", () => {
  it("are nowhere while nobody follows them", () => {
    expect(exposition(new Recorder())).not.toMatch(/^rtp_live/m);
  });

  it("are counted by what users would say of the worse direction", () => {
    const watched = new Watched();
    const rated = (mosLq: number, mosCq?: number): Partial<IntervalReport> => ({
      quality: someQuality(mosLq, mosCq),
    });
    watched.tell(
      goingOn([heard([rated(4.4)]), heard([rated(3.7)], { direction: "callee-to-caller" })]),
    );
    // Delay is what makes this one bad.
    watched.tell(goingOn([heard([rated(4.4, 2)])]));
    watched.tell(goingOn([heard([{}])]));
    expect(watched.shown("rtp_live_calls")).toEqual({
      'rtp_live_calls{transport="sip",verdict="some-dissatisfied"}': 1,
      'rtp_live_calls{transport="sip",verdict="not-recommended"}': 1,
      'rtp_live_calls{transport="sip",verdict="unrated"}': 1,
    });
    expect(watched.lines("rtp_live_calls")).toHaveLength(14);
  });

  it("show the mean and the worst of their last whole intervals", () => {
    const watched = new Watched();
    // The third interval is in progress.
    watched.tell(goingOn([heard([jitter(0.5), jitter(0.01), jitter(0.7)])]));
    watched.tell(goingOn([heard([jitter(0.5), jitter(0.03)])]));
    expect(watched.shown("rtp_live_jitter_seconds")).toEqual({
      'rtp_live_jitter_seconds{direction="inbound",source="measured",stat="mean",transport="sip"}': 0.02,
      'rtp_live_jitter_seconds{direction="inbound",source="measured",stat="worst",transport="sip"}': 0.03,
    });
  });

  it("show the lowest score as the worst, each scale apart", () => {
    const watched = new Watched();
    for (const mos of [4, 3, 3.5]) {
      watched.tell(goingOn([heard([{ quality: someQuality(mos) }])]));
    }
    watched.tell(
      goingOn([
        heard([{ quality: someQuality(2) }], { quality: someQuality(2, undefined, "fullband") }),
      ]),
    );
    expect(watched.shown("rtp_live_mos")).toEqual({
      'rtp_live_mos_lq{direction="inbound",scale="narrowband",stat="mean",transport="sip"}': 3.5,
      'rtp_live_mos_lq{direction="inbound",scale="narrowband",stat="worst",transport="sip"}': 3,
      'rtp_live_mos_lq{direction="inbound",scale="fullband",stat="mean",transport="sip"}': 2,
      'rtp_live_mos_lq{direction="inbound",scale="fullband",stat="worst",transport="sip"}': 2,
    });
  });

  it("show what the far end reports beside what is measured", () => {
    const watched = new Watched();
    const range = (last: number) => ({ last, mean: 0.9, max: 0.9 });
    const rtcp = { reports: 3, jitterSeconds: range(0.02), fractionLost: range(0.25) };
    watched.tell(goingOn([heard([{ packetsMissing: 25 }], { rtcp })], { localParty: "caller" }));
    expect(watched.shown("rtp_live_loss_ratio")).toEqual({
      'rtp_live_loss_ratio{direction="outbound",source="measured",stat="mean",transport="sip"}': 0.1,
      'rtp_live_loss_ratio{direction="outbound",source="measured",stat="worst",transport="sip"}': 0.1,
      'rtp_live_loss_ratio{direction="outbound",source="reported",stat="mean",transport="sip"}': 0.25,
      'rtp_live_loss_ratio{direction="outbound",source="reported",stat="worst",transport="sip"}': 0.25,
    });
  });

  it("show a loss of 0 where nothing was lost, and nothing where nobody knows", () => {
    const watched = new Watched();
    watched.tell(goingOn([heard([{ packetsExpected: 250, packetsMissing: 0 }])]));
    expect(watched.lines("rtp_live_loss_ratio")).toEqual([
      'rtp_live_loss_ratio{direction="inbound",source="measured",stat="mean",transport="sip"} 0',
      'rtp_live_loss_ratio{direction="inbound",source="measured",stat="worst",transport="sip"} 0',
    ]);
    expect(watched.lines("rtp_live_rtt")).toEqual([]);
  });

  it("take the newest round-trip time of the best view", () => {
    const watched = new Watched();
    const summary = (lastSeconds: number) => ({
      lastSeconds,
      minSeconds: 0.01,
      meanSeconds: 0.01,
      p95Seconds: 0.01,
      maxSeconds: 0.9,
      samples: 9,
    });
    const rtt = { reported: summary(0.2), stack: summary(0.3) };
    watched.tell(goingOn([heard([{}])], { rtt, transport: "webrtc" }));
    expect(watched.shown("rtp_live_rtt_seconds")).toEqual({
      'rtp_live_rtt_seconds{stat="mean",transport="webrtc"}': 0.2,
      'rtp_live_rtt_seconds{stat="worst",transport="webrtc"}': 0.2,
    });
  });

  it.each([
    ["no stream yet", goingOn([]), NOW_MS],
    ["no whole interval yet", goingOn([heard([], { intervals: [someInterval(8)] })]), NOW_MS],
    ["no packet for long", goingOn([heard([{}])]), NOW_MS + 15_000],
    ["no audio", goingOn([heard([{}], { mediaType: "video" })]), NOW_MS],
    ["hung up", someReport({ streams: [heard([{}])] }), NOW_MS],
  ])("do not count with %s, and no longer do when it comes to that", (_, report, atMs) => {
    const watched = new Watched();
    const call = watched.tell(goingOn([heard([jitter(0.02)])]));
    expect(watched.shown("rtp_live")).not.toEqual({});
    watched.tell(report, call, atMs);
    expect(watched.shown("rtp_live")).toEqual({});
    expect(watched.lines("rtp_live_jitter")).toEqual([]);
  });

  it("are those of all probes that record in one place", () => {
    const watched = new Watched();
    const other = new LiveQualityMetrics(watched.recorder);
    watched.tell(goingOn([heard([jitter(0.01)])]));
    const call = someCall();
    other.onInterval(goingOn([heard([jitter(0.03)])]), { call, atMs: NOW_MS });
    expect(Object.values(watched.shown("rtp_live_jitter"))).toEqual([0.02, 0.03]);
    expect(Object.values(watched.shown("rtp_live_calls"))).toEqual([2]);
    other.onCall(someReport(), { call });
    expect(Object.values(watched.shown("rtp_live_calls"))).toEqual([1]);
  });

  it("are gone with their end, and leave no line behind, wherever they are read", async () => {
    const watched = new Watched();
    const registry = register(watched.recorder);
    const call = watched.tell(goingOn([heard([jitter(0.02)])]));
    expect(await registry.metrics()).toBe(exposition(watched.recorder));
    expect(watched.lines("rtp_live_jitter")).toHaveLength(2);
    watched.metrics.onCall(someReport(), { call });
    expect(watched.shown("rtp_live")).toEqual({});
    expect(watched.lines("rtp_live_jitter")).toEqual([]);
    expect(await registry.metrics()).toBe(exposition(watched.recorder));
    watched.tell(goingOn([heard([jitter(0.03)])]));
    expect(Object.values(watched.shown("rtp_live_jitter"))).toEqual([0.03, 0.03]);
  });
});
