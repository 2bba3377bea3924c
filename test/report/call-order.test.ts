import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { worseScore, worstCallsFirst } from "../../src/report/call-order.js";
import { at, call, cleanCall, failedCall, hurtStream, without } from "./samples.js";

const order = (calls: readonly CallReport[]): string[] =>
  worstCallsFirst(calls).map(({ callId }) => callId);

function scored(callId: string, ...[toCallee, toCaller]: readonly number[]): CallReport {
  const costs = { codec: 0, randomLoss: 0, lateLoss: 0 };
  const quality = (mosLq: number): NonNullable<CallReport["quality"]>["callerToCallee"] => ({
    rFactor: 0,
    mosLq,
    scale: "narrowband",
    costs,
  });
  return cleanCall({
    callId,
    quality: {
      ...(toCallee !== undefined && { callerToCallee: quality(toCallee) }),
      ...(toCaller !== undefined && { calleeToCaller: quality(toCaller) }),
    },
  } as Partial<CallReport>);
}

describe("worstCallsFirst", () => {
  it("goes by the score of the worse direction", () => {
    expect(order([scored("a", 3.5, 3.5), scored("b", 4.4, 2.1), scored("c", 3, 4.4)])).toEqual([
      "b",
      "c",
      "a",
    ]);
  });

  it("puts the unanswered after those that were heard badly and before those that were not", () => {
    expect(order([scored("good", 4.4, 4.4), failedCall(), scored("bad", 3.5, 4.4)])).toEqual([
      "bad",
      "busy@atlanta.example.com",
      "good",
    ]);
  });

  it("takes a call that began before the capture for answered", () => {
    const outcome = { attempts: 0, cancelled: false };
    const course = { endedAt: at(9) };
    const before = cleanCall({ callId: "before", outcome, course });
    expect(order([before, failedCall()])).toEqual(["busy@atlanta.example.com", "before"]);
    const hurt = call({ callId: "hurt before", outcome, course });
    expect(order([failedCall(), hurt])[0]).toBe("hurt before");
  });

  it("puts failures before refusals, those given up after, and what is still open last", () => {
    const calls = [
      without(
        failedCall({}, { callId: "open", outcome: { attempts: 1, cancelled: false } }),
        "rtt",
      ),
      failedCall({ cancelled: true, statusCode: 487 }, { callId: "cancelled" }),
      failedCall({}, { callId: "busy" }),
      failedCall({ via: "timeout", statusClass: "4xx" }, { callId: "timeout" }),
      failedCall({ statusCode: 503, statusClass: "5xx" }, { callId: "503" }),
      failedCall({ statusCode: 302, statusClass: "3xx" }, { callId: "302" }),
    ];
    expect(order(calls)).toEqual(["timeout", "503", "busy", "302", "cancelled", "open"]);
  });

  it.each([
    { issues: [{ kind: "one-way-audio", detail: "" }] },
    { ice: { result: "failed" } },
    { security: { dtls: [{ result: "timeout", retransmissions: 5 }] } },
  ] as const)("takes what nobody heard for the worst, whatever the score: %j", (overrides) => {
    expect(order([scored("bad", 1.5, 1.5), cleanCall({ callId: "silent", ...overrides })])).toEqual(
      ["silent", "bad"],
    );
  });

  it("does not take a handshake for failed that another one made good", () => {
    const dtls = [
      { result: "timeout", retransmissions: 5 },
      { result: "ok", retransmissions: 0 },
    ] as const;
    expect(order([scored("bad", 1.5, 1.5), cleanCall({ security: { dtls } })])).toEqual([
      "bad",
      "clean@atlanta.example.com",
    ]);
  });

  it("puts a call with any issue before those without", () => {
    const late = cleanCall({ callId: "late", issues: [{ kind: "late-answer", detail: "" }] });
    expect(order([failedCall(), scored("good", 4.35, 4.35), late])).toEqual([
      "late",
      "busy@atlanta.example.com",
      "good",
    ]);
  });

  it("puts a call without a score where the loss of its streams would put it", () => {
    const lossy = without(
      call({ callId: "lossy", streams: [without(hurtStream({ lossRatio: 0.2 }), "quality")] }),
      "quality",
    );
    expect(order([scored("bad", 2, 4.4), lossy])).toEqual(["lossy", "bad"]);
  });

  it("leaves equal calls as they came, also those of which nothing is known", () => {
    const unknown = (callId: string): CallReport =>
      without(cleanCall({ callId, streams: [] }), "quality");
    expect(order([unknown("b"), unknown("a"), unknown("c")])).toEqual(["b", "a", "c"]);
  });

  it("leaves the list it was given alone", () => {
    const calls = [scored("good", 4.4), scored("bad", 2)];
    worstCallsFirst(calls);
    expect(calls.map(({ callId }) => callId)).toEqual(["good", "bad"]);
  });
});

describe("worseScore", () => {
  it("is the lower of both, the one there is, or none", () => {
    expect(worseScore(scored("a", 4, 3))).toBe(3);
    expect(worseScore(scored("a", 4))).toBe(4);
    expect(worseScore(failedCall())).toBeUndefined();
  });
});
