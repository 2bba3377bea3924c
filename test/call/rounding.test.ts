import { describe, expect, it } from "vitest";

import { rounded, roundedNumber } from "../../src/call/rounding.js";

describe("roundedNumber", () => {
  it.each([
    [1 / 3, 0.333333333],
    [-2 / 3, -0.666666667],
    [93.20620772, 93.2062077],
    [0.000123456789012, 0.000123456789],
    [1e-15 / 3, 3.33333333e-16],
    [123456789.987, 123456790],
    [1234567890123.5, 1234567890000],
    [0.9999999999, 1],
  ])("gives %d as %d", (value, expected) => {
    expect(roundedNumber(value)).toBe(expected);
  });

  it("equals toPrecision where that rounds the same digits", () => {
    let state = 1;
    for (let i = 0; i < 20_000; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const value = (state / 2 ** 32) * 10 ** ((state % 24) - 12);
      const expected = Number(value.toPrecision(9));
      expect(Math.abs(roundedNumber(value) - expected)).toBeLessThanOrEqual(
        Math.abs(expected) * 1e-8,
      );
      expect(
        String(roundedNumber(value))
          .replace(/^0\.0*|e.*|\D/g, "")
          .replace(/0+$/, "").length,
      ).toBeLessThanOrEqual(9 + 1);
    }
  });
});

describe("rounded", () => {
  it("rounds floats at any depth and leaves the rest", () => {
    expect(rounded({ a: 1 / 3, b: 7, c: { d: [2 / 3, "x"] }, e: true })).toEqual({
      a: 0.333333333,
      b: 7,
      c: { d: [0.666666667, "x"] },
      e: true,
    });
  });
});
