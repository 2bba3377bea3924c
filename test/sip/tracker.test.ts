/** From the first INVITE to the end: what arrives, and what the tracker says of it. */
import { describe, expect, it } from "vitest";

import { climb, type LadderOptions } from "./ladder.js";

const ANSWERED = [
  "0     A>B INVITE 1",
  "10    B>A 100 INVITE 1",
  "200   B>A 180 INVITE 1 to=b",
  "2000  B>A 200 INVITE 1 to=b",
  "2010  A>B ACK 1 to=b",
];

/** Told of every answered call. */
const UP = ["started", "100 to caller", "180 to caller", "200 to caller", "outcome 200 response"];

interface Scenario {
  readonly name: string;
  readonly ladder: readonly string[];
  readonly story: readonly string[];
  /** Of the first call. */
  readonly call?: object;
  readonly options?: LadderOptions;
}

function tells(scenarios: readonly Scenario[]): void {
  it.each(scenarios)("$name", ({ ladder, story, call, options }) => {
    const result = climb(ladder, options);
    expect(result.story).toEqual(story);
    if (call !== undefined) expect(result.calls[0]).toMatchObject(call);
  });
}

describe("an answered call", () => {
  tells([
    {
      name: "is told of in order, with its milestones",
      ladder: [...ANSWERED, "9000 B>A BYE 5 from=b to=a", "9010 A>B 200 BYE 5 from=b to=a"],
      story: [...UP, "bye by callee, normal", "ended"],
      call: {
        callId: "call-1@example.com",
        callerTag: "a",
        calleeTag: "b",
        hasInvite: true,
        invitedAtMs: 0,
        progressAtMs: 200,
        ringingAtMs: 200,
        answeredAtMs: 2000,
        finalAtMs: 2000,
        acknowledgedAtMs: 2010,
        endedAtMs: 9000,
        byeAnsweredAtMs: 9010,
        lastMessageAtMs: 9010,
        endedBy: "callee",
        byeReasonClass: "normal",
        statusCode: 200,
        via: "response",
        attempts: 1,
        messages: 7,
        retransmissions: 0,
        conflictingFinals: 0,
        isOneSided: false,
        isCancelled: false,
        isDefunct: false,
        forkTags: [],
      },
    },
    {
      name: "tells 183 as progress and only 180 as ringing",
      ladder: ["0 A>B INVITE 1", "50 B>A 183 INVITE 1 to=b", "90 B>A 180 INVITE 1 to=b"],
      story: ["started", "183 to caller", "180 to caller", "ended"],
      call: { progressAtMs: 50, ringingAtMs: 90, calleeTag: "b" },
    },
    {
      name: "is over some seconds after the BYE was answered, not before",
      ladder: [...ANSWERED, "9000 A>B BYE 2 to=b", "9010 B>A 200 BYE 2 to=b"],
      options: { isOpenEnd: true, until: 16_100 },
      story: [...UP, "bye by caller, normal", "ended"],
    },
    {
      name: "is not over while its BYE waits for an answer",
      ladder: [...ANSWERED, "9000 A>B BYE 2 to=b"],
      options: { isOpenEnd: true, until: 16_100 },
      story: [...UP, "bye by caller, normal"],
    },
    {
      name: "is over 64 T1 after a BYE that nobody answers",
      ladder: [...ANSWERED, "9000 A>B BYE 2 to=b"],
      options: { isOpenEnd: true, until: 44_000 },
      story: [...UP, "bye by caller, normal", "ended"],
    },
  ]);
});

describe("retransmissions", () => {
  tells([
    {
      name: "of requests and responses are told as messages alone (RFC 3261 §17)",
      ladder: [
        "0    A>B INVITE 1",
        "500  A>B INVITE 1",
        "510  B>A 180 INVITE 1 to=b",
        "600  B>A 180 INVITE 1 to=b",
        "900  B>A 200 INVITE 1 to=b",
        "1400 B>A 200 INVITE 1 to=b",
        "1410 A>B ACK 1 to=b",
        "1420 A>B ACK 1 to=b",
        "3000 A>B BYE 2 to=b",
        "3500 A>B BYE 2 to=b",
        "3510 B>A 200 BYE 2 to=b",
        "3520 B>A 200 BYE 2 to=b",
      ],
      story: [
        "started",
        "180 to caller",
        "200 to caller",
        "outcome 200 response",
        "bye by caller, normal",
        "ended",
      ],
      call: { messages: 12, retransmissions: 6, answeredAtMs: 900, acknowledgedAtMs: 1410 },
    },
    {
      name: "are not what reliable provisional responses with another RSeq are (RFC 3262 §3)",
      ladder: [
        "0   A>B INVITE 1",
        "50  B>A 183 INVITE 1 to=b [RSeq: 1]",
        "60  B>A 183 INVITE 1 to=b [RSeq: 1]",
        "90  B>A 183 INVITE 1 to=b [RSeq: 2]",
      ],
      story: ["started", "183 to caller", "ended"],
      call: { messages: 4, retransmissions: 1 },
    },
    {
      name: "that come after the end are counted, not told",
      ladder: [
        "0     A>B INVITE 1",
        "10    B>A 486 INVITE 1 to=b",
        "20    A>B ACK 1 to=b fail",
        "9000  B>A 486 INVITE 1 to=b",
      ],
      story: ["started", "486 to caller", "outcome 486 response", "ended"],
      call: { messages: 3, retransmissions: 0 },
    },
  ]);
});

