import { describe, expect, it } from "vitest";

import type { RtcpRecord, XrVoipMetrics } from "../../src/rtcp/report.js";
import { MAX_REPORTED_JITTER_TICKS, StreamReports } from "../../src/rtcp/reported-view.js";
import { COPY_WINDOW_MS } from "../../src/rtcp/sent-reports.js";
import {
  ALICE_SSRC,
  BOB_SSRC,
  dlrr,
  referenceTime,
  reportBlock,
  senderReport,
  START_MS,
  TO_ALICE,
  TO_BOB,
} from "./records.js";

function viewOf(records: readonly RtcpRecord[], clockRateHz?: number) {
  const reports = new StreamReports();
  for (const record of records) reports.observe(record);
  return reports.view(clockRateHz);
}

const METRICS: XrVoipMetrics["metrics"] = {
  lossRatio: 0.25,
  discardRatio: 0,
  burst: { densityRatio: 0.5, durationSeconds: 0.12 },
  gap: { densityRatio: 0.04, durationSeconds: 0.52 },
  gmin: 16,
  roundTripSeconds: 0.084,
  mosLq: 4.3,
  jitterBuffer: {
    rate: 0,
    nominalSeconds: 0.04,
    maximumSeconds: 0.08,
    absoluteMaximumSeconds: 0.12,
  },
};

function voipMetrics(atMs: number, metrics: Partial<XrVoipMetrics["metrics"]>): XrVoipMetrics {
  return {
    kind: "xr-voip-metrics",
    atMs,
    path: TO_ALICE,
    senderSsrc: BOB_SSRC,
    subjectSsrc: ALICE_SSRC,
    metrics: { ...METRICS, ...metrics },
  };
}

