/** `mediaprobe serve --hep` and `--hep-to`, from the command line to the exit code. */

import { describe, expect, it, vi } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { beginSending } from "../../src/cli/hep-options.js";
import { parseInvocation } from "../../src/cli/invocation.js";
import { run } from "../../src/cli/run.js";
import { fixtureCapture } from "../support/fixtures.js";
import { streamReceiver } from "../hep/support/receivers.js";
import { call } from "../report/samples.js";
import { type FakeIo, fakeIo, FakeOutput } from "./fake-io.js";

const CALL = fixtureCapture("impaired-call");
const LIMIT = { timeout: 20_000 };

// Sockets share the machine with other tests.
vi.setConfig({ testTimeout: 60_000 });

/** Serves until `end` is called; `port` is where. */
async function served(
  argv: readonly string[] = [],
  io = fakeIo(),
): Promise<{
  readonly io: FakeIo;
  readonly port: number;
  readonly code: Promise<number>;
}> {
  const code = run(["serve", "--hep", "127.0.0.1:0", ...argv], io);
  const port = await vi.waitFor(() => {
    const [, found] = /on 127\.0\.0\.1:(\d+), UDP and TCP/.exec(io.stderr.text) ?? [];
    expect(found).toBeDefined();
    return Number(found);
  }, LIMIT);
  return { io, port, code };
}

async function sentTo(port: number, ...argv: string[]): Promise<FakeIo> {
  const io = fakeIo();
  expect(await run(["--hep-to", `tcp://127.0.0.1:${port}`, ...argv, CALL], io)).toBe(0);
  return io;
}

/** A document that a server of this machine gives. */
async function fetched(url: string): Promise<string> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return answer.text();
}