describe("a failed attempt", () => {
  tells([
    {
      name: "ends with its final response",
      ladder: ["0 A>B INVITE 1", "30 B>A 486 INVITE 1 to=b", "40 A>B ACK 1 to=b fail"],
      story: ["started", "486 to caller", "outcome 486 response", "ended"],
      call: { statusCode: 486, via: "response", finalAtMs: 30, endedAtMs: 30, attempts: 1 },
    },
    {
      name: "keeps the first of two final responses that contradict each other",
      ladder: [
        "0  A>B INVITE 1",
        "30 B>A 478 INVITE 1 to=x",
        "31 B>A 487 INVITE 1 to=y",
        "32 B>A 487 INVITE 1 to=y",
      ],
      story: ["started", "478 to caller", "outcome 478 response", "487 to caller", "ended"],
      call: { statusCode: 478, conflictingFinals: 1 },
    },
    {
      name: "does not become an answer when a 200 follows",
      ladder: ["0  A>B INVITE 1", "30 B>A 486 INVITE 1 to=b", "40 B>A 200 INVITE 1 to=b"],
      story: ["started", "486 to caller", "outcome 486 response", "200 to caller", "ended"],
      call: { statusCode: 486, conflictingFinals: 1 },
    },
  ]);
  it("keeps its answer when a failure follows", () => {
    const { calls } = climb([...ANSWERED, "2500 B>A 487 INVITE 1 to=b"]);
    expect(calls[0]).toMatchObject({ statusCode: 200, conflictingFinals: 1 });
    expect(calls[0]).not.toHaveProperty("endedAtMs");
  });

  it("gives the reasons of its final response (RFC 3326)", () => {
    const { calls } = climb([
      "0 A>B INVITE 1",
      '30 B>A 480 INVITE 1 to=b [Reason: Q.850;cause=20;text="x, y"]',
    ]);
    expect(calls[0]?.reasons).toEqual([{ protocol: "Q.850", cause: 20, text: "x, y" }]);
  });
});

