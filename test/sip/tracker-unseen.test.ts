/** Answers that were not seen, dialogs from before the capture, and what was never answered. */
import { describe, expect, it } from "vitest";

import type { SipCall } from "../../src/sip/call.js";
import { climb, type LadderOptions } from "./ladder.js";

const RINGING = ["0 A>B INVITE 1", "100 B>A 180 INVITE 1 to=b"];
const LATER: LadderOptions = { until: 120_000 };

function only(ladder: readonly string[], options?: LadderOptions): SipCall {
  const { calls } = climb(ladder, options);
  const [call] = calls;
  if (call === undefined || calls.length > 1) throw new Error(`${calls.length} calls`);
  return call;
}

describe("an answer that was not seen", () => {
  it("is proved by an ACK of its own branch (RFC 3261 §13.2.2.4)", () => {
    const { story, calls, events } = climb([
      ...RINGING,
      "2010 A>B ACK 1 to=b",
      "9000 A>B BYE 2 to=b",
      "9010 B>A 200 BYE 2 to=b",
    ]);
    expect(story).toEqual([
      "started",
      "180 to caller",
      "outcome response",
      "bye by caller, normal",
      "ended",
    ]);
    expect(calls[0]).toMatchObject({
      isAnswerUnseen: true,
      wasConfirmed: true,
      answeredAtMs: 2010,
      acknowledgedAtMs: 2010,
      via: "response",
      endedAtMs: 9000,
      isOneSided: false,
      calleeTag: "b",
    });
    expect(calls[0]).not.toHaveProperty("statusCode");
    expect(calls[0]).not.toHaveProperty("finalAtMs");
    expect(events.find(({ kind }) => kind === "outcome")?.atMs).toBe(2010);
  });

  it.each([
    ["a re-INVITE of the caller", ["5000 A>B INVITE 2 to=b", "5010 B>A 200 INVITE 2 to=b"], 5000],
    [
      "a re-INVITE of the callee",
      ["5000 B>A INVITE 7 from=b to=a", "5010 A>B 200 INVITE 7 from=b to=a"],
      5000,
    ],
    [
      "a BYE of the callee, who may not send one before (RFC 3261 §15)",
      ["7000 B>A BYE 7 from=b to=a", "7010 A>B 200 BYE 7 from=b to=a"],
      7000,
    ],
    [
      "a BYE of the caller after which no final response comes (RFC 3261 §15.1.2)",
      ["7000 A>B BYE 2 to=b", "7010 B>A 200 BYE 2 to=b"],
      7000,
    ],
  ])("is proved by the success of %s", (_, rest, answeredAtMs) => {
    const { calls, story } = climb([...RINGING, ...rest], LATER);
    expect(calls[0]).toMatchObject({ isAnswerUnseen: true, via: "response", answeredAtMs });
    expect(story.filter((line) => line.startsWith("outcome"))).toEqual(["outcome response"]);
  });

  it("dates from the first proof", () => {
    const call = only([
      ...RINGING,
      "3000 A>B INVITE 2 to=b",
      "3010 B>A 200 INVITE 2 to=b",
      "9000 B>A BYE 7 from=b to=a",
      "9010 A>B 200 BYE 7 from=b to=a",
    ]);
    expect(call).toMatchObject({ answeredAtMs: 3000, endedAtMs: 9000 });
  });

  it.each([
    [
      "a BYE that ends an early dialog",
      ["500 A>B BYE 2 to=b", "510 B>A 200 BYE 2 to=b", "520 B>A 487 INVITE 1 to=b"],
    ],
    ["a BYE that is refused", ["500 B>A BYE 2 from=b to=a", "510 A>B 481 BYE 2 from=b to=a"]],
    [
      "a re-INVITE that is refused",
      ["500 B>A INVITE 2 from=b to=a", "510 A>B 491 INVITE 2 from=b to=a"],
    ],
    [
      "what early dialogs carry too (RFC 3262, RFC 3311, RFC 6086)",
      [
        "500 A>B PRACK 2 to=b",
        "510 B>A 200 PRACK 2 to=b",
        "520 A>B UPDATE 3 to=b",
        "530 B>A 200 UPDATE 3 to=b",
        "540 A>B INFO 4 to=b",
        "550 B>A 200 INFO 4 to=b",
      ],
    ],
    ["an ACK of the INVITE's branch: a failure was not seen", ["500 A>B ACK 1 to=b fail"]],
  ])("is not proved by %s", (_, rest) => {
    const call = only([...RINGING, ...rest], LATER);
    expect(call).toMatchObject({ isAnswerUnseen: false, wasConfirmed: false });
    expect(call).not.toHaveProperty("answeredAtMs");
  });

  it("is seen after all where a TCP hole only held it back", () => {
    const ladder = [
      ...RINGING,
      "2010 A>B ACK 1 to=b",
      "2000 B>A 200 INVITE 1 to=b",
      "9000 A>B BYE 2 to=b",
    ];
    const { story, calls } = climb(ladder);
    expect(story).toContain("outcome 200 response");
    expect(calls[0]).toMatchObject({ isAnswerUnseen: false, answeredAtMs: 2000, statusCode: 200 });
  });

  it("is seen after all where the 200 is sent again later, without another outcome", () => {
    const { story, calls } = climb([
      ...RINGING,
      "2010 A>B ACK 1 to=b",
      "6000 B>A 200 INVITE 1 to=b",
      "6010 A>B ACK 1 to=b",
      "9000 A>B BYE 2 to=b",
    ]);
    expect(story.filter((line) => line.startsWith("outcome"))).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      isAnswerUnseen: false,
      wasConfirmed: true,
      statusCode: 200,
      answeredAtMs: 2010,
      conflictingFinals: 0,
    });
  });

  it("keeps its proof when a failure follows", () => {
    const call = only([...RINGING, "2010 A>B ACK 1 to=b", "6000 B>A 487 INVITE 1 to=b"]);
    expect(call).toMatchObject({ isAnswerUnseen: true, answeredAtMs: 2010, conflictingFinals: 1 });
  });

  it("is none where another hop shows it", () => {
    const call = only([
      "0    A>P INVITE 1",
      "2    P>B INVITE 1 via=P,A",
      "900  B>P 200 INVITE 1 via=P,A to=b",
      "910  A>P ACK 1 to=b",
    ]);
    expect(call).toMatchObject({ isAnswerUnseen: false, statusCode: 200, answeredAtMs: 900 });
  });

  it("is proved though a branch of a fork is known to have failed", () => {
    const call = only([
      "0    A>P INVITE 1",
      "2    P>B INVITE 1 via=P,A",
      "3    P>C INVITE 1 via=P,A br=2",
      "800  B>P 486 INVITE 1 via=P,A to=b",
      "910  A>P ACK 1 to=c",
    ]);
    expect(call).toMatchObject({ isAnswerUnseen: true, answeredAtMs: 910, calleeTag: "c" });
  });

  it("counts as one in the ratios, and for no delay that it would end", () => {
    const { tracker } = climb([
      ...RINGING,
      "2010 A>B ACK 1 to=b",
      "9000 A>B BYE 2 to=b",
      "9010 B>A 200 BYE 2 to=b",
    ]);
    expect(tracker.statistics()).toMatchObject({
      sessions: 1,
      answered: 1,
      answerSeizureRatio: 1,
      sessionCompletionRatio: 1,
      sessionRequestDelay: { count: 1, meanMs: 100 },
      sessionDuration: { count: 0 },
    });
  });

  it("is told at once at a user agent", () => {
    const { story } = climb([...RINGING, "2010 A>B ACK 1 to=b"], {
      observed: "A",
      isOpenEnd: true,
      until: 2020,
    });
    expect(story.at(-1)).toBe("outcome response");
  });
});

