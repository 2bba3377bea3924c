import { describe, expect, it } from "vitest";

import { SAMPLED_OUT, sampledSessionId } from "../../src/metrics/session-id.js";

describe("sampledSessionId", () => {
  // The first 16 digits that sha256sum prints.
  it.each([
    ["session-123", "b9c84322f82434cb"],
    ["abc", "ba7816bf8f01cfea"],
    ["sess_abc123", "61561039cbe7ae58"],
  ])("hashes %s", (raw, hash) => {
    for (const rate of [1, 0, -5, Number.NaN]) expect(sampledSessionId(raw, rate)).toBe(hash);
  });

  it("leaves an empty id empty", () => {
    expect(sampledSessionId("", 1)).toBe("");
    expect(sampledSessionId("", 10)).toBe("");
  });

  it("keeps or leaves out a session by its own hash, every time", () => {
    for (let i = 0; i < 50; i += 1) {
      expect(sampledSessionId("sess_abc123", 2)).toBe("61561039cbe7ae58");
      expect(sampledSessionId("sess_abc123", 10)).toBe(SAMPLED_OUT);
      expect(sampledSessionId("session-123", 10)).toBe(SAMPLED_OUT);
    }
  });

  it("keeps about one in so many", () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => sampledSessionId(`session-${i}`, 10));
    const kept = ids.filter((id) => id !== SAMPLED_OUT);
    // Five standard deviations of a binomial with p = 1/10.
    expect(Math.abs(kept.length - 1000)).toBeLessThan(150);
    expect(new Set(kept).size).toBe(kept.length);
  });

  it("hashes with a secret where there is one", () => {
    // printf abc | openssl dgst -sha256 -hmac key
    expect(sampledSessionId("abc", 1, { salt: "key" })).toBe("9c196e32dc0175f8");
  });
});