describe("a challenge", () => {
  tells([
    ...["401", "407", "422"].map((code) => ({
      name: `of ${code} and the INVITE that answers it are one call with one outcome`,
      ladder: [
        "0   A>B INVITE 1",
        `10  B>A ${code} INVITE 1 to=x [Min-SE: 120]`,
        "20  A>B ACK 1 to=x fail",
        "30  A>B INVITE 2",
        "40  B>A 180 INVITE 2 to=b",
        "900 B>A 200 INVITE 2 to=b",
        "910 A>B ACK 2 to=b",
      ],
      story: [
        "started",
        `${code} to caller`,
        ...(code === "422" ? ["refresh INVITE by caller: 422-bumped"] : []),
        "180 to caller",
        "200 to caller",
        "outcome 200 response",
        "ended",
      ],
      call: { attempts: 2, statusCode: 200, invitedAtMs: 0, finalAtMs: 900, calleeTag: "b" },
    })),
    {
      name: "is the outcome after 64 T1 without another try at a user agent",
      ladder: ["0 A>B INVITE 1", "10 B>A 407 INVITE 1 to=x", "20 A>B ACK 1 to=x fail"],
      options: { observed: "A", isOpenEnd: true, until: 34_100 },
      story: ["started", "407 to caller", "outcome 407 response", "ended"],
      call: { attempts: 1, statusCode: 407, endedAtMs: 10 },
    },
    {
      name: "is the outcome after ten minutes without another try in a capture",
      ladder: ["0 A>B INVITE 1", "10 B>A 407 INVITE 1 to=x", "20 A>B ACK 1 to=x fail"],
      options: { isOpenEnd: true, until: 608_000 },
      story: ["started", "407 to caller", "outcome 407 response", "ended"],
      call: { attempts: 1, statusCode: 407, endedAtMs: 10 },
    },
    {
      name: "is no outcome before: somebody may have to type a password",
      ladder: ["0 A>B INVITE 1", "10 B>A 407 INVITE 1 to=x", "20 A>B ACK 1 to=x fail"],
      options: { isOpenEnd: true, until: 600_000 },
      story: ["started", "407 to caller"],
    },
    {
      name: "is answered by whoever took minutes to type a password",
      ladder: [
        "0      A>B INVITE 1",
        "10     B>A 407 INVITE 1 to=x",
        "20     A>B ACK 1 to=x fail",
        "590000 A>B INVITE 2",
        "591000 B>A 200 INVITE 2 to=b",
        "591010 A>B ACK 2 to=b",
      ],
      story: ["started", "407 to caller", "200 to caller", "outcome 200 response", "ended"],
      call: { attempts: 2, statusCode: 200, invitedAtMs: 0, answeredAtMs: 591_000 },
    },
    {
      name: "is not answered by an INVITE of the same number once 64 T1 are over",
      ladder: [
        "0     A>B INVITE 1",
        "10    B>A 407 INVITE 1 to=x",
        "20    A>B ACK 1 to=x fail",
        "60000 A>B INVITE 1 br=2",
        "60010 B>A 486 INVITE 1 br=2 to=b",
        "60020 A>B ACK 1 br=2 to=b fail",
      ],
      story: [
        "started",
        "407 to caller",
        "outcome 407 response",
        "started",
        "486 to caller",
        "outcome 486 response",
        "ended",
        "ended",
      ],
      call: { attempts: 1, statusCode: 407 },
    },
    {
      name: "is the outcome when the input ends",
      ladder: ["0 A>B INVITE 1", "10 B>A 401 INVITE 1 to=x"],
      story: ["started", "401 to caller", "outcome 401 response", "ended"],
    },
    {
      name: "may come twice",
      ladder: [
        "0  A>B INVITE 1",
        "10 B>A 407 INVITE 1 to=x",
        "20 A>B INVITE 2",
        "30 B>A 401 INVITE 2 to=y",
        "40 A>B INVITE 3",
        "50 B>A 603 INVITE 3 to=z",
      ],
      story: [
        "started",
        "407 to caller",
        "401 to caller",
        "603 to caller",
        "outcome 603 response",
        "ended",
      ],
      call: { attempts: 3, statusCode: 603 },
    },
    {
      name: "is answered even with its To tag in the new INVITE",
      ladder: [
        "0 A>B INVITE 1",
        "10 B>A 407 INVITE 1 to=x",
        "20 A>B INVITE 2 to=x",
        "30 B>A 200 INVITE 2 to=x",
      ],
      story: ["started", "407 to caller", "200 to caller", "outcome 200 response", "ended"],
      call: { attempts: 2 },
    },
    {
      name: "that was not seen shows in the INVITE that follows",
      ladder: ["0 A>B INVITE 1", "20 A>B INVITE 2 [Authorization: Digest x]", "99 A>B ACK 2 to=b"],
      story: ["started", "outcome response", "ended"],
      call: { attempts: 2, isOneSided: true, isAnswerUnseen: true },
    },
    {
      name: "and its retry may arrive in the wrong order",
      ladder: [
        "20 A>B INVITE 2",
        "0  A>B INVITE 1",
        "10 B>A 407 INVITE 1 to=x",
        "30 B>A 200 INVITE 2 to=b",
      ],
      story: ["started", "407 to caller", "200 to caller", "outcome 200 response", "ended"],
      call: { attempts: 2, statusCode: 200, invitedAtMs: 0 },
    },
  ]);
});

describe("a serial fork", () => {
  tells([
    {
      name: "that goes on long after a challenge is no other call while a branch was tried",
      ladder: [
        "0     P>B INVITE 1 via=P,A",
        "1     P>C INVITE 1 via=P,A br=2",
        "10    B>P 401 INVITE 1 via=P,A to=b",
        "20    C>P 180 INVITE 1 via=P,A br=2 to=c",
        "40000 C>P 486 INVITE 1 via=P,A br=2 to=c",
        "40010 P>D INVITE 1 via=P,A br=3",
        "41000 D>P 200 INVITE 1 via=P,A br=3 to=d",
      ],
      story: [
        "started",
        "401 to caller",
        "180 to caller",
        "486 to caller",
        "200 to caller",
        "outcome 200 response",
        "ended",
      ],
      call: { attempts: 1, statusCode: 200 },
    },
  ]);
});

describe("an attempt that arrives late", () => {
  tells([
    {
      name: "belongs to the call whose later attempt was answered meanwhile",
      ladder: [
        "20 A>B INVITE 2",
        "30 B>A 200 INVITE 2 to=b",
        "0  A>B INVITE 1",
        "10 B>A 407 INVITE 1 to=x",
      ],
      story: ["started", "200 to caller", "outcome 200 response", "407 to caller", "ended"],
      call: { attempts: 2, statusCode: 200, invitedAtMs: 0, conflictingFinals: 0 },
    },
    {
      name: "at another server is none where the first is out of service (RFC 3263 §4.3)",
      ladder: [
        "0  A>B INVITE 1",
        "10 B>A 503 INVITE 1 to=x",
        "20 A>C INVITE 1 br=2",
        "30 C>A 200 INVITE 1 br=2 to=c",
      ],
      story: ["started", "503 to caller", "200 to caller", "outcome 200 response", "ended"],
      call: { attempts: 1, statusCode: 200, conflictingFinals: 0, calleeTag: "c" },
    },
  ]);
});