describe("a dialog from before the capture", () => {
  it.each([
    ["a re-INVITE", ["0 B>A INVITE 5 from=b to=a"]],
    ["a BYE", ["0 A>B BYE 9 to=b"]],
    ["a BYE's answer", ["0 B>A 200 BYE 9 to=b"]],
    ["the ACK of an answer's offer", ["0 A>B ACK 1 to=b sdp"]],
    [
      "a refreshed session",
      [
        "0 A>B UPDATE 9 to=b [Session-Expires: 90]",
        "9 B>A 200 UPDATE 9 to=b [Session-Expires: 90;refresher=uac]",
      ],
    ],
  ])("is known to be confirmed by %s; who called is a guess", (_, ladder) => {
    expect(only(ladder)).toMatchObject({
      hasInvite: false,
      wasConfirmed: true,
      isCallerAssumed: true,
      isAnswerUnseen: false,
    });
  });

  it.each(["PRACK", "UPDATE", "INFO"])("may be an early one by a %s alone", (method) => {
    const ladder = [`0 A>B ${method} 2 to=b`, `9 B>A 200 ${method} 2 to=b`];
    expect(only(ladder)).toMatchObject({ wasConfirmed: false, isCallerAssumed: true });
    expect(only([...ladder, "500 B>A 200 INVITE 1 to=b"])).toMatchObject({ wasConfirmed: true });
  });

  it("has its caller where its INVITE is seen, or rings", () => {
    expect(only(RINGING)).toMatchObject({ isCallerAssumed: false, wasConfirmed: false });
    expect(only(["0 B>A 180 INVITE 1 to=b"])).toMatchObject({ isCallerAssumed: false });
    expect(only(["0 B>A 100 INVITE 1", "9 B>A 180 INVITE 1 to=b"])).toMatchObject({
      isCallerAssumed: false,
    });
    expect(only(["12 B>A 100 INVITE 1", "10 A>B INVITE 1"])).toMatchObject({
      isCallerAssumed: false,
    });
  });

  it("may be that of a re-INVITE where only an answer is seen", () => {
    expect(only(["0 B>A 200 INVITE 1 to=b"])).toMatchObject({
      isCallerAssumed: true,
      wasConfirmed: true,
      statusCode: 200,
    });
  });

  it("is known from the user agent's own books", () => {
    const result = climb([], { observed: "A", isOpenEnd: true });
    const dialog = { callId: "c", localTag: "b", remoteTag: "a", atMs: 0 } as const;
    result.tracker.adopt({ ...dialog, localParty: "callee" });
    expect(result.events).toMatchObject([{ call: { wasConfirmed: true, isCallerAssumed: false } }]);
  });
});

