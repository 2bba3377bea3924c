/** The session timer of RFC 4028, as the messages of both sides negotiate and keep it. */
import { describe, expect, it } from "vitest";

import { climb } from "./ladder.js";

const SE = (seconds: number, refresher?: string) =>
  `[Session-Expires: ${seconds}${refresher === undefined ? "" : `;refresher=${refresher}`}]`;

/** An answered call whose 2xx at 1000 ms carries these fields. */
const call = (granted: string, offered = SE(90)) => [
  `0    A>B INVITE 1 ${offered}`,
  `1000 B>A 200 INVITE 1 to=b ${granted}`,
  "1010 A>B ACK 1 to=b",
];

const BY_CALLER = call(SE(90, "uac"));

const refreshesOf = (ladder: readonly string[], until?: number) =>
  climb(ladder, until === undefined ? {} : { until }).story.filter((line) =>
    line.startsWith("refresh"),
  );

const timerOf = (ladder: readonly string[], until?: number) =>
  climb(ladder, until === undefined ? {} : { until }).calls[0]?.sessionTimer;

describe("a session timer", () => {
  it("is what the 2xx grants, not what the INVITE offers (RFC 4028 §7.2)", () => {
    expect(timerOf(call(SE(120, "uas"), SE(1800, "uac")))).toEqual({
      intervalSeconds: 120,
      refresher: "callee",
      refreshes: [],
      expiresAtMs: 121_000,
      isExpired: false,
    });
  });

  it("is read in its compact form", () => {
    expect(timerOf(call("[x: 90;refresher=uac]"))).toMatchObject({ refresher: "caller" });
  });

  it("has the refresher that was asked for where the 2xx names none", () => {
    expect(timerOf(call(SE(90), SE(90, "uas")))).toMatchObject({ refresher: "callee" });
    expect(timerOf(call(SE(90)))).toMatchObject({ refresher: "caller" });
  });

  it.each(["", "[Session-Expires: soon]", "[Session-Expires: 0]", "[Session-Expires: -5]"])(
    "is none where the 2xx says %j",
    (granted) => {
      expect(timerOf(call(granted))).toBeUndefined();
    },
  );
});

