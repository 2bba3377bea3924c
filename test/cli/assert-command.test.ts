import { describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import type { Analysers } from "../../src/cli/analysers.js";
import { run } from "../../src/cli/run.js";
import { call, capture, cleanCall, failedCall, stream } from "../report/samples.js";
import { fakeIo } from "./fake-io.js";

const refused = (): Promise<never> => Promise.reject(new Error("only a report is asked for"));

async function outcome(
  argv: readonly string[],
  report: CaptureReport = capture([], { calls: [call(), cleanCall()] }),
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const io = fakeIo();
  const analysers: Analysers = {
    analyseCapture: () => Promise.resolve(report),
    analyseMerged: refused,
    readCertificates: refused,
    recordMetrics: refused,
    recordPage: refused,
    analyseLadder: refused,
    importCalls: refused,
  };
  const code = await run(["assert", ...argv], io, () => Promise.resolve(analysers));
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const DAMAGE = { reason: "truncated", offset: 9, sentence: "The capture is cut short." } as const;

describe("mediaprobe assert", () => {
  it("ends with 0 where all demands are met", async () => {
    const argv = ["x.pcap", "--mos", ">=3.0", "--loss", "<10%", "--jitter", "<30ms"];
    expect(await outcome([...argv, "--rtt", "<200ms", "--answered", "--no-one-way"])).toEqual({
      code: 0,
      stdout: "passed  call.pcap: 2 calls: mos, loss, jitter, rtt, answered, no-one-way\n",
      stderr: "",
    });
  });

  it("ends with 5 and a sentence for each demand that is not met", async () => {
    const { code, stdout } = await outcome(["x", "--mos", ">=4.0", "--dtls", "ok"]);
    expect(code).toBe(5);
    expect(stdout).toBe(
      "FAILED  alice → bob (a84b4c76e66710@pc33.atlanta.example.com): " +
        "the MOS is 3.43 (what the caller heard); the call must have a MOS of at least 4\n" +
        "FAILED  alice → bob (a84b4c76e66710@pc33.atlanta.example.com): " +
        "no DTLS handshake of the call was seen; the call must have the DTLS result ok\n" +
        "--allow-unknown lets through what is not known.\n",
    );
    expect((await outcome(["x", "--dtls", "ok", "--allow-unknown"])).code).toBe(0);
  });

  it("masks whom the calls name, though it finds them by what they were", async () => {
    const argv = ["x", "--mos", ">=4", "--call-id", "a84b", "--privacy", "redact"];
    const { code, stdout } = await outcome(argv);
    expect(code).toBe(5);
    expect(stdout).toMatch(/^FAILED .*the MOS is 3\.43/);
    expect(stdout).not.toMatch(/alice|bob/);
  });

  it("looks at the call that is named alone", async () => {
    expect((await outcome(["x", "--mos", ">=4", "--call-id", "clean"])).code).toBe(0);
    const none = await outcome(["x", "--mos", ">=4", "--call-id", "other"]);
    expect(none.code).toBe(5);
    expect(none.stdout).toContain("No call of call.pcap has a Call-ID that begins with other.\n");
    expect((await outcome(["x", "--calls", "=0", "--call-id", "other"])).code).toBe(0);
  });

  it("passes no capture without a call", async () => {
    const { code, stdout } = await outcome(["x", "--loss", "<1%"], capture([stream()]));
    expect(code).toBe(5);
    expect(stdout).toBe(
      "FAILED  call.pcap: there are 0 calls; there must be at least 1\n" +
        "There are streams without a call, which no demand looks at.\n",
    );
  });

  it("prefers what failed to what could not be read, and that to success", async () => {
    const cut = capture([], { calls: [cleanCall()], damage: DAMAGE });
    const passed = await outcome(["x", "--answered"], cut);
    expect(passed.code).toBe(4);
    expect(passed.stderr).toContain("The capture is cut short.");
    expect((await outcome(["x", "--mos", ">4.45"], cut)).code).toBe(5);
  });

  it("says the same as JSON", async () => {
    const report = capture([], { calls: [failedCall()] });
    const { code, stdout } = await outcome(["x", "--json", "--answered", "--loss", "<1%"], report);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toEqual({
      schema: "mediaprobe.assert/1",
      file: "call.pcap",
      passed: false,
      calls: 1,
      failures: [
        {
          gate: "loss",
          callId: "busy@atlanta.example.com",
          isUnknown: true,
          sentence: "the loss is unknown: no audio was seen; the call must have a loss below 1.0 %",
        },
        {
          gate: "answered",
          callId: "busy@atlanta.example.com",
          sentence: "the call was not answered (486 Busy Here); the call must be answered",
        },
      ],
    });
  });

  it.each([
    [["x"], /assert needs something to hold calls against, as in --mos '>=4.0'/],
    [[], /assert needs a capture file/],
    [["x", "y", "--answered"], /y is one too many/],
    [["x", "--loss", "<1"], /--loss 1: it must be a share in percent, as in '<1%'/],
    [["x", "--mos"], /--mos needs a value, as in --mos '>=4.0'/],
    [["x", "--no-issue", "dead-are"], /did you mean dead-air\?/],
    [["x", "--dtls", "okay"], /--dtls okay: it must be one of ok, /],
    [["x", "--answered", "--html", "p"], /assert takes no --html/],
    [["x", "--answered", "--number", "+1"], /assert takes no --number/],
  ])("takes %j for a misuse", async (argv, message) => {
    const { code, stderr } = await outcome(argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("alone takes demands", async () => {
    const io = fakeIo();
    expect(await run(["x.pcap", "--mos", ">=4"], io)).toBe(2);
    expect(io.stderr.text).toContain("only assert takes --mos");
  });
});
