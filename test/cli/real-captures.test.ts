import { createReadStream, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import { run } from "../../src/cli/run.js";
import { streamsOf } from "../support/analysed.js";
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
      const stream = streamsOf(report).find(({ ssrc }) => ssrc === counts["ssrc"]);
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
    // A pipe has another name, which is also where its calls were seen.
    const named = piped.stdout
      .replace(/"file":"[^"]*"/, `"file":${JSON.stringify(NODE_RTP)}`)
      .replaceAll(/"observationPoint":"[^"]*"/g, '"observationPoint":"capture.pcap"');
    expect(parsed(named)).toEqual(parsed(alone.stdout));
  });

  it("merges captures into one report", async () => {
    const { stdout } = await command(["--json", "--merge", NODE_RTP, BARESIP]);
    const merged = parsed(stdout);
    const [a, b] = (await command(["--json", NODE_RTP, BARESIP])).stdout.trim().split("\n");
    const apart = [parsed(a ?? ""), parsed(b ?? "")];
    expect(merged.counters.packets).toBe(
      apart.reduce((sum, { counters }) => sum + counters.packets, 0),
    );
    const ssrcs = (...reports: readonly CaptureReport[]): number[] =>
      reports.flatMap((report) => streamsOf(report).map(({ ssrc }) => ssrc)).sort((x, y) => x - y);
    expect(ssrcs(merged)).toEqual(ssrcs(...apart));
  });

  it("says what a capture without media holds instead, and that is no error", async () => {
    const { code, stdout, stderr } = await command([REJECTS]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/\n {2}\d+ calls? \(.*\), no RTP stream, \d+ SIP/);
  });

  it("reports what came before the damage", async () => {
    const { code, stdout, stderr } = await command([TRUNCATED]);
    expect(code).toBe(4);
    expect(stdout).toContain(" RTP in ");
    expect(stdout).toContain("The capture is cut short");
    expect(stderr).toContain(`${TRUNCATED}: The capture is cut short`);
  });

  it("gives loss and jitter of audio alone, and none of a call without audio", async () => {
    const lossOf = async (path: string): Promise<(string | undefined)[]> => {
      const { stdout } = await command(["--width", "300", fixture(path)]);
      const header = stdout.split("\n").find((line) => line.includes("caller → callee")) ?? "";
      const ends = ["loss", "jitter"].map((title) => header.indexOf(title) + title.length);
      const row = stdout.split("\n").find((line) => / (?:sip|webrtc) /.test(line)) ?? "";
      return ends.map((end) => row.slice(0, end).split(" ").at(-1));
    };
    const { stdout } = await command(["--json", fixture("video-rtx-red/capture.pcap.gz")]);
    const ratios = new Map(streamsOf(parsed(stdout)).map((one) => [one.codec, one.lossRatio]));
    expect(ratios.get("red")).toBeCloseTo(18 / 551, 6);
    expect(ratios.get("rtx")).toBeCloseTo(1 / 7, 6);
    expect((await lossOf("video-rtx-red/capture.pcap.gz"))[0]).toBe("3.3");
    expect(await lossOf("video-ulpfec/capture.pcap.gz")).toEqual(["–", "–"]);
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

  it("asks whether a command was meant by a first file that is not there", async () => {
    const typo = await command(["lader", NODE_RTP]);
    expect(typo.code).toBe(3);
    expect(typo.stderr).toBe(
      "mediaprobe: lader cannot be read: there is no such file or folder; did you mean mediaprobe ladder?\n",
    );
    expect(typo.stdout).toContain(" RTP in ");
    expect((await command([NODE_RTP, "lader"])).stderr).not.toContain("did you mean");
    expect((await command(["later.pcap"])).stderr).not.toContain("did you mean");
  });

  it("takes the word of --payload where the capture says nothing", async () => {
    const file = fixture("aiortc-audio/capture.pcap.gz");
    const before = parsed((await command(["--json", file])).stdout);
    const told = ["--json", "--payload", "96=opus/48000", file];
    const after = parsed((await command(told)).stdout);
    expect(streamsOf(before)[0]).not.toHaveProperty("jitterSeconds");
    expect(streamsOf(after)[0]).toMatchObject({ codec: "opus", clockRateHz: 48_000 });
    expect(streamsOf(after)[0]).toHaveProperty("jitterSeconds.mean");
    expect((await command([file])).stdout).toContain("say --payload 96=NAME/RATE");
  });

  it("makes intervals as long as it was told", async () => {
    const report = parsed((await command(["--json", "--interval", "1", BARESIP])).stdout);
    const [first, second] = streamsOf(report)[0]?.intervals ?? [];
    expect(Date.parse(second?.from ?? "") - Date.parse(first?.from ?? "")).toBe(1000);
  });

  it("draws the call of a capture, by nothing, by its Call-ID, and by how that begins", async () => {
    const [call] = parsed((await command(["--json", BARESIP])).stdout).calls;
    const callId = call?.callId ?? "";
    const drawings = await Promise.all([
      command(["ladder", BARESIP]),
      command(["ladder", BARESIP, callId]),
      command(["ladder", BARESIP, callId.slice(0, 4)]),
      command(["ladder", "-"], fakeIo({ stdin: createReadStream(BARESIP) })),
    ]);
    expect(new Set(drawings.map(({ stdout }) => stdout)).size).toBe(1);
    expect(drawings.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const [{ stdout }] = drawings;
    expect(stdout).toContain(`Call-ID ${callId}\n`);
    for (const part of [
      "─ INVITE (SDP) ─",
      "─ 200 Answering (INVITE, SDP) ─",
      "═ PCMU/8000, ",
      "─ BYE ─",
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it("lists the calls of a capture with several, and knows none that is not there", async () => {
    const { calls } = parsed((await command(["--json", REJECTS])).stdout);
    const listed = await command(["ladder", REJECTS]);
    expect(listed.code).toBe(0);
    for (const { callId } of calls) expect(listed.stdout).toContain(callId);
    const unknown = await command(["ladder", REJECTS, "no-such-call"]);
    expect({ code: unknown.code, stdout: unknown.stdout }).toEqual({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("no-such-call");
  });

  it("counts the calls of all captures in one set of metrics", async () => {
    const { code, stdout } = await command(["--metrics", BARESIP, REJECTS]);
    expect(code).toBe(0);
    expect(stdout.match(/^# TYPE sip_call_result_total counter$/gm)).toHaveLength(1);
    const counted = [...stdout.matchAll(/^sip_call_result_total\{.*\} (\d+)$/gm)];
    const { calls } = parsed((await command(["--json", REJECTS])).stdout);
    expect(counted.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(calls.length + 1);
  });
});
