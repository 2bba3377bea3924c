import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";

import { run } from "../../src/cli/run.js";
import { fakeIo } from "../cli/fake-io.js";
import { describePeer } from "../support/peer.js";

/** Recordings that Debian's SIPp comes with, which its scenarios look for in a folder `pcap`. */
const RECORDINGS = "/usr/share/sip-tester";

const isRoot = process.getuid?.() === 0;
const isThere = (program: string): boolean => spawnSync(program, ["-h"]).error === undefined;
const isAvailable = isRoot && existsSync(RECORDINGS) && isThere("sipp") && isThere("tcpdump");

async function freePort(): Promise<string> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  // SIPp wants an even port for media.
  return String(port - (port % 2));
}

describePeer("a call of SIPp's as docs/ci.md gates it", isAvailable, () => {
  const folder = mkdtempSync(join(tmpdir(), "gate-"));
  const capture = join(folder, "call.pcap");
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    symlinkSync(RECORDINGS, join(folder, "pcap"));
    const [server, client] = [await freePort(), await freePort()];
    const [serverMedia, clientMedia] = [await freePort(), await freePort()];
    const tcpdump = spawn("tcpdump", ["-i", "lo", "-U", "--immediate-mode", "-w", capture, "udp"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    started.push(tcpdump);
    await once(tcpdump.stderr, "data");
    const place = (args: readonly string[]): ChildProcess => {
      const common = ["-i", "127.0.0.1", "-m", "1", "-nostdin"];
      const sipp = spawn("sipp", [...common, ...args], { cwd: folder, stdio: "ignore" });
      started.push(sipp);
      return sipp;
    };
    place(["-sn", "uas", "-p", server, "-mp", serverMedia, "-rtp_echo"]);
    const target = `127.0.0.1:${server}`;
    const caller = place(["-sn", "uac_pcap", "-p", client, "-mp", clientMedia, target]);
    await once(caller, "exit");
    // The request, and what answers it: the kernel may still hold them when SIPp is done.
    while (readFileSync(capture, "latin1").split("2 BYE").length < 3) await setTimeout(50);
    tcpdump.kill("SIGINT");
    await once(tcpdump, "exit");
  }, 60_000);

  afterAll(() => {
    for (const one of started) one.kill();
    rmSync(folder, { recursive: true });
  });

  async function outcome(...demands: string[]): Promise<readonly [number, string]> {
    const io = fakeIo();
    const code = await run(["assert", capture, "--call-id", "1-", ...demands], io);
    return [code, io.stdout.text + io.stderr.text];
  }

  it("passes what it is, and fails what it is not", async () => {
    const demands = ["--calls", "=1", "--answered", "--loss", "<1%", "--jitter", "<30ms"];
    const [passed, said] = await outcome(...demands);
    expect(said).toMatch(/^passed /);
    expect(passed).toBe(0);
    // The scenario hangs up after nine seconds, and SIPp sends no RTCP.
    const [failed, why] = await outcome("--length", ">=1min", "--rtt", "<200ms");
    expect(failed).toBe(5);
    expect(why).toMatch(/the length is \d+(?:,\d+)?(?:\.\d+)? m?s; the call must have a length/);
    expect(why).toMatch(/the round-trip time is unknown/);
  });
});
