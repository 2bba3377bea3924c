import { describe, expect, it } from "vitest";

import { closestName } from "../../src/net/closest-name.js";

const NAMES = ["json", "merge", "all", "intervals", "interval", "payload", "no-color", "width"];

describe("closestName", () => {
  it.each([
    { written: "jsno", name: "json", slip: "two letters swapped" },
    { written: "josn", name: "json", slip: "two letters swapped" },
    { written: "jso", name: "json", slip: "the end left out" },
    { written: "paylod", name: "payload", slip: "a letter left out" },
    { written: "merrge", name: "merge", slip: "a letter added" },
    { written: "no-colour", name: "no-color", slip: "another spelling" },
    { written: "wodth", name: "width", slip: "a letter changed" },
    { written: "interv", name: "intervals", slip: "the first of two that begin so" },
  ])("finds --$name for --$written ($slip)", ({ written, name }) => {
    expect(closestName(written, NAMES)).toBe(name);
  });

  it.each(["verbose", "x", "", "output"])("finds nothing for --%s", (written) => {
    expect(closestName(written, NAMES)).toBeUndefined();
  });
});
