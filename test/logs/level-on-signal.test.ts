import { describe, expect, it, vi } from "vitest";

import { levelOnSignal } from "../../src/logs/level-on-signal.js";
import { createLogger } from "../../src/logs/logger.js";
import { Lines } from "./lines.js";

async function logging(level: "info" | "debug" = "info") {
  const lines = new Lines();
  const log = await createLogger({ level, format: "json", destination: lines, environment: {} });
  return { log, lines };
}

describe("a signal", () => {
  it("of the process turns debug on, and off at the next, and says so", async () => {
    const { log, lines } = await logging();
    const stop = levelOnSignal(log);
    process.kill(process.pid, "SIGHUP");
    await vi.waitFor(() => {
      expect(log.level).toBe("debug");
    });
    process.kill(process.pid, "SIGHUP");
    await vi.waitFor(() => {
      expect(log.level).toBe("info");
    });
    expect(lines.entries).toMatchObject([
      { msg: "log level changed", from: "info", to: "debug" },
      { msg: "log level changed", from: "debug", to: "info" },
    ]);
    const before = process.listenerCount("SIGHUP");
    stop();
    expect(process.listenerCount("SIGHUP")).toBe(before - 1);
  });

  it("reads the level where it is told to, and keeps the old one where that fails", async () => {
    const { log, lines } = await logging();
    const answers = ["WARN", "loud"];
    let signalled = (): void => undefined;
    levelOnSignal(log, {
      read: () => Promise.resolve(answers.shift() as "warn"),
      listen: (listener) => {
        signalled = listener;
        return () => undefined;
      },
    });
    signalled();
    await vi.waitFor(() => {
      expect(log.level).toBe("warn");
    });
    signalled();
    await vi.waitFor(() => {
      expect(lines.entries).toHaveLength(2);
    });
    expect(log.level).toBe("warn");
    expect(lines.entries[1]).toMatchObject({
      level: "ERROR",
      error: 'The level that was read is "loud"; it must be debug, info, warn or error',
      kept: "warn",
    });
  });
});
