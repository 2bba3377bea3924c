import { describe, expect, it } from "vitest";

import { displayWidth } from "../../src/report/display-text.js";
import { type Column, laidOut, laidOutInBands } from "../../src/report/table.js";
import { plain } from "../../src/report/tone.js";

interface Row {
  readonly name: string;
  readonly count: number;
  readonly dup: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "name", unit: "", align: "left", cell: ({ name }) => ({ text: name }) },
  { title: "count", unit: "n", align: "right", cell: ({ count }) => ({ text: String(count) }) },
  {
    title: "dup",
    unit: "",
    align: "right",
    isExpendable: true,
    cell: ({ dup }) => ({ text: String(dup), ...(dup === 0 && { tone: "faint" }) }),
  },
];

const rows = (dup: number): Row[] => [
  { name: "a", count: 7, dup },
  { name: "通話", count: 1234, dup: 0 },
];

describe("laidOut", () => {
  it("aligns the columns, wide characters included", () => {
    const { header, lines, width } = laidOut(COLUMNS, rows(3), 80, plain);
    expect([...header, ...lines]).toEqual([
      "name  count  dup",
      "          n",
      "a         7    3",
      "通話   1234    0",
    ]);
    expect(width).toBe(16);
    expect(lines.map(displayWidth)).toEqual([16, 16]);
  });

  it("narrows the gaps before it leaves anything out", () => {
    const { header, width } = laidOut(COLUMNS, rows(0), 15, plain);
    expect(header[0]).toBe("name count dup");
    expect(width).toBe(14);
  });

  it("leaves out an expendable column with nothing in it where space is short", () => {
    const { header, width } = laidOut(COLUMNS, rows(0), 11, plain);
    expect(header[0]).toBe("name  count");
    expect(width).toBe(11);
  });

  it("is wider than asked for rather than leave out a figure", () => {
    const { header, width } = laidOut(COLUMNS, rows(3), 11, plain);
    expect(header[0]).toBe("name count dup");
    expect(width).toBe(14);
  });

  it("does not count colours as width", () => {
    const marked = laidOut(COLUMNS, rows(0), 80, (tone, text) => `<${tone}>${text}</>`);
    expect(marked.lines[0]).toBe("a         7    <faint>0</>");
  });
});

describe("laidOutInBands", () => {
  const bands = (width: number): string[][] =>
    laidOutInBands(COLUMNS, rows(3), width, plain).map(({ header, lines }) => [
      ...header,
      ...lines,
    ]);

  it("is one table where all columns fit", () => {
    expect(bands(14)).toEqual([
      [...laidOut(COLUMNS, rows(3), 14, plain).header, "a        7   3", "通話  1234   0"],
    ]);
  });

  it("goes on below with the columns that do not fit, every figure once", () => {
    expect(bands(10)).toEqual([
      ["name count", "         n", "a        7", "通話  1234"],
      ["dup", "  3", "  0"],
    ]);
    expect(bands(5)).toEqual([
      ["name", "a", "通話"],
      ["count", "    n", "    7", " 1234"],
      ["dup", "  3", "  0"],
    ]);
  });

  it("is wider than asked for only where a column is", () => {
    expect(bands(1).map(([title]) => title)).toEqual(["name", "count", "dup"]);
  });

  it("leaves out what is expendable before it goes on below", () => {
    expect(laidOutInBands(COLUMNS, rows(0), 11, plain)).toHaveLength(1);
  });
});
