import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { isInRange } from "../../src/doctor/version-range.js";

describe("isInRange", () => {
  it.each([
    ["0.24.4", ">=0.24.4 <0.26", true],
    ["0.24.3", ">=0.24.4 <0.26", false],
    ["0.25.9", ">=0.24.4 <0.26", true],
    ["0.26.0", ">=0.24.4 <0.26", false],
    ["1.9.0", "^1.9.0", true],
    ["1.10.0", "^1.9.0", true],
    ["2.0.0", "^1.9.0", false],
    ["v20.19.0", ">=20.19", true],
    ["20.9.0", ">=20.19", false],
    ["4.1.12-beta.1", ">=3.2.0 <5", true],
  ])("says of %s whether it is of %s: %s", (version, range, expected) => {
    expect(isInRange(version, range)).toBe(expected);
  });

  it("understands every range that package.json states", () => {
    const path = new URL("../../package.json", import.meta.url);
    const { peerDependencies, engines } = JSON.parse(readFileSync(path, "utf8")) as {
      peerDependencies: Record<string, string>;
      engines: { node: string };
    };
    for (const range of [...Object.values(peerDependencies), engines.node]) {
      expect(isInRange("0.0.1", range), range).toBe(false);
    }
  });

  it("refuses a range that is written in another way", () => {
    expect(() => isInRange("1.0.0", "1.x || 2.x")).toThrow("range is 1.x || 2.x");
  });
});
