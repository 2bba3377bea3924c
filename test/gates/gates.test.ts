import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import { AT_LEAST_ONE, failures } from "../../src/gates/assess.js";
import {
  answeredGate,
  dtlsGate,
  noIssueGate,
  noOneWayGate,
  stirGate,
} from "../../src/gates/facts.js";
import { figureGate, type FigureName, FIGURES } from "../../src/gates/figures.js";
import { sentence } from "../../src/gates/gate.js";
import { figureText, isWithin, LimitError, limitText, parseLimit } from "../../src/gates/limit.js";
import { call, cleanCall, failedCall, hurtStream, stream, without } from "../report/samples.js";

const gate = (name: FigureName, written: string) =>
  figureGate(name, [parseLimit(written, FIGURES[name].measure, FIGURES[name].example)]);

const fixture = (name: string): CaptureReport =>
  JSON.parse(
    readFileSync(new URL(`../../fixtures/${name}/expected.json`, import.meta.url), "utf8"),
  ) as CaptureReport;

describe("limits", () => {
  it.each([
    [">=4.0", "score", ">=", 4, "at least 4"],
    ["<1%", "share", "<", 0.01, "below 1.0 %"],
    ["<= 7%", "share", "<=", 0.07, "at most 7.0 %"],
    ["<30ms", "time", "<", 0.03, "below 30.0 ms"],
    [">1.5s", "time", ">", 1.5, "above 1,500 ms"],
    [">=2min", "time", ">=", 120, "at least 120 s"],
    ["=3", "count", "=", 3, "exactly 3"],
  ] as const)("reads %s", (written, measure, operator, value, text) => {
    const limit = parseLimit(written, measure, "<1");
    expect(limit).toEqual({ operator, value });
    expect(limitText(limit, measure)).toBe(text);
  });

  it.each([
    ["4.0", "score"],
    [">=6", "score"],
    [">=4%", "score"],
    ["<1", "share"],
    ["<101%", "share"],
    ["<30", "time"],
    ["<30constructor", "time"],
    ["<-3ms", "time"],
    ["<", "time"],
  ] as const)("refuses %s as a %s, naming it and what would be right", (written, measure) => {
    expect(() => parseLimit(written, measure, "<EXAMPLE")).toThrow(LimitError);
    expect(() => parseLimit(written, measure, "<EXAMPLE")).toThrow(/it must be.*'<EXAMPLE'/);
  });

  it.each([
    ["<0.4034ms", "time", "below 0.4034 ms"],
    [">8.7121s", "time", "above 8712.1 ms"],
    ["<60.04s", "time", "below 60.04 s"],
    ["<0.005%", "share", "below 0.005 %"],
    ["<0.125%", "share", "below 0.125 %"],
    [">=4.405", "score", "at least 4.405"],
  ] as const)("tells %s as it was written", (written, measure, text) => {
    expect(limitText(parseLimit(written, measure, "<1"), measure)).toBe(text);
  });

  it.each([
    [4.40940595, ">=4.41", "score", "4.409"],
    [4.40940595, ">=4.4", "score", "4.41"],
    [4.409999, ">=4.41", "score", "4.409999"],
    [0.010004, "<1%", "share", "1.0004 %"],
    [0.0100000000004, "<1%", "share", "1.00000000004 %"],
    [0.01, "<1%", "share", "1.0 %"],
    [0.000_05, "<0.005%", "share", "<0.01 %"],
    [0.000_051, "<0.005%", "share", "0.0051 %"],
    [0.030_02, "<30ms", "time", "30.02 ms"],
    [9.999_96, ">=10s", "time", "9999.96 ms"],
    [10.02, "<10s", "time", "10.02 s"],
  ] as const)(
    "tells %s from a limit that it misses by a hair",
    (figure, written, measure, text) => {
      expect(figureText(figure, measure, [parseLimit(written, measure, "<1")])).toBe(text);
    },
  );

  it("keeps to the side of equality that the operator says", () => {
    const held = (["<", "<=", "=", ">=", ">"] as const).map((operator) =>
      [0.5, 1, 1.5].map((figure) => isWithin(figure, { operator, value: 1 })),
    );
    expect(held).toEqual([
      [true, false, false],
      [true, true, false],
      [false, true, false],
      [false, true, true],
      [false, false, true],
    ]);
  });
});

