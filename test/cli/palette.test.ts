import { describe, expect, it } from "vitest";

import { palette } from "../../src/cli/palette.js";
import { fakeIo, FakeOutput } from "./fake-io.js";

describe("palette", () => {
  it.each([
    { terminal: true, env: {}, colored: true },
    { terminal: false, env: {}, colored: false },
    { terminal: true, env: { TERM: "dumb" }, colored: false },
    { terminal: true, env: { NO_COLOR: "1" }, colored: false },
    { terminal: true, env: { NO_COLOR: "" }, colored: true },
    { terminal: false, env: { FORCE_COLOR: "1" }, colored: true },
    { terminal: false, env: { FORCE_COLOR: "" }, colored: false },
    { terminal: true, env: { FORCE_COLOR: "0" }, colored: false },
    { terminal: false, env: { FORCE_COLOR: "1", NO_COLOR: "1" }, colored: true },
    { terminal: false, env: { FORCE_COLOR: "1" }, flag: true, colored: false },
  ])("colours: $colored for terminal $terminal, $env", ({ terminal, env, flag, colored }) => {
    const stdout = new FakeOutput(terminal ? 80 : undefined);
    const paint = palette(fakeIo({ stdout, env }), flag === true);
    expect(paint("bad", "7.0")).toBe(colored ? "\u001b[31m7.0\u001b[39m" : "7.0");
  });

  it("marks the worst tone by more than its hue", () => {
    const paint = palette(fakeIo({ env: { FORCE_COLOR: "1" } }), false);
    expect(paint("alarm", "x")).toBe("\u001b[1m\u001b[31mx\u001b[39m\u001b[22m");
  });
});
