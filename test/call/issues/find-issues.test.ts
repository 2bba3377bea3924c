import { describe, expect, it } from "vitest";

import { findIssues, MAX_ISSUES_PER_KIND } from "../../../src/call/issues/find-issues.js";
import { call, facts, iso, PCMU, stream, UNFINISHED } from "./call-facts.js";

const wrongTypes = (count: number): ReturnType<typeof stream> =>
  stream("callee-to-caller", {
    types: [
      PCMU,
      ...Array.from({ length: count }, (_, i) => ({ payloadType: 20 + i, packets: 5 })),
    ],
  });

describe("findIssues", () => {
  it("is in order of time, with what has no time at the end", () => {
    const expired = {
      intervalSeconds: 90,
      refresher: "caller" as const,
      refreshes: [],
      isExpired: true,
    };
    const found = findIssues(
      facts({
        call: call({ isCancelled: true, sessionTimer: expired }),
        streams: [
          stream("caller-to-callee", { to: 70, pauses: [[20, 40]] }),
          stream("callee-to-caller", { pauses: [[30, 50]] }),
        ],
      }),
    );
    expect(found.map(({ kind, from }) => [kind, from])).toEqual([
      ["late-answer", iso(5)],
      ["one-way-audio", iso(20)],
      ["dead-air", iso(30)],
      ["one-way-audio", iso(40)],
      ["media-after-bye", iso(65.1)],
      ["session-timer-expiring", undefined],
    ]);
  });

  it("keeps sixteen of a kind, and says in the last how many more there are", () => {
    const streams = [stream("caller-to-callee"), wrongTypes(MAX_ISSUES_PER_KIND)];
    expect(findIssues(facts({ streams }))).toHaveLength(MAX_ISSUES_PER_KIND);
    const more = findIssues(
      facts({ streams: [streams[0] as (typeof streams)[0], wrongTypes(20)] }),
    );
    expect(more).toHaveLength(MAX_ISSUES_PER_KIND);
    expect(more.at(-1)?.detail).toMatch(/did not agree to\. There are 4 more of this kind\.$/);
    expect(more.at(-2)?.detail).toMatch(/did not agree to\.$/);
  });

  it("says nothing of a call of which next to nothing is known", () => {
    const late = { ...UNFINISHED, hasInvite: false };
    expect(findIssues(facts({ call: late, streams: [], agreements: [] }))).toEqual([]);
  });
});