describe("a redirection", () => {
  tells([
    {
      name: "that the caller follows is an attempt (RFC 3261 §8.1.3.4)",
      ladder: [
        "0  A>B INVITE 1",
        "10 B>A 302 INVITE 1 to=x",
        "20 A>B ACK 1 to=x fail",
        "30 A>C INVITE 2",
        "60 C>A 200 INVITE 2 to=c",
      ],
      story: ["started", "302 to caller", "200 to caller", "outcome 200 response", "ended"],
      call: { attempts: 2, statusCode: 200, callee: { endpoint: { address: "192.0.2.67" } } },
    },
    {
      name: "that nobody follows is the outcome",
      ladder: ["0 A>B INVITE 1", "10 B>A 302 INVITE 1 to=x", "20 A>B ACK 1 to=x fail"],
      story: ["started", "302 to caller", "outcome 302 response", "ended"],
    },
  ]);
});

describe("a cancelled attempt", () => {
  tells([
    {
      name: "ends with 487 and says who was asked to stop, and why",
      ladder: [
        "0   A>B INVITE 1",
        "10  B>A 180 INVITE 1 to=b",
        '500 A>B CANCEL 1 [Reason: SIP;cause=200;text="Call completed elsewhere"]',
        "510 B>A 200 CANCEL 1 to=b",
        "520 B>A 487 INVITE 1 to=b",
        "530 A>B ACK 1 to=b fail",
      ],
      story: ["started", "180 to caller", "487 to caller", "outcome 487 response", "ended"],
      call: {
        isCancelled: true,
        statusCode: 487,
        endedAtMs: 520,
        cancelReasons: [{ protocol: "SIP", cause: 200, text: "Call completed elsewhere" }],
        reasons: [{ protocol: "SIP", cause: 200, text: "Call completed elsewhere" }],
      },
    },
    {
      name: "that was answered first is answered, and hung up (RFC 3261 §9.1)",
      ladder: [
        "0   A>B INVITE 1",
        "10  B>A 180 INVITE 1 to=b",
        "500 A>B CANCEL 1",
        "501 B>A 200 INVITE 1 to=b",
        "510 B>A 200 CANCEL 1 to=b",
        "520 A>B ACK 1 to=b",
        "530 A>B BYE 2 to=b",
        "540 B>A 200 BYE 2 to=b",
      ],
      story: [
        "started",
        "180 to caller",
        "200 to caller",
        "outcome 200 response",
        "bye by caller, normal",
        "ended",
      ],
      call: { isCancelled: true, statusCode: 200, answeredAtMs: 501, endedBy: "caller" },
    },
    {
      name: "is one even where its CANCEL gives the default port and the INVITE did not",
      ladder: ["0 A>B INVITE 1", "5 B>A 100 INVITE 1", "10 A>B CANCEL 1 port"],
      story: ["started", "100 to caller", "ended"],
      call: { isCancelled: true },
    },
    {
      name: "may be tried again as another call",
      ladder: [
        "0  A>B INVITE 1",
        "10 A>B CANCEL 1",
        "20 B>A 487 INVITE 1 to=b",
        "30 A>B INVITE 2",
        "40 B>A 200 INVITE 2 to=b",
      ],
      story: [
        "started",
        "487 to caller",
        "outcome 487 response",
        "started",
        "200 to caller",
        "outcome 200 response",
        "ended",
        "ended",
      ],
    },
  ]);
});

