import { describe, expect, it } from "vitest";

import {
  bytesText,
  clockText,
  countOf,
  countText,
  durationText,
  msText,
  percentText,
  secondsBetween,
  spanText,
} from "../../src/report/quantity.js";

const untied = (text: string): string => text.replaceAll("\u00a0", " ");

describe("countText", () => {
  it.each([
    { count: 0, text: "0" },
    { count: 999, text: "999" },
    { count: 1000, text: "1,000" },
    { count: 1_234_567, text: "1,234,567" },
    { count: -12_345, text: "-12,345" },
  ])("writes $count as $text", ({ count, text }) => {
    expect(countText(count)).toBe(text);
  });

  it("names one thing in the singular only", () => {
    expect([0, 1, 2].map((count) => untied(countOf(count, "frame")))).toEqual([
      "0 frames",
      "1 frame",
      "2 frames",
    ]);
  });
});

describe("percentText", () => {
  it.each([
    { ratio: 0, text: "0" },
    { ratio: 0.000_001, text: "<0.01" },
    { ratio: 0.0043, text: "0.43" },
    { ratio: 0.07, text: "7.0" },
    { ratio: 0.5, text: "50.0" },
    { ratio: 0.9999, text: ">99.9" },
    { ratio: 1, text: "100" },
  ])("writes $ratio as $text", ({ ratio, text }) => {
    expect(percentText(ratio)).toBe(text);
  });

  it("never says nothing of something, nor all of less", () => {
    for (let exponent = 1; exponent < 12; exponent++) {
      const little = 10 ** -exponent;
      expect(Number(percentText(little))).not.toBe(0);
      expect(Number(percentText(1 - little))).not.toBe(100);
    }
  });
});

describe("msText", () => {
  it.each([
    { seconds: 0, text: "0.00" },
    { seconds: 0.000_001, text: "<0.01" },
    { seconds: 0.0012, text: "1.20" },
    { seconds: 0.0413, text: "41.3" },
    { seconds: 0.25, text: "250" },
    { seconds: 2.731, text: "2,731" },
  ])("writes $seconds s as $text", ({ seconds, text }) => {
    expect(msText(seconds)).toBe(text);
  });
});

describe("durationText", () => {
  it.each([
    { seconds: 0, text: "0 ms" },
    { seconds: 0.0003, text: "<1 ms" },
    { seconds: 0.28, text: "280 ms" },
    { seconds: 9.98, text: "9.98 s" },
    { seconds: 9.996, text: "10.0 s" },
    { seconds: 59.97, text: "1:00" },
    { seconds: 125, text: "2:05" },
    { seconds: 3753, text: "1:02:33" },
    { seconds: 40_680_000, text: "470 d 20 h" },
  ])("writes $seconds s as $text", ({ seconds, text }) => {
    expect(untied(durationText(seconds))).toBe(text);
  });

  it("leaves the digits out of a span that is whole", () => {
    expect(untied(spanText(5))).toBe("5 s");
    expect(untied(spanText(2.5))).toBe("2.50 s");
    expect(untied(spanText(120))).toBe("2:00");
  });
});

describe("clockText", () => {
  it.each([
    { seconds: 0, text: "0.000" },
    { seconds: 9.0004, text: "9.000" },
    { seconds: 59.9996, text: "1:00.000" },
    { seconds: 62.4, text: "1:02.400" },
    { seconds: 3_599.999, text: "59:59.999" },
    { seconds: 3_723.04, text: "1:02:03.040" },
    { seconds: 360_000, text: "100:00:00.000" },
  ])("writes $seconds s as $text", ({ seconds, text }) => {
    expect(clockText(seconds)).toBe(text);
  });
});

describe("bytesText", () => {
  it.each([
    { bytes: 740, text: "740 B" },
    { bytes: 176_000, text: "176 kB" },
    { bytes: 999_600, text: "1.00 MB" },
    { bytes: 14_100_000, text: "14.1 MB" },
    { bytes: 1_310_000_000, text: "1.31 GB" },
    { bytes: 5e15, text: "5000 TB" },
  ])("writes $bytes as $text", ({ bytes, text }) => {
    expect(untied(bytesText(bytes))).toBe(text);
  });
});

it("reads instants with microseconds", () => {
  expect(secondsBetween("2024-05-03T12:00:00.000000Z", "2024-05-03T12:00:09.980000Z")).toBe(9.98);
});
