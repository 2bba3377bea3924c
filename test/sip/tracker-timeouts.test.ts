/** Timers B, F and H: told only where an answer could have been seen and was not. */
import { describe, expect, it } from "vitest";

import { climb, type LadderOptions } from "./ladder.js";

/** When a sender over UDP repeats a request that nobody answers (RFC 3261 §17.1.1.2, §17.1.2.2). */
const INVITE_TIMES = [0, 500, 1500, 3500, 7500, 15_500, 31_500];
const REQUEST_TIMES = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];

const repeated = (times: readonly number[], rest: string): string[] =>
  times.map((time) => `${time} ${rest}`);

/** Something of another call, so that time goes on, and shows that B answers A. */
const B_ANSWERS = ["0 A>B OPTIONS 1 id=other", "1 B>A 200 OPTIONS 1 id=other"];
const LATER: LadderOptions = { until: 70_000 };

function timers(ladder: readonly string[], options: LadderOptions = LATER): string[] {
  return climb(ladder, options).story.filter((line) => line.startsWith("timer"));
}

const byTime = (lines: readonly string[]) =>
  [...lines].sort((a, b) => Number.parseInt(a) - Number.parseInt(b));

const ANSWERED = [
  "0    A>B INVITE 1",
  "100  B>A 180 INVITE 1 to=b",
  "1000 B>A 200 INVITE 1 to=b",
  "1010 A>B ACK 1 to=b",
];

