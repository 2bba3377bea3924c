import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

const LOGGER = new URL("../../dist/logs/logger.js", import.meta.url).href;

/** A process that makes a logger and does that with it. */
function started(
  work: string,
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly stdout: Readable } {
  const script = `import { createLogger } from ${JSON.stringify(LOGGER)};
    const log = await createLogger({ level: "error" });
    ${work}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error("Its output is a pipe.");
  return { child, stdout };
}

describe("standard output", { timeout: 30_000 }, () => {
  it("has every line of a process that ended at once, by the level of its environment", async () => {
    const { child, stdout } = started(
      'for (let n = 0; n < 2000; n += 1) log.debug({ n }, "said"); process.exit(0);',
      { MEDIAPROBE_LOG_LEVEL: "debug", MEDIAPROBE_LOG_FORMAT: "json" },
    );
    let text = "";
    stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    await once(child, "close");
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
      Array.from({ length: 2000 }, (_, n) => n),
    );
  });

  it("that nobody reads does not hold the process up: lines are lost, and counted", async () => {
    const { child, stdout } = started(`
      const filler = "x".repeat(1000);
      for (let n = 0; n < 50; n += 1) {
        for (let m = 0; m < 100; m += 1) log.error({ filler }, "said");
        await new Promise(setImmediate);
      }
      process.send(log.counters.lost);
      process.disconnect();`);
    const [lost] = (await once(child, "message")) as [number];
    expect(lost).toBeGreaterThan(1000);
    let written = 0;
    stdout.setEncoding("utf8").on("data", (chunk: string) => {
      written += chunk.split("\n").length - 1;
    });
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(0);
    expect(written + lost).toBe(5000);
  });
});