describe("a refresh", () => {
  it.each([
    [
      "by UPDATE",
      ["46000 A>B UPDATE 2 to=b " + SE(90, "uac"), "46010 B>A 200 UPDATE 2 to=b " + SE(90, "uac")],
      "refresh UPDATE by caller: ok",
    ],
    [
      "by re-INVITE",
      ["46000 A>B INVITE 2 to=b " + SE(90, "uac"), "46010 B>A 200 INVITE 2 to=b " + SE(90, "uac")],
      "refresh INVITE by caller: ok",
    ],
    [
      "that the peer does not know",
      ["46000 A>B UPDATE 2 to=b " + SE(90), "46010 B>A 481 UPDATE 2 to=b"],
      "refresh UPDATE by caller: 481",
    ],
    [
      "that is refused",
      ["46000 A>B INVITE 2 to=b " + SE(90), "46010 B>A 491 INVITE 2 to=b"],
      "refresh INVITE by caller: failed",
    ],
    [
      "that switches the timer off",
      ["46000 A>B INVITE 2 to=b " + SE(90), "46010 B>A 200 INVITE 2 to=b"],
      "refresh INVITE by caller: timer-off",
    ],
    [
      "that hands over",
      ["46000 A>B UPDATE 2 to=b " + SE(90), "46010 B>A 200 UPDATE 2 to=b " + SE(90, "uas")],
      "refresh UPDATE by caller: role-swap",
    ],
  ])("%s is told with its result", (_, ladder, told) => {
    expect(refreshesOf([...BY_CALLER, ...ladder])).toEqual([told]);
  });

  it("moves the end of the session", () => {
    const ladder = [
      ...BY_CALLER,
      `46000 A>B UPDATE 2 to=b ${SE(60)}`,
      `46010 B>A 200 UPDATE 2 to=b ${SE(60, "uac")}`,
    ];
    expect(timerOf(ladder)).toMatchObject({ intervalSeconds: 60, expiresAtMs: 106_010 });
  });

  it("without Session-Expires in its 2xx ends it", () => {
    const ladder = [
      ...BY_CALLER,
      "46000 B>A UPDATE 9 from=b to=a",
      "46010 A>B 200 UPDATE 9 from=b to=a",
    ];
    const timer = timerOf(ladder, 500_000);
    expect(timer).toMatchObject({
      isExpired: false,
      refreshes: [{ result: "timer-off", by: "callee" }],
    });
    expect(timer).not.toHaveProperty("expiresAtMs");
  });

  it("keeps the role where the other side names it from its own point of view", () => {
    // The caller stays the refresher: UAC of its own UPDATE, UAS of the callee's re-INVITE.
    const ladder = [
      ...BY_CALLER,
      `30000 B>A INVITE 9 from=b to=a ${SE(90, "uas")}`,
      `30010 A>B 200 INVITE 9 from=b to=a ${SE(90, "uas")}`,
    ];
    expect(refreshesOf(ladder)).toEqual(["refresh INVITE by callee: ok"]);
    expect(timerOf(ladder)).toMatchObject({ refresher: "caller" });
  });

  it("that is challenged is told once, when its retry is answered", () => {
    const ladder = [
      ...BY_CALLER,
      `46000 A>B UPDATE 2 to=b ${SE(90)}`,
      "46010 B>A 407 UPDATE 2 to=b",
      `46020 A>B UPDATE 3 to=b ${SE(90)}`,
      `46030 B>A 200 UPDATE 3 to=b ${SE(90, "uac")}`,
    ];
    expect(refreshesOf(ladder)).toEqual(["refresh UPDATE by caller: ok"]);
  });

  it("that is retransmitted is told once", () => {
    const ladder = [
      ...BY_CALLER,
      `46000 A>B UPDATE 2 to=b ${SE(90)}`,
      `46500 A>B UPDATE 2 to=b ${SE(90)}`,
      `46510 B>A 200 UPDATE 2 to=b ${SE(90, "uac")}`,
      `46520 B>A 200 UPDATE 2 to=b ${SE(90, "uac")}`,
    ];
    expect(refreshesOf(ladder)).toEqual(["refresh UPDATE by caller: ok"]);
    expect(timerOf(ladder)).toMatchObject({ expiresAtMs: 136_510 });
  });

  it("that nobody answers has failed", () => {
    const times = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    const ladder = [
      ...BY_CALLER,
      ...times.map((time) => `${46_000 + time} A>B UPDATE 2 to=b ${SE(90)}`),
    ];
    expect(refreshesOf(ladder, 85_000)).toEqual(["refresh UPDATE by caller: failed"]);
    expect(climb(ladder, { until: 85_000 }).calls[0]?.isDefunct).toBe(true);
  });

  it("is none where a re-INVITE without a timer is refused", () => {
    const ladder = [...BY_CALLER, "46000 A>B INVITE 2 to=b", "46010 B>A 488 INVITE 2 to=b"];
    expect(refreshesOf(ladder)).toEqual([]);
  });

  it("is none in a call that has no timer", () => {
    const ladder = [...call("", ""), "5000 A>B UPDATE 2 to=b", "5010 B>A 200 UPDATE 2 to=b"];
    expect(refreshesOf(ladder)).toEqual([]);
  });

  it("tells the timer of a call whose beginning was not seen", () => {
    const ladder = [`0 A>B UPDATE 7 to=b ${SE(90)}`, `10 B>A 200 UPDATE 7 to=b ${SE(90, "uas")}`];
    expect(refreshesOf(ladder)).toEqual(["refresh UPDATE by caller: ok"]);
    expect(timerOf(ladder)).toMatchObject({ refresher: "callee", expiresAtMs: 90_010 });
  });
});

