/**
 * What kamailio's siptrace sends as HEP3, read as calls: a call that sipp makes through kamailio.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it, vi } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { HepSource } from "../../src/hep/in.js";
import { HepServer } from "../../src/hep/server.js";
import { endChild } from "../support/end-child.js";
import { describePeer } from "../support/peer.js";

const MODULES = ["/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/kamailio/modules"].find(
  (folder) => existsSync(join(folder, "siptrace.so")),
);
const available =
  MODULES !== undefined &&
  spawnSync("kamailio", ["-v"]).status === 0 &&
  spawnSync("sipp", ["-v"]).error === undefined;

const AGENT_ID = 4711;
const LIMIT = { timeout: 30_000, interval: 100 };

/** Mirrors every message that comes and goes, and passes requests on. */
function configuration(port: number, callee: number, collector: number): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
disable_tcp=yes
listen=udp:127.0.0.1:${port}
mpath="${MODULES ?? ""}/"
${["tm", "sl", "rr", "pv", "siputils", "siptrace"].map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("siptrace", "duplicate_uri", "sip:127.0.0.1:${collector}")
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", 3)
modparam("siptrace", "hep_capture_id", ${AGENT_ID})
modparam("siptrace", "trace_to_database", 0)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_mode", 1)
request_route {
  if (has_totag()) {
    loose_route();
    t_relay();
    exit;
  }
  record_route();
  $du = "sip:127.0.0.1:${callee}";
  t_relay();
}
`;
}

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

/** Runs sipp to its end. */
async function sipp(argv: readonly string[], children: ChildProcess[]): Promise<number | null> {
  const child = spawn("sipp", [...argv, "-nostdin"], { stdio: "ignore" });
  children.push(child);
  return new Promise((resolve) => child.once("exit", resolve));
}

describePeer("HEP3 from kamailio's siptrace", available, () => {
  const children: ChildProcess[] = [];
  const calls: CallReport[] = [];
  const source = new HepSource({
    nowMs: () => Date.now(),
    observer: { onCall: (report) => calls.push(report) },
  });
  let folder: string;
  let server: HepServer;
  let code: number | null;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "mediaprobe-siptrace-"));
    server = await HepServer.listen(source, { port: 0, host: "127.0.0.1" });
    const [proxy, callee, caller] = [await freePort(), await freePort(), await freePort()];
    const config = join(folder, "k.cfg");
    writeFileSync(config, configuration(proxy, callee, server.address.port));
    const argv = ["-DD", "-E", "-f", config, "-Y", folder, "-m", "32", "-M", "4"];
    children.push(spawn("kamailio", argv, { stdio: "ignore" }));
    void sipp(["-sn", "uas", "-i", "127.0.0.1", "-p", String(callee)], children);
    const call = ["-sn", "uac", "-i", "127.0.0.1", "-p", String(caller), "-m", "1", "-d", "200"];
    code = await sipp([...call, `127.0.0.1:${proxy}`, "-s", "callee"], children);
    // INVITE, 100, 180, 200, ACK, BYE, 200, most of them on two hops.
    await vi.waitFor(() => {
      expect(source.counters.sip).toBeGreaterThanOrEqual(13);
    }, LIMIT);
    await server.close();
  }, 60_000);

  afterAll(async () => {
    for (const child of children) await endChild(child);
    rmSync(folder, { recursive: true });
  });

  it("is read whole", () => {
    expect(code).toBe(0);
    expect(source.refused).toEqual(new Map());
    const { packets, sip, otherTypes, incomplete, malformedSip } = source.counters;
    expect({ otherTypes, incomplete, malformedSip }).toEqual({
      otherTypes: 0,
      incomplete: 0,
      malformedSip: 0,
    });
    expect(packets).toBe(sip);
  });

  it("is one call on two hops, seen where kamailio is, from set-up to its end", () => {
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call).toMatchObject({
      observationPoint: `hep ${AGENT_ID}`,
      outcome: { statusCode: 200, via: "response", attempts: 1, endedBy: "caller" },
      callee: { uri: expect.stringContaining("callee") as string },
      streams: [],
      issues: [],
    });
    expect(call?.hops).toHaveLength(2);
    expect(call?.timings.durationSeconds).toBeGreaterThan(0.1);
    expect(call?.confidence.map(({ kind }) => kind)).toEqual(["side-assumed", "no-media-captured"]);
  });
});
