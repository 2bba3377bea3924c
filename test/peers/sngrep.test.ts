/**
 * HEP3 between us and sngrep, in both directions.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, expect, it, vi } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { analyseCapture } from "../../src/capture/analyse.js";
import { HepSource } from "../../src/hep/in.js";
import { HepSink } from "../../src/hep/out.js";
import { HepServer } from "../../src/hep/server.js";
import { fixtureCapture } from "../support/fixtures.js";
import { describePeer } from "../support/peer.js";

const hasSngrep = spawnSync("sngrep", ["-V"]).error === undefined;
const CALL = fixtureCapture("impaired-call");
const LIMIT = { timeout: 20_000, interval: 50 };
/** No window, no configuration of this machine. */
const QUIET = ["-N", "-q", "-F"];

const folder = mkdtempSync(join(tmpdir(), "mediaprobe-sngrep-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function sngrep(argv: readonly string[]): ChildProcess {
  const child = spawn("sngrep", [...QUIET, ...argv], { stdio: "ignore" });
  children.push(child);
  return child;
}

const exited = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once("exit", resolve));

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => {
    socket.bind(0, "127.0.0.1", resolve);
  });
  const { port } = socket.address();
  await new Promise<void>((resolve) => {
    socket.close(resolve);
  });
  return port;
}

describePeer("HEP3 with sngrep", hasSngrep, () => {
  it("that we send is the call that was captured", async () => {
    const port = await freePort();
    const file = join(folder, "received.pcap");
    const child = sngrep(["-L", `udp:127.0.0.1:${port}`, "-O", file]);
    // It makes the file when it listens.
    await vi.waitFor(() => {
      expect(existsSync(file)).toBe(true);
    }, LIMIT);
    const sink = new HepSink({ collector: `udp://127.0.0.1:${port}` });
    const { calls: sent } = await analyseCapture({ path: CALL }, { observer: sink });
    await sink.close();
    expect(sink.counters).toMatchObject({ dropped: 0, failures: 0 });
    const shared = ({ callId, outcome, caller, callee, course }: CallReport) => ({
      callId,
      outcome,
      caller,
      callee,
      answeredAt: course.answeredAt,
      endedAt: course.endedAt,
    });
    // It writes each message as it comes.
    await vi.waitFor(async () => {
      const { calls } = await analyseCapture({ path: file });
      expect(calls.map(shared)).toEqual(sent.map(shared));
    }, LIMIT);
    child.kill("SIGINT");
    await exited(child);
  }, 60_000);

  it("that it sends is the call that it read", async () => {
    const calls: CallReport[] = [];
    const source = new HepSource({
      nowMs: () => Date.now(),
      observer: { onCall: (report) => calls.push(report) },
    });
    const server = await HepServer.listen(source, { port: 0, host: "127.0.0.1" });
    const file = join(folder, "call.pcap");
    writeFileSync(file, gunzipSync(readFileSync(CALL)));
    const child = sngrep(["-I", file, "-H", `udp:127.0.0.1:${server.address.port}`]);
    await exited(child);
    await vi.waitFor(() => {
      expect(source.counters.sip).toBe(6);
    }, LIMIT);
    await server.close();
    const { calls: captured } = await analyseCapture({ path: file });
    expect(source.refused).toEqual(new Map());
    expect(calls.map(({ callId, outcome }) => ({ callId, outcome }))).toEqual(
      captured.map(({ callId, outcome }) => ({ callId, outcome })),
    );
  }, 60_000);
});
