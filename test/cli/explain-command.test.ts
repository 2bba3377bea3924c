import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { LadderResult } from "../../src/capture/analyse-ladder.js";
import { type Analysers, loadAnalysers } from "../../src/cli/analysers.js";
import { run } from "../../src/cli/run.js";
import { ladder } from "../report/ladder-samples.js";
import { call, cleanCall, failedCall } from "../report/samples.js";
import { type FakeIo, fakeIo, FakeOutput } from "./fake-io.js";

const DAMAGE = { reason: "truncated", offset: 9, sentence: "The capture is cut short." };
const IMPAIRED = fileURLToPath(
  new URL("../../fixtures/impaired-call/capture.pcap.gz", import.meta.url),
);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function outcome(
  argv: readonly string[],
  answer?: LadderResult,
  io: FakeIo = fakeIo(),
): Promise<Outcome> {
  const real = await loadAnalysers();
  const analysers: Analysers =
    answer === undefined ? real : { ...real, analyseLadder: () => Promise.resolve(answer) };
  const code = await run(["explain", ...argv], io, () => Promise.resolve(analysers));
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const several = (calls: readonly CallReport[]): LadderResult => ({ candidates: calls });

describe("mediaprobe explain", () => {
  it("tells the only call of a real capture, in lines for a person", async () => {
    const { code, stdout, stderr } = await outcome([IMPAIRED]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^alice called bob on 2026-11-20 at 14:02:51 UTC\. /);
    expect(stdout).toMatch(/\n\nCall-ID fcc14b9e000c6aa5\n$/);
    expect(stdout.replace(/\n/g, " ")).toContain("What the callee heard was fair: MOS-CQ 3.87");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect(stdout).not.toMatch(/\u001b|\u00a0/);
  });

  it("fits a terminal, and has colours there", async () => {
    const io = fakeIo({ stdout: new FakeOutput(60) });
    const { stdout } = await outcome(["x"], { ladder: ladder() }, io);
    expect(stdout).toContain("\u001b[33m");
    const lines = stdout.replace(/\u001b\[\d+m/g, "").split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    const wide = await outcome(["--width", "400", "x"], { ladder: ladder() });
    expect(wide.stdout.indexOf("\n")).toBeGreaterThan(300);
  });

  it("prints JSON with what each sentence rests on, and takes the buffer into account", async () => {
    const { code, stdout } = await outcome(["--json", "--buffer", "90", IMPAIRED, "fcc14"]);
    expect(code).toBe(0);
    expect(stdout.trimEnd()).not.toContain("\n");
    const { schema, callId, paragraph, sentences } = JSON.parse(stdout) as {
      schema: string;
      callId: string;
      paragraph: string;
      sentences: { about: string; text: string; evidence: Record<string, unknown> }[];
    };
    expect({ schema, callId }).toEqual({
      schema: "mediaprobe.explanation/1",
      callId: "fcc14b9e000c6aa5",
    });
    expect(paragraph).toContain("for a 90 ms buffer");
    expect(sentences.find(({ about }) => about === "delay")?.evidence).toHaveProperty([
      "rtt.measured.meanSeconds",
    ]);
  });

  it("masks whom it names, in words and as evidence", async () => {
    for (const argv of [[IMPAIRED], ["--json", IMPAIRED]]) {
      const { stdout } = await outcome(["--privacy", "redact", ...argv]);
      expect(stdout).toContain("redacted");
      expect(stdout).not.toMatch(/alice|bob/);
    }
  });

  it("asks with 2 which of several calls is meant, and offers the worst ten", async () => {
    const clean = Array.from({ length: 12 }, (_, index) => cleanCall({ callId: `ok-${index}` }));
    const asked = await outcome(["x"], several([...clean, failedCall(), call()]));
    expect({ code: asked.code, stdout: asked.stdout }).toEqual({ code: 2, stdout: "" });
    const [first = "", , , ...rows] = asked.stderr.trimEnd().split("\n");
    expect(first).toBe(
      "mediaprobe: there are 14 calls in x; name one, as in mediaprobe explain x " +
        "a84b4c76e66710@pc33.atlanta.example.com; the worst 10:",
    );
    expect(rows).toHaveLength(10);
    expect(rows[0]).toContain("a84b4c76e66710");
    expect(rows[1]).toContain("busy@");
    const two = await outcome(["x"], several([failedCall(), call()]));
    expect(two.stderr).toContain("; the worst first:\n");
  });

  it("says with 2 what may have been meant by a Call-ID that is not there", async () => {
    const slip = await outcome(["x", "busy@atlanta.exmaple.com"], several([failedCall(), call()]));
    expect(slip.code).toBe(2);
    expect(slip.stderr).toMatch(
      /^mediaprobe: no call of x has the Call-ID busy@atlanta\.exmaple\.com; did you mean:\n/,
    );
    const none = {
      code: 2,
      stdout: "",
      stderr: "mediaprobe: there is no call in x; mediaprobe x says what it holds\n",
    };
    expect(await outcome(["x"], several([]))).toEqual(none);
    const far = await outcome(["x", "zzz"], several([failedCall(), call()]));
    expect(far.stderr).toBe(
      "mediaprobe: no call of x has the Call-ID zzz; mediaprobe explain x lists all 2\n",
    );
    const only = await outcome(["x", "zzz"], several([call()]));
    expect(only.stderr).toMatch(
      /^mediaprobe: no call of x has the Call-ID zzz; the only one it has is:\n.*\n.*\n.*a84b4c76e66710@/,
    );
  });

  it("says which of several calls with one Call-ID it tells, and that a capture is damaged", async () => {
    const { code, stderr } = await outcome(["x", "a84b"], {
      ladder: ladder({ damage: DAMAGE }),
      namesakes: [failedCall()],
    });
    expect(code).toBe(4);
    expect(stderr).toBe(
      "mediaprobe: 2 calls of x have this Call-ID; told is the one of 2024-05-03 11:59:56 UTC (200 OK)\n" +
        "mediaprobe: x: The capture is cut short.\n",
    );
  });

  it.each([
    { argv: [], says: "explain needs a capture file, as in explain call.pcap CALL-ID" },
    { argv: ["x", "a", "b"], says: "explain takes a file and a Call-ID; b is one too many" },
    { argv: ["--html", "p.html", "x"], says: "explain takes no --html" },
  ])("says with 2 what is wrong with $argv", async ({ argv, says }) => {
    const { code, stderr } = await outcome(argv, several([]));
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `mediaprobe: ${says}\nSee mediaprobe --help.\n`,
    });
  });

  it("ends with 3 where the capture cannot be read", async () => {
    const { code, stderr } = await outcome(["/nowhere/x.pcap"]);
    expect(code).toBe(3);
    expect(stderr).toContain("/nowhere/x.pcap cannot be read");
  });
});
