import { describe, expect, it } from "vitest";

import { LABEL_VALUES } from "../../src/metrics/label-values.js";
import { isFailure, isOpen, STIR_REASONS, type StirReason } from "../../src/stir/reason.js";

const REASONS = Object.keys(STIR_REASONS) as StirReason[];

describe("reasons", () => {
  it("are each a label value of one family, or stand for no identity at all", () => {
    expect(REASONS.filter(isOpen)).toEqual([...LABEL_VALUES["stir-open-reason"]].sort(inOrder));
    expect(REASONS.filter(isFailure)).toEqual([...LABEL_VALUES["stir-failure"]].sort(inOrder));
    expect(REASONS.filter((reason) => !isOpen(reason) && !isFailure(reason))).toEqual([
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

function inOrder(a: StirReason, b: StirReason): number {
  return REASONS.indexOf(a) - REASONS.indexOf(b);
}