describe("timer B", () => {
  it("ran out where an INVITE was repeated to its end without any response", () => {
    const { story, calls } = climb(repeated(INVITE_TIMES, "A>B INVITE 1"), LATER);
    expect(story).toEqual(["started", "timer B of INVITE", "outcome timeout", "ended"]);
    expect(calls[0]).toMatchObject({ via: "timeout", endedAtMs: 32_000, isOneSided: false });
    expect(calls[0]).not.toHaveProperty("statusCode");
  });

  it("gives the moment at which it ran out, not that at which it was told", () => {
    const { events } = climb(repeated(INVITE_TIMES, "A>B INVITE 1"), LATER);
    expect(events.find(({ kind }) => kind === "transaction-timeout")?.atMs).toBe(32_000);
  });

  it.each([
    [
      "a response of any kind came",
      [...repeated(INVITE_TIMES, "A>B INVITE 1"), "31600 B>A 100 INVITE 1"],
    ],
    ["it was not repeated, so that somebody answered", ["0 A>B INVITE 1", ...B_ANSWERS]],
    [
      "it was repeated once or twice, so that somebody answered then",
      [...repeated([0, 500, 1500], "A>B INVITE 1"), ...B_ANSWERS],
    ],
    [
      "its sender gave up early and the far end was never seen",
      repeated([0, 500, 1500, 3500], "A>B INVITE 1"),
    ],
    [
      "an ACK of its own branch shows that it was answered",
      [...repeated(INVITE_TIMES, "A>B INVITE 1"), "31900 A>B ACK 1 to=b"],
    ],
    [
      "an INVITE with credentials shows that it was challenged",
      [...repeated(INVITE_TIMES, "A>B INVITE 1"), "31900 A>B INVITE 2", "31950 B>A 100 INVITE 2"],
    ],
    [
      "a BYE in a dialog shows that there was one",
      [
        ...repeated(INVITE_TIMES, "A>B INVITE 1"),
        "31900 A>B BYE 2 to=b",
        "31910 B>A 200 BYE 2 to=b",
      ],
    ],
  ])("did not where %s", (_, ladder) => {
    expect(timers(byTime(ladder))).toEqual([]);
  });

  it("ran out where the sender gave up early but its peer was seen to answer others", () => {
    const ladder = byTime([...repeated([0, 500, 1500, 3500], "A>B INVITE 1"), ...B_ANSWERS]);
    expect(timers(ladder)).toEqual(["timer B of INVITE"]);
  });

  it("is not known where the capture ended first", () => {
    const { story } = climb(repeated(INVITE_TIMES, "A>B INVITE 1"), { until: 31_999 });
    expect(story).toEqual(["started", "ended"]);
  });

  it("is not known where messages may be missing", () => {
    const result = climb(repeated(INVITE_TIMES, "A>B INVITE 1"), { isOpenEnd: true });
    result.tracker.noteGap(20_000);
    result.tracker.finish(70_000);
    expect(result.events.some(({ kind }) => kind === "transaction-timeout")).toBe(false);
  });

  it("follows a sender whose T1 is longer", () => {
    const ladder = repeated(
      INVITE_TIMES.map((time) => time * 2),
      "A>B INVITE 1",
    );
    expect(timers(ladder, { until: 63_999 })).toEqual([]);
    expect(timers(ladder, { until: 64_000 })).toEqual(["timer B of INVITE"]);
  });

  it("follows the T1 it is told", () => {
    const { calls } = climb(
      repeated(
        INVITE_TIMES.map((time) => time / 5),
        "A>B INVITE 1",
      ),
      {
        t1Ms: 100,
        until: 6400,
      },
    );
    expect(calls[0]).toMatchObject({ via: "timeout", endedAtMs: 6400 });
  });

  it.each([
    ["answer", "33000 B>A 200 INVITE 1 to=b", 1],
    ["failure", "33000 B>A 486 INVITE 1 to=b", 1],
    ["sign of life", "33000 B>A 180 INVITE 1 to=b", 0],
  ])("is not undone by a late %s", (_, late, conflictingFinals) => {
    const { story, calls } = climb(
      [...repeated(INVITE_TIMES, "A>B INVITE 1"), "34001 C>D OPTIONS 1 id=z", late],
      { until: 70_000 },
    );
    expect(story.filter((line) => line.startsWith("outcome"))).toEqual(["outcome timeout"]);
    expect(calls[0]).toMatchObject({ via: "timeout", conflictingFinals });
    expect(calls[0]).not.toHaveProperty("answeredAtMs");
  });

  it("is a matter of time alone over a stream whose other direction was seen", () => {
    const ladder = ["0 A>B INVITE 1", ...B_ANSWERS];
    expect(timers(ladder, { ...LATER, transport: "tcp" })).toEqual(["timer B of INVITE"]);
    expect(timers(["0 A>B INVITE 1"], { ...LATER, transport: "tcp" })).toEqual([]);
  });

  it("is a matter of time alone at a user agent", () => {
    const { story } = climb(["0 A>B INVITE 1"], { observed: "A", isOpenEnd: true, until: 32_000 });
    expect(story).toEqual(["started", "timer B of INVITE", "outcome timeout"]);
  });

  it("of a re-INVITE shows that the dialog is gone", () => {
    const again = repeated(
      INVITE_TIMES.map((time) => time + 5000),
      "A>B INVITE 2 to=b",
    );
    const { story, calls } = climb([...ANSWERED, ...again], LATER);
    expect(story).toContain("timer B of INVITE");
    expect(calls[0]).toMatchObject({ via: "response", statusCode: 200, isDefunct: true });
  });

  it("is told once for a call on two hops", () => {
    const ladder = byTime([
      ...repeated(INVITE_TIMES, "A>P INVITE 1"),
      ...repeated(
        INVITE_TIMES.map((time) => time + 1),
        "P>B INVITE 1 via=P,A",
      ),
    ]);
    expect(timers(ladder)).toEqual(["timer B of INVITE"]);
  });
});

describe("timer F", () => {
  it("ran out where a request was repeated to its end without a final response", () => {
    const { events } = climb(repeated(REQUEST_TIMES, "A>B REGISTER 1 id=r"), LATER);
    expect(events).toEqual([
      { kind: "transaction-timeout", atMs: 32_000, method: "REGISTER", timer: "F" },
    ]);
  });

  it("is not stopped by a provisional response", () => {
    const ladder = [...repeated(REQUEST_TIMES, "A>B OPTIONS 1"), "31600 B>A 100 OPTIONS 1"];
    expect(timers(ladder)).toEqual(["timer F of OPTIONS"]);
  });

  it("is stopped by a final one, 408 included", () => {
    const ladder = [...repeated(REQUEST_TIMES, "A>B OPTIONS 1"), "31600 B>A 408 OPTIONS 1"];
    expect(timers(ladder)).toEqual([]);
  });

  it("is not told of a scan: one packet to each of many hosts", () => {
    const ladder = ["C", "D", "E", "F"].map((host, i) => `${i} A>${host} OPTIONS 1 id=${host}`);
    expect(timers(ladder)).toEqual([]);
  });

  it("of a BYE ends the call", () => {
    const bye = repeated(
      REQUEST_TIMES.map((time) => time + 5000),
      "A>B BYE 2 to=b",
    );
    const { story, calls } = climb([...ANSWERED, ...bye], LATER);
    expect(story.slice(-3)).toEqual(["bye by caller, normal", "timer F of BYE", "ended"]);
    expect(calls[0]).toMatchObject({ endedAtMs: 5000, endedBy: "caller", isDefunct: false });
    expect(calls[0]).not.toHaveProperty("byeAnsweredAtMs");
  });
});

