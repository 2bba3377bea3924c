import { describe, expect, it } from "vitest";

import { LABEL_VALUES } from "../../src/metrics/label-values.js";
import { STIR_REASONS } from "../../src/stir/reason.js";

const REASONS = Object.keys(STIR_REASONS);

describe("reasons", () => {
  it("are each a label value of one family, or stand for no identity at all", () => {
    const counted: readonly string[] = [
      ...LABEL_VALUES["stir-open-reason"],
      ...LABEL_VALUES["stir-failure"],
    ];
    expect(new Set(counted).size).toBe(counted.length);
    expect(REASONS.filter((reason) => !counted.includes(reason))).toEqual([
      "no-identity-header",
      "unknown-ppt",
    ]);
  });

  it("stand for the five codes of RFC 8224 §6.2.2, all in use", () => {
    expect([...new Set(Object.values(STIR_REASONS))].sort((a, b) => a - b)).toEqual([
      403, 428, 436, 437, 438,
    ]);
  });
});
