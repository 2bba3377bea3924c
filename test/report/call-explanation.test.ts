import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { callExplanation, commonCaveats } from "../../src/report/call-explanation.js";
import { at, call, cleanCall, failedCall, hurtStream } from "./samples.js";

function said(overrides: Partial<CallReport>): (string | undefined)[] {
  const outcome = { attempts: 1, cancelled: false };
  return callExplanation(call({ outcome, ...overrides })).map(({ text }) =>
    text.replaceAll("\u00a0", " "),
  );
}

const HOP = {
  source: { address: "10.0.1.1", port: 5060 },
  destination: { address: "10.0.3.3", port: 5060 },
  invitedAt: at(0),
};

describe("what is said of a call", () => {
  it("is nothing where its figures say it all", () => {
    expect(said({})).toEqual([]);
    expect(callExplanation(failedCall())).toEqual([]);
  });

  it("names the hops and the other legs", () => {
    expect(
      said({ hops: [HOP, { ...HOP, source: HOP.destination }], linkedCallIds: ["b", "c"] }),
    ).toEqual([
      "seen on 2 hops: 10.0.1.1:5060 → 10.0.3.3:5060, 10.0.3.3:5060 → 10.0.3.3:5060; other legs: b, c",
    ]);
    expect(said({ hops: [HOP] })).toEqual([]);
    const many = said({ hops: Array.from({ length: 50 }, () => HOP) });
    expect(many[0]).toMatch(/^seen on 50 hops: (?:10\.0\.1\.1:5060 → 10\.0\.3\.3:5060, ){6}…$/);
  });

  it("tells a handshake that failed or dragged on, and not one that did neither", () => {
    const alert = { level: "fatal", code: 40, name: "handshake_failure", by: "server" } as const;
    const dtls = [
      { result: "ok", durationSeconds: 0.04, retransmissions: 2 },
      { result: "ok", durationSeconds: 3.1, retransmissions: 3 },
      { result: "fail", durationSeconds: 0.04, retransmissions: 0, alert },
    ] as const;
    expect(said({ security: { dtls } })).toEqual([
      "DTLS handshake: ok after 3.10 s, 3 retransmissions",
      "DTLS handshake: fail after 40 ms, fatal alert handshake_failure (40) from the server",
    ]);
  });

  it.each([
    { ice: { result: "failed" }, text: "ICE: no connectivity check succeeded" },
    { ice: { result: "lost" }, text: "ICE: consent was lost while the call went on" },
    {
      security: { stir: { result: "failed", reason: "stale", code: 403 } },
      text: "the caller's identity does not hold (failed): it is older than allowed when the message came (403)",
    },
    {
      sessionTimer: {
        intervalSeconds: 90,
        refresher: "caller",
        refreshes: [
          { at: at(30), result: "ok" },
          { at: at(60), result: "481" },
        ],
      },
      text: "session refresh at 12:01:00: 481",
    },
  ] as const)("tells $text", ({ text, ...overrides }) => {
    expect(said(overrides)).toEqual([text]);
  });

  it("tells what a direction cost that several streams make up", () => {
    const direction = "callee-to-caller";
    const streams = [hurtStream({ direction }), hurtStream({ direction, ssrc: 2 })];
    expect(said({ streams })).toEqual([
      "callee to caller, all 2 streams: MOS 3.43, R 66.4 of 93.2: loss −18.3, bursts −6.1, " +
        "late packets −2.0, delay −0.4",
    ]);
  });

  it("gives issues before caveats, the silent ones in a stronger tone", () => {
    const report = cleanCall({
      outcome: { attempts: 1, cancelled: false },
      issues: [
        { kind: "no-media", detail: "Neither side sent any." },
        { kind: "codec-changed", direction: "caller-to-callee", from: at(1), detail: "To G722." },
      ],
      confidence: [{ kind: "capture-ended", detail: "The capture ends first." }],
    });
    expect(callExplanation(report)).toEqual([
      { text: "no-media: Neither side sent any.", tone: "bad" },
      { text: "codec-changed caller to callee at 12:00:01: To G722.", tone: "fair" },
      { text: "caveat: The capture ends first.", tone: "faint" },
    ]);
    expect(callExplanation(report, new Set(["caveat: The capture ends first."]))).toHaveLength(2);
  });
});

describe("commonCaveats", () => {
  const having = (...details: readonly string[]): CallReport =>
    call({ confidence: details.map((detail) => ({ kind: "capture-gap", detail })) });

  it("are those that every one of several calls has", () => {
    expect(commonCaveats([having("a", "b"), having("b"), having("c", "b")])).toEqual(["caveat: b"]);
    expect(commonCaveats([having("a"), having("b")])).toEqual([]);
  });

  it("are none of a single call, which says them itself", () => {
    expect(commonCaveats([having("a")])).toEqual([]);
    expect(commonCaveats([])).toEqual([]);
  });
});
