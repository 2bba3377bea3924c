import { describe, expect, it } from "vitest";

import { ProgressLine } from "../../src/cli/progress.js";
import { fakeIo, FakeOutput } from "./fake-io.js";

const CLEAR = "\r\u001b[K";
const terminal = (columns = 80): ReturnType<typeof fakeIo> =>
  fakeIo({ stderr: new FakeOutput(columns) });

describe("ProgressLine", () => {
  it("stays away from work that is done at once", () => {
    const io = terminal();
    const line = new ProgressLine(io, 1);
    io.pass(299);
    line.update("a", { bytesRead: 10, bytesTotal: 100, packets: 1 });
    line.clear();
    expect(io.stderr.text).toBe("");
  });

  it("tells percent, speed and packets, and after a second how long it will take", () => {
    const io = terminal();
    const line = new ProgressLine(io, 1);
    io.pass(500);
    line.update("a", { bytesRead: 30e6, bytesTotal: 300e6, packets: 123_456 });
    io.pass(500);
    line.update("a", { bytesRead: 60e6, bytesTotal: 300e6, packets: 250_000 });
    expect(io.stderr.text.split(CLEAR)).toEqual([
      "",
      "10 %  60.0 MB/s  123,456 packets",
      "20 %  60.0 MB/s  250,000 packets  4 s left",
    ]);
  });

  it("tells bytes and no percent of a pipe", () => {
    const io = terminal();
    const line = new ProgressLine(io, 1);
    io.pass(2000);
    line.update("a", { bytesRead: 30e6, packets: 5 });
    expect(io.stderr.text).toBe(`${CLEAR}30.0 MB  15.0 MB/s  5 packets`);
  });

  it("adds several captures up, with percent once all are open", () => {
    const io = terminal();
    const line = new ProgressLine(io, 2);
    io.pass(1000);
    line.update("a", { bytesRead: 30e6, bytesTotal: 40e6, packets: 5 });
    line.finish();
    io.pass(1000);
    line.update("b", { bytesRead: 10e6, bytesTotal: 40e6, packets: 5 });
    expect(io.stderr.text.split(CLEAR).slice(1)).toEqual([
      "0 of 2 captures  30.0 MB  30.0 MB/s  5 packets",
      "1 of 2 captures  50 %  20.0 MB/s  10 packets  2 s left",
    ]);
  });

  it("draws ten times a second at most", () => {
    const io = terminal();
    const line = new ProgressLine(io, 1);
    for (let index = 0; index < 1000; index++) {
      io.pass(1);
      line.update("a", { bytesRead: index, packets: index });
    }
    expect(io.stderr.writes).toBe(8);
  });

  it("takes its line away once, and draws it again at once", () => {
    const io = terminal();
    const line = new ProgressLine(io, 1);
    io.pass(500);
    line.update("a", { bytesRead: 1, packets: 1 });
    line.clear();
    line.clear();
    expect(io.stderr.text.endsWith(`packet${CLEAR}`)).toBe(true);
    expect(io.stderr.writes).toBe(2);
    line.update("a", { bytesRead: 1, packets: 1 });
    expect(io.stderr.writes).toBe(3);
  });

  it("fits a narrow terminal", () => {
    const io = terminal(20);
    const line = new ProgressLine(io, 1);
    io.pass(500);
    line.update("a", { bytesRead: 1e6, bytesTotal: 2e6, packets: 1e6 });
    expect(io.stderr.text).toBe(`${CLEAR}50 %  2.00 MB/s  1,`);
  });

  it.each([
    { name: "where nobody sees it", io: fakeIo() },
    {
      name: "on a terminal that cannot clear a line",
      io: fakeIo({ stderr: new FakeOutput(80), env: { TERM: "dumb" } }),
    },
  ])("is not drawn $name", ({ io }) => {
    const line = new ProgressLine(io, 1);
    io.pass(5000);
    line.update("a", { bytesRead: 1, packets: 1 });
    line.clear();
    expect(io.stderr.writes).toBe(0);
  });
});
