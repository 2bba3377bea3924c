import { describe, expect, it } from "vitest";

import { EndpointRoundTrip } from "../../src/rtcp/endpoint-round-trip.js";
import {
  ALICE_SSRC,
  dlrr,
  referenceTime,
  reportBlock,
  senderReport,
  START_MS,
  units,
} from "./records.js";

const LSR = 0xfffffff0;

describe("EndpointRoundTrip", () => {
  it("gives the whole round trip from what this end sent and received", () => {
    const endpoint = new EndpointRoundTrip();
    endpoint.sent(senderReport(START_MS, LSR));
    const answer = reportBlock(START_MS + 1085, { lsr: LSR, dlsr: units(1) });
    expect(endpoint.received(answer)).toEqual({
      atMs: answer.atMs,
      path: answer.path,
      ssrc: ALICE_SSRC,
      kind: "full",
      seconds: expect.closeTo(0.085, 9) as number,
      source: "sr",
    });
  });

  it("measures from reference times", () => {
    const endpoint = new EndpointRoundTrip();
    endpoint.sent(referenceTime(START_MS, LSR));
    const sample = endpoint.received(dlrr(START_MS + 85, { lrr: LSR }));
    expect(sample).toMatchObject({ kind: "full", source: "xr" });
    expect(sample?.seconds).toBeCloseTo(0.085, 9);
  });

  it("does not answer reports of the far end with blocks of its own", () => {
    const endpoint = new EndpointRoundTrip();
    expect(endpoint.received(senderReport(START_MS, LSR))).toBeUndefined();
    endpoint.sent(reportBlock(START_MS + 85, { lsr: LSR }));
    expect(endpoint.received(reportBlock(START_MS + 85, { lsr: LSR }))).toBeUndefined();
    expect(endpoint.counters.unmatched).toBe(1);
  });

  it("counts what it discards", () => {
    const endpoint = new EndpointRoundTrip();
    endpoint.sent(senderReport(START_MS, LSR));
    expect(endpoint.received(reportBlock(START_MS))).toBeUndefined();
    const early = reportBlock(START_MS + 10, { lsr: LSR, dlsr: units(1) });
    expect(endpoint.received(early)).toBeUndefined();
    const late = reportBlock(START_MS + 60_000, { lsr: LSR });
    expect(endpoint.received(late)).toBeUndefined();
    expect(endpoint.counters).toMatchObject({ noReport: 1, negative: 1, tooLong: 1 });
  });
});
