import { describe, expect, it } from "vitest";

import { logEnd } from "../../src/logs/call-log.js";
import { createLogger } from "../../src/logs/logger.js";
import { analyseCapture } from "../../src/capture/analyse.js";
import type { CallReport } from "../../src/call/call-report.js";
import { someReport } from "../metrics/calls.js";
import { fixtureCapture } from "../support/fixtures.js";
import { Lines } from "./lines.js";

async function linesOf(call: CallReport): Promise<Lines["entries"]> {
  const lines = new Lines();
  logEnd(call, await createLogger({ format: "json", destination: lines, environment: {} }));
  return lines.entries.map(({ time, ...entry }) => {
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    return entry;
  });
}

describe("the line of a call that is over", () => {
  it("says what came of it, and only what is known", async () => {
    expect(await linesOf(someReport())).toEqual([
      {
        level: "INFO",
        msg: "call ended",
        session_id: "a84b4c76e66710",
        transport: "sip",
        observation_point: "test",
        outcome: "answered",
        status_code: 200,
        bye_reason: "normal",
      },
    ]);
  });

  it.each([
    ["answered", {}],
    ["cancelled", { cancelled: true, statusCode: 487, statusClass: "4xx" }],
    ["timeout", { via: "timeout", statusCode: undefined, statusClass: undefined }],
    ["transport-error", { via: "transport-error", statusCode: undefined, statusClass: undefined }],
    ["rejected", { statusCode: 486, statusClass: "4xx" }],
    [undefined, { via: undefined, statusCode: 180, statusClass: "1xx" }],
  ])("has the outcome %s", async (word, changes) => {
    const report = someReport(word === "answered" ? {} : { course: {} });
    const outcome = { ...report.outcome, ...changes } as CallReport["outcome"];
    const [line] = await linesOf({ ...report, outcome });
    expect(line?.["outcome"]).toBe(word);
  });

  it("has the figures of the record, and a warning before it for each issue", async () => {
    const { calls } = await analyseCapture({ path: fixtureCapture("one-way-audio") });
    const [call] = calls;
    if (call === undefined) throw new Error("The capture has a call.");
    const entries = await linesOf(call);
    const end = entries.at(-1);
    expect(end).toMatchObject({ msg: "call ended", level: "INFO", session_id: call.callId });
    expect(end?.["duration_seconds"]).toBe(call.timings.durationSeconds);
    expect(end?.["issues"]).toBe(call.issues.map(({ kind }) => kind).join(","));
    const warnings = entries.slice(0, -1);
    expect(warnings.map(({ level, issue }) => [level, issue])).toEqual(
      call.issues.map(({ kind }) => ["WARN", kind]),
    );
    expect(call.issues.map(({ kind }) => kind)).toContain("one-way-audio");
  });

  it("names neither party, and has the worse direction's score", async () => {
    const { calls } = await analyseCapture({ path: fixtureCapture("impaired-call") });
    const [end, ...rest] = (await Promise.all(calls.map(linesOf))).map((lines) => lines.at(-1));
    expect(rest).toEqual([]);
    expect(JSON.stringify(end)).not.toMatch(/alice|bob/);
    const { callerToCallee, calleeToCaller } = calls[0]?.quality ?? {};
    const scores = [callerToCallee, calleeToCaller].map((one) => one?.mosCq ?? one?.mosLq ?? 5);
    expect(end?.["mos"]).toBeCloseTo(Math.min(...scores), 3);
    expect(end?.["loss_ratio"]).toBeGreaterThan(0);
  });
});
