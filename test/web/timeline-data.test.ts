import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { CaptureReport, IntervalReport } from "../../src/call/report.js";
import { callSpan, streamSpan } from "../../src/web/time-span.js";
import {
  columnsOf,
  joined,
  lanesOf,
  type Mark,
  MAX_DRAWN,
  METRICS,
  type Metric,
  placeAt,
  valueAt,
} from "../../src/web/timeline-data.js";
import { at, stream, without } from "../report/samples.js";
import { ISSUE } from "./support/issue.js";

const interval = (from: number, missing: number): IntervalReport => ({
  from: at(from),
  to: at(from + 5),
  packetsReceived: 250 - missing,
  packetsExpected: 250,
  packetsMissing: missing,
  packetsDuplicated: 0,
  packetsReordered: 0,
  packetsDiscarded: 0,
  payloadBytes: 40_000,
});

function metric(name: Metric["name"]): Metric {
  const found = METRICS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

const gappy = stream({
  firstPacketAt: at(0),
  lastPacketAt: at(20),
  direction: "caller-to-callee",
  intervals: [interval(0, 25), interval(5, 0), interval(15, 5)],
  bursts: [
    { from: at(3), to: at(3.5), packetsMissing: 20, packetsDiscarded: 5 },
    { from: at(17), to: at(17.1), packetsMissing: 1, packetsDiscarded: 1 },
  ],
  packetizationSeconds: 0.02,
});
const span = streamSpan([gappy]);

describe("a stream's columns", () => {
  it("hold a value from its interval's beginning to the next, with a break where there was none", () => {
    expect(columnsOf(gappy, metric("loss"), span)).toEqual({
      seconds: [0, 5, 10, 15, 20],
      values: [10, 0, null, 2, 2],
    });
  });

  it("have no value where the interval tells none", () => {
    expect(new Set(columnsOf(gappy, metric("jitter"), span).values)).toEqual(new Set([null]));
  });

  it("share an axis with others, each read at its own last step", () => {
    const other = { seconds: [2, 12], values: [7, 7] };
    const { seconds, values } = joined([columnsOf(gappy, metric("loss"), span), other]);
    expect(seconds).toEqual([0, 2, 5, 10, 12, 15, 20]);
    const readAt = (second: number): (number | undefined)[] =>
      values.map((column) => valueAt(column, placeAt(seconds, second)));
    expect(readAt(3)).toEqual([10, 7]);
    expect(readAt(11)).toEqual([undefined, 7]);
    expect(readAt(1)).toEqual([10, undefined]);
    expect(readAt(-1)).toEqual([undefined, undefined]);
  });
});

describe("lanes", () => {
  it("mark bursts of loss and the issues of their direction where they happened", () => {
    const back = without(
      { ...gappy, direction: "callee-to-caller" as const, intervals: [interval(0, 0)] },
      "bursts",
    );
    const lanes = lanesOf({ streams: [gappy, back], issues: [ISSUE] }, span);
    expect(lanes.map(({ title }) => title)).toEqual(["Caller → callee", "Caller ← callee"]);
    const marks = lanes.map((lane) =>
      lane.marks.map(({ kind, fromSeconds, toSeconds, isSevere }) => ({
        kind,
        fromSeconds,
        toSeconds,
        isSevere,
      })),
    );
    expect(marks[0]).toEqual([
      { kind: "issue", fromSeconds: 1, toSeconds: 2, isSevere: true },
      { kind: "burst", fromSeconds: 3, toSeconds: 3.5, isSevere: true },
      { kind: "burst", fromSeconds: 17, toSeconds: 17.1, isSevere: false },
    ]);
    expect(marks[1]).toEqual([]);
  });

  it("mark the bursts of a recorded call at their own times", () => {
    const file = new URL("../../fixtures/impaired-call/expected.json", import.meta.url);
    const { calls } = JSON.parse(readFileSync(file, "utf8")) as CaptureReport;
    const [call] = calls;
    if (call === undefined) throw new Error("the golden file has no call");
    const [there, back] = lanesOf(call, callSpan(call));
    const burstsOf = (lane = there): readonly Mark[] =>
      lane?.marks.filter(({ kind }) => kind === "burst") ?? [];
    expect(burstsOf()).toHaveLength(7);
    expect(burstsOf(back)).toHaveLength(4);
    // Invited at 14:02:51.092, where the axis begins; lost from 14:03:00.039 to 14:03:00.720.
    const outage = burstsOf()[1];
    expect(outage?.fromSeconds).toBeCloseTo(8.947, 2);
    expect(outage?.toSeconds).toBeCloseTo(9.628, 2);
    expect(outage?.isSevere).toBe(true);
    expect(outage?.label.replace(/\s/g, " ")).toBe("burst: 23 packets lost, 0 late");
  });

  it("frame the worst window by its length, which a single worse interval may lie outside of", () => {
    const worst = { from: at(5), to: at(15), mosLq: 2.5 };
    const [lane] = lanesOf({ streams: [{ ...gappy, worst }], issues: [] }, span);
    const marked = lane?.marks.find(({ kind }) => kind === "worst");
    expect(marked).toMatchObject({ fromSeconds: 5, toSeconds: 15 });
    expect(marked?.label.replace(/\s/g, " ")).toBe("worst 10 s, MOS 2.50");
  });

  it("draw the worst streams of a direction, and count the others", () => {
    const streams = Array.from({ length: MAX_DRAWN + 2 }, (_, ssrc) => ({ ...gappy, ssrc }));
    const [lane] = lanesOf({ streams, issues: [] }, span);
    expect(lane?.streams).toHaveLength(MAX_DRAWN);
    expect(lane?.omitted).toBe(2);
  });
});