describe("a hang-up", () => {
  const bye = (reason: string) => [...ANSWERED, `9000 A>B BYE 2 to=b [Reason: ${reason}]`];

  it.each([
    ["Q.850;cause=16", "normal"],
    ["Q.850;cause=21", "user-hangup"],
    ["Q.850;cause=102", "timer-expired"],
    ["SIP;cause=408", "timer-expired"],
    ["SIP;cause=503, Q.850;cause=41", "error"],
  ])("for %s is of class %s", (reason, reasonClass) => {
    expect(climb(bye(reason)).story).toContain(`bye by caller, ${reasonClass}`);
  });

  tells([
    {
      name: "from both sides at once is one hang-up (RFC 3261 §15.1.2)",
      ladder: [
        ...ANSWERED,
        "9000 A>B BYE 2 to=b",
        "9001 B>A BYE 1 from=b to=a",
        "9010 B>A 481 BYE 2 to=b",
        "9011 A>B 481 BYE 1 from=b to=a",
      ],
      story: [...UP, "bye by caller, normal", "ended"],
      call: { isByeGlare: true, endedBy: "caller", endedAtMs: 9000, byeAnsweredAtMs: 9010 },
    },
    {
      name: "that is answered before the other's is no glare",
      ladder: [
        ...ANSWERED,
        "9000 A>B BYE 2 to=b",
        "9010 B>A 200 BYE 2 to=b",
        "9900 B>A BYE 1 from=b to=a",
      ],
      story: [...UP, "bye by caller, normal", "ended"],
      call: { isByeGlare: false },
    },
    {
      name: "that is challenged is answered when its retry is",
      ladder: [
        ...ANSWERED,
        "9000 A>B BYE 2 to=b",
        "9010 B>A 407 BYE 2 to=b",
        "9020 A>B BYE 3 to=b",
        "9030 B>A 200 BYE 3 to=b",
      ],
      story: [...UP, "bye by caller, normal", "ended"],
      call: { endedAtMs: 9000, byeAnsweredAtMs: 9030 },
    },
    {
      name: "of the far end's unknown dialog is a hang-up all the same (481)",
      ladder: [...ANSWERED, "9000 A>B BYE 2 to=b", "9010 B>A 481 BYE 2 to=b"],
      story: [...UP, "bye by caller, normal", "ended"],
      call: { byeAnsweredAtMs: 9010, isDefunct: false },
    },
    {
      name: "before the answer ends nothing but the attempt (RFC 3261 §15)",
      ladder: [
        "0   A>B INVITE 1",
        "10  B>A 180 INVITE 1 to=b",
        "500 A>B BYE 2 to=b",
        "510 B>A 200 BYE 2 to=b",
        "520 B>A 487 INVITE 1 to=b",
      ],
      story: [
        "started",
        "180 to caller",
        "bye by caller, normal",
        "487 to caller",
        "outcome 487 response",
        "ended",
      ],
      call: { statusCode: 487, endedAtMs: 500 },
    },
  ]);
});

describe("a fork", () => {
  tells([
    {
      name: "answers with other To tags; the first 2xx is the call's (RFC 3261 §13.2.2.4)",
      ladder: [
        "0   A>P INVITE 1",
        "10  P>A 180 INVITE 1 to=b",
        "20  P>A 183 INVITE 1 to=c",
        "500 P>A 200 INVITE 1 to=b",
      ],
      story: [
        "started",
        "180 to caller",
        "183 to caller",
        "200 to caller",
        "outcome 200 response",
        "ended",
      ],
      call: { calleeTag: "b", forkTags: ["c"], conflictingFinals: 0 },
    },
    {
      name: "that answers too late is hung up without ending the call",
      ladder: [
        "0    A>P INVITE 1",
        "500  P>A 200 INVITE 1 to=b",
        "510  A>P ACK 1 to=b",
        "520  P>A 200 INVITE 1 to=c",
        "530  A>P ACK 1 to=c",
        "540  A>P BYE 2 to=c",
        "550  P>A 200 BYE 2 to=c",
        "9000 A>P BYE 2 to=b",
        "9010 P>A 200 BYE 2 to=b",
      ],
      story: [
        "started",
        "200 to caller",
        "outcome 200 response",
        "200 to caller",
        "bye by caller, normal",
        "ended",
      ],
      call: {
        calleeTag: "b",
        forkTags: ["c"],
        endedAtMs: 9000,
        byeAnsweredAtMs: 9010,
        conflictingFinals: 0,
      },
    },
    {
      name: "may be the one the caller keeps",
      ladder: [
        "0    A>P INVITE 1",
        "500  P>A 200 INVITE 1 to=b",
        "510  A>P ACK 1 to=b",
        "520  P>A 200 INVITE 1 to=c",
        "530  A>P ACK 1 to=c",
        "540  A>P BYE 2 to=b",
        "9000 P>A BYE 7 from=c to=a",
      ],
      story: [
        "started",
        "200 to caller",
        "outcome 200 response",
        "200 to caller",
        "bye by callee, normal",
        "ended",
      ],
      call: { calleeTag: "c", endedAtMs: 9000 },
    },
  ]);
});

describe("requests within a dialog", () => {
  tells([
    {
      name: "are no attempts: hold, UPDATE, INFO, REFER and its NOTIFY",
      ladder: [
        ...ANSWERED,
        "3000 B>A INVITE 9 from=b to=a",
        "3010 A>B 200 INVITE 9 from=b to=a",
        "3020 B>A ACK 9 from=b to=a",
        "4000 A>B UPDATE 2 to=b",
        "4010 B>A 200 UPDATE 2 to=b",
        "5000 A>B INFO 3 to=b",
        "5010 B>A 200 INFO 3 to=b",
        "6000 A>B REFER 4 to=b",
        "6010 B>A 202 REFER 4 to=b",
        "6020 B>A NOTIFY 10 from=b to=a",
        "6030 A>B 200 NOTIFY 10 from=b to=a",
      ],
      story: [...UP, "200 to callee", "ended"],
      call: { attempts: 1, statusCode: 200, messages: 16, answeredAtMs: 2000, isDefunct: false },
    },
    ...["481", "408"].map((code) => ({
      name: `that get ${code} show that the dialog is gone at one end (RFC 3261 §12.2.1.2)`,
      ladder: [...ANSWERED, "3000 A>B INVITE 2 to=b", `3010 B>A ${code} INVITE 2 to=b`],
      story: [...UP, `${code} to caller`, "ended"],
      call: { isDefunct: true, statusCode: 200 },
    })),
    {
      name: "that are refused leave it as it is",
      ladder: [...ANSWERED, "3000 A>B INVITE 2 to=b", "3010 B>A 488 INVITE 2 to=b"],
      story: [...UP, "488 to caller", "ended"],
      call: { isDefunct: false, statusCode: 200, conflictingFinals: 0 },
    },
  ]);
});

