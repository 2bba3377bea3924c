import { describe, expect, it } from "vitest";

import { RtcpKnowledge } from "../../src/capture/rtcp-knowledge.js";
import type { RtcpEvent } from "../../src/native/events.js";
import type { Path, RtcpRecord } from "../../src/rtcp/report.js";
import { reportBlock, senderReport, START_MS, units } from "../rtcp/records.js";

const PAIRS = 70_000;
const LSR = 0xb7052000;

/** A caller of its own with one callee, both over ports that many share. */
function pathOf(pair: number): Path {
  return {
    source: { address: `10.${pair >> 16}.${(pair >> 8) & 255}.${pair & 255}`, port: 5000 },
    destination: { address: "192.0.2.1", port: 10_000 + 2 * (pair % 20_000) },
  };
}

function back({ source, destination }: Path): Path {
  return { source: destination, destination: source };
}

describe("RtcpKnowledge", () => {
  it("has reports and round-trip times of every stream, however many go on at a time", () => {
    const knowledge = new RtcpKnowledge();
    const paths = Array.from({ length: PAIRS }, (_, pair) => pathOf(pair));
    const tell = (records: readonly RtcpRecord[]): void => {
      const event = { recordCount: records.length, record: (number: number) => records[number] };
      knowledge.observe(event as unknown as RtcpEvent);
    };
    const streams = paths.map((path, ssrc) => ({ ssrc, ...path }));
    knowledge.track(streams);
    // All report, and the answers come when all have.
    for (const [ssrc, path] of paths.entries()) {
      tell([senderReport(START_MS, LSR, { path, senderSsrc: ssrc })]);
    }
    for (const [ssrc, path] of paths.entries()) {
      const block = { lsr: LSR, dlsr: units(4.9), path: back(path), subjectSsrc: ssrc };
      tell([reportBlock(START_MS + 5000, block)]);
    }
    expect([...knowledge.settle()].length).toBeGreaterThan(0);
    const ofFirst = knowledge.reportedOn(0, 8000);
    expect(ofFirst?.reports).toBe(1);
    const [first] = streams;
    const whole = first && { ...first, firstPacketAtMs: START_MS, lastPacketAtMs: START_MS + 6000 };
    const { toReceiver } = (whole && knowledge.roundTripOf(whole, 0, ofFirst)) ?? {};
    expect(toReceiver?.meanSeconds).toBeCloseTo(0.1, 3);
    expect(knowledge.evicted).toBe(0);
    expect([...knowledge.unseen()]).toEqual([]);
  });
});
