import { describe, expect, it } from "vitest";

import { iso, issuesOf, scopesOf, stream, VP8 } from "./call-facts.js";

describe("clock-drift", () => {
  const drifting = (clockDriftPpm: number, more: Parameters<typeof stream>[1] = {}): unknown =>
    scopesOf("clock-drift", { streams: [stream("callee-to-caller", { clockDriftPpm, ...more })] });

  it("begins beyond 200 ppm, either way", () => {
    expect(drifting(200)).toEqual([]);
    expect(drifting(-200)).toEqual([]);
    const found = [{ direction: "callee-to-caller", from: iso(5), to: iso(65) }];
    expect(drifting(200.1)).toEqual(found);
    expect(drifting(-200.1)).toEqual(found);
  });

  it("needs a minute", () => {
    expect(drifting(500, { to: 64.9 })).toEqual([]);
    expect(drifting(500, { to: 65 })).toHaveLength(1);
  });

  it("is told once of what a relay passes on", () => {
    const streams = [500, 501].map((clockDriftPpm) =>
      stream("callee-to-caller", { clockDriftPpm }),
    );
    expect(scopesOf("clock-drift", { streams })).toHaveLength(1);
  });

  it("says which way, and what it comes to", () => {
    const sentence = (clockDriftPpm: number): unknown =>
      issuesOf("clock-drift", { streams: [stream("callee-to-caller", { clockDriftPpm })] })[0]
        ?.detail;
    expect(sentence(500)).toBe(
      "The callee's media clock (SSRC 0x00ca11ee) is 500 ppm slow: 30 ms over 60.0 s.",
    );
    expect(sentence(-500)).toMatch(/500 ppm fast/);
  });

  it("is not looked for in video, nor found where it is unknown", () => {
    expect(drifting(500, { mediaType: "video", types: [VP8] })).toEqual([]);
    expect(scopesOf("clock-drift", {})).toEqual([]);
  });
});