describe("figures", () => {
  it("are of the worse direction and the worst stream", () => {
    const said = (["mos", "loss", "jitter", "rtt", "pdd", "setup", "length"] as const).map(
      (name) => {
        const one = gate(name, name === "mos" ? ">4" : name === "loss" ? "<1%" : "<1ms");
        const verdict = one.judge(call());
        expect(verdict.result).toBe("failed");
        return sentence(verdict, one);
      },
    );
    expect(said).toEqual([
      "the MOS is 3.43 (what the caller heard); the call must have a MOS above 4",
      "the loss is 7.0 % (worst audio stream); the call must have a loss below 1.0 %",
      "the jitter is 1.20 ms (mean of the worst audio stream); the call must have a jitter below 1.00 ms",
      "the round-trip time is 41.2 ms (mean, measured); the call must have a round-trip time below 1.00 ms",
      "the post-dial delay is 1,200 ms; the call must have a post-dial delay below 1.00 ms",
      "the setup time is 3,400 ms; the call must have a setup time below 1.00 ms",
      "the length is 10 s; the call must have a length below 1.00 ms",
    ]);
  });

  it("of a recorded call are what its relay did to it", () => {
    const [impaired] = fixture("impaired-call").calls;
    if (impaired === undefined) throw new Error("the fixture has a call");
    // The relay dropped 55 of 1489 packets towards the callee: 3.69 %.
    expect(gate("loss", "<3.7%").judge(impaired).result).toBe("passed");
    expect(gate("loss", "<3.6%").judge(impaired).result).toBe("failed");
    // It delayed the round trip by about 80 ms.
    expect(gate("rtt", "<100ms").judge(impaired).result).toBe("passed");
    expect(gate("rtt", "<60ms").judge(impaired).result).toBe("failed");
    expect(gate("mos", ">=4.0").judge(impaired).result).toBe("failed");
  });

  it("that are not known pass no gate, not even one that all would pass", () => {
    for (const name of ["mos", "loss", "jitter", "rtt", "setup", "length"] as const) {
      const all = name === "mos" ? ">=1" : name === "loss" ? "<=100%" : "<999999s";
      const verdict = gate(name, all).judge(failedCall());
      expect(verdict.result).toBe("unknown");
      expect(verdict.found).toMatch(/ is unknown: /);
    }
  });

  it("of a direction that cannot be rated hide behind no other's", () => {
    const streams = [
      stream({ direction: "caller-to-callee" }),
      without(stream({ direction: "callee-to-caller" }), "quality"),
    ];
    const { quality } = stream();
    const half = call({ streams, quality: { ...(quality && { callerToCallee: quality }) } });
    expect(gate("mos", ">=4").judge(half).result).toBe("unknown");
    expect(gate("mos", ">=4.45").judge(half).result).toBe("failed");
    const [first] = streams;
    const oneWay = { ...half, streams: first === undefined ? [] : [first] };
    expect(gate("mos", ">=4").judge(oneWay).result).toBe("passed");
  });
});

describe("facts", () => {
  it("tell an answer from a refusal and from what is not over", () => {
    expect(answeredGate().judge(call()).result).toBe("passed");
    expect(answeredGate().judge(failedCall())).toEqual({
      result: "failed",
      found: "the call was not answered (486 Busy Here)",
    });
    const open = call({ course: {}, outcome: { attempts: 1, cancelled: false } });
    expect(answeredGate().judge(open).result).toBe("unknown");
  });

  it("find the silence of the recorded one-way call, and none where nothing was seen", () => {
    const results = fixture("one-way-audio").calls.map((one) => noOneWayGate().judge(one).result);
    expect(results).toContain("failed");
    expect(fixture("baresip-pcmu").calls.map((one) => noOneWayGate().judge(one).result)).toEqual([
      "passed",
    ]);
    expect(noOneWayGate().judge(failedCall()).result).toBe("unknown");
    const unseen = call({ confidence: [{ kind: "one-sided-media", detail: "One side." }] });
    expect(noOneWayGate().judge(unseen)).toEqual({
      result: "unknown",
      found: "whether audio went both ways is unknown: One side",
    });
  });

  it("name the issue that must not be", () => {
    const issues = [
      { kind: "dead-air", detail: "Nothing came." },
      { kind: "ack-missing", detail: "No ACK." },
    ] as const;
    const troubled = call({ issues });
    expect(noIssueGate("dead-air").judge(troubled).found).toBe("dead-air: Nothing came");
    expect(noIssueGate("any").judge(troubled).found).toBe("dead-air: Nothing came (and 1 more)");
    expect(noIssueGate("late-media").judge(troubled).result).toBe("passed");
  });

  it("compare every handshake and the verification", () => {
    expect(dtlsGate("ok").judge(cleanCall()).result).toBe("passed");
    const dtls = [{ result: "ok" }, { result: "timeout" }] as const;
    expect(dtlsGate("ok").judge(call({ security: { dtls } }))).toEqual({
      result: "failed",
      found: "the DTLS result is timeout",
    });
    expect(dtlsGate("ok").judge(call()).result).toBe("unknown");
    const stir = { result: "failed", reason: "message-cut" } as const;
    expect(stirGate("verified").judge(call({ security: { stir } })).found).toBe(
      "the STIR result is failed (message-cut)",
    );
    expect(stirGate("failed").judge(call({ security: { stir } })).result).toBe("passed");
    expect(stirGate("verified").judge(call()).result).toBe("unknown");
  });
});

describe("failures", () => {
  const gates = [gate("loss", "<1%"), answeredGate()];
  const demands = { gates, calls: [AT_LEAST_ONE], allowsUnknown: false };

  it("come call by call, and say which are of what is not known", () => {
    const streams = [hurtStream()];
    const found = failures([call({ streams }), cleanCall(), failedCall()], demands);
    expect(found.map(({ gate: name, callId, isUnknown }) => [name, callId, isUnknown])).toEqual([
      ["loss", call().callId, undefined],
      ["loss", failedCall().callId, true],
      ["answered", failedCall().callId, undefined],
    ]);
    const allowed = failures([failedCall()], { ...demands, allowsUnknown: true });
    expect(allowed.map(({ gate: name }) => name)).toEqual(["answered"]);
  });

  it("include that there was nothing to look at", () => {
    expect(failures([], demands)).toEqual([
      { gate: "calls", sentence: "there are 0 calls; there must be at least 1" },
    ]);
  });
});