describe("an interval that is too small (422)", () => {
  const first = ["0 A>B INVITE 1 " + SE(60), "10 B>A 422 INVITE 1 to=x [Min-SE: 120]"];

  it("is raised once; the first INVITE counts as a refresh here (RFC 4028 §3)", () => {
    expect(
      refreshesOf([
        ...first,
        `20 A>B INVITE 2 ${SE(120)}`,
        `90 B>A 200 INVITE 2 to=b ${SE(120, "uac")}`,
      ]),
    ).toEqual(["refresh INVITE by caller: 422-bumped"]);
  });

  it("is given up the second time", () => {
    const ladder = [
      ...first,
      `20 A>B INVITE 2 ${SE(120)}`,
      "30 B>A 422 INVITE 2 to=y [Min-SE: 180]",
    ];
    expect(refreshesOf(ladder)).toEqual([
      "refresh INVITE by caller: 422-bumped",
      "refresh INVITE by caller: 422-gave-up",
    ]);
    expect(climb(ladder).calls).toMatchObject([{ attempts: 2, statusCode: 422 }]);
  });

  it.each(["", "[Min-SE: much]"])("is given up at once where the answer says %j", (minimum) => {
    const ladder = ["0 A>B INVITE 1 " + SE(60), `10 B>A 422 INVITE 1 to=x ${minimum}`];
    expect(refreshesOf(ladder)).toEqual(["refresh INVITE by caller: 422-gave-up"]);
  });

  it("starts afresh after a success", () => {
    const refused = (at: number, cseq: number) => [
      `${at} A>B UPDATE ${cseq} to=b ${SE(60)}`,
      `${at + 10} B>A 422 UPDATE ${cseq} to=b [Min-SE: 90]`,
      `${at + 20} A>B UPDATE ${cseq + 1} to=b ${SE(90)}`,
      `${at + 30} B>A 200 UPDATE ${cseq + 1} to=b ${SE(90, "uac")}`,
    ];
    expect(refreshesOf([...BY_CALLER, ...refused(40_000, 2), ...refused(80_000, 4)])).toEqual([
      "refresh UPDATE by caller: 422-bumped",
      "refresh UPDATE by caller: ok",
      "refresh UPDATE by caller: 422-bumped",
      "refresh UPDATE by caller: ok",
    ]);
  });
});

describe("a session that runs out", () => {
  it("is told at its end while the call goes on", () => {
    const { events, calls } = climb(BY_CALLER, { until: 100_000 });
    expect(events.filter(({ kind }) => kind === "session-refresh")).toMatchObject([
      { atMs: 91_000, refresh: { result: "failed", by: "caller" } },
    ]);
    expect(calls[0]?.sessionTimer).toMatchObject({ isExpired: true, expiresAtMs: 91_000 });
  });

  it("does not where the call ended before", () => {
    const ladder = [...BY_CALLER, "50000 A>B BYE 2 to=b", "50010 B>A 200 BYE 2 to=b"];
    expect(timerOf(ladder, 100_000)).toMatchObject({ isExpired: false });
  });

  it("does not where the input ended before", () => {
    expect(timerOf(BY_CALLER, 90_999)).toMatchObject({ isExpired: false });
  });

  it("is not known where a refresh may have passed unseen", () => {
    const ladder = [...BY_CALLER, `46000 A>B UPDATE 2 to=b ${SE(90)}`];
    expect(timerOf(ladder, 100_000)).toMatchObject({ isExpired: false });
    const { tracker, calls } = climb(BY_CALLER, { isOpenEnd: true });
    tracker.noteGap(60_000);
    tracker.finish(200_000);
    expect(calls[0]?.sessionTimer).toMatchObject({ isExpired: false });
  });

  // 90 s: the one that waits hangs up 30 s before the end (RFC 4028 §10).
  it.each([
    [
      "the one that waits, in time to save the session",
      "62000 B>A BYE 9 from=b to=a",
      "callee, timer-expired",
    ],
    ["the one that waits, before that", "60000 B>A BYE 9 from=b to=a", "callee, normal"],
    ["the refresher, before the end", "62000 A>B BYE 2 to=b", "caller, normal"],
    ["the refresher, after the end", "92000 A>B BYE 2 to=b", "caller, timer-expired"],
    ["the refresher, long after the end", "124000 A>B BYE 2 to=b", "caller, normal"],
    ["the one that waits, long after the end", "124000 B>A BYE 9 from=b to=a", "callee, normal"],
    [
      "the one that waits, with a reason",
      "62000 B>A BYE 9 from=b to=a [Reason: Q.850;cause=16]",
      "callee, normal",
    ],
  ])("may be hung up by %s", (_, bye, told) => {
    expect(climb([...BY_CALLER, bye]).story).toContain(`bye by ${told}`);
  });

  it("of ten minutes is hung up 32 seconds before its end", () => {
    const long = call(SE(600, "uas"));
    expect(climb([...long, "568000 A>B BYE 2 to=b"]).story).toContain("bye by caller, normal");
    expect(climb([...long, "569000 A>B BYE 2 to=b"]).story).toContain(
      "bye by caller, timer-expired",
    );
  });
});
