/**
 * tcpdump beside a call: what it wrote down is replayed and compared with what was seen live.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, beforeAll, expect } from "vitest";

import type { CallReport } from "../../../src/call/call-report.js";
import type { StreamReport } from "../../../src/call/report.js";
import { analyseCapture } from "../../../src/capture/analyse.js";

/** Whether this user may capture on loopback. */
export const mayCapture = spawnSync("tcpdump", ["-i", "lo", "-L"]).status === 0;

/** What arrival clocks of one machine may be apart: the kernel's, and that of a busy event loop. */
export const CLOCK_SECONDS = 0.05;

export interface Views {
  readonly live: CallReport;
  readonly replayed: CallReport;
}

/** Calls that are placed at the most until one comes through without a stall. */
const ATTEMPTS = 3;

/**
 * Has a call placed before the tests of a group, seen live and replayed from what tcpdump wrote of it.
 *
 * @param call Places the call, and gives the records of what a probe saw end.
 * @returns What gives both views, within a test.
 */
export function seenBothWays(call: () => Promise<readonly CallReport[]>): () => Views {
  let views: Views | undefined;
  const folder = mkdtempSync(join(tmpdir(), "mediaprobe-live-"));
  beforeAll(async () => {
    const file = join(folder, "calls.pcap");
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      views = await bothViews(file, call);
      delay.disable();
      // Else the clocks of both views are further apart than is compared.
      if (delay.max / 1e9 < CLOCK_SECONDS) break;
    }
  }, ATTEMPTS * 60_000);
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return () => {
    if (views === undefined) throw new Error("no call was seen");
    return views;
  };
}

async function bothViews(file: string, call: () => Promise<readonly CallReport[]>): Promise<Views> {
  const options = ["-Z", "root", "-i", "lo", "--immediate-mode", "-B", "65536", "-U"];
  const tcpdump = spawn("tcpdump", [...options, "-w", file, "udp"]);
  await new Promise<void>((resolve) => {
    tcpdump.stderr.on("data", (text: Buffer) => {
      if (text.includes("listening")) resolve();
    });
  });
  const [live] = await call();
  await new Promise((resolve) => setTimeout(resolve, 500));
  tcpdump.kill("SIGINT");
  await once(tcpdump, "exit");
  const report = await analyseCapture({ path: file });
  const replayed = report.calls.find(({ callId }) => callId === live?.callId);
  if (live === undefined || replayed === undefined) throw new Error("a view is missing");
  return { live, replayed };
}

/** Holds that each stream seen live is the same in the replay; some packets to the callee are missing. */
export function expectSameStreams({ live, replayed }: Views): void {
  expect(live.streams).toHaveLength(2);
  for (const stream of live.streams) {
    const twin = twinOf(stream, replayed);
    expect(countsOf(stream)).toEqual(countsOf(twin));
    const first = Date.parse(twin?.firstPacketAt ?? "") - Date.parse(stream.firstPacketAt);
    expect(Math.abs(first) / 1000).toBeLessThan(CLOCK_SECONDS);
    expect(stream.jitterSeconds?.mean).toBeCloseTo(twin?.jitterSeconds?.mean ?? NaN, 2);
    expect(stream.quality?.mosLq).toBeCloseTo(twin?.quality?.mosLq ?? NaN, 1);
  }
  expect(toCallee(live)?.packetsMissing).toBeGreaterThan(0);
}

/** What the caller sends. */
export function toCallee({ streams }: CallReport): StreamReport | undefined {
  return streams.find(({ direction }) => direction === "caller-to-callee");
}

/** A generator of numbers from 0 to 1 that gives the same each time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * The stream of the other view. By its ports: on a host of several addresses a stack names the one of
 * its ICE candidate, and the kernel may send from another.
 */
export function twinOf(stream: StreamReport, { streams }: CallReport): StreamReport | undefined {
  const keyOf = ({ ssrc, source, destination }: StreamReport): string =>
    `${ssrc} ${source.port} ${destination.port}`;
  return streams.find((one) => keyOf(one) === keyOf(stream));
}

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

/** What of a stream is the same in both views. */
function countsOf(stream: StreamReport | undefined): object {
  return Object.fromEntries(COUNTS.map((name) => [name, stream?.[name]]));
}

/** What of a call is the same in both views. */
export function identityOf(call: CallReport): object {
  const { callId, transport, caller, callee, localParty, outcome } = call;
  return { callId, transport, uris: [caller?.uri, callee?.uri], localParty, outcome };
}

/** Moments and durations of the call that the views have further apart than the clocks may be. */
export function apartIn({ live, replayed }: Views): string[] {
  const isFar = (seconds: number): boolean => !(Math.abs(seconds) < CLOCK_SECONDS);
  const moments = (["invitedAt", "ringingAt", "answeredAt", "endedAt"] as const).filter((name) => {
    const [one, other] = [live.course[name], replayed.course[name]];
    return one !== other && isFar((Date.parse(one ?? "") - Date.parse(other ?? "")) / 1000);
  });
  const timings = Object.entries(live.timings) as [keyof CallReport["timings"], number][];
  const durations = timings.filter(([name, seconds]) =>
    isFar(seconds - (replayed.timings[name] ?? NaN)),
  );
  return [...moments, ...durations.map(([name]) => name)];
}

/** Names of what is in some of these and in none of those. */
export function onlyIn(these: readonly object[], those: readonly object[]): string[] {
  const names = new Set(these.flatMap((one) => Object.keys(one)));
  return [...names].filter((name) => !those.some((other) => name in other)).sort();
}
