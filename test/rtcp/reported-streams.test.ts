import { describe, expect, it } from "vitest";

import { MAX_REPORTED_STREAMS, ReportedStreams } from "../../src/rtcp/reported-streams.js";
import {
  ALICE,
  ALICE_SSRC,
  BOB,
  BOB_SSRC,
  dlrr,
  reportBlock,
  senderReport,
  START_MS,
  TO_ALICE,
  TO_BOB,
} from "./records.js";

/** Alice's stream to Bob, on the RTP ports below the RTCP ports of the builders. */
const STREAM = {
  ssrc: ALICE_SSRC,
  source: { ...ALICE, port: ALICE.port - 1 },
  destination: { ...BOB, port: BOB.port - 1 },
};

const moved = (offset: number) => ({
  ...STREAM,
  source: { ...STREAM.source, port: STREAM.source.port + offset },
  destination: { ...STREAM.destination, port: STREAM.destination.port + offset },
});

describe("ReportedStreams", () => {
  it("brings blocks from the receiver and reports from the sender to the stream", () => {
    const streams = new ReportedStreams();
    const reports = streams.track(STREAM);
    streams.observe(reportBlock(START_MS, { packetsLost: 3, jitterTicks: 80 }));
    streams.observe(senderReport(START_MS, 1, { packetsSent: 250 }));
    expect(reports.view(8000)).toMatchObject({
      reports: 1,
      packetsLost: 3,
      jitterSeconds: { last: 0.01 },
      senderReports: { count: 1, packetsSent: 250 },
    });
    expect(streams.counters).toEqual({ delivered: 2, unknown: 0, ambiguous: 0, evicted: 0 });
  });

  it("knows RTCP that is multiplexed with RTP, and RTCP from other ports of the same hosts", () => {
    for (const port of [STREAM.source.port, STREAM.source.port + 1, 53_021]) {
      const streams = new ReportedStreams();
      const reports = streams.track(STREAM);
      streams.observe(
        reportBlock(START_MS, { path: { source: BOB, destination: { ...ALICE, port } } }),
      );
      expect(reports.view()?.reports).toBe(1);
    }
  });

  it("does not take the stream's own way for the way of reports about it", () => {
    const streams = new ReportedStreams();
    const reports = streams.track(STREAM);
    streams.observe(reportBlock(START_MS, { path: TO_BOB }));
    streams.observe(senderReport(START_MS, 1, { path: TO_ALICE }));
    expect(reports.view()).toBeUndefined();
    expect(streams.counters.unknown).toBe(2);
  });

  it("keeps streams of one SSRC apart by their ports", () => {
    const streams = new ReportedStreams();
    const first = streams.track(STREAM);
    const second = streams.track(moved(2));
    const third = streams.track({ ...STREAM, source: { address: "192.0.2.77", port: 5000 } });
    streams.observe(reportBlock(START_MS, { packetsLost: 1 }));
    const source = { ...BOB, port: BOB.port + 2 };
    const destination = { ...ALICE, port: ALICE.port + 2 };
    streams.observe(reportBlock(START_MS, { packetsLost: 2, path: { source, destination } }));
    const multiplexed = { source: STREAM.destination, destination: STREAM.source };
    streams.observe(reportBlock(START_MS, { packetsLost: 3, path: multiplexed, lsr: 1 }));
    expect(first.view()).toMatchObject({ reports: 2, packetsLost: 3 });
    expect(second.view()?.packetsLost).toBe(2);
    expect(third.view()).toBeUndefined();
  });

  it("gives a record to no stream rather than to the wrong one", () => {
    const streams = new ReportedStreams();
    const first = streams.track(STREAM);
    const second = streams.track(moved(2));
    const path = { source: { ...BOB, port: 1 }, destination: { ...ALICE, port: 2 } };
    streams.observe(reportBlock(START_MS, { path }));
    expect(first.view()).toBeUndefined();
    expect(second.view()).toBeUndefined();
    expect(streams.counters.ambiguous).toBe(1);
  });

  it("brings every block of a report to its stream", () => {
    const streams = new ReportedStreams();
    const audio = streams.track(STREAM);
    const video = streams.track({ ...STREAM, ssrc: 7 });
    streams.observe(reportBlock(START_MS, { jitterTicks: 90 }));
    streams.observe(reportBlock(START_MS, { jitterTicks: 90, subjectSsrc: 7 }));
    expect(audio.view(8000)?.jitterSeconds?.last).toBe(90 / 8000);
    expect(video.view(90_000)?.jitterSeconds?.last).toBe(0.001);
  });

  it("brings names and farewells to the stream of their subject", () => {
    const streams = new ReportedStreams();
    const reports = streams.track(STREAM);
    const about = { atMs: START_MS, path: TO_BOB, senderSsrc: 99, subjectSsrc: ALICE_SSRC };
    streams.observe({ kind: "cname", ...about, cname: "a" });
    streams.observe({ kind: "bye", ...about });
    expect(reports.view()).toEqual({ reports: 0, cname: "a", bye: { atMs: START_MS } });
  });

  it("does not count records that are about no stream", () => {
    const streams = new ReportedStreams();
    streams.track(STREAM);
    streams.observe(dlrr(START_MS));
    streams.observe({ kind: "receiver-report", atMs: 0, path: TO_BOB, senderSsrc: 1, blocks: 0 });
    expect(streams.counters).toEqual({ delivered: 0, unknown: 0, ambiguous: 0, evicted: 0 });
  });

  it("gives up the stream that is tracked for longest, and counts it", () => {
    const streams = new ReportedStreams();
    const first = streams.track(STREAM);
    const second = streams.track(moved(2));
    for (let ssrc = 1; ssrc < MAX_REPORTED_STREAMS; ssrc += 1) {
      streams.track({ ...STREAM, ssrc: BOB_SSRC + 0x100000 + ssrc });
    }
    expect(streams.counters.evicted).toBe(1);
    streams.observe(reportBlock(START_MS));
    expect(first.view()).toBeUndefined();
    // With the twin gone, hosts alone tell.
    expect(second.view()?.reports).toBe(1);
  });
});