describe("the pages of mediaprobe serve", () => {
  it("are on the address that is asked for, and say for whom", async () => {
    const pages = ["--port", "0", "--host", "0.0.0.0", "--allow", "10.9.0.0/16"];
    const { io, code } = await served(pages);
    const url = await vi.waitFor(() => {
      const [, found] =
        /on (http:\S+), for this machine and 10\.9\.0\.0\/16\n/.exec(io.stderr.text) ?? [];
      expect(found).toBeDefined();
      return found ?? "";
    }, LIMIT);
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
    // From loopback, which may always ask.
    const local = url.replace("0.0.0.0", "127.0.0.1");
    expect(await fetched(`${local}/health`)).toContain("ok");
    io.interrupt();
    expect(await code).toBe(0);
  });

  it("have the families about the probe itself among their metrics", async () => {
    const { io, code } = await served(["--port", "0"]);
    const url = await vi.waitFor(() => {
      const [, found] = /are on (http:\S+)\n/.exec(io.stderr.text) ?? [];
      expect(found).toBeDefined();
      return found ?? "";
    }, LIMIT);
    const metrics = await fetched(`${url}/metrics`);
    expect(metrics).toContain('mediaprobe_build_info{version="1.2.3"} 1\n');
    expect(metrics).toContain('mediaprobe_table_entries{table="calls"} 0\n');
    expect(metrics).toMatch(/^mediaprobe_event_loop_delay_seconds\{/m);
    expect(metrics).toContain("voiceserver_scrape_timestamp_seconds 1760000005\n");
    io.interrupt();
    expect(await code).toBe(0);
  });
});

describe("a collector that does not answer", () => {
  it("is waited for, which is said, and what it did not get is counted", async () => {
    const closed = await streamReceiver();
    await closed.close();
    const collector = `tcp://127.0.0.1:${closed.port}`;
    const sending = await beginSending({ collector }, 100);
    sending.observer.onCall(call());
    const waits: string[] = [];
    const lost = await sending.finish((sentence) => waits.push(sentence));
    expect(waits).toEqual([`${collector} has not taken all; waiting 0.1 s more for it`]);
    const [, of, all] =
      /^(\d+) of (\d+) HEP packets could not be sent to (?:\S+): no connection came up$/.exec(
        lost ?? "",
      ) ?? [];
    expect(Number(of)).toBeGreaterThan(0);
    expect(of).toBe(all);
  });
});

describe("a place that cannot be listened on", () => {
  async function refusal(...argv: string[]): Promise<string> {
    const io = fakeIo();
    expect(await run(["serve", ...argv], io)).toBe(3);
    return io.stderr.text;
  }

  it("is named with what is wrong with it, and what to do", async () => {
    const { io, port, code } = await served();
    expect(await refusal("--hep", `127.0.0.1:${port}`)).toBe(
      `mediaprobe: --hep 127.0.0.1:${port} cannot be listened on: the port is taken; name another, or find out by ss -lntup who has it\n`,
    );
    expect(await refusal("--hep", "127.0.0.1:0", "--port", String(port))).toContain(
      `--port ${port} of 127.0.0.1 cannot be listened on: the port is taken`,
    );
    // Of a network that is for examples (RFC 5737), which no machine is in.
    expect(await refusal("--hep", "203.0.113.9:9060")).toContain(
      "--hep 203.0.113.9:9060 cannot be listened on: this machine has no such address",
    );
    io.interrupt();
    expect(await code).toBe(0);
  });
});

describe("mediaprobe serve --hep", () => {
  it.each(["interrupt", "terminate"] as const)(
    "reports the calls of an agent at the end and exits with 0: %s",
    async (end) => {
      const { io, port, code } = await served(["--width", "140"]);
      await sentTo(port);
      io[end]();
      expect(await code).toBe(0);
      expect(io.stdout.text).toMatch(
        /^\d+ HEP packets, 1 call; of the packets \d+ of other types than SIP, RTCP and quality\s+reports\n/,
      );
      expect(io.stdout.text).toContain("alice → bob");
      expect(io.stdout.text).toContain("Call-ID fcc14b9e000c6aa5");
    },
  );

  it("prints a line of JSON for each call", async () => {
    const { io, port, code } = await served(["--json", "--local", "10.77.1.0/24"]);
    await sentTo(port, "--hep-id", "12");
    io.interrupt();
    expect(await code).toBe(0);
    const [line = "", ...rest] = io.stdout.text.trimEnd().split("\n");
    expect(rest).toEqual([]);
    const call = JSON.parse(line) as CallReport;
    expect(call).toMatchObject({
      schema: "mediaprobe.call/1",
      observationPoint: "hep 12",
      localParty: "caller",
      outcome: { statusCode: 200 },
    });
    // What mediaprobe itself had measured comes back as a report.
    expect(call.voiceQualityReports?.[0]).toMatchObject({ kind: "session", by: "callee" });
  });

  it.each([
    ["EPIPE", 0, ""],
    ["ENOSPC", 1, "mediaprobe: the output cannot be written: write ENOSPC\n"],
  ])("ends when nobody takes its lines any more: %s", async (code, exitCode, says) => {
    const refusing = fakeIo({ stdout: new FakeOutput(undefined, { after: 0, code }) });
    const { io, port, code: exit } = await served(["--json"], refusing);
    await sentTo(port);
    const timer = setInterval(() => {
      io.pass(10_000);
    }, 50);
    expect(await exit).toBe(exitCode);
    clearInterval(timer);
    expect(io.stderr.text.replace(/^.*UDP and TCP\n/, "")).toBe(says);
  });

  it("goes on for others where nobody takes its lines any more, and says so", async () => {
    const homer = await streamReceiver();
    const refusing = fakeIo({ stdout: new FakeOutput(undefined, { after: 0, code: "EPIPE" }) });
    const argv = ["--json", "--hep-to", `tcp://127.0.0.1:${homer.port}`];
    const { io, port, code } = await served(argv, refusing);
    await sentTo(port);
    await vi.waitFor(() => {
      io.pass(10_000);
      expect(io.stderr.text).toContain(
        "no further lines of calls are printed: nobody reads them any more; all else goes on",
      );
    }, LIMIT);
    const before = homer.packets.length;
    await sentTo(port);
    await vi.waitFor(() => {
      expect(homer.packets.length).toBeGreaterThan(before);
    }, LIMIT);
    io.interrupt();
    expect(await code).toBe(0);
    await homer.close();
  });

  it("heeds the password", async () => {
    const { io, port, code } = await served(["--json", "--hep-key", "right"]);
    await sentTo(port, "--hep-key", "wrong");
    await sentTo(port, "--hep-key", "right", "--hep-id", "3");
    io.interrupt();
    expect(await code).toBe(0);
    expect(io.stdout.text.match(/"observationPoint":"[^"]*"/g)).toEqual([
      '"observationPoint":"hep 3"',
    ]);
  });

  it("passes on to Homer what it took", async () => {
    const homer = await streamReceiver();
    const { io, port, code } = await served(["--hep-to", `tcp://127.0.0.1:${homer.port}`]);
    await sentTo(port);
    io.interrupt();
    expect(await code).toBe(0);
    await vi.waitFor(() => {
      const types = homer.packets.map(({ protocolType }) => protocolType);
      expect(types.filter((type) => type === 1)).toHaveLength(6);
      expect(types.filter((type) => type === 5)).toHaveLength(10);
    }, LIMIT);
    await homer.close();
  });
});

