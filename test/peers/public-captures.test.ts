/**
 * Captures of other projects, with what tshark and RFC 3550 arithmetic made of them. They are not
 * ours to ship: `MEDIAPROBE_CAPTURES` names the folder that holds them, with their manifest.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { analyseCapture } from "../../src/capture/analyse.js";
import type { StreamReport } from "../../src/call/report.js";
import type { PayloadFormat } from "../../src/rtp/codec.js";
import { identityOf, streamsOf } from "../support/analysed.js";
import { packetsNeverReceivedOf } from "../support/counts.js";
import { describeCaptures } from "../support/public-captures.js";

interface Manifest {
  readonly captures: readonly {
    readonly name: string;
    readonly file: string;
    readonly truth: string;
    readonly clocks: Readonly<Record<string, readonly [name: string, clockRateHz: number]>>;
  }[];
}

interface Truth {
  readonly capinfos: Readonly<Record<string, string>>;
  readonly rtp?: { readonly ref: readonly TrueStream[] };
  readonly rtcp?: { readonly capture_point_rtt: readonly TrueRoundTrip[] };
}

interface TrueRoundTrip {
  readonly ssrc: string;
  readonly capture_point_rtt_ms: number;
}

interface TrueStream {
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: number;
  readonly ssrc: string;
  readonly packets: number;
  readonly expected_from_lowest: number;
  readonly lost_unique: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly pts: Readonly<Record<string, number>>;
  readonly jitter_all_packets?: { readonly mean_ms: number; readonly max_ms: number };
}

/** Streams as short as this are no hard truth where tshark found them by guessing. */
const SHORT_STREAM = 10;

/**
 * Where tshark is wrong. After a re-INVITE to T.38, although it was refused, it takes the RTP packets
 * of one side for UDPTL: 27 packets with this SSRC in sequence (RFC 3550 §5.1) are missing there.
 */
const TSHARK_MISREADS = new Set(["ndpi_fax_t38_g711 0x0eaf0eaf"]);

function listed(folder: string): Manifest["captures"] {
  return (JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest).captures;
}

describeCaptures("media of the public captures", listed, (captures, folder) => {
  for (const capture of captures) {
    it(capture.name, async () => {
      const truth = JSON.parse(readFileSync(join(folder, capture.truth), "utf8")) as Truth;
      const report = await analyseCapture(
        { path: join(folder, capture.file) },
        { payloads: payloadsOf(capture.clocks) },
      );
      expect(String(report.counters.packets)).toBe(truth.capinfos["Number of packets"]);
      expect(report.damage).toBeUndefined();
      if (capture.name.startsWith("neg_")) expect(streamsOf(report)).toEqual([]);
      for (const stream of truth.rtp?.ref ?? []) {
        const found = streamsOf(report).find((one) => identityOf(one) === identityOfTruth(stream));
        if (found === undefined && stream.packets < SHORT_STREAM) continue;
        if (TSHARK_MISREADS.has(`${capture.name} ${stream.ssrc}`)) continue;
        expectCounts(found, stream);
        expectJitter(found, stream);
      }
      expectRoundTrips(streamsOf(report), truth.rtcp?.capture_point_rtt ?? []);
    });
  }
});

function payloadsOf(
  clocks: Readonly<Record<string, readonly [string, number]>>,
): Map<number, PayloadFormat> {
  return new Map(
    Object.entries(clocks).map(([payloadType, [name, clockRateHz]]) => {
      const kind = name === "telephone-event" ? name : clockRateHz === 90_000 ? "video" : "audio";
      return [Number(payloadType), { name, clockRateHz, kind }];
    }),
  );
}

function identityOfTruth({ src, sport, dst, dport, ssrc }: TrueStream): string {
  return identityOf({
    source: { address: src, port: sport },
    destination: { address: dst, port: dport },
    ssrc: Number(ssrc),
  });
}

function expectCounts(found: StreamReport | undefined, truth: TrueStream): void {
  expect(found, identityOfTruth(truth)).toMatchObject({
    packetsReceived: truth.packets,
    packetsExpected: truth.expected_from_lowest,
    packetsDuplicated: truth.duplicates,
    packetsReordered: truth.reordered,
  });
  if (found !== undefined) expect(packetsNeverReceivedOf(found)).toBe(truth.lost_unique);
}

/** The truth counts every packet: only where all are of one timed payload type is that ours too. */
function expectJitter(found: StreamReport | undefined, truth: TrueStream): void {
  const jitter = truth.jitter_all_packets;
  const isOneType = Object.keys(truth.pts).length === 1;
  const isTimed = found?.payloadTypes[0]?.kind !== "telephone-event";
  if (found === undefined || jitter === undefined || !isOneType || !isTimed) return;
  expect((found.jitterSeconds?.mean ?? Number.NaN) * 1000).toBeCloseTo(jitter.mean_ms, 5);
  expect((found.jitterSeconds?.max ?? Number.NaN) * 1000).toBeCloseTo(jitter.max_ms, 5);
}

function expectRoundTrips(streams: readonly StreamReport[], truth: readonly TrueRoundTrip[]): void {
  for (const stream of streams) {
    const times = truth
      .filter(({ ssrc }) => Number(ssrc) === stream.ssrc)
      .map(({ capture_point_rtt_ms: ms }) => Math.max(0, ms) / 1000);
    if (times.length === 0) continue;
    expect(stream.rtt?.toReceiver?.samples).toBe(times.length);
    expect(stream.rtt?.toReceiver?.maxSeconds).toBeCloseTo(Math.max(...times), 5);
    expect(stream.rtt?.toReceiver?.minSeconds).toBeCloseTo(Math.min(...times), 5);
  }
}
