import { describe, expect, it } from "vitest";

import { mosFromR, rFromMos } from "../../src/quality/mos.js";
import { distance, vectors } from "./vectors.js";

describe("mosFromR", () => {
  it.each(vectors.r_to_mos.cases)(
    "is $mosClamped at R = $R (G.107 annex B)",
    ({ R, mosClamped }) => {
      expect(distance(mosFromR(R), mosClamped)).toBeLessThan(vectors.tolerances.MOS);
    },
  );

  it.each([
    { r: 90, printed: 4.34 },
    { r: 80, printed: 4.03 },
    { r: 70, printed: 3.6 },
    { r: 60, printed: 3.1 },
    { r: 50, printed: 2.58 },
  ])("agrees with the table of annex B, which prints $printed for R = $r", ({ r, printed }) => {
    expect(distance(mosFromR(r), printed)).toBeLessThan(0.0065);
  });

  it("scores a negative rating 1, where the bare cubic would give 4.34", () => {
    const r = -45.8;
    const bareCubic = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
    expect(bareCubic).toBeCloseTo(4.34, 2);
    expect(mosFromR(r)).toBe(1);
    expect(mosFromR(-Infinity)).toBe(1);
  });

  it.each(["narrowband", "wideband", "fullband"] as const)(
    "never falls as R rises, and stays from 1 to 4.5, on the %s scale",
    (scale) => {
      let previous = 1;
      for (let r = -200; r <= 300; r += 0.05) {
        const mos = mosFromR(r, scale);
        expect(mos).toBeGreaterThanOrEqual(previous);
        expect(mos).toBeLessThanOrEqual(4.5);
        previous = mos;
      }
      expect(previous).toBe(4.5);
    },
  );

  it("keeps the scales apart: 93.2 is a good narrowband and a poor fullband rating", () => {
    expect(mosFromR(93.2, "narrowband")).toBeCloseTo(4.409, 3);
    expect(mosFromR(93.2, "wideband")).toBeCloseTo(mosFromR(93.2 / 1.29), 12);
    expect(mosFromR(93.2, "fullband")).toBeCloseTo(mosFromR(93.2 / 1.48), 12);
  });

  it("rejects what is not a number", () => {
    expect(() => mosFromR(Number.NaN)).toThrow(RangeError);
  });
});

describe("rFromMos", () => {
  it.each(vectors.mos_to_r.cases)("is $R for a MOS of $mos (G.107 appendix I)", ({ mos, R }) => {
    expect(distance(rFromMos(mos), R)).toBeLessThan(vectors.tolerances.R);
  });

  it.each([
    { scale: "narrowband", top: 100 },
    { scale: "wideband", top: 129 },
    { scale: "fullband", top: 148 },
  ] as const)("undoes mosFromR over the $scale scale", ({ scale, top }) => {
    for (let r = 0.07 * top; r <= 0.99 * top; r += 0.37) {
      expect(distance(rFromMos(mosFromR(r, scale), scale), r)).toBeLessThan(1e-6);
    }
    expect(rFromMos(4.5, scale)).toBeCloseTo(top, 6);
  });

  it.each([0.99, 4.51, Number.NaN, Infinity])("rejects %d, naming it and the range", (mos) => {
    expect(() => rFromMos(mos)).toThrow(RangeError);
    expect(() => rFromMos(mos)).toThrow(`mos is ${mos}; it must be from 1 to 4.5`);
  });
});