describe("mediaprobe --hep-to", () => {
  it("prints the same report as without it", async () => {
    const homer = await streamReceiver();
    const plain = fakeIo();
    expect(await run([CALL], plain)).toBe(0);
    expect((await sentTo(homer.port)).stdout.text).toBe(plain.stdout.text);
    await homer.close();
  });

  it("goes with --metrics, and with --json", async () => {
    const homer = await streamReceiver();
    expect((await sentTo(homer.port, "--metrics")).stdout.text).toContain("# TYPE");
    expect((await sentTo(homer.port, "--json")).stdout.text).toMatch(/^\{"schema"/);
    await homer.close();
  });
});

describe("the command line", () => {
  it.each([
    ["9060", { port: 9060 }],
    ["127.0.0.1:9060", { host: "127.0.0.1", port: 9060 }],
    ["[::1]:9060", { host: "::1", port: 9060 }],
  ])("serves on %s", (written, hep) => {
    expect(parseInvocation(["serve", "--hep", written])).toEqual({
      kind: "serve",
      hep,
      isJson: false,
      showsAll: false,
      isColorless: false,
    });
  });

  it.each([
    { argv: ["serve"], says: "serve needs --hep PORT, as in serve --hep 9060" },
    { argv: ["serve", "--hep", "99999"], says: "--hep 99999: it must be a port" },
    { argv: ["serve", "--hep", "a:b:1"], says: "--hep a:b:1: it must be a port" },
    {
      argv: ["serve", "--hep", "1", "x.pcap"],
      says: "serve takes no file; x.pcap is one too many",
    },
    { argv: ["serve", "--hep", "1", "--merge"], says: "serve takes no --merge" },
    {
      argv: ["serve", "--hep", "1", "--port", "2", "--host", "0.0.0.0"],
      says: "--host 0.0.0.0 can be reached by others, and calls name their callers",
    },
    {
      argv: ["serve", "--hep", "1", "--host", "0.0.0.0"],
      says: "--host needs --port: it is about the page and the metrics",
    },
    {
      argv: ["serve", "--hep", "1", "--allow", "10.0.0.0/8"],
      says: "--allow needs --port: it is about the page and the metrics",
    },
    {
      argv: ["serve", "--hep", "1", "--port", "2", "--allow", "10.0.0.0/8"],
      says: "--allow needs --host with an address that others reach",
    },
    {
      argv: ["serve", "--hep", "1", "--port", "2", "--host", "::", "--allow", "10.0.0.0/99"],
      says: "--allow 10.0.0.0/99: it must be a network or an address",
    },
    { argv: ["--allow", "10.0.0.0/8", "x.pcap"], says: "only serve takes --allow" },
    { argv: ["--hep", "1", "x.pcap"], says: "only serve takes --hep" },
    { argv: ["--hep-to", "homer", "x.pcap"], says: '--hep-to "homer" names no collector' },
    { argv: ["--hep-id", "1", "x.pcap"], says: "--hep-id needs --hep-to" },
    { argv: ["--hep-to", "udp://h", "--hep-id", "x", "x.pcap"], says: "--hep-id x: it must be" },
    { argv: ["ladder", "--hep-to", "udp://h", "x.pcap"], says: "ladder takes no --hep-to" },
    { argv: ["--hep-key", "secret", "x.pcap"], says: "--hep-key needs --hep-to" },
  ])("is refused: $argv", ({ argv, says }) => {
    expect(() => parseInvocation(argv)).toThrow(says);
  });
});
