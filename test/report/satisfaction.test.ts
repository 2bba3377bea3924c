import { describe, expect, it } from "vitest";

import { mosFromR } from "../../src/quality/mos.js";
import { isVerySatisfying, satisfaction, score, verdicts } from "../../src/report/satisfaction.js";
import { hurtStream, stream, without } from "./samples.js";

describe("satisfaction", () => {
  it.each([
    { leastR: 90, verdict: "very satisfied", below: "satisfied" },
    { leastR: 80, verdict: "satisfied", below: "some dissatisfied" },
    { leastR: 70, verdict: "some dissatisfied", below: "many dissatisfied" },
    { leastR: 60, verdict: "many dissatisfied", below: "nearly all dissatisfied" },
    { leastR: 50, verdict: "nearly all dissatisfied", below: "not recommended" },
  ])("draws the line at R $leastR, as G.109 does", ({ leastR, verdict, below }) => {
    expect(satisfaction(mosFromR(leastR + 0.01)).verdict).toBe(verdict);
    expect(satisfaction(mosFromR(leastR - 0.01)).verdict).toBe(below);
  });

  it("is the same for a wideband rating as for the narrowband one that scores like it", () => {
    expect(satisfaction(mosFromR(90.01 * 1.29, "wideband")).verdict).toBe("very satisfied");
    expect(satisfaction(mosFromR(89.99 * 1.48, "fullband")).verdict).toBe("satisfied");
  });

  it("has a verdict on the lowest score there is", () => {
    expect(satisfaction(1).verdict).toBe("not recommended");
  });

  it("holds nothing against R 90 and more", () => {
    expect(isVerySatisfying(mosFromR(90.01))).toBe(true);
    expect(isVerySatisfying(mosFromR(89.99))).toBe(false);
  });
});

describe("score", () => {
  it("is that of the conversation where it is known, else of listening", () => {
    expect(score({ mosCq: 3, mosLq: 4 })).toBe(3);
    expect(score({ mosLq: 4 })).toBe(4);
    expect(score(undefined)).toBeUndefined();
  });
});

it("counts the streams of each verdict, those without a score apart", () => {
  const unrated = without(stream(), "quality");
  const counts = [...verdicts([stream(), hurtStream(), stream(), unrated])]
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => [verdict?.verdict, count]);
  expect(counts).toEqual([
    ["very satisfied", 2],
    ["many dissatisfied", 1],
    [undefined, 1],
  ]);
});
