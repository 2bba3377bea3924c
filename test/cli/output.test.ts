import { setImmediate as nextTurn } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { Output } from "../../src/cli/output.js";
import { FakeOutput } from "./fake-io.js";

describe("Output", () => {
  it("writes small pieces together and long ones as they come", async () => {
    const stream = new FakeOutput();
    const pieces = Array.from({ length: 100 }, (_, index) => `${index}\n`.padStart(2000));
    await new Output(stream).writeAll(pieces);
    expect(stream.text).toBe(pieces.join(""));
    expect(stream.writes).toBe(Math.ceil(100 / 33));
  });

  it("asks for no more pieces when nobody reads any more", async () => {
    let asked = 0;
    function* endless(): Generator<string> {
      for (;;) {
        asked += 1;
        yield "x".repeat(70_000);
      }
    }
    const stream = new FakeOutput(undefined, { after: 2, code: "EPIPE" });
    const output = new Output(stream);
    await output.writeAll(endless());
    await nextTurn();
    expect(asked).toBe(3);
    expect(output.isClosed).toBe(true);
    expect(output.failure).toBeUndefined();
  });

  it("keeps the first reason why writing failed", async () => {
    const output = new Output(new FakeOutput(undefined, { after: 0, code: "ENOSPC" }));
    await output.write("a");
    await output.write("b");
    await nextTurn();
    expect(output.isClosed).toBe(true);
    expect(output.failure).toMatchObject({ code: "ENOSPC" });
  });
});