describe("a capture that began late", () => {
  tells([
    {
      name: "shows a call by a response to its INVITE",
      ladder: ["0 B>A 180 INVITE 1 to=b", "900 B>A 200 INVITE 1 to=b", "910 A>B ACK 1 to=b"],
      story: ["started", "180 to caller", "200 to caller", "outcome 200 response", "ended"],
      call: {
        hasInvite: false,
        callerTag: "a",
        calleeTag: "b",
        invitedAtMs: 0,
        answeredAtMs: 900,
        caller: { uri: "sip:alice@example.com", endpoint: { address: "192.0.2.65" } },
        callee: { endpoint: { address: "192.0.2.66" } },
      },
    },
    {
      name: "shows a call by a request in its dialog",
      ladder: ["0 A>B UPDATE 7 to=b", "10 B>A 200 UPDATE 7 to=b", "900 B>A BYE 3 from=b to=a"],
      story: ["started", "bye by callee, normal", "ended"],
      call: { hasInvite: false, callerTag: "a", calleeTag: "b", endedBy: "callee" },
    },
    {
      name: "shows a call by its BYE",
      ladder: ["0 A>B BYE 7 to=b", "10 B>A 200 BYE 7 to=b"],
      story: ["started", "bye by caller, normal", "ended"],
      call: { hasInvite: false, byeAnsweredAtMs: 10 },
    },
    {
      name: "shows a call by the answer to its BYE",
      ladder: ["0 B>A 200 BYE 7 to=b"],
      story: ["started", "bye by caller, normal", "ended"],
      call: { hasInvite: false },
    },
    {
      name: "shows a call by its CANCEL",
      ladder: ["0 A>B CANCEL 1", "10 B>A 200 CANCEL 1 to=b", "20 B>A 487 INVITE 1 to=b"],
      story: ["started", "487 to caller", "outcome 487 response", "ended"],
      call: { hasInvite: false, isCancelled: true },
    },
    {
      name: "makes no call of strays: an ACK, a NOTIFY, an OPTIONS, a 481",
      ladder: [
        "0 A>B ACK 1 to=b",
        "1 A>B NOTIFY 1 id=n to=b",
        "2 A>B OPTIONS 1 id=o",
        "3 B>A 481 BYE 9 id=p to=b",
        "4 B>A 200 OPTIONS 9 id=q to=b",
      ],
      story: [],
    },
  ]);
});

describe("messages out of order", () => {
  tells([
    {
      name: "may bring an answer before its request, as mirrored ports do",
      ladder: [
        "12   B>A 100 INVITE 1",
        "10   A>B INVITE 1",
        "2000 B>A 200 INVITE 1 to=b",
        "2010 A>B ACK 1 to=b",
      ],
      story: ["started", "100 to caller", "200 to caller", "outcome 200 response", "ended"],
      call: {
        hasInvite: true,
        invitedAtMs: 10,
        attempts: 1,
        isOneSided: false,
        hops: [{ invitedAtMs: 10 }],
      },
    },
    {
      name: "may bring the answer of a BYE before the BYE, whose time and reason count",
      ladder: [
        ...ANSWERED,
        "9010 B>A 200 BYE 2 to=b",
        "9000 A>B BYE 2 to=b [Reason: Q.850;cause=38]",
      ],
      story: [...UP, "bye by caller, normal", "ended"],
      call: {
        endedAtMs: 9000,
        byeAnsweredAtMs: 9010,
        byeReasonClass: "error",
        reasons: [{ protocol: "Q.850", cause: 38 }],
      },
    },
    {
      name: "may bring the BYE before the answer that a TCP hole held back",
      ladder: [
        "0    A>B INVITE 1",
        "10   B>A 180 INVITE 1 to=b",
        "2500 A>B BYE 2 to=b",
        "2000 B>A 200 INVITE 1 to=b",
        "2010 A>B ACK 1 to=b",
        "2510 B>A 200 BYE 2 to=b",
      ],
      story: [
        "started",
        "180 to caller",
        "bye by caller, normal",
        "200 to caller",
        "outcome 200 response",
        "ended",
      ],
      call: { answeredAtMs: 2000, endedAtMs: 2500, byeAnsweredAtMs: 2510, statusCode: 200 },
    },
    {
      name: "by less than two seconds fire no timer",
      ladder: [
        "0     A>B INVITE 1",
        "500   A>B INVITE 1",
        "31500 A>B INVITE 1",
        "33000 C>D OPTIONS 1 id=other",
        "31900 B>A 200 INVITE 1 to=b",
      ],
      story: ["started", "200 to caller", "outcome 200 response", "ended"],
      call: { via: "response", answeredAtMs: 31_900 },
    },
  ]);
});