describe("StreamReports", () => {
  it("says nothing of a stream that nobody reported on", () => {
    expect(viewOf([])).toBeUndefined();
    const silent: RtcpRecord[] = [
      referenceTime(START_MS, 1),
      dlrr(START_MS),
      { kind: "encrypted", atMs: START_MS, path: TO_BOB, senderSsrc: ALICE_SSRC, packetType: 200 },
    ];
    expect(viewOf(silent)).toBeUndefined();
  });

  it("keeps the cumulative loss apart from the fractions lost between reports", () => {
    const view = viewOf([
      reportBlock(START_MS, { packetsLost: 10, fractionLost: 0.5, extendedHighestSequence: 20 }),
      reportBlock(START_MS + 5000, { packetsLost: 10, extendedHighestSequence: 40 }),
      reportBlock(START_MS + 10_000, {
        packetsLost: 12,
        fractionLost: 0.25,
        extendedHighestSequence: 65_600,
      }),
    ]);
    expect(view).toEqual({
      reports: 3,
      packetsLost: 12,
      fractionLost: { last: 0.25, mean: 0.25, max: 0.5 },
      extendedHighestSequence: 65_600,
    });
  });

  it("reports a measured 0 as 0", () => {
    expect(viewOf([reportBlock(START_MS)], 8000)).toEqual({
      reports: 1,
      packetsLost: 0,
      fractionLost: { last: 0, mean: 0, max: 0 },
      jitterSeconds: { last: 0, mean: 0, max: 0 },
      extendedHighestSequence: 0,
    });
  });

  it("keeps the sign of the cumulative loss", () => {
    expect(viewOf([reportBlock(START_MS, { packetsLost: -8_388_608 })])?.packetsLost).toBe(
      -8_388_608,
    );
  });

  it("gives jitter in seconds of the stream's clock, and none without a clock", () => {
    const records = [80, 240, 160].map((jitterTicks, n) =>
      reportBlock(START_MS + n * 5000, { jitterTicks }),
    );
    expect(viewOf(records, 8000)?.jitterSeconds).toEqual({ last: 0.02, mean: 0.02, max: 0.03 });
    expect(viewOf(records, 48_000)?.jitterSeconds?.last).toBeCloseTo(160 / 48_000, 12);
    expect(viewOf(records)).not.toHaveProperty("jitterSeconds");
  });

  it("leaves out a jitter that no network makes, and counts it", () => {
    const view = viewOf(
      [
        reportBlock(START_MS, { jitterTicks: MAX_REPORTED_JITTER_TICKS }),
        reportBlock(START_MS + 5000, { jitterTicks: 160_358_048 }),
      ],
      90_000,
    );
    expect(view).toMatchObject({
      reports: 2,
      jitterSeconds: { last: 10, mean: 10, max: 10 },
      jitterDiscarded: 1,
    });
  });

  it("counts a block once that a mirror port shows twice", () => {
    const block = reportBlock(START_MS, { fractionLost: 0.5, lsr: 5, dlsr: 6 });
    const copy = { ...block, atMs: START_MS + 2 };
    const next = reportBlock(START_MS + 5000, { lsr: 7, dlsr: 6 });
    expect(viewOf([block, copy, next])).toMatchObject({
      reports: 2,
      fractionLost: { last: 0, mean: 0.25, max: 0.5 },
    });
  });

  it("counts equal blocks of two reporters, and of one after the copy window", () => {
    const block = reportBlock(START_MS);
    const ofOther = { ...block, senderSsrc: 9 };
    const later = { ...block, atMs: START_MS + COPY_WINDOW_MS };
    expect(viewOf([block, ofOther, later])?.reports).toBe(3);
  });

  it("gives the last VoIP metrics, and all their round-trip times", () => {
    const view = viewOf([
      voipMetrics(START_MS, {}),
      voipMetrics(START_MS + 5000, { roundTripSeconds: 0.1, mosLq: 4 }),
      voipMetrics(START_MS + 5002, { roundTripSeconds: 0.1, mosLq: 4 }),
    ]);
    expect(view?.reports).toBe(0);
    expect(view?.voipMetrics).toEqual({ ...METRICS, roundTripSeconds: 0.1, mosLq: 4 });
    expect(view?.roundTrip).toMatchObject({ samples: 2, minSeconds: 0.084, lastSeconds: 0.1 });
  });

  it("has no round trip where the reporter knows none", () => {
    const metrics = { ...METRICS };
    delete metrics.roundTripSeconds;
    const view = viewOf([{ ...voipMetrics(START_MS, {}), metrics }]);
    expect(view).toEqual({ reports: 0, voipMetrics: metrics });
  });

  it("gives what the sender says of itself", () => {
    const view = viewOf([
      senderReport(START_MS, 1, { packetsSent: 250, bytesSent: 40_000 }),
      senderReport(START_MS + 3, 1, { packetsSent: 250, bytesSent: 40_000 }),
      senderReport(START_MS + 5000, 2, { packetsSent: 500, bytesSent: 80_000 }),
      {
        kind: "cname",
        atMs: START_MS,
        path: TO_BOB,
        senderSsrc: ALICE_SSRC,
        subjectSsrc: ALICE_SSRC,
        cname: "alice@192.0.2.1",
      },
      {
        kind: "bye",
        atMs: START_MS + 6000,
        path: TO_BOB,
        senderSsrc: ALICE_SSRC,
        subjectSsrc: ALICE_SSRC,
        reason: "done",
      },
      {
        kind: "bye",
        atMs: START_MS + 6500,
        path: TO_BOB,
        senderSsrc: ALICE_SSRC,
        subjectSsrc: ALICE_SSRC,
      },
    ]);
    expect(view).toEqual({
      reports: 0,
      senderReports: { count: 2, packetsSent: 500, bytesSent: 80_000 },
      cname: "alice@192.0.2.1",
      bye: { atMs: START_MS + 6000, reason: "done" },
    });
  });

  it("counts on where a 32-bit counter of the sender wraps, and starts anew where it resets", () => {
    const octets = [4_294_000_000, 2_000, 1_500_000_000];
    const wrapped = octets.map((bytesSent, n) =>
      senderReport(START_MS + n * 5000, n + 1, { bytesSent }),
    );
    expect(viewOf(wrapped)?.senderReports?.bytesSent).toBe(2 ** 32 + 1_500_000_000);
    const reset = senderReport(START_MS + 60_000, 9, { bytesSent: 160 });
    expect(viewOf([...wrapped, reset])?.senderReports?.bytesSent).toBe(160);
  });

  it.each([0, -1, NaN])("rejects a clock rate of %d", (clockRateHz) => {
    expect(() => new StreamReports().view(clockRateHz)).toThrow(RangeError);
  });
});
