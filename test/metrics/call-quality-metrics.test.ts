import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { RoundTripSummary } from "../../src/rtcp/round-trip.js";
import { CallMetrics, type CallMetricsOptions } from "../../src/metrics/call-metrics.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { counted, someCall, someInterval, someQuality, someReport, someStream } from "./calls.js";

/** What is counted under names that start so after this call. */
function after(
  start: string,
  report: Partial<CallReport>,
  options: CallMetricsOptions = {},
): Record<string, number> {
  const recorder = new Recorder();
  new CallMetrics(recorder, options).onCall(someReport(report), { call: someCall() });
  return counted(recorder, start);
}

/** The sum of a summary after this call; absent without a sample. */
function sample(
  name: string,
  report: Partial<CallReport>,
  options?: CallMetricsOptions,
): number | undefined {
  const found = after(name, report, options);
  return found[`${name}_count`] === undefined ? undefined : (found[`${name}_sum`] ?? 0);
}

const rtt = (meanSeconds: number): RoundTripSummary => ({
  lastSeconds: meanSeconds,
  minSeconds: meanSeconds,
  meanSeconds,
  p95Seconds: meanSeconds,
  maxSeconds: meanSeconds,
  samples: 1,
});
const jitter = (mean: number): { last: number; mean: number; max: number } => ({
  last: 0,
  mean,
  max: 1,
});
const back = { direction: "callee-to-caller" } as const;

describe("one figure for a whole call", () => {
  it("takes the round-trip time that was measured, else reported, else the stack's", () => {
    const all = { measured: rtt(0.0201), reported: rtt(0.03), stack: rtt(0.04) };
    const { measured, ...others } = all;
    expect(sample("sip_call_rtt_ms", { rtt: all })).toBe(20.1);
    expect(sample("sip_call_rtt_ms", { rtt: others })).toBe(30);
    expect(sample("sip_call_rtt_ms", { rtt: { stack: all.stack } })).toBe(40);
    expect(sample("sip_call_rtt_ms", {})).toBeUndefined();
    expect(measured.samples).toBe(1);
  });

  it("takes the mean jitter of the worst audio stream", () => {
    const streams = [
      someStream({ jitterSeconds: jitter(0.002) }),
      someStream({ ...back, jitterSeconds: jitter(0.0123) }),
      someStream({
        jitterSeconds: jitter(0.5),
        payloadTypes: [{ payloadType: 96, packets: 1, codec: "VP8", kind: "video" }],
        packetsDiscarded: undefined as never,
      }),
    ];
    expect(sample("sip_call_jitter_ms", { streams })).toBe(12.3);
    expect(sample("sip_call_jitter_ms", { streams: [someStream()] })).toBeUndefined();
    const still = [someStream({ jitterSeconds: jitter(0) })];
    expect(sample("sip_call_jitter_ms", { streams: still })).toBeUndefined();
    expect(after("metrics_ignored", { streams: still })).toEqual({});
  });

  it("takes the loss of the worst audio stream, a measured 0 included", () => {
    const streams = [someStream({ lossRatio: 0.01 }), someStream({ ...back, lossRatio: 0.04 })];
    expect(sample("sip_call_loss_fraction", { streams })).toBe(0.04);
    expect(sample("sip_call_loss_fraction", { streams: [someStream()] })).toBe(0);
    expect(sample("sip_call_loss_fraction", { streams: [] })).toBeUndefined();
    const nothing = [someStream({ packetsExpected: 0 })];
    expect(sample("sip_call_loss_fraction", { streams: nothing })).toBeUndefined();
  });

  it("takes the score of the worse direction, of conversing where it is known", () => {
    const quality = {
      callerToCallee: someQuality(4.4, 4.3),
      calleeToCaller: someQuality(4.2, 3.9),
    };
    expect(sample("sip_call_mos_estimate", { quality })).toBe(3.9);
    const listening = { callerToCallee: someQuality(4.1), calleeToCaller: someQuality(4.4) };
    expect(sample("sip_call_mos_estimate", { quality: listening })).toBe(4.1);
    expect(sample("sip_call_mos_estimate", {})).toBeUndefined();
  });

  it("is taken of what the local side receives where only that is asked for", () => {
    const report: Partial<CallReport> = {
      streams: [
        someStream({ lossRatio: 0.01, jitterSeconds: jitter(0.001) }),
        someStream({ ...back, lossRatio: 0.04, jitterSeconds: jitter(0.004) }),
      ],
      quality: { callerToCallee: someQuality(4.4), calleeToCaller: someQuality(3.1) },
    };
    const options = { directions: "inbound" } as const;
    const figures = (localParty: "caller" | "callee"): (number | undefined)[] =>
      ["sip_call_loss_fraction", "sip_call_jitter_ms", "sip_call_mos_estimate"].map((name) =>
        sample(name, { ...report, localParty }, options),
      );
    expect(figures("callee")).toEqual([0.01, 1, 4.4]);
    expect(figures("caller")).toEqual([0.04, 4, 3.1]);
  });
});

