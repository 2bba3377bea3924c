import { createReadStream, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import { run } from "../../src/cli/run.js";
import { type FakeIo, fakeIo } from "./fake-io.js";

const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));

const NODE_RTP = fixture("node-rtp/capture.pcap");
const BARESIP = fixture("baresip-pcmu/capture.pcap");
const REJECTS = fixture("sipp-rejects/capture.pcap");
const TRUNCATED = fixture("link-types/truncated_mid_record.pcap.gz");

interface Known {
  readonly frames: number;
  readonly streams: readonly Readonly<Record<string, unknown>>[];
}

async function command(
  argv: readonly string[],
  io: FakeIo = fakeIo(),
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const code = await run(argv, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const parsed = (json: string): CaptureReport => JSON.parse(json) as CaptureReport;

describe("the command on real captures", () => {
  it("gives the counts that were laid down before the packets were written", async () => {
    const known = JSON.parse(readFileSync(fixture("node-rtp/known.json"), "utf8")) as Known;
    const { code, stdout } = await command(["--json", NODE_RTP]);
    const report = parsed(stdout);
    expect(code).toBe(0);
    expect(report.counters.packets).toBe(known.frames);
    for (const { packetsMissing, ...counts } of known.streams) {
      const stream = report.streams.find(({ ssrc }) => ssrc === counts["ssrc"]);
      expect(stream).toMatchObject(counts);
      expect((stream?.lossRatio ?? 0) * (stream?.packetsExpected ?? 0)).toBeCloseTo(
        packetsMissing as number,
        5,
      );
    }
  });

  it("shows them in the table, and why", async () => {
    const { stdout } = await command([NODE_RTP]);
    expect(stdout).toContain("0x1badcafe");
    expect(stdout).toContain("lost 5 of 300 (1.7 %) in 3 runs, the longest 3 (60 ms)");
    expect(stdout).toContain("lost 1 of 260 (0.38 %); the sender began a new sequence once");
  });

  it("gives the same report for a file, a pipe, and in company", async () => {
    const [alone, piped, both] = await Promise.all([
      command(["--json", NODE_RTP]),
      command(["--json", "-"], fakeIo({ stdin: createReadStream(NODE_RTP) })),
      command(["--json", BARESIP, NODE_RTP]),
    ]);
    const second = both.stdout.split("\n")[1] ?? "";
    expect(parsed(second)).toEqual(parsed(alone.stdout));
    expect({ ...parsed(piped.stdout), file: NODE_RTP }).toEqual(parsed(alone.stdout));
  });

  it("merges captures into one report", async () => {
    const { stdout } = await command(["--json", "--merge", NODE_RTP, BARESIP]);
    const merged = parsed(stdout);
    const [a, b] = (await command(["--json", NODE_RTP, BARESIP])).stdout.trim().split("\n");
    const apart = [parsed(a ?? ""), parsed(b ?? "")];
    expect(merged.counters.packets).toBe(
      apart.reduce((sum, { counters }) => sum + counters.packets, 0),
    );
    expect(merged.streams.map(({ ssrc }) => ssrc).sort((x, y) => x - y)).toEqual(
      apart.flatMap(({ streams }) => streams.map(({ ssrc }) => ssrc)).sort((x, y) => x - y),
    );
  });

  it("says what a capture without media holds instead, and that is no error", async () => {
    const { code, stdout, stderr } = await command([REJECTS]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/\n {2}No RTP stream\. Found: \d+ SIP/);
  });

  it("reports what came before the damage", async () => {
    const { code, stdout, stderr } = await command([TRUNCATED]);
    expect(code).toBe(4);
    expect(stdout).toContain(" RTP in ");
    expect(stdout).toContain("The capture is cut short");
    expect(stderr).toContain(`${TRUNCATED}: The capture is cut short`);
  });

  it.each([
    { path: fixture("no-such-file.pcap"), message: "there is no such file" },
    { path: fixture("node-rtp"), message: "is a folder" },
    { path: fixture("node-rtp/README.md"), message: "not a capture" },
    { path: fixture("link-types/empty.pcap"), message: "empty" },
  ])("cannot report on $path", async ({ path, message }) => {
    const { code, stdout, stderr } = await command([path]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(path);
    expect(stderr).toContain(message);
  });

  it("takes the word of --payload where the capture says nothing", async () => {
    const file = fixture("aiortc-audio/capture.pcap.gz");
    const before = parsed((await command(["--json", file])).stdout);
    const told = ["--json", "--payload", "96=opus/48000", file];
    const after = parsed((await command(told)).stdout);
    expect(before.streams[0]).not.toHaveProperty("jitterSeconds");
    expect(after.streams[0]).toMatchObject({ codec: "opus", clockRateHz: 48_000 });
    expect(after.streams[0]).toHaveProperty("jitterSeconds.mean");
    expect((await command([file])).stdout).toContain("say --payload 96=NAME/RATE");
  });

  it("makes intervals as long as it was told", async () => {
    const report = parsed((await command(["--json", "--interval", "1", BARESIP])).stdout);
    const [first, second] = report.streams[0]?.intervals ?? [];
    expect(Date.parse(second?.from ?? "") - Date.parse(first?.from ?? "")).toBe(1000);
  });
});
