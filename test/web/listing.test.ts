import { describe, expect, it } from "vitest";

import { worstCallsFirst } from "../../src/report/call-order.js";
import { callRow, LIST_COLUMNS } from "../../src/report/call-row.js";
import { EVERYTHING, firstOrder, listed, MOS_LIMITS, WORST_FIRST } from "../../src/web/listing.js";
import type { ListedCall } from "../../src/web/source.js";
import { call, cleanCall, failedCall } from "../report/samples.js";
import { ISSUE } from "./support/issue.js";

const CALLS = [cleanCall(), failedCall(), call(), call({ callId: "silent", issues: [ISSUE] })];
const shownAs = (isOpen = false): ListedCall[] =>
  CALLS.map((one) => ({ key: one.callId, row: callRow(one), isOpen }));
const column = (name: string): number => LIST_COLUMNS.findIndex((one) => one.name === name);
const keys = (calls: readonly ListedCall[]): string[] => calls.map(({ key }) => key);

describe("a row", () => {
  it("has every column of the terminal's tables, with their text", () => {
    expect(LIST_COLUMNS.map(({ name }) => name)).toEqual([
      ...["caller → callee", "at", "outcome", "kind", "length", "PDD", "setup", "MOS →", "MOS ←"],
      ...["loss", "jitter", "RTT", "DTLS", "STIR", "issues"],
    ]);
    const { cells } = callRow(failedCall());
    expect(cells[column("outcome")]).toEqual({ text: "486 Busy Here", tone: "fair" });
  });
});

describe("listed", () => {
  it("is in the order of the terminal's table", () => {
    expect(keys(listed(shownAs(), EVERYTHING, WORST_FIRST))).toEqual(
      worstCallsFirst(CALLS).map(({ callId }) => callId),
    );
  });

  it("has what is not known last, whichever way it is sorted", () => {
    const mos = column("MOS →");
    for (const isDescending of [false, true]) {
      const sorted = listed(shownAs(), EVERYTHING, { column: mos, isDescending });
      expect(sorted.at(-1)?.key).toBe(failedCall().callId);
    }
  });

  it("begins with the bad end of a column", () => {
    expect(firstOrder(column("loss")).isDescending).toBe(true);
    expect(firstOrder(column("MOS ←")).isDescending).toBe(false);
    expect(firstOrder(column("outcome")).isDescending).toBe(false);
  });

  it.each([
    [{ words: "BUSY 486" }, [failedCall().callId]],
    [{ words: "busy nowhere" }, []],
    [{ course: "failed" as const }, [failedCall().callId]],
    [{ issue: "one-way-audio" as const }, ["silent"]],
    [{ course: "open" as const }, []],
    [{ mosBelow: 1 }, []],
  ])("lets %j through", (filter, expected) => {
    expect(keys(listed(shownAs(), { ...EVERYTHING, ...filter }, WORST_FIRST))).toEqual(expected);
  });

  it("does not take an unknown score for a low one", () => {
    const shown = keys(listed(shownAs(), { ...EVERYTHING, mosBelow: 4.5 }, WORST_FIRST));
    expect(shown).not.toContain(failedCall().callId);
    expect(shown).toContain("silent");
  });
});

describe("the limits of the MOS", () => {
  it("are named after the best of what lies below them", () => {
    expect(MOS_LIMITS.map(({ mos, verdict }) => `${mos}: ${verdict}`)).toEqual([
      "4.339: satisfied or worse",
      "4.024: some dissatisfied or worse",
      "3.597: many dissatisfied or worse",
      "3.1: nearly all dissatisfied or worse",
      "2.575: not recommended",
    ]);
  });
});