describe("a Call-ID", () => {
  tells([
    {
      name: "that another caller uses too is another call",
      ladder: [
        "0  A>B INVITE 1",
        "10 B>A 200 INVITE 1 to=b",
        "20 B>C INVITE 1 from=x",
        "30 C>B 486 INVITE 1 from=x to=c",
      ],
      story: [
        "started",
        "200 to caller",
        "outcome 200 response",
        "started",
        "486 to caller",
        "outcome 486 response",
        "ended",
        "ended",
      ],
    },
    ...[
      {
        what: "a BYE",
        end: ["10 B>A 200 INVITE 1 to=b", "20 A>B ACK 1 to=b", "30 A>B BYE 2 to=b"],
        story: ["200 to caller", "outcome 200 response", "bye by caller, normal"],
      },
      {
        what: "a refusal",
        end: ["10 B>A 486 INVITE 1 to=b", "20 A>B ACK 1 to=b fail"],
        story: ["486 to caller", "outcome 486 response"],
      },
    ].map(({ what, end, story }) => ({
      name: `that is used again soon after ${what} is a new call, whatever its number`,
      ladder: [
        "0    A>B INVITE 1",
        ...end,
        "1000 A>B INVITE 1 br=2",
        "1010 B>A 200 INVITE 1 br=2 to=c",
        "1020 A>B ACK 1 br=3 to=c",
        "2000 A>B BYE 2 to=c br=4",
      ],
      story: [
        "started",
        ...story,
        "started",
        "200 to caller",
        "outcome 200 response",
        "bye by caller, normal",
        "ended",
        "ended",
      ],
    })),
    {
      name: "of a call that is over on one hop has a further hop of it when that is seen late",
      ladder: [
        "0  A>P INVITE 1",
        "10 P>A 200 INVITE 1 to=b",
        "20 A>P ACK 1 to=b",
        "30 A>P BYE 2 to=b",
        "40 P>B INVITE 1 via=P,A",
      ],
      story: ["started", "200 to caller", "outcome 200 response", "bye by caller, normal", "ended"],
    },
    {
      name: "that is used again after the end is a new call",
      ladder: [
        "0      A>B INVITE 1",
        "10     B>A 486 INVITE 1 to=b",
        "20     A>B ACK 1 to=b fail",
        "60000  A>B INVITE 1",
        "60010  B>A 200 INVITE 1 to=c",
      ],
      story: [
        "started",
        "486 to caller",
        "outcome 486 response",
        "ended",
        "started",
        "200 to caller",
        "outcome 200 response",
        "ended",
      ],
    },
  ]);
});

describe("other requests", () => {
  it("are tracked without making calls", () => {
    const { story, tracker } = climb([
      "0  A>B REGISTER 1 id=r",
      "10 B>A 401 REGISTER 1 id=r to=x",
      "20 A>B REGISTER 2 id=r",
      "30 B>A 200 REGISTER 2 id=r to=x",
      "40 A>B OPTIONS 1 id=o",
      "41 A>B SUBSCRIBE 1 id=s",
      "42 A>B MESSAGE 1 id=m",
      "43 A>B NOTIFY 1 id=n to=x",
      "44 A>B REFER 1 id=f",
    ]);
    expect(story).toEqual([]);
    expect(tracker.counters).toMatchObject({ messages: 9, openCalls: 0, openTransactions: 7 });
  });

  it("with the Call-ID and tag of a call, but outside its dialog, are not its messages", () => {
    const { calls } = climb([...ANSWERED, "3000 A>B OPTIONS 9", "3001 A>B REGISTER 9"]);
    expect(calls[0]?.messages).toBe(5);
  });
});

