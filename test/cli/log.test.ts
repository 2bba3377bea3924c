/** `--log-level` and `--log-format`, from the command line to the lines. */

import { describe, expect, it, vi } from "vitest";

import { run } from "../../src/cli/run.js";
import { parseInvocation } from "../../src/cli/invocation.js";
import { fixtureCapture } from "../support/fixtures.js";
import { type FakeIo, fakeIo } from "./fake-io.js";

const CALL = fixtureCapture("impaired-call");

vi.setConfig({ testTimeout: 60_000 });

type Entry = Readonly<Record<string, unknown>>;
const entriesOf = (text: string): Entry[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Entry);

/** Serves one call of an agent's, does something meanwhile, and ends. */
async function served(
  argv: readonly string[],
  env: FakeIo["env"] = {},
  meanwhile: (io: FakeIo) => unknown = () => undefined,
): Promise<FakeIo> {
  const io = fakeIo({ env });
  const code = run(["serve", "--hep", "127.0.0.1:0", ...argv], io);
  const port = await vi.waitFor(
    () => {
      const [, found] = /on 127\.0\.0\.1:(\d+), UDP/.exec(io.stdout.text + io.stderr.text) ?? [];
      expect(found).toBeDefined();
      return found;
    },
    { timeout: 20_000 },
  );
  await meanwhile(io);
  expect(await run(["--hep-to", `tcp://127.0.0.1:${String(port)}`, CALL], fakeIo())).toBe(0);
  io.interrupt();
  expect(await code).toBe(0);
  return io;
}

describe("serve with a log", () => {
  it("writes lines of JSON on standard output, and nothing else anywhere", async () => {
    const io = await served(["--log-format", "json"]);
    expect(io.stderr.text).toBe("");
    const entries = entriesOf(io.stdout.text);
    expect(entries.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(["call started", "call ended"]),
    );
    expect(entries[0]).toMatchObject({ time: "2025-10-09T08:53:25Z", level: "INFO" });
    expect(entries.at(-1)?.["msg"]).toMatch(/^ends: \d+ HEP packets, 1 call;/);
    expect(entries.find(({ msg }) => msg === "call ended")).toMatchObject({
      transport: "sip",
      outcome: "answered",
      status_code: 200,
    });
    expect(io.stdout.text).not.toMatch(/alice|bob/);
  });

  it("writes it beside the records that --json asks for", async () => {
    const io = await served(["--json", "--log-level", "info"]);
    expect(entriesOf(io.stdout.text)).toMatchObject([{ schema: "mediaprobe.call/1" }]);
    expect(io.stderr.text).toMatch(/^2025\/10\/09 08:53:25 INFO listening for HEP3 on /);
    expect(io.stderr.text).toContain("INFO call ended session_id=fcc14b9e");
  });

  it("is asked for by the environment, too, which goes before the option", async () => {
    const io = await served(["--log-level", "error", "--log-format", "text"], {
      MEDIAPROBE_LOG_LEVEL: "info",
      MEDIAPROBE_LOG_FORMAT: "json",
    });
    expect(entriesOf(io.stdout.text).length).toBeGreaterThan(3);
  });

  it("changes its level at a hang-up, and says so", async () => {
    const io = await served(["--log-format", "json"], {}, (running) => {
      running.hangUp();
    });
    expect(entriesOf(io.stdout.text)).toContainEqual(
      expect.objectContaining({ msg: "log level changed", from: "info", to: "debug" }),
    );
  });

  it("leaves hang-ups alone when it is over", async () => {
    const io = await served(["--log-format", "json"]);
    const before = io.stdout.text;
    io.hangUp();
    await new Promise((resolve) => setImmediate(resolve));
    expect(io.stdout.text).toBe(before);
  });
});

describe("demo with a log", () => {
  it("has a line for each call instead of a table", async () => {
    const io = fakeIo();
    const code = run(["demo", "--port", "0", "--log-format", "json"], io);
    await vi.waitFor(
      () => {
        expect(io.stdout.text).toContain('"msg":"call started"');
      },
      { timeout: 30_000 },
    );
    io.interrupt();
    expect(await code).toBe(130);
    const entries = entriesOf(io.stdout.text);
    expect(entries.map(({ msg }) => msg)).toContain("call ended");
    expect(entries.some(({ msg }) => /are on http:\/\/127\.0\.0\.1:/.test(String(msg)))).toBe(true);
  });
});

describe("the command line", () => {
  it.each(["serve", "demo"])("of %s takes the level and the format", (command) => {
    const hep = command === "serve" ? ["--hep", "9060"] : [];
    const words = [command, ...hep, "--log-level", "WARN", "--log-format", "json"];
    expect(parseInvocation(words)).toMatchObject({ log: { level: "warn", format: "json" } });
  });

  it("of demo takes a port", () => {
    expect(parseInvocation(["demo", "--port", "0"])).toMatchObject({ kind: "demo", port: 0 });
  });

  it.each([
    [
      ["demo", "--log-level", "loud"],
      '--log-level is "loud"; it must be debug, info, warn or error',
    ],
    [["demo", "--log-format", "xml"], '--log-format is "xml"; it must be text or json'],
    [["--log-level", "info", "x.pcap"], "only demo and serve take --log-level"],
    [["assert", "--log-format", "json", "x.pcap"], "assert takes no --log-format"],
    [["query", "--log-format", "json", "x.sqlite"], "query takes no --log-format"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseInvocation(argv)).toThrow(message);
  });

  it("refuses a variable that says nothing sound, by its name", async () => {
    const io = fakeIo({ env: { MEDIAPROBE_LOG_LEVEL: "loud" } });
    expect(await run(["serve", "--hep", "127.0.0.1:0"], io)).toBe(2);
    expect(io.stderr.text).toContain(
      'MEDIAPROBE_LOG_LEVEL is "loud"; it must be debug, info, warn or error',
    );
  });
});
