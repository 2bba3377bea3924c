import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { endingClause, outcomeCell } from "../../src/report/call-outcome.js";
import { statusText } from "../../src/report/status-phrase.js";
import { at, call, failedCall } from "./samples.js";

const ending = (report: CallReport): string | undefined =>
  endingClause(report)?.replaceAll("\u00a0", " ");

describe("outcomeCell", () => {
  it.each([
    { outcome: { statusCode: 486, statusClass: "4xx" }, text: "486 Busy Here", tone: "fair" },
    {
      outcome: { statusCode: 503, statusClass: "5xx" },
      text: "503 Service Unavailable",
      tone: "bad",
    },
    { outcome: { statusCode: 408, statusClass: "4xx" }, text: "408 Request Timeout", tone: "bad" },
    { outcome: { statusCode: 603, statusClass: "6xx" }, text: "603 Decline", tone: "fair" },
    { outcome: { statusCode: 302, statusClass: "3xx" }, text: "302 Moved Temporarily" },
    { outcome: { statusCode: 487, cancelled: true }, text: "cancelled", tone: "fair" },
    { outcome: { via: "timeout" }, text: "timeout", tone: "bad" },
    { outcome: { via: "transport-error" }, text: "transport error", tone: "bad" },
    { outcome: { via: "local-abort" }, text: "aborted here", tone: "fair" },
    { outcome: { via: "abandoned" }, text: "abandoned", tone: "fair" },
  ] as const)("calls $outcome $text", ({ outcome, ...cell }) => {
    expect(outcomeCell(failedCall(outcome))).toEqual(cell);
  });

  it("is the answer of a call that was answered, also when a CANCEL came too late", () => {
    expect(outcomeCell(call())).toEqual({ text: "200 OK" });
    expect(outcomeCell(call({ outcome: { ...call().outcome, cancelled: true } }))).toEqual({
      text: "200 OK",
    });
  });

  it("says how far a call came that has no outcome yet", () => {
    const open = { attempts: 1, cancelled: false };
    expect(outcomeCell(call({ outcome: open })).text).toBe("200 OK");
    expect(outcomeCell(call({ outcome: open, course: { ringingAt: at(0) } })).text).toBe("ringing");
    expect(outcomeCell(call({ outcome: open, course: {} })).text).toBe("–");
  });
});

describe("endingClause", () => {
  const { outcome } = call();

  it.each([
    { outcome, text: "the callee hung up" },
    {
      outcome: { ...outcome, endedBy: "caller", byeReasonClass: "timer-expired" },
      text: "the caller hung up (timer-expired)",
    },
    {
      outcome: { ...outcome, reasons: [{ protocol: "Q.850", cause: 16, text: "Normal" }] },
      text: "the callee hung up: Q.850 16 Normal",
    },
    {
      outcome: { ...outcome, reasons: [{ protocol: "SIP", cause: 200 }, { protocol: "X" }] },
      text: "the callee hung up: SIP 200, X",
    },
    { outcome: { ...outcome, attempts: 2 }, text: "2 attempts; the callee hung up" },
  ] as const)("says $text", ({ outcome: told, text }) => {
    expect(ending(call({ outcome: told }))).toBe(text);
  });

  it("says that the caller gave up, or only the reason of a refusal", () => {
    expect(ending(failedCall({ cancelled: true }))).toBe("the caller gave up");
    const reasons = [{ protocol: "Q.850", cause: 17 }];
    expect(ending(failedCall({ reasons }))).toBe("reason: Q.850 17");
  });

  it("says nothing where there is nothing to say", () => {
    expect(ending(failedCall())).toBeUndefined();
    expect(ending(call({ outcome: { attempts: 1, cancelled: false } }))).toBeUndefined();
  });

  it("does not let a reason fill the screen", () => {
    const reasons = [{ protocol: "SIP", text: "x".repeat(1000) }];
    expect(ending(failedCall({ reasons }))).toBe(`reason: SIP ${"x".repeat(79)}…`);
  });
});

describe("statusText", () => {
  it("names registered codes and leaves others alone", () => {
    expect([486, 180, 555, 299, 699].map(statusText)).toEqual([
      "486 Busy Here",
      "180 Ringing",
      "555 Push Notification Service Not Supported",
      "299",
      "699",
    ]);
  });
});