describe("figures by direction and view", () => {
  const streams = [
    someStream({
      jitterSeconds: jitter(0.004),
      lossRatio: 0.02,
      delayVariationSeconds: { p50: 0, p95: 0.03, p99: 0.1, max: 0.2 },
      rtcp: {
        reports: 3,
        jitterSeconds: { last: 0, mean: 0.007, max: 0 },
        fractionLost: { last: 0, mean: 0.03, max: 0 },
      },
    }),
    someStream({ codec: "OPUS", jitterSeconds: jitter(0.002), lossRatio: 0.5 }),
  ];

  it("are each of the stream that is worst in it, under its own codec", () => {
    expect(after("rtp_call_jitter_seconds_sum", { streams })).toEqual({
      'rtp_call_jitter_seconds_sum{codec="PCMU",direction="inbound",source="measured",transport="sip"}': 0.004,
      'rtp_call_jitter_seconds_sum{codec="PCMU",direction="inbound",source="reported",transport="sip"}': 0.007,
    });
    expect(after("rtp_call_loss_ratio_sum", { streams })).toEqual({
      'rtp_call_loss_ratio_sum{codec="PCMU",direction="inbound",source="reported",transport="sip"}': 0.03,
      'rtp_call_loss_ratio_sum{codec="opus",direction="inbound",source="measured",transport="sip"}': 0.5,
    });
    expect(after("rtp_call_delay_variation_seconds_sum", { streams })).toEqual({
      'rtp_call_delay_variation_seconds_sum{codec="PCMU",direction="inbound",source="measured",transport="sip"}': 0.03,
    });
  });

  it("turn with the local side", () => {
    const found = after("rtp_call_loss_ratio_count", { streams, localParty: "caller" });
    expect(Object.keys(found).every((line) => line.includes('direction="outbound"'))).toBe(true);
    expect(Object.keys(found)).toHaveLength(2);
  });

  it("keep all views of the round-trip time apart", () => {
    const views = { measured: rtt(0.02), reported: rtt(0.3), stack: rtt(0.04) };
    expect(after("rtp_call_rtt_seconds_sum", { rtt: views })).toEqual({
      'rtp_call_rtt_seconds_sum{source="measured",transport="sip"}': 0.02,
      'rtp_call_rtt_seconds_sum{source="reported",transport="sip"}': 0.3,
      'rtp_call_rtt_seconds_sum{source="stack",transport="sip"}': 0.04,
    });
  });

  it("carry the scale of a score, and the codec it is of", () => {
    const quality = someQuality(4.3, 4.1, "fullband");
    const report = {
      streams: [someStream({ quality: someQuality(4.4) }), someStream({ codec: "opus", quality })],
      quality: { callerToCallee: quality },
    };
    expect(after("rtp_call_mos_cq_sum", report)).toEqual({
      'rtp_call_mos_cq_sum{codec="opus",direction="inbound",scale="fullband",transport="sip"}': 4.1,
    });
    expect(after("rtp_call_mos_lq_count", report)).toEqual({
      'rtp_call_mos_lq_count{codec="opus",direction="inbound",scale="fullband",transport="sip"}': 1,
    });
  });

  it("are of another codec where the codec is not listed, and say so; unknown where none is", () => {
    const odd = [someStream({ codec: "L24" })];
    expect(Object.keys(after("rtp_call_loss_ratio_count", { streams: odd }))[0]).toContain(
      'codec="other"',
    );
    expect(after("metrics_unknown", { streams: odd })).toEqual({
      'metrics_unknown_value_total{key="codec",metric="rtp_call_loss_ratio"}': 1,
    });
    const { codec, ...silent } = someStream();
    expect(codec).toBe("PCMU");
    expect(Object.keys(after("rtp_call_loss_ratio_count", { streams: [silent] }))[0]).toContain(
      'codec="unknown"',
    );
  });
});

