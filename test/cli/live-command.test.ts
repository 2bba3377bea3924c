/** `mediaprobe live` against servers: one that tells what it is told to, and those of real probes. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { InputStream } from "../../src/cli/command-io.js";
import { run } from "../../src/cli/run.js";
import { createProbe } from "../../src/probe.js";
import { type ServeOptions, serveProbe } from "../../src/server/server.js";
import { at, call, cleanCall, failedCall, interval, stream, without } from "../report/samples.js";
import { fixtureCapture } from "../support/fixtures.js";
import { LiveServer } from "../web/support/live-server.js";
import { type FakeIo, fakeIo, FakeOutput } from "./fake-io.js";

const LIMIT = { timeout: 20_000 };
// Sockets share the machine with other tests.
vi.setConfig({ testTimeout: 60_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The call that goes on: as yet without an outcome. */
function going(callId: string, course: CallReport["course"]): CallReport {
  const open = call({ callId, course, outcome: { attempts: 1, cancelled: false }, streams: [] });
  return without({ ...open, timings: {} }, "quality");
}

interface Live {
  readonly io: FakeIo;
  readonly code: Promise<number>;
}

function live(argv: readonly string[], io: FakeIo = fakeIo()): Live {
  return { io, code: run(["live", ...argv], io) };
}

async function shows(io: FakeIo, text: string | RegExp): Promise<void> {
  await vi.waitFor(() => {
    expect(io.stdout.text).toMatch(text);
  }, LIMIT);
}

