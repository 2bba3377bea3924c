/** RFC 6076 and its like, over ladders whose counts can be read off. */
import { describe, expect, it } from "vitest";

import type { SipStatistics } from "../../src/sip/statistics.js";
import { climb, type LadderOptions } from "./ladder.js";

const statisticsOf = (ladder: readonly string[], options?: LadderOptions): SipStatistics =>
  climb(ladder, options).tracker.statistics();

let calls = 0;

/** A call that gets these responses, 100 ms apart, and is hung up by the caller if asked for. */
function call(codes: readonly number[], isHungUp = false): string[] {
  calls += 1;
  const id = `id=c${calls}`;
  const responses = codes.map((code, i) => `${(i + 1) * 100} B>A ${code} INVITE 1 to=b ${id}`);
  const end = isHungUp ? [`5000 A>B BYE 2 to=b ${id}`, `5020 B>A 200 BYE 2 to=b ${id}`] : [];
  return [`0 A>B INVITE 1 ${id}`, ...responses, ...end];
}

const byTime = (lines: readonly string[]) =>
  [...lines].sort((a, b) => Number.parseInt(a) - Number.parseInt(b));

describe("ratios of sessions", () => {
  // Two answered (one of them hung up), and one each of 302, 480, 486, 603, 404, 503.
  const ladder = byTime([
    ...call([180, 200], true),
    ...call([200]),
    ...call([302]),
    ...call([180, 480]),
    ...call([486]),
    ...call([603]),
    ...call([404]),
    ...call([503]),
  ]);

  it("are those of RFC 6076 §4.6 to §4.9, redirections left out where it says so", () => {
    const statistics = statisticsOf(ladder);
    expect(statistics).toMatchObject({ sessions: 8, answered: 2, redirected: 1 });
    expect(statistics.sessionEstablishmentRatio).toBeCloseTo(2 / 7, 9);
    expect(statistics.sessionEstablishmentEffectivenessRatio).toBeCloseTo(5 / 7, 9);
    expect(statistics.ineffectiveSessionAttemptsRatio).toBeCloseTo(1 / 8, 9);
    expect(statistics.sessionCompletionRatio).toBeCloseTo(1 / 8, 9);
  });

  it("are those of ITU-T E.411 and E.425", () => {
    const statistics = statisticsOf(ladder);
    expect(statistics.answerSeizureRatio).toBeCloseTo(2 / 8, 9);
    // 2xx, 480 after ringing, 486 and 603.
    expect(statistics.networkEffectivenessRatio).toBeCloseTo(5 / 8, 9);
  });

  it("count a challenged call once", () => {
    expect(
      statisticsOf([
        "0   A>B INVITE 1",
        "10  B>A 407 INVITE 1 to=x",
        "20  A>B INVITE 2",
        "200 B>A 200 INVITE 2 to=b",
      ]),
    ).toMatchObject({ sessions: 1, answered: 1, sessionEstablishmentRatio: 1 });
  });

  it("count a timeout as ineffective", () => {
    const times = [0, 500, 1500, 3500, 7500, 15_500, 31_500];
    const statistics = statisticsOf(
      times.map((time) => `${time} A>B INVITE 1`),
      { until: 40_000 },
    );
    expect(statistics).toMatchObject({ sessions: 1, ineffectiveSessionAttemptsRatio: 1 });
  });

  it("leave out calls whose INVITE was not seen", () => {
    expect(statisticsOf(["0 B>A 200 INVITE 1 to=b"])).toMatchObject({ sessions: 0 });
  });

  it("are absent where nothing was counted", () => {
    const statistics = statisticsOf([]);
    expect(statistics).not.toHaveProperty("sessionEstablishmentRatio");
    expect(statistics).not.toHaveProperty("ineffectiveRegistrationAttemptsRatio");
    expect(statistics.sessionDuration).toEqual({ count: 0 });
  });
});

describe("delays of sessions (RFC 6076 §4.3 to §4.5)", () => {
  it("run from the INVITE to the ringing, and from the BYE to its answer", () => {
    const statistics = statisticsOf(
      byTime([...call([100, 180, 200], true), ...call([100, 183, 486])]),
    );
    expect(statistics.sessionRequestDelay).toEqual({
      count: 1,
      meanMs: 200,
      minMs: 200,
      maxMs: 200,
    });
    expect(statistics.failedSessionRequestDelay).toMatchObject({ count: 1, meanMs: 300 });
    expect(statistics.sessionDisconnectDelay).toMatchObject({ count: 1, meanMs: 20 });
    expect(statistics.sessionDuration).toMatchObject({ count: 1, meanMs: 4700 });
  });
});

describe("registrations (RFC 6076 §4.1, §4.2)", () => {
  it("leave challenges out, and take the delay of what succeeded", () => {
    const statistics = statisticsOf([
      "0   A>B REGISTER 1 id=r",
      "10  B>A 401 REGISTER 1 id=r to=x",
      "20  A>B REGISTER 2 id=r",
      "60  B>A 200 REGISTER 2 id=r to=x",
      "65  B>A 200 REGISTER 2 id=r to=x",
      "100 A>B REGISTER 1 id=s",
      "120 B>A 403 REGISTER 1 id=s to=x",
    ]);
    expect(statistics).toMatchObject({
      registrations: 2,
      ineffectiveRegistrations: 1,
      ineffectiveRegistrationAttemptsRatio: 0.5,
      registrationRequestDelay: { count: 1, meanMs: 40 },
    });
  });

  it("count a timeout as ineffective", () => {
    const times = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    const ladder = times.map((time) => `${time} A>B REGISTER 1 id=r`);
    expect(statisticsOf(ladder, { until: 40_000 })).toMatchObject({
      registrations: 1,
      ineffectiveRegistrations: 1,
    });
  });
});
