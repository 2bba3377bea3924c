import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { describePeer } from "../support/peer.js";

/** The built command. A build may be older than the sources, so it is tested only where named. */
const MAIN = process.env["MEDIAPROBE_MAIN"] ?? "";
const CAPTURE = fileURLToPath(new URL("../../fixtures/node-rtp/capture.pcap", import.meta.url));
const PACKAGE = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; `meet` may do something with it at the first output of either kind. */
function command(
  argv: readonly string[],
  meet: (child: ReturnType<typeof spawn>) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["pipe", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      if (text.stdout + text.stderr === "") meet(child);
      text[name] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, ...text });
    });
  });
}

describePeer("the command as a process (MEDIAPROBE_MAIN)", MAIN !== "", () => {
  it("tells the version of the package", async () => {
    expect(await command(["--version"])).toEqual({
      code: 0,
      stdout: `mediaprobe ${PACKAGE.version}\n`,
      stderr: "",
    });
  });

  it("reports, and exits as it ended", async () => {
    const report = await command(["--json", CAPTURE]);
    expect(report).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(report.stdout)).toMatchObject({ schema: "mediaprobe.report/1" });
    expect((await command(["no-such-file"])).code).toBe(3);
    expect((await command(["--nonsense"])).code).toBe(2);
  });

  it("ends quietly when its reader goes away", async () => {
    const many = Array.from({ length: 400 }, () => CAPTURE);
    const { code, stderr } = await command(["--json", ...many], (child) => child.stdout?.destroy());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("gives up a pipe that never ends at the second interruption, with 130", async () => {
    const child = spawn(process.execPath, [MAIN, "-"], { stdio: ["pipe", "ignore", "pipe"] });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    // The header is taken from the pipe only when the command reads, and by then it listens.
    const capture = readFileSync(CAPTURE);
    const bytes = Buffer.concat([
      capture,
      ...Array.from({ length: 40 }, () => capture.subarray(24)),
    ]);
    child.stdin.on("error", () => undefined).write(bytes, () => child.kill("SIGINT"));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (text.includes("interrupt again")) child.kill("SIGINT");
    });
    expect(await ended).toBe(130);
  });
});