describe("figures by interval", () => {
  const quality = someQuality(4.4, 4.2);

  it("weigh every interval the same, and a merged one as those it stands for", () => {
    const intervals = [
      someInterval(0, { jitterSeconds: { mean: 0.001, max: 1 }, packetsMissing: 25 }),
      someInterval(5, { jitterSeconds: { mean: 0.004, max: 1 } }, 20),
      someInterval(25, { jitterSeconds: { mean: 0.008, max: 1 }, packetsExpected: 0 }),
    ];
    const streams = [someStream({ intervals, lastPacketAt: "2026-01-02T03:04:38.000000Z" })];
    const labels = '{codec="PCMU",direction="inbound",transport="sip"}';
    expect(after("rtp_interval_jitter_seconds_", { streams })).toMatchObject({
      [`rtp_interval_jitter_seconds_count${labels}`]: 6,
      [`rtp_interval_jitter_seconds_sum${labels}`]: 0.025,
    });
    expect(after("rtp_interval_loss_ratio_", { streams })).toMatchObject({
      [`rtp_interval_loss_ratio_count${labels}`]: 5,
      [`rtp_interval_loss_ratio_sum${labels}`]: 0.1,
      'rtp_interval_loss_ratio_bucket{codec="PCMU",direction="inbound",transport="sip",le="0"}': 4,
    });
  });

  it("leave out the rest of a stream that is shorter than half an interval", () => {
    const intervals = [someInterval(0), someInterval(5)];
    const counts = (lastPacketAt: string): number[] =>
      Object.values(
        after("rtp_interval_loss_ratio_count", {
          streams: [someStream({ intervals, lastPacketAt })],
        }),
      );
    expect(counts("2026-01-02T03:04:15.400000Z")).toEqual([1]);
    expect(counts("2026-01-02T03:04:15.600000Z")).toEqual([2]);
  });

  it("carry scores where the stream has a scale", () => {
    const rated = { quality: { rFactor: 90, mosLq: 4.4, mosCq: 4.2 } };
    const intervals = [someInterval(0, rated)];
    expect(
      after("rtp_interval_mos_cq_sum", { streams: [someStream({ intervals, quality })] }),
    ).toEqual({
      'rtp_interval_mos_cq_sum{codec="PCMU",direction="inbound",scale="narrowband",transport="sip"}': 4.2,
    });
    expect(after("rtp_interval_mos", { streams: [someStream({ intervals })] })).toEqual({});
  });

  it("stay out of the families by call", () => {
    const intervals = [someInterval(0, { jitterSeconds: { mean: 0.001, max: 1 } })];
    expect(after("rtp_call_jitter", { streams: [someStream({ intervals })] })).toEqual({});
  });

  it.each([0, -5, Number.NaN, Infinity])("are not of %d seconds", (intervalSeconds) => {
    expect(() => new CallMetrics(new Recorder(), { intervalSeconds })).toThrow(RangeError);
  });
});

