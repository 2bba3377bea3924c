import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { systemReason, writingReason } from "../../src/net/system-reason.js";

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("what the system holds against a path", () => {
  it("is said in words", () => {
    expect(systemReason(thrownBy(() => readFileSync("/there/is/none")))).toBe(
      "there is no such file or folder",
    );
    expect(systemReason(thrownBy(() => readFileSync("/")))).toBe("it is a folder");
  });

  it("is of its folder where a file was to be made", () => {
    const error = thrownBy(() => {
      writeFileSync("/there/is/none", "");
    });
    expect(writingReason(error)).toBe("its folder does not exist");
    expect(writingReason(Object.assign(new Error("x"), { code: "ENOSPC" }))).toBe(
      "the disk is full",
    );
  });

  it("is left as it is where it is not known", () => {
    expect(systemReason(Object.assign(new Error("odd"), { code: "EODD" }))).toBe("odd");
    expect(systemReason("thrown as text")).toBe("thrown as text");
  });
});
