import { describe, expect, it } from "vitest";

import {
  cutInPieces,
  displayWidth,
  printable,
  shortened,
  TIE,
  wrapped,
} from "../../src/report/display-text.js";

describe("printable", () => {
  it.each([
    { name: "an escape sequence", text: "a\u001b[31mb", expected: "a\ufffd[31mb" },
    { name: "a line break", text: "a\r\nb", expected: "a\ufffd\ufffdb" },
    { name: "a C1 control (CSI in eight bits)", text: "a\u009b31mb", expected: "a\ufffd31mb" },
    { name: "a change of writing direction", text: "a\u202eb", expected: "a\ufffdb" },
    { name: "half of a surrogate pair", text: "a\ud83db", expected: "a\ufffdb" },
    { name: "a line separator", text: "a\u2028b", expected: "a\ufffdb" },
  ])("replaces $name", ({ text, expected }) => {
    expect(printable(text)).toBe(expected);
  });

  it("leaves names in any script as they are", () => {
    expect(printable("Grüße-通話-📞.pcap")).toBe("Grüße-通話-📞.pcap");
  });
});

describe("displayWidth", () => {
  it.each([
    { text: "", width: 0 },
    { text: "call.pcap", width: 9 },
    { text: "10.0.0.1 → 10.0.0.2", width: 19 },
    { text: "通話.pcap", width: 9 },
    { text: "ｆｕｌｌ", width: 8 },
    { text: "📞", width: 2 },
    { text: "e\u0301", width: 1 },
    { text: "▁▂▃▄▅▆▇█", width: 8 },
  ])("gives $width columns to $text", ({ text, width }) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("wrapped", () => {
  it("breaks at spaces, and indents the first line and the others by what each is given", () => {
    expect(wrapped("one two three four", { width: 11, indent: 2, hanging: 4 })).toEqual([
      "  one two",
      "    three",
      "    four",
    ]);
  });

  it("keeps tied words together and prints the tie as a space", () => {
    expect(wrapped(`lost 7.0${TIE}% here`, { width: 9, indent: 0 })).toEqual([
      "lost",
      "7.0 %",
      "here",
    ]);
  });

  it("gives a word that is too long a line of its own", () => {
    expect(wrapped("a incomprehensible b", { width: 6, indent: 0 })).toEqual([
      "a",
      "incomprehensible",
      "b",
    ]);
  });

  it("counts wide characters as two columns", () => {
    expect(wrapped("通話 通話", { width: 8, indent: 0 })).toEqual(["通話", "通話"]);
    expect(wrapped("通話 通話", { width: 9, indent: 0 })).toEqual(["通話 通話"]);
  });

  it("makes no line of nothing", () => {
    expect(wrapped("", { width: 10, indent: 2 })).toEqual([]);
  });
});

describe("shortened", () => {
  it.each([
    { text: "", columns: 5, expected: "" },
    { text: "alice", columns: 5, expected: "alice" },
    { text: "alices", columns: 5, expected: "alic…" },
    { text: "a b c d", columns: 5, expected: "a b…" },
    { text: "通話通話", columns: 5, expected: "通話…" },
    { text: "通話通", columns: 6, expected: "通話通" },
  ])("makes $expected of $text in $columns columns", ({ text, columns, expected }) => {
    expect(shortened(text, columns)).toBe(expected);
  });
});

describe("cutInPieces", () => {
  it("cuts anywhere, but no wide character in two, and loses nothing", () => {
    expect(cutInPieces("abcdefg", 3)).toEqual(["abc", "def", "g"]);
    expect(cutInPieces("a通話b", 3)).toEqual(["a通", "話b"]);
    expect(cutInPieces("", 3)).toEqual([]);
  });
});