describe("limits", () => {
  it("end the oldest call early and lose none", () => {
    const ladder = [1, 2, 3, 4].map((i) => `${i} A>B INVITE 1 id=${i}`);
    const { story, tracker } = climb(ladder, { maxCalls: 2 });
    expect(story.filter((line) => line === "started")).toHaveLength(4);
    expect(story.filter((line) => line === "ended")).toHaveLength(4);
    expect(tracker.counters).toMatchObject({ evictedCalls: 2, openCalls: 2 });
  });

  it("forget the oldest transaction", () => {
    const ladder = [1, 2, 3, 4, 5].map((i) => `${i} A>B OPTIONS 1 id=${i}`);
    const { tracker } = climb(ladder, { maxTransactions: 3 });
    expect(tracker.counters).toMatchObject({ evictedTransactions: 2, openTransactions: 3 });
  });

  it("hold for calls of one Call-ID too", () => {
    const ladder = Array.from({ length: 100 }, (_, i) => `${i} A>B INVITE 1 from=tag${i}`);
    const { tracker, story } = climb(ladder);
    expect(tracker.counters.openCalls).toBe(16);
    expect(story.filter((line) => line === "ended")).toHaveLength(100);
  });

  it("are checked", () => {
    const options = { onEvent: () => undefined };
    expect(() => climb([], { t1Ms: 0 })).toThrow("t1Ms is 0; it must be from 1 to 60000");
    expect(() => climb([], { ...options, maxCalls: Number.NaN })).toThrow(RangeError);
    expect(() => climb([], { ...options, maxTransactions: 0 })).toThrow(RangeError);
  });

  it("let go of everything in time", () => {
    const { tracker } = climb(
      [
        ...ANSWERED,
        "9000 A>B BYE 2 to=b",
        "9010 B>A 200 BYE 2 to=b",
        "9020 A>B OPTIONS 1 id=o",
        "9030 A>B INVITE 1 id=i",
      ],
      { isOpenEnd: true, until: 10_000_000 },
    );
    tracker.advance(20_000_000);
    expect(tracker.counters).toMatchObject({ openCalls: 0, openTransactions: 0 });
  });
});

describe("an observed user agent", () => {
  const live: LadderOptions = { observed: "A", isOpenEnd: true };

  it("has a direction for each call", () => {
    expect(climb(["0 A>B INVITE 1"], live).calls[0]?.direction).toBe("out");
    expect(climb(["0 B>A INVITE 1"], live).calls[0]?.direction).toBe("in");
    expect(climb(["0 B>A 180 INVITE 1 to=b"], live).calls[0]?.direction).toBe("out");
  });

  it("that cannot send an INVITE fails by its transport", () => {
    const { tracker, calls } = climb(["0 A>B INVITE 1"], live);
    const [message] = climb(["0 A>B INVITE 1"]).events.flatMap((event) =>
      event.kind === "message" ? [event.seen.message] : [],
    );
    if (message === undefined) throw new Error("no message");
    tracker.sendFailed({ message, atMs: 5 });
    expect(calls[0]).toMatchObject({ via: "transport-error", endedAtMs: 5 });
    expect(calls[0]).not.toHaveProperty("statusCode");
  });

  it("that gives up before anything is sent makes a call all the same", () => {
    const result = climb([], live);
    result.tracker.localAbort({ callId: "silent", localTag: "x", atMs: 7 });
    result.tracker.finish(100);
    expect(result.events.map(({ kind }) => kind)).toEqual([
      "call-started",
      "outcome",
      "call-ended",
    ]);
    expect(result.events[1]).toMatchObject({
      call: { callId: "silent", via: "local-abort", hasInvite: false, endedAtMs: 7 },
    });
  });

  it("that gives up a call it began ends that one", () => {
    const { tracker, calls, events } = climb(["0 A>B INVITE 1"], live);
    tracker.localAbort({ callId: "call-1@example.com", localTag: "a", atMs: 7 });
    expect(calls[0]).toMatchObject({ via: "local-abort" });
    expect(events.filter(({ kind }) => kind === "call-started")).toHaveLength(1);
  });

  it("that stops abandons what is open, answered or not", () => {
    const result = climb([...ANSWERED, "3000 A>B INVITE 1 id=second"], live);
    result.tracker.abandonAll(4000);
    const ended = result.events.filter(({ kind }) => kind === "call-ended");
    expect(ended).toMatchObject([
      { call: { statusCode: 200, via: "response", endedAtMs: 4000, isAbandoned: true } },
      { call: { via: "abandoned", endedAtMs: 4000, isAbandoned: true } },
    ]);
  });

  it("that stops has not abandoned what ended before", () => {
    const result = climb(["0 A>B INVITE 1", "10 B>A 486 INVITE 1 to=b"], live);
    result.tracker.abandonAll(4000);
    expect(result.calls[0]).toMatchObject({ statusCode: 486, endedAtMs: 10 });
    expect(result.calls[0]).not.toHaveProperty("isAbandoned");
  });

  it("may hand in a dialog that was there before", () => {
    const result = climb([], live);
    const dialog = { callId: "call-1@example.com", localTag: "b", remoteTag: "a", atMs: 0 };
    result.tracker.adopt({ ...dialog, localParty: "callee" });
    result.tracker.adopt({ ...dialog, localParty: "callee" });
    expect(result.events).toMatchObject([
      { kind: "call-started", call: { callerTag: "a", calleeTag: "b", direction: "in" } },
    ]);
  });
});