describe("packets", () => {
  it("are counted by direction and media", () => {
    const video = someStream({
      ...back,
      payloadTypes: [{ payloadType: 96, packets: 500, codec: "VP8", kind: "video" }],
      packetsDiscarded: undefined as never,
    });
    const streams = [
      someStream({ packetsMissing: 5, packetsExpected: 505, packetsDiscarded: 2 }),
      someStream({ packetsDuplicated: 3, packetsReordered: 4 }),
      video,
    ];
    const audio = '{direction="inbound",media="audio",transport="sip"}';
    expect(after("rtp_packets", { streams })).toEqual({
      [`rtp_packets_discarded_total${audio}`]: 2,
      [`rtp_packets_duplicated_total${audio}`]: 3,
      [`rtp_packets_expected_total${audio}`]: 1005,
      'rtp_packets_expected_total{direction="outbound",media="video",transport="sip"}': 500,
      [`rtp_packets_lost_total${audio}`]: 5,
      [`rtp_packets_received_total${audio}`]: 1000,
      'rtp_packets_received_total{direction="outbound",media="video",transport="sip"}': 500,
      [`rtp_packets_reordered_total${audio}`]: 4,
    });
    expect(after("rtp_payload_bytes", { streams: [video] })).toEqual({
      'rtp_payload_bytes_total{direction="outbound",media="video",transport="sip"}': 80_000,
    });
    expect(after("rtp_wire_bytes", { streams: [video] })).toEqual({
      'rtp_wire_bytes_total{direction="outbound",media="video",transport="sip"}': 100_000,
    });
  });
});

describe("how losses were spread over a call", () => {
  const stretch = (mosLq: number): { from: string; to: string; mosLq: number } => ({
    from: "",
    to: "",
    mosLq,
  });

  it("takes the worst audio stream of each direction", () => {
    const streams = [
      someStream({
        burst: { count: 1, packets: 10, density: 0.3, durationSeconds: 0.2 },
        gap: { packets: 490, density: 0, durationSeconds: 5 },
      }),
      someStream({
        burst: { count: 2, packets: 20, density: 0.5, durationSeconds: 0.15 },
        gap: { packets: 480, density: 0.02, durationSeconds: 5 },
      }),
      someStream({ ...back, gap: { packets: 500, density: 0 } }),
    ];
    const labels = '{direction="inbound",transport="sip"}';
    const isWhole = ([name]: [string, number]): boolean => !name.includes("_bucket");
    const whole = (start: string): object =>
      Object.fromEntries(Object.entries(after(start, { streams })).filter(isWhole));
    expect(whole("rtp_call_burst_")).toEqual({
      [`rtp_call_burst_duration_seconds_sum${labels}`]: 0.2,
      [`rtp_call_burst_duration_seconds_count${labels}`]: 1,
      [`rtp_call_burst_density_ratio_sum${labels}`]: 0.5,
      [`rtp_call_burst_density_ratio_count${labels}`]: 1,
    });
    expect(whole("rtp_call_gap_")).toEqual({
      [`rtp_call_gap_density_ratio_sum${labels}`]: 0.02,
      [`rtp_call_gap_density_ratio_count${labels}`]: 1,
      'rtp_call_gap_density_ratio_count{direction="outbound",transport="sip"}': 1,
    });
    expect(after("rtp_bursts", { streams })).toEqual({ [`rtp_bursts_total${labels}`]: 3 });
  });

  it("takes the lowest score of a stretch, and none of what was not rated", () => {
    const quality = someQuality(4.2);
    const streams = [
      someStream({ quality, worst: stretch(3.9) }),
      someStream({ quality, worst: stretch(2.5) }),
      someStream({ ...back, worst: stretch(1.5) }),
    ];
    const labels = '{direction="inbound",scale="narrowband",transport="sip"}';
    expect(after("rtp_call_worst_mos_lq_sum", { streams })).toEqual({
      [`rtp_call_worst_mos_lq_sum${labels}`]: 2.5,
    });
  });
});

describe("the rating factor of a call", () => {
  it("is counted once a rated direction, beside its scores", () => {
    const quality = { callerToCallee: { ...someQuality(4.4, 4.3, "fullband"), rFactor: 131.5 } };
    const streams = [someStream({ codec: "opus", quality: quality.callerToCallee })];
    const labels = '{codec="opus",direction="inbound",scale="fullband",transport="sip"}';
    expect(after("rtp_call_r_factor_sum", { streams, quality })).toEqual({
      [`rtp_call_r_factor_sum${labels}`]: 131.5,
    });
    expect(after("rtp_call_r_factor_count", { streams })).toEqual({});
  });
});