describe("mediaprobe live", () => {
  let server: LiveServer;
  beforeEach(async () => {
    server = await LiveServer.start();
    cleanups.push(() => server.close());
  });

  it("prints a line for each step of a call, and none for what was over before", async () => {
    server.tell("ended", cleanCall({ callId: "before" }));
    server.tell("open", going("zero", { invitedAt: at(0), answeredAt: at(1) }));
    server.tell("open", going("one", { invitedAt: at(0) }));
    const { io, code } = live([server.url]);
    await shows(io, "calling");
    server.tell("open", going("one", { invitedAt: at(0), ringingAt: at(1) }));
    server.tell("open", going("one", { invitedAt: at(0), ringingAt: at(1) }));
    server.tell("open", going("one", { invitedAt: at(0), answeredAt: at(2) }));
    const issues = [{ kind: "late-media", detail: "It was late." }] as const;
    const course = { invitedAt: at(0), answeredAt: at(2), endedAt: at(12) };
    server.tell("ended", call({ callId: "one", course, issues }));
    server.tell("ended", failedCall());
    await shows(io, "486");
    io.interrupt();
    expect(await code).toBe(130);
    expect(io.stderr.text).toBe("");
    expect(io.stdout.text.replaceAll(/^\d\d:\d\d:\d\d/gm, "AT")).toBe(
      [
        "AT  alice → bob  answered  Call-ID zero",
        "AT  alice → bob  calling  Call-ID one",
        "AT  alice → bob  ringing  Call-ID one",
        "AT  alice → bob  answered  Call-ID one",
        "AT  alice → bob  ended: 200 OK, 10.0 s, MOS → 4.41 ← 3.43, 1 issue (late-media)  Call-ID one",
        "AT  alice → bob  ended: 486 Busy Here  Call-ID busy@atlanta.example.com",
        "",
      ].join("\n"),
    );
  });

  it("says when the server goes away, comes back, and what happened meanwhile", async () => {
    server.tell("ended", cleanCall({ callId: "before" }));
    server.tell("open", going("one", { invitedAt: at(0) }));
    const { io, code } = live([server.url]);
    await shows(io, "calling");
    server.hangUp();
    server.tell("ended", cleanCall({ callId: "meanwhile", course: { invitedAt: at(3) } }));
    await shows(io, /ended: .*Call-ID meanwhile\n/);
    const [lost = "", back] = io.stderr.text.trimEnd().split("\n");
    expect(lost).toMatch(
      /^mediaprobe: .*http:\/\/127\.0\.0\.1:\d+ .*; trying again until it is back$/,
    );
    expect(back).toMatch(/^mediaprobe: http:\/\/127\.0\.0\.1:\d+ is back$/);
    expect(io.stdout.text).not.toContain("before");
    expect(io.stdout.text.match(/Call-ID one/g)).toHaveLength(1);
    io.terminate();
    expect(await code).toBe(0);
  });

  it("prints the whole record of each call that ends, with --json", async () => {
    const { io, code } = live([server.url, "--json"]);
    const streams = [stream({ direction: "caller-to-callee", intervals: [interval(0)] })];
    const ended = (count: number): CallReport => cleanCall({ callId: `call-${count}`, streams });
    let told = 0;
    // What was over when the command began to listen is no news, and nothing says when that is.
    await vi.waitFor(() => {
      server.tell("ended", ended(told));
      told += 1;
      expect(io.stdout.text).toContain("\n");
    }, LIMIT);
    io.interrupt();
    expect(await code).toBe(130);
    const lines = io.stdout.text.trimEnd().split("\n");
    const records = lines.map((line) => JSON.parse(line) as CallReport);
    const first = Number(records[0]?.callId.slice("call-".length));
    expect(records).toEqual(records.map((_, index) => ended(first + index)));
  });

  it("draws a table on a terminal, worst first, until q, and gives the terminal back", async () => {
    const modes: boolean[] = [];
    const keyboard = new PassThrough();
    const stdin: InputStream = Object.assign(keyboard, {
      isTTY: true,
      setRawMode: (isRaw: boolean) => modes.push(isRaw),
    });
    server.tell("ended", cleanCall({ callId: "clean" }));
    server.tell("open", going("one", { invitedAt: at(0) }));
    const { io, code } = live([server.url], fakeIo({ stdout: new FakeOutput(120), stdin }));
    await shows(io, "1 call open, 1 ended, 0 badly heard or with issues, 0 not answered");
    server.tell("ended", call({ callId: "hurt" }));
    await shows(io, "1 call open, 2 ended, 1 badly heard or with issues");
    server.hangUp();
    await shows(io, "; trying again");
    keyboard.write("q");
    expect(await code).toBe(0);
    expect(modes).toEqual([true, false]);
    const drawn = io.stdout.text
      .split("\u001b[J")
      .map((one) => one.replace(/\u001b\[\??\d*\w/g, ""));
    const table = drawn.find((one) => one.includes("1 badly")) ?? "";
    const [first = "", ...rest] = table.split("\n").filter((line) => line.includes("alice"));
    expect(first).toMatch(/^ended +alice → bob .* 3\.43N /);
    expect(rest.some((line) => /^open +alice → bob /.test(line))).toBe(true);
    // Lines are not wrapped while they are drawn, and are again afterwards.
    expect(io.stdout.text.endsWith("\u001b[?7h")).toBe(true);
  });

  it("ends when its time is over, or nobody reads any more", async () => {
    expect(await live([server.url, "--for", "0.2s"]).code).toBe(0);
    const closed = fakeIo({ stdout: new FakeOutput(undefined, { after: 0, code: "EPIPE" }) });
    const { code } = live([server.url], closed);
    const telling = setInterval(() => {
      server.tell("ended", cleanCall({ callId: String(Math.random()) }));
    }, 50);
    cleanups.push(() => {
      clearInterval(telling);
    });
    expect(await code).toBe(0);
  });
});

describe("mediaprobe live and a probe's own server", () => {
  async function probeServer(options: ServeOptions = {}): Promise<string> {
    const probe = createProbe();
    const own = await serveProbe(probe, { port: 0, ...options });
    cleanups.push(() => own.close().then(() => probe.close()));
    return own.url;
  }

  it("says with 3 which credentials it wants, and takes them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mediaprobe-live-"));
    cleanups.push(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, "token.txt");
    writeFileSync(file, "secret\n");
    const url = await probeServer({ bearerToken: "secret" });
    const { io, code } = live([url]);
    expect(await code).toBe(3);
    expect(io.stderr.text).toContain(
      `${url} wants other credentials (401): give --token-file FILE`,
    );
    expect(await live([url, "--token-file", file, "--for", "0.1s"]).code).toBe(0);
    const basic = await probeServer({ basic: { user: "a", password: "b c" } });
    const named = basic.replace("http://", "http://a:b%20c@");
    expect(await live([named, "--for", "0.1s"]).code).toBe(0);
    expect(await live([named.replace("a:", "x:"), "--for", "0.1s"]).code).toBe(3);
  });

  it("says with 3 that nothing answers, or something else than a probe", async () => {
    const other = createServer((_, response) => response.end("<html></html>"));
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    const { port } = other.address() as AddressInfo;
    const wrong = live([String(port)]);
    expect(await wrong.code).toBe(3);
    expect(wrong.io.stderr.text).toBe(
      `mediaprobe: http://127.0.0.1:${port} is not the server of a probe: it has no list of calls\n`,
    );
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    const nobody = live([`127.0.0.1:${port}`]);
    expect(await nobody.code).toBe(3);
    expect(nobody.io.stderr.text).toMatch(
      /^mediaprobe: http:\/\/127\.0\.0\.1:\d+ does not answer \([A-Z_]+\); start a probe /,
    );
  });

  it("follows a call that an agent tells of", async () => {
    const serving = fakeIo();
    const served = run(["serve", "--hep", "127.0.0.1:0", "--port", "0"], serving);
    const { hep, page } = await vi.waitFor(() => {
      const [, hep] = /on 127\.0\.0\.1:(\d+), UDP and TCP/.exec(serving.stderr.text) ?? [];
      const [, page] = /metrics are on (\S+)/.exec(serving.stderr.text) ?? [];
      expect([hep, page]).not.toContain(undefined);
      return { hep, page };
    }, LIMIT);
    const { io, code } = live([page ?? ""]);
    const sending = ["--hep-to", `tcp://127.0.0.1:${hep ?? ""}`, fixtureCapture("impaired-call")];
    expect(await run(sending, fakeIo())).toBe(0);
    await shows(
      io,
      /alice → bob {2}(?:answered|ended: 200 OK, 29\.9 s).* Call-ID fcc14b9e000c6aa5\n/,
    );
    serving.interrupt();
    expect(await served).toBe(0);
    io.interrupt();
    expect(await code).toBe(130);
  });
});

describe("what the command line asks of live", () => {
  it.each([
    { argv: ["a", "b"], says: "live takes one server; b is one too many" },
    { argv: ["ftp://a"], says: "ftp://a is no server; name a port or an address" },
    { argv: ["http://a:b@c", "--token-file", "x"], says: "are two credentials; say one" },
    {
      argv: ["--token-file", "/nowhere"],
      says: "--token-file /nowhere: there is no such file or folder",
    },
    { argv: ["--for", "soon"], says: "--for soon: it must be a time, as in 20s or 5m" },
    { argv: ["--html", "x"], says: "live takes no --html" },
  ])("is refused with 2: $argv", async ({ argv, says }) => {
    const { io, code } = live(argv);
    expect(await code).toBe(2);
    expect(io.stderr.text).toContain(says);
  });

  it.each([
    { argv: ["--token-file", "x", "call.pcap"], says: "only live takes --token-file" },
    { argv: ["--for", "1s", "call.pcap"], says: "only demo and live take --for" },
  ])("is taken by nothing else: $argv", async ({ argv, says }) => {
    const io = fakeIo();
    expect(await run(argv, io)).toBe(2);
    expect(io.stderr.text).toContain(says);
  });
});
