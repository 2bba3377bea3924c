import { describe, expect, it } from "vitest";

import { KnownCalls } from "../../src/report/known-calls.js";
import { at, cleanCall } from "./samples.js";

const open = (callId: string) => ({ state: "open", call: cleanCall({ callId }) }) as const;
const ended = (callId: string) => ({ state: "ended", call: cleanCall({ callId }) }) as const;

describe("calls as they are heard of", () => {
  it("are known as they were told last, and a call that ended goes on no more", () => {
    const known = new KnownCalls(({ callId }) => callId.toUpperCase());
    expect(known.take(open("a"))).toMatchObject({ row: "A", isOpen: true });
    expect(known.take(ended("a"))).toMatchObject({ isOpen: false });
    expect(known.take(open("a"))).toBeUndefined();
    expect(known.openCount).toBe(0);
    expect(known.calls()).toHaveLength(1);
  });

  it("are told apart when a Call-ID comes again", () => {
    const known = new KnownCalls(() => undefined);
    known.take(open("a"));
    known.take({ state: "open", call: cleanCall({ callId: "a", course: { invitedAt: at(60) } }) });
    expect(known.openCount).toBe(2);
  });

  it("are forgotten when a probe that began anew does not know them", () => {
    const known = new KnownCalls(() => undefined);
    for (const told of [open("a"), open("b"), ended("c")]) known.take(told);
    expect(known.takeAll([open("b"), open("d")])).toHaveLength(1);
    expect(known.calls().map(({ call }) => call.callId)).toEqual(["c", "b", "d"]);
  });

  it("are kept up to a number, the ended ones that were heard of longest ago go first", () => {
    const known = new KnownCalls(() => undefined);
    known.take(open("open"));
    for (let index = 0; index < 10_001; index += 1) known.take(ended(`ended-${index}`));
    expect(known.calls()).toHaveLength(10_000);
    expect(known.dropped).toBe(2);
    expect(known.openCount).toBe(1);
    expect(known.calls()[1]?.call.callId).toBe("ended-2");
  });
});