describe("timer H", () => {
  const FINAL_TIMES = [
    1000, 1500, 2500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500, 32_500,
  ];

  it.each(["200", "486"])("ran out where a %s was repeated without an ACK", (code) => {
    const ladder = ["0 A>B INVITE 1", ...repeated(FINAL_TIMES, `B>A ${code} INVITE 1 to=b`)];
    const { story, calls } = climb(ladder, LATER);
    expect(story).toContain("timer H of INVITE");
    expect(calls[0]).toMatchObject({ statusCode: Number(code), via: "response" });
  });

  it("did not where the ACK came late", () => {
    const ladder = [
      "0 A>B INVITE 1",
      ...repeated(FINAL_TIMES, "B>A 200 INVITE 1 to=b"),
      "32600 A>B ACK 1 to=b",
    ];
    expect(timers(ladder)).toEqual([]);
  });

  it("did not where the final response was not repeated: its ACK passed unseen", () => {
    expect(timers(["0 A>B INVITE 1", "1000 B>A 200 INVITE 1 to=b"])).toEqual([]);
  });

  it("is not known where the caller's side was never seen", () => {
    expect(timers(repeated(FINAL_TIMES, "B>A 200 INVITE 1 to=b"))).toEqual([]);
  });

  it("is not known where the capture ended first", () => {
    const ladder = ["0 A>B INVITE 1", ...repeated(FINAL_TIMES, "B>A 200 INVITE 1 to=b")];
    expect(timers(ladder, { until: 32_999 })).toEqual([]);
  });
});

describe("a capture of one direction", () => {
  it.each([
    ["what the caller sends", ["0 A>B INVITE 1", "9000 A>B ACK 1 to=b", "20000 A>B BYE 2 to=b"]],
    ["an INVITE that was not repeated", ["0 A>B INVITE 1"]],
    [
      "what the callee sends",
      ["0 B>A 180 INVITE 1 to=b", "900 B>A 200 INVITE 1 to=b", "5000 B>A 200 BYE 2 to=b"],
    ],
  ])("is told by %s", (_, ladder) => {
    const { calls, story } = climb(ladder, LATER);
    expect(calls).toMatchObject([{ isOneSided: true }]);
    expect(story.filter((line) => line.startsWith("timer"))).toEqual([]);
  });

  it("shows an answered call without its answer", () => {
    const { calls, story } = climb(
      ["0 A>B INVITE 1", "9000 A>B ACK 1 to=b", "20000 A>B BYE 2 to=b"],
      LATER,
    );
    expect(story).toEqual(["started", "outcome response", "bye by caller, normal", "ended"]);
    expect(calls[0]).toMatchObject({
      calleeTag: "b",
      isAnswerUnseen: true,
      answeredAtMs: 9000,
      acknowledgedAtMs: 9000,
      endedAtMs: 20_000,
    });
    expect(calls[0]).not.toHaveProperty("statusCode");
  });

  it.each([
    ["both were seen", ANSWERED],
    ["nobody was there", repeated(INVITE_TIMES, "A>B INVITE 1")],
    ["it may be that the capture ended first", ["0 A>B INVITE 1", "500 A>B INVITE 1"]],
  ])("is not told where %s", (_, ladder) => {
    expect(climb(ladder).calls).toMatchObject([{ isOneSided: false }]);
  });

  it("is none at a user agent", () => {
    const { calls } = climb(["0 A>B INVITE 1"], { observed: "A", until: 70_000 });
    expect(calls).toMatchObject([{ isOneSided: false, via: "timeout" }]);
  });
});

describe("a call that nobody answers or ends", () => {
  it("is given up after ten minutes without a message", () => {
    const ladder = ["0 A>B INVITE 1", "10 B>A 180 INVITE 1 to=b", "60000 B>A 180 INVITE 1 to=b"];
    expect(climb(ladder, { isOpenEnd: true, until: 600_000 }).story).not.toContain("ended");
    expect(climb(ladder, { isOpenEnd: true, until: 663_000 }).story).toContain("ended");
  });
});
