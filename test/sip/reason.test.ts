import { describe, expect, it } from "vitest";

import { byeReasonClass, MAX_REASONS, messageReasons, parseReason } from "../../src/sip/reason.js";
import { seenMessage } from "./ladder.js";

const reasonsOf = (...values: readonly string[]) =>
  messageReasons(
    seenMessage(`0 A>B BYE 1 to=b ${values.map((value) => `[Reason: ${value}]`).join(" ")}`)
      .message,
  );

describe("a Reason header field", () => {
  it.each([
    [
      'SIP ;cause=200 ;text="Call completed elsewhere"',
      { protocol: "SIP", cause: 200, text: "Call completed elsewhere" },
    ],
    ['Q.850;cause=16;text="Terminated"', { protocol: "Q.850", cause: 16, text: "Terminated" }],
    ["q.850;CAUSE=16", { protocol: "Q.850", cause: 16 }],
    ["stir;cause=436", { protocol: "STIR", cause: 436 }],
    [
      'Preemption;cause=1;text="UA Preemption"',
      { protocol: "Preemption", cause: 1, text: "UA Preemption" },
    ],
    ["X.Own;cause=9", { protocol: "X.Own", cause: 9 }],
    ["SIP", { protocol: "SIP" }],
    ["SIP;cause=abc", { protocol: "SIP" }],
    ["SIP;cause=4294967296", { protocol: "SIP" }],
    ["SIP;cause=-1", { protocol: "SIP" }],
    ["SIP;cause=487;cause=200", { protocol: "SIP", cause: 487 }],
  ])("reads %s (RFC 3326 §2)", (value, reason) => {
    expect(parseReason(value)).toEqual(reason);
  });

  it.each(["", ";cause=16", "  "])("that names no protocol is none: %j", (value) => {
    expect(parseReason(value)).toBeUndefined();
  });

  it("has several values, also of one protocol, in one field or more (RFC 9366)", () => {
    expect(reasonsOf('Q.850;cause=16;text="a, b", SIP;cause=600', "SIP;cause=487")).toEqual([
      { protocol: "Q.850", cause: 16, text: "a, b" },
      { protocol: "SIP", cause: 600 },
      { protocol: "SIP", cause: 487 },
    ]);
  });

  it("has no more values than a call keeps", () => {
    expect(reasonsOf(Array.from({ length: 100 }, () => "SIP;cause=1").join(","))).toHaveLength(
      MAX_REASONS,
    );
  });
});

describe("the class of a hang-up", () => {
  it.each([
    ...[16, 17, 18, 19, 31].map((cause) => [`Q.850;cause=${cause}`, "normal"]),
    ...[34, 38, 41, 42, 47, 127].map((cause) => [`Q.850;cause=${cause}`, "error"]),
    ["Q.850;cause=21", "user-hangup"],
    ["Q.850;cause=102", "timer-expired"],
    ["SIP;cause=200", "normal"],
    ["SIP;cause=408", "timer-expired"],
    ["SIP;cause=400", "error"],
    ["SIP;cause=503", "error"],
    ["X;cause=9, SIP;cause=500", "error"],
    ["Q.850;cause=99, SIP;cause=200", "normal"],
    ["Q.850;cause=16, SIP;cause=500", "normal"],
  ])("by %s is %s", (value, reasonClass) => {
    expect(byeReasonClass(reasonsOf(value))).toBe(reasonClass);
  });

  it.each(["Q.850;cause=99", "SIP;cause=302", "STIR;cause=436", "SIP"])(
    "is not known by %s",
    (value) => {
      expect(byeReasonClass(reasonsOf(value))).toBeUndefined();
    },
  );

  it("is not known without a reason", () => {
    expect(byeReasonClass([])).toBeUndefined();
  });
});
