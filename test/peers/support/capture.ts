/**
 * tcpdump beside a call: what it wrote down is replayed and compared with what was seen live.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

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

/**
 * A call followed live while tcpdump writes it down, and then replayed.
 *
 * @param call Places the call, and gives the records of what a probe saw end.
 */
export async function bothViews(
  file: string,
  call: () => Promise<readonly CallReport[]>,
): Promise<Views> {
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
export function countsOf(stream: StreamReport | undefined): object {
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
