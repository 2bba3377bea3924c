import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { AnalyseOptions } from "../../src/capture/analyse-options.js";
import type { LadderResult } from "../../src/capture/analyse-ladder.js";
import type { Analysers } from "../../src/cli/analysers.js";
import { run } from "../../src/cli/run.js";
import { CaptureOpenError } from "../../src/errors.js";
import { ladder } from "../report/ladder-samples.js";
import { call, cleanCall, failedCall } from "../report/samples.js";
import { type FakeIo, fakeIo, FakeOutput } from "./fake-io.js";

const CALLS = [call(), cleanCall(), failedCall()];
const DAMAGE = { reason: "truncated", offset: 9, sentence: "The capture is cut short." };

interface Asked {
  readonly name: string;
  readonly callId: string | undefined;
  readonly options: AnalyseOptions;
}

type Answer = (asked: Asked) => LadderResult | Promise<LadderResult>;

const refused = (): Promise<never> => Promise.reject(new Error("only a ladder is asked for"));

async function outcome(
  argv: string[],
  answer: Answer,
  io: FakeIo = fakeIo(),
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const analysers: Analysers = {
    analyseCapture: refused,
    analyseMerged: refused,
    readCertificates: () => Promise.reject(new Error("none is asked for")),
    importCalls: refused,
    recordMetrics: refused,
    recordPage: refused,
    analyseLadder: (source, callId, options) =>
      Promise.resolve(
        answer({
          name: "path" in source ? source.path : source.name,
          callId,
          options: options ?? {},
        }),
      ),
  };
  const code = await run(["ladder", ...argv], io, () => Promise.resolve(analysers));
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const candidates =
  (calls: readonly CallReport[]): Answer =>
  () => ({ candidates: calls });

describe("mediaprobe ladder", () => {
  it("draws the call that is asked for, as wide as the terminal, in colours there", async () => {
    const asked: Asked[] = [];
    const answer: Answer = (one) => {
      asked.push(one);
      return { ladder: ladder() };
    };
    const argv = ["--local", "10.0.0.0/8", "x.pcap", "a84b"];
    const piped = await outcome(argv, answer);
    expect(piped).toMatchObject({ code: 0, stderr: "" });
    expect(piped.stdout).toMatch(/^alice → bob, from 2024-05-03 11:59:56 UTC\nCall-ID a84b4c76/);
    expect(piped.stdout).toContain("│─ INVITE (SDP) ─");
    expect(piped.stdout).toMatch(/\nthe callee hung up\n$/);
    expect(piped.stdout).not.toContain("\u001b");
    expect(asked[0]).toMatchObject({
      name: "x.pcap",
      callId: "a84b",
      options: { local: ["10.0.0.0/8"] },
    });
    const shown = await outcome(argv, answer, fakeIo({ stdout: new FakeOutput(80) }));
    expect(shown.stdout).toMatch(/\u001b\[1m─ INVITE \(SDP\) ─+►\u001b/);
  });

  it("asks for the only call where no Call-ID is given, also of a pipe", async () => {
    const answer: Answer = ({ name, callId }) => {
      expect({ name, callId }).toEqual({ name: "standard input", callId: undefined });
      return { ladder: ladder() };
    };
    expect((await outcome(["-"], answer)).code).toBe(0);
  });

  it.each([
    { env: { LANG: "de_DE.ISO-8859-1" }, lifeline: "|" },
    { env: { LANG: "C", LC_ALL: "" }, lifeline: "|" },
    { env: { LANG: "C", LC_ALL: "en_US.utf8" }, lifeline: "│" },
    { env: {}, lifeline: "│" },
  ])("draws with $lifeline where the locale is $env", async ({ env, lifeline }) => {
    const { stdout } = await outcome(["x"], () => ({ ladder: ladder() }), fakeIo({ env }));
    expect(stdout).toMatch(new RegExp(`^ 0\\.000 +[${lifeline}]`, "m"));
  });

  it("lists the calls where there are several to choose from", async () => {
    const { code, stdout, stderr } = await outcome(["x"], candidates(CALLS));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "caller → callee  at        outcome        kind    Call-ID
                       UTC
      alice → bob      11:59:56  200 OK         sip     a84b4c76e66710@pc33.atlanta.example.com
      alice → bob      11:59:56  200 OK         webrtc  clean@atlanta.example.com
      alice → bob      12:00:20  486 Busy Here  sip     busy@atlanta.example.com
      "
    `);
  });

  it("says with 2 that no call has the Call-ID, and which ones come close", async () => {
    const slip = await outcome(["x", "busy@atlanta.exmaple.com"], candidates(CALLS));
    expect({ code: slip.code, stdout: slip.stdout }).toEqual({ code: 2, stdout: "" });
    expect(slip.stderr).toMatchInlineSnapshot(`
      "mediaprobe: no call of x has the Call-ID busy@atlanta.exmaple.com; did you mean:
      caller → callee  at        outcome        kind  Call-ID
                       UTC
      alice → bob      12:00:20  486 Busy Here  sip   busy@atlanta.example.com
      "
    `);
    const part = await outcome(["x", "PC33"], candidates(CALLS));
    expect(part.stderr).toContain("no call of x has the Call-ID PC33; did you mean:\n");
    expect(part.stderr.match(/@/g)).toHaveLength(1);
    expect((await outcome(["x", "zzz"], candidates(CALLS))).stderr).toBe(
      "mediaprobe: no call of x has the Call-ID zzz; mediaprobe ladder x lists all 3\n",
    );
  });

  it("says which of several calls with one Call-ID it draws", async () => {
    const namesakes = [failedCall(), failedCall()];
    const drawn = await outcome(["x", "a84b"], () => ({ ladder: ladder(), namesakes }));
    expect(drawn.code).toBe(0);
    expect(drawn.stdout).toMatch(/^alice → bob, from /);
    expect(drawn.stderr).toBe(
      "mediaprobe: 3 calls of x have this Call-ID; " +
        "drawn is the one of 2024-05-03 11:59:56 UTC (200 OK)\n",
    );
  });

  it("says with 2 that several calls begin so, and names the first ten", async () => {
    const many = Array.from({ length: 12 }, (_, index) => call({ callId: `a8-${index}` }));
    const { code, stderr } = await outcome(["x", "a8"], candidates(many));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^mediaprobe: 12 calls of x have a Call-ID that begins with a8; the first 10:\n/,
    );
    expect(stderr.match(/a8-\d+/g)).toHaveLength(10);
  });

  it("says with 2 that there is no call at all", async () => {
    const none = {
      code: 2,
      stdout: "",
      stderr: "mediaprobe: there is no call in x; mediaprobe x says what it holds\n",
    };
    expect(await outcome(["x"], candidates([]))).toEqual(none);
    expect(await outcome(["x", "a84b"], candidates([]))).toEqual(none);
  });

  it("lets no Call-ID command the terminal, nor fill it", async () => {
    const callId = `\u001b[2J${"x".repeat(5000)}`;
    const { stderr } = await outcome(["x", "\u001b[2J"], candidates([call({ callId })]));
    expect(stderr).not.toContain("\u001b");
    expect(stderr.length).toBeLessThan(500);
  });

  it("draws what could be read of a damaged capture, and ends with 4", async () => {
    const { code, stdout, stderr } = await outcome(["x"], () => ({
      ladder: ladder({ damage: DAMAGE }),
    }));
    expect(code).toBe(4);
    expect(stdout).toMatch(/\nThe capture is cut short\.\n$/);
    expect(stderr).toBe("mediaprobe: x: The capture is cut short.\n");
  });

  it("ends as a report does where a capture cannot be read, or there is a bug", async () => {
    const missing = await outcome(["x"], () => {
      throw new CaptureOpenError("x cannot be read: there is no such file");
    });
    expect(missing.code).toBe(3);
    const bug = await outcome(["x"], () => Promise.reject(new TypeError("x is not a function")));
    expect(bug.code).toBe(1);
    expect(bug.stderr).toMatch(/internal error.*x is not a function/);
  });

  it("stops at an interruption with 130 and says nothing", async () => {
    const io = fakeIo();
    const running = outcome(
      ["x"],
      ({ options }) =>
        new Promise((_, reject) => {
          options.signal?.addEventListener("abort", () => {
            reject(new Error("stopped"));
          });
          queueMicrotask(() => {
            io.interrupt();
          });
        }),
      io,
    );
    expect(await running).toEqual({ code: 130, stdout: "", stderr: "" });
  });

  it("is not asked to read a capture from the keyboard", async () => {
    const io = fakeIo();
    const stdin = Object.assign(io.stdin, { isTTY: true });
    const { code, stderr } = await outcome(["-"], candidates(CALLS), { ...io, stdin });
    expect(code).toBe(2);
    expect(stderr).toContain("standard input is a terminal; pipe a capture into it");
  });
});