const FINAL_TIMES = [1000, 1500, 2500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500, 32_500];
const ANSWERS = FINAL_TIMES.map((time) => `${time} B>A 200 INVITE 1 to=b`);

describe("an answer without ACK", () => {
  it("is missed when its sender has repeated it for 64 T1 (RFC 3261 §13.3.1.4)", () => {
    const ladder = [...RINGING, ...ANSWERS, "33100 B>A BYE 1 from=b to=a"];
    expect(only(ladder, { until: 36_000 })).toMatchObject({
      isAckMissing: true,
      answerRetransmissions: 10,
      answeredAtMs: 1000,
      endedBy: "callee",
    });
  });

  it("is missed where the callee gave up before and hung up", () => {
    const ladder = [
      ...RINGING,
      ...ANSWERS.slice(0, 6),
      "14000 B>A BYE 1 from=b to=a",
      "14010 A>B 200 BYE 1 from=b to=a",
    ];
    expect(only(ladder, LATER)).toMatchObject({ isAckMissing: true, answerRetransmissions: 5 });
  });

  it.each([
    ["the ACK came late", [...ANSWERS, "32600 A>B ACK 1 to=b"], 10],
    ["the ACK came each time, and was lost further on", [...ANSWERS, "1010 A>B ACK 1 to=b"], 10],
    ["the answer was not repeated: the ACK passed unseen", ANSWERS.slice(0, 1), 0],
    ["the caller hung up soon", [...ANSWERS.slice(0, 3), "3000 A>B BYE 2 to=b"], 2],
  ])("is not missed where %s", (_, rest, answerRetransmissions) => {
    const ladder = [...RINGING, ...rest].sort((a, b) => Number.parseInt(a) - Number.parseInt(b));
    expect(only(ladder, LATER)).toMatchObject({ isAckMissing: false, answerRetransmissions });
  });

  it("is not missed where the capture ended first", () => {
    expect(only([...RINGING, ...ANSWERS.slice(0, 6)])).toMatchObject({
      isAckMissing: false,
      answerRetransmissions: 5,
    });
  });

  it("is not missed at a user agent that hangs up at once", () => {
    const ladder = [...RINGING, "1000 B>A 200 INVITE 1 to=b", "1020 B>A BYE 1 from=b to=a"];
    const call = only([...ladder, "1030 A>B 200 BYE 1 from=b to=a"], {
      observed: "B",
      until: 9000,
    });
    expect(call).toMatchObject({ isAckMissing: false });
  });

  it("is not repeated by copies of a mirrored port", () => {
    const ladder = [...RINGING, "900 B>A 200 INVITE 1 to=b", "900 B>A 200 INVITE 1 to=b"];
    expect(only(ladder)).toMatchObject({ retransmissions: 1, answerRetransmissions: 0 });
  });
});

const UP = [...RINGING, "1000 B>A 200 INVITE 1 to=b", "1010 A>B ACK 1 to=b"];
const BYE_TIMES = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
const BYES = BYE_TIMES.map((time) => `${time + 6000} A>B BYE 2 to=b`);

describe("a BYE without answer", () => {
  it("is known by timer F (RFC 3261 §17.1.2.2)", () => {
    expect(only([...UP, ...BYES], LATER)).toMatchObject({ isByeUnanswered: true, endedAtMs: 6000 });
  });

  it("is known where the capture ends after its last retransmission", () => {
    expect(only([...UP, ...BYES])).toMatchObject({ isByeUnanswered: true });
  });

  it.each([
    ["it was answered, if only by 481", [...BYES, "37600 B>A 481 BYE 2 to=b"]],
    ["it was not repeated: the answer passed unseen", BYES.slice(0, 1)],
  ])("is none where %s", (_, rest) => {
    expect(only([...UP, ...rest], LATER)).toMatchObject({ isByeUnanswered: false });
  });

  it("is not known where the capture ends before", () => {
    expect(only([...UP, ...BYES.slice(0, 8)])).toMatchObject({ isByeUnanswered: false });
  });
});
