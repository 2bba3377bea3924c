import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionState } from "sip.js";
import { afterAll, beforeAll, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { StreamReport } from "../../src/call/report.js";
import { analyseCapture } from "../../src/capture/analyse.js";
import { reaches, startAgents } from "../../src/demo/agents.js";
import { Relay } from "../../src/demo/relay.js";
import { createProbe } from "../../src/probe.js";
import { describePeer } from "../support/peer.js";

const mayCapture = spawnSync("tcpdump", ["-i", "lo", "-L"]).status === 0;

/** What arrival clocks of one machine may be apart: the kernel's, and that of a busy event loop. */
const CLOCK_SECONDS = 0.05;

/** A generator of numbers from 0 to 1 that gives the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Views {
  readonly live: CallReport;
  readonly replayed: CallReport;
}

/** A call over a bad network, followed live while tcpdump writes it down, and then replayed. */
async function bothViews(folder: string): Promise<Views> {
  const file = join(folder, "calls.pcap");
  const tcpdump = spawn("tcpdump", [
    "-Z",
    "root",
    "-i",
    "lo",
    "--immediate-mode",
    "-B",
    "65536",
    "-U",
    "-w",
    file,
    "udp",
  ]);
  await new Promise<void>((resolve) => {
    tcpdump.stderr.on("data", (text: Buffer) => {
      if (text.includes("listening")) resolve();
    });
  });
  const probe = createProbe({ observationPoint: "test", t1Ms: 500 });
  const ended: CallReport[] = [];
  probe.on("end", (call) => ended.push(call));
  const agents = await startAgents();
  probe.attachUserAgent(agents.server);
  const impairment = { lossRatio: 0.05, meanBurstPackets: 2, delayMs: 40, jitterMs: 30 };
  const relay = await Relay.start(impairment, seeded(7));
  const session = await agents.call("impaired", relay);
  await reaches(session, SessionState.Established);
  await new Promise((resolve) => setTimeout(resolve, 8000));
  await session.bye();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await agents.stop();
  await probe.close();
  await new Promise((resolve) => setTimeout(resolve, 500));
  tcpdump.kill("SIGINT");
  await new Promise((resolve) => tcpdump.once("exit", resolve));
  const report = await analyseCapture({ path: file });
  const [live] = ended;
  const replayed = report.calls.find(({ callId }) => callId === live?.callId);
  if (live === undefined || replayed === undefined) throw new Error("a view is missing");
  return { live, replayed };
}

/**
 * By its ports: on a host of several addresses a stack names the one of its ICE candidate, and the
 * kernel may send from another.
 */
const keyOf = ({ ssrc, source, destination }: StreamReport): string =>
  `${ssrc} ${source.port} ${destination.port}`;

/** Counted in both views; all else of a stream follows from these and from arrival times. */
const COUNTS = [
  "ssrc",
  "payloadType",
  "codec",
  "clockRateHz",
  "direction",
  "mediaType",
  "packetsReceived",
  "packetsExpected",
  "packetsLost",
  "packetsMissing",
  "packetsDuplicated",
  "packetsReordered",
  "lossRatio",
  "lossRuns",
  "payloadBytes",
  "wireBytes",
] as const satisfies readonly (keyof StreamReport)[];

describePeer("a call seen live and replayed from a capture of it (tcpdump)", mayCapture, () => {
  let views: Views;
  const folder = mkdtempSync(join(tmpdir(), "mediaprobe-live-"));
  beforeAll(async () => {
    views = await bothViews(folder);
  }, 60_000);
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("has the same outcome, parties and transport", () => {
    const { live, replayed } = views;
    const of = ({
      callId,
      transport,
      caller,
      callee,
      localParty,
      outcome,
    }: CallReport): object => ({
      callId,
      transport,
      uris: [caller?.uri, callee?.uri],
      localParty,
      outcome,
    });
    expect(of(live)).toEqual(of(replayed));
  });

  it("has the same course and timings, within what the clocks are apart", () => {
    const { live, replayed } = views;
    expect(Object.keys(live.course)).toEqual(Object.keys(replayed.course));
    for (const name of ["invitedAt", "ringingAt", "answeredAt", "endedAt"] as const) {
      const [one, other] = [live.course[name] ?? "", replayed.course[name] ?? ""];
      const apart = Math.abs(Date.parse(one) - Date.parse(other)) / 1000;
      expect([name, one === other || apart < CLOCK_SECONDS]).toEqual([name, true]);
    }
    expect(Object.keys(live.timings)).toEqual(Object.keys(replayed.timings));
    for (const [name, seconds] of Object.entries(live.timings) as [string, number][]) {
      // The capture also has the way to the relay, on which media is earlier.
      if (name === "firstMediaDelaySeconds") continue;
      const other = (replayed.timings as Record<string, number>)[name] ?? NaN;
      expect([name, Math.abs(seconds - other) < CLOCK_SECONDS]).toEqual([name, true]);
    }
  });

  it("was secured the same way", () => {
    const { live, replayed } = views;
    expect(live.security.srtpKeying).toBe(replayed.security.srtpKeying);
    expect(live.ice?.result).toBe(replayed.ice?.result);
    const [seen] = live.security.dtls ?? [];
    const told = replayed.security.dtls?.map(({ result, version, cipher, srtpProfile }) => ({
      result,
      version,
      cipher,
      srtpProfile,
    }));
    expect(told).toContainEqual({
      result: seen?.result,
      version: seen?.version,
      cipher: seen?.cipher,
      srtpProfile: seen?.srtpProfile,
    });
  });

  it("has the same counts of every stream that both can see", () => {
    const { live, replayed } = views;
    expect(live.streams).toHaveLength(2);
    for (const stream of live.streams) {
      const twin = replayed.streams.find((one) => keyOf(one) === keyOf(stream));
      const counts = (one: StreamReport | undefined): object =>
        Object.fromEntries(COUNTS.map((name) => [name, one?.[name]]));
      expect(counts(stream)).toEqual(counts(twin));
      const first = Date.parse(twin?.firstPacketAt ?? "") - Date.parse(stream.firstPacketAt);
      expect(Math.abs(first) / 1000).toBeLessThan(CLOCK_SECONDS);
      expect(stream.jitterSeconds?.mean).toBeCloseTo(twin?.jitterSeconds?.mean ?? NaN, 2);
      expect(stream.quality?.mosLq).toBeCloseTo(twin?.quality?.mosLq ?? NaN, 1);
    }
    const inbound = live.streams.find(({ direction }) => direction === "caller-to-callee");
    expect(inbound?.packetsMissing).toBeGreaterThan(0);
  });

  /** SRTCP cannot be read in a capture, and a stack's own figures are on no wire. */
  it("differs only in what one view cannot have", () => {
    const { live, replayed } = views;
    const onlyLive = [...new Set(live.streams.flatMap((stream) => Object.keys(stream)))].filter(
      (name) => !replayed.streams.some((stream) => name in stream),
    );
    expect(onlyLive.sort()).toEqual(["rtcp", "rtt", "stack"]);
    expect(Object.keys(live).filter((name) => !(name in replayed))).toEqual(["rtt"]);
    expect(Object.keys(replayed).filter((name) => !(name in live))).toEqual([]);
  });
});
