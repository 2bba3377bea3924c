import { describe, expect, it } from "vitest";

import { jsonText, reportJson } from "../../src/report/json.js";
import { call, capture, failedCall, hurtStream, rated, stream } from "./samples.js";

const REPORTS = {
  "streams with intervals": capture([stream({ intervals: rated([4.4, 2]) }), hurtStream()]),
  "calls and streams": capture([stream()], { calls: [call(), failedCall()] }),
  "calls alone": capture([], { calls: [call()] }),
  "no streams": capture([]),
  "damage and a name with line breaks": capture([stream({ codec: 'a\n"b' })], {
    file: "a\nb.pcap",
    damage: { reason: "truncated", offset: 3, sentence: "The capture is cut short." },
  }),
  "fields that are undefined": {
    ...capture([stream()]),
    damage: undefined,
  } as unknown as ReturnType<typeof capture>,
};

describe("reportJson", () => {
  it.each(Object.entries(REPORTS))("writes %s as JSON.stringify does", (_, report) => {
    expect([...reportJson(report)].join("")).toBe(JSON.stringify(report));
    expect([...reportJson(report, true)].join("")).toBe(JSON.stringify(report, null, 2));
  });

  it("has no piece longer than a stream", () => {
    const many = capture(Array.from({ length: 1000 }, () => stream()));
    const longest = Math.max(...Array.from(reportJson(many), (piece) => piece.length));
    expect(longest).toBeLessThanOrEqual(JSON.stringify(stream()).length + 1);
  });

  it("has no piece longer than a call", () => {
    const many = capture([], { calls: Array.from({ length: 1000 }, () => call()) });
    const longest = Math.max(...Array.from(reportJson(many), (piece) => piece.length));
    expect(longest).toBeLessThanOrEqual(JSON.stringify(call()).length + 1);
  });
});

describe("jsonText", () => {
  it("is the same value, without what a terminal obeys or hides", () => {
    const value = { name: "a\u009b31m\u007f\u202e\u{e0001}\n\u2028é\u{1f600}", of: ["\u200b"] };
    for (const space of [0, 1]) {
      const text = jsonText(value, space);
      expect(JSON.parse(text)).toEqual(value);
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(text).toContain("é\u{1f600}");
    }
    expect([...reportJson(capture([], { file: "\u009b" }))].join("")).toContain('"file":"\\u009b"');
  });
});
