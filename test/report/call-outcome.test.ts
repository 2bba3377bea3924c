import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import {
  beganBefore,
  endingClause,
  isAnswered,
  isUnanswered,
  outcomeCell,
} from "../../src/report/call-outcome.js";
import { statusText } from "../../src/sip/status-codes.js";
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
    { outcome: { statusCode: 486, cancelled: true }, text: "cancelled (486)", tone: "fair" },
    { outcome: { statusCode: 503, cancelled: true }, text: "cancelled (503)", tone: "fair" },
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
    expect(outcomeCell(call({ outcome: open, course: { invitedAt: at(0) } })).text).toBe("–");
  });

  it("is that of a CANCEL where no final response was seen", () => {
    const outcome = { attempts: 1, cancelled: true };
    expect(outcomeCell(call({ outcome, course: { invitedAt: at(0) } })).text).toBe("cancelled");
  });

  it("is that the answer was not seen where only what followed shows that there was one", () => {
    const outcome = { attempts: 1, cancelled: false, isAnswerUnseen: true } as const;
    const report = call({ outcome, course: { invitedAt: at(0), endedAt: at(9) } });
    expect(outcomeCell(report)).toEqual({ text: "answer not seen" });
    expect(isAnswered(report)).toBe(true);
    const hungUp = call({ outcome: { ...outcome, endedBy: "callee" }, course: report.course });
    expect(ending(hungUp)).toBe("the callee hung up");
  });
});

describe("a call that began before the capture", () => {
  const open = { attempts: 0, cancelled: false };
  const before = (outcome: Partial<CallReport["outcome"]>, course = {}): CallReport =>
    call({ outcome: { ...open, ...outcome }, course });

  it("is neither answered nor not", () => {
    const report = before({}, { endedAt: at(9) });
    expect([beganBefore(report), isAnswered(report), isUnanswered(report)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(outcomeCell(report)).toEqual({ text: "before capture" });
    expect(outcomeCell(before({}, { ringingAt: at(1) }))).toEqual({ text: "ringing" });
    expect(outcomeCell(before({ via: "abandoned" }))).toEqual({ text: "before capture" });
  });

  it("has who hung up said of it as others have", () => {
    const reasons = [{ protocol: "Q.850", cause: 16 }];
    expect(ending(before({ endedBy: "caller", reasons }))).toBe("the caller hung up: Q.850 16");
  });

  it.each([
    { outcome: { statusCode: 486, statusClass: "4xx", via: "response" }, text: "486 Busy Here" },
    { outcome: { cancelled: true, statusCode: 487, statusClass: "4xx" }, text: "cancelled" },
    { outcome: { via: "timeout" }, text: "timeout" },
  ] as const)("failed all the same with $text", ({ outcome, text }) => {
    const report = before(outcome);
    expect([beganBefore(report), isUnanswered(report)]).toEqual([false, true]);
    expect(outcomeCell(report).text).toBe(text);
  });

  it("is answered where its answer was seen", () => {
    const report = before({ statusCode: 200, statusClass: "2xx" }, { answeredAt: at(1) });
    expect([beganBefore(report), outcomeCell(report).text]).toEqual([false, "200 OK"]);
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

  it("says of a CANCEL for another branch that the call was answered elsewhere", () => {
    const reasons = [{ protocol: "SIP", cause: 200, text: "Call completed elsewhere" }];
    const outcome = { statusCode: 487, cancelled: true, reasons } as const;
    expect(ending(failedCall(outcome))).toBe(
      "answered elsewhere: SIP 200 Call completed elsewhere",
    );
    const busy = [{ protocol: "SIP", cause: 600 }];
    expect(ending(failedCall({ ...outcome, reasons: busy }))).toBe("the caller gave up: SIP 600");
    const other = [{ protocol: "Q.850", cause: 200 }];
    expect(ending(failedCall({ ...outcome, reasons: other }))).toBe(
      "the caller gave up: Q.850 200",
    );
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
