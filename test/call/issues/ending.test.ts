import { describe, expect, it } from "vitest";

import type { SessionTimer } from "../../../src/sip/call.js";
import { at, call, iso, issuesOf, scopesOf, stream, UNFINISHED, VP8 } from "./call-facts.js";

const CALLER = stream("caller-to-callee");

describe("media-after-bye", () => {
  const until = (to: number, changes = {}): unknown =>
    scopesOf("media-after-bye", {
      streams: [CALLER, stream("callee-to-caller", { to })],
      ...changes,
    });

  it("begins two seconds after the BYE was answered", () => {
    expect(until(67.1)).toEqual([]);
    expect(until(67.11)).toEqual([
      { direction: "callee-to-caller", from: iso(65.1), to: iso(67.11) },
    ]);
  });

  it("counts from a BYE of which no answer was seen", () => {
    const unanswered = { call: call({ byeAnsweredAtMs: undefined }) };
    expect(until(67, unanswered)).toEqual([]);
    expect(until(67.01, unanswered)).toEqual([
      { direction: "callee-to-caller", from: iso(65), to: iso(67.01) },
    ]);
  });

  it("is found for video, and for a stream that only then began", () => {
    const video = stream("caller-to-callee", {
      from: 66,
      to: 75,
      mediaType: "video",
      types: [VP8],
    });
    expect(issuesOf("media-after-bye", { streams: [CALLER, video] })).toEqual([
      {
        kind: "media-after-bye",
        direction: "caller-to-callee",
        from: iso(66),
        to: iso(75),
        detail: "Media of the caller came until 9.9 s after the caller's BYE was answered.",
      },
    ]);
  });

  it("is one issue a way, however many streams there are", () => {
    const streams = [70, 80, 75].map((to, ssrc) => stream("callee-to-caller", { to, ssrc }));
    expect(scopesOf("media-after-bye", { streams })).toEqual([
      { direction: "callee-to-caller", from: iso(65.1), to: iso(80) },
    ]);
  });

  it("begins with the first of the streams that came after it", () => {
    const streams = [66, 68].map((from, ssrc) =>
      stream("callee-to-caller", { from, to: 75, ssrc }),
    );
    expect(scopesOf("media-after-bye", { streams })).toEqual([
      { direction: "callee-to-caller", from: iso(66), to: iso(75) },
    ]);
  });

  it("is not found where nobody hung up: the call goes on, or failed", () => {
    expect(until(90, { call: UNFINISHED })).toEqual([]);
    const failed = call({ endedBy: undefined, answeredAtMs: undefined, statusCode: 486 });
    expect(until(90, { call: failed })).toEqual([]);
  });
});

describe("session-timer-expiring", () => {
  const timer = (changes: Partial<SessionTimer>): SessionTimer => ({
    intervalSeconds: 90,
    refresher: "caller",
    refreshes: [],
    expiresAtMs: at(95),
    isExpired: false,
    ...changes,
  });
  const expiring = (changes: Partial<SessionTimer>, more = {}): unknown =>
    scopesOf("session-timer-expiring", {
      call: call({ sessionTimer: timer(changes), ...more }),
    });

  it("begins a third of a short interval before its end (RFC 4028 §10)", () => {
    expect(expiring({ expiresAtMs: at(95.1) })).toEqual([]);
    expect(expiring({ expiresAtMs: at(95) })).toEqual([{ from: iso(65), to: iso(65) }]);
    expect(expiring({ expiresAtMs: at(85) })).toEqual([{ from: iso(55), to: iso(65) }]);
  });

  it("begins 32 s before the end of a long one", () => {
    const long = { intervalSeconds: 1800 };
    expect(expiring({ ...long, expiresAtMs: at(97.1) })).toEqual([]);
    expect(expiring({ ...long, expiresAtMs: at(97) })).toHaveLength(1);
  });

  it("says how much was left, and who was to refresh", () => {
    const found = issuesOf("session-timer-expiring", {
      call: call({ sessionTimer: timer({ expiresAtMs: at(80) }) }),
    });
    expect(found[0]?.detail).toBe(
      "The call ended 15.0 s before the end of its session timer of 90 s, which the caller was to " +
        "refresh (hanging up is due 30.0 s before it).",
    );
  });

  it("is found where the end passed", () => {
    expect(expiring({ expiresAtMs: at(60), isExpired: true })).toEqual([
      { from: iso(30), to: iso(65) },
    ]);
    const [found] = issuesOf("session-timer-expiring", {
      call: call({ sessionTimer: timer({ expiresAtMs: at(60), isExpired: true }) }),
    });
    expect(found?.detail).toMatch(
      /^The call ended 5\.0 s past the end of its session timer of 90 s/,
    );
  });

  it("is found without a time where the session was refreshed too late, or the timer switched off", () => {
    expect(expiring({ expiresAtMs: at(150), isExpired: true })).toEqual([{}]);
    const off = call({
      sessionTimer: { intervalSeconds: 90, refresher: "caller", refreshes: [], isExpired: true },
    });
    expect(scopesOf("session-timer-expiring", { call: off })).toEqual([{}]);
  });

  it("is no outliving where the BYE says so of a timer that runs no more, or that nobody saw run", () => {
    const detailOf = (refreshes: SessionTimer["refreshes"]): string | undefined =>
      issuesOf("session-timer-expiring", {
        call: call({
          endedBy: "caller",
          byeReasonClass: "timer-expired",
          sessionTimer: { intervalSeconds: 90, refresher: "caller", refreshes, isExpired: false },
        }),
      })[0]?.detail;
    const off = { atMs: at(40), by: "caller", method: "INVITE", result: "timer-off" } as const;
    expect(detailOf([off])).toBe(
      "The caller hung up because of its session timer of 90 s, which the caller was to refresh; " +
        "the answer to its last refresh had switched it off.",
    );
    expect(detailOf([])).toMatch(/; when it was refreshed last was not seen\.$/);
  });

  it("is found where the BYE says so, even before its time", () => {
    expect(expiring({ expiresAtMs: at(200) }, { byeReasonClass: "timer-expired" })).toEqual([
      { from: iso(65), to: iso(170) },
    ]);
  });

  it("looks at a call that goes on until its last sign in a capture, and until now live", () => {
    const sessionTimer = timer({ expiresAtMs: at(96) });
    const going = { ...UNFINISHED, sessionTimer };
    expect(scopesOf("session-timer-expiring", { call: going })).toEqual([]);
    expect(
      scopesOf("session-timer-expiring", { call: going, observation: { kind: "live" } }),
    ).toEqual([{ from: iso(66), to: iso(100) }]);
  });

  it("is not found without a session timer", () => {
    expect(scopesOf("session-timer-expiring", {})).toEqual([]);
    const off = call({
      sessionTimer: { intervalSeconds: 90, refresher: "caller", refreshes: [], isExpired: false },
    });
    expect(scopesOf("session-timer-expiring", { call: off })).toEqual([]);
  });
});
