/**
 * The half-path round trips of public captures, against the arithmetic of RFC 3550 §6.4.1 over what
 * tshark reads out of them. Needs the folder of captures, in MEDIAPROBE_CAPTURES.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { MidPathRoundTrip } from "../../src/rtcp/mid-path-round-trip.js";
import type { Path, RtcpRecord } from "../../src/rtcp/report.js";
import { MAX_CLAMPED_NEGATIVE_SECONDS, MAX_ROUND_TRIP_SECONDS } from "../../src/rtcp/round-trip.js";
import { COPY_WINDOW_MS } from "../../src/rtcp/sent-reports.js";
import { describeCaptures } from "../support/public-captures.js";

interface Block {
  readonly ssrc: string;
  readonly fraction: number;
  readonly cum_nr: number;
  readonly ext_high: number;
  readonly jitter: number;
  readonly lsr: number;
  readonly dlsr: number;
}

interface Frame {
  readonly frame: number;
  /** Epoch seconds with nine decimals. */
  readonly time: string;
  readonly src: string;
  readonly sport: string;
  readonly dst: string;
  readonly dport: string;
  readonly packets: readonly {
    readonly pt: number | null;
    readonly sender_ssrc?: string;
    readonly ntp_msw?: string;
    readonly ntp_lsw?: string;
    readonly rtp_ts?: string;
    readonly packets?: string;
    readonly octets?: string;
    readonly blocks?: readonly Block[];
  }[];
}

interface Match {
  readonly frame: number;
  readonly sr_frame: number;
  readonly ssrc: string;
  readonly dlsr_s: number;
  readonly capture_point_rtt_ms: number;
}

interface Truth {
  readonly rtcp?: {
    readonly reports: readonly Frame[];
    readonly capture_point_rtt: readonly Match[];
  };
}

function truths(folder: string): {
  readonly name: string;
  readonly frames: readonly Frame[];
  readonly matches: readonly Match[];
}[] {
  const truth = join(folder, "truth");
  return readdirSync(truth)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const { rtcp } = JSON.parse(readFileSync(join(truth, name), "utf8")) as Truth;
      if (rtcp === undefined || rtcp.capture_point_rtt.length === 0) return [];
      return [{ name, frames: rtcp.reports, matches: rtcp.capture_point_rtt }];
    });
}

const nanoseconds = (time: string): bigint => BigInt(time.replace(".", ""));

function pathOf({ src, sport, dst, dport }: Frame): Path {
  return {
    source: { address: src, port: Number(sport) },
    destination: { address: dst, port: Number(dport) },
  };
}

function recordsOf(frame: Frame): RtcpRecord[] {
  const base = { atMs: Number(frame.time) * 1000, path: pathOf(frame) };
  return frame.packets.flatMap((packet): RtcpRecord[] => {
    const senderSsrc = Number(packet.sender_ssrc);
    const info: RtcpRecord = {
      kind: "sender-info",
      ...base,
      senderSsrc,
      ntpSeconds: Number(packet.ntp_msw),
      ntpFraction: Number(packet.ntp_lsw),
      rtpTimestamp: Number(packet.rtp_ts),
      packetsSent: Number(packet.packets),
      bytesSent: Number(packet.octets),
    };
    const blocks = (packet.blocks ?? []).map((block): RtcpRecord => ({
      kind: "report-block",
      ...base,
      senderSsrc,
      subjectSsrc: Number(block.ssrc),
      fractionLost: block.fraction / 256,
      packetsLost: block.cum_nr,
      extendedHighestSequence: block.ext_high,
      jitterTicks: block.jitter,
      lsr: block.lsr,
      dlsr: block.dlsr,
    }));
    return packet.ntp_msw === undefined ? blocks : [info, ...blocks];
  });
}

/** What a mirror port has shown twice is the frame that it showed first. */
function originalOf(frame: Frame, frames: readonly Frame[]): Frame {
  const isSame = (other: Frame) =>
    JSON.stringify([pathOf(other), other.packets]) ===
    JSON.stringify([pathOf(frame), frame.packets]);
  const isNear = (other: Frame) =>
    (Number(frame.time) - Number(other.time)) * 1000 < COPY_WINDOW_MS;
  return frames.find((other) => isSame(other) && isNear(other)) ?? frame;
}

/** Half-path seconds by the frame and SSRC they come from, out of the matches of the truth. */
function expectedHalves(frames: readonly Frame[], matches: readonly Match[]): Map<string, number> {
  const byNumber = new Map(frames.map((frame) => [frame.frame, frame]));
  const halves = new Map<string, number>();
  for (const match of matches) {
    const answer = byNumber.get(match.frame);
    const sent = byNumber.get(match.sr_frame);
    if (answer === undefined || sent === undefined) expect.fail("the truth names a missing frame");
    const stated = Number(nanoseconds(answer.time) - nanoseconds(sent.time)) / 1e9 - match.dlsr_s;
    expect(Math.abs(stated * 1000 - match.capture_point_rtt_ms)).toBeLessThan(0.0006);
    const isReverse = answer.src === sent.dst && answer.dst === sent.src;
    if (!isReverse || originalOf(answer, frames) !== answer) continue;
    const original = originalOf(sent, frames);
    const seconds =
      Number(nanoseconds(answer.time) - nanoseconds(original.time)) / 1e9 - match.dlsr_s;
    if (seconds < -MAX_CLAMPED_NEGATIVE_SECONDS || seconds > MAX_ROUND_TRIP_SECONDS) continue;
    halves.set(`${match.frame}/${Number(match.ssrc)}`, Math.max(0, seconds));
  }
  return halves;
}

describeCaptures("half-path round trips of the public captures", truths, (known) => {
  it.each(known)("agree with $name to a microsecond", ({ frames, matches }) => {
    const observer = new MidPathRoundTrip();
    const measured = new Map<string, number>();
    for (const frame of frames) {
      for (const record of recordsOf(frame)) {
        for (const { kind, ssrc, seconds } of observer.observe(record)) {
          if (kind === "half") measured.set(`${frame.frame}/${ssrc}`, seconds);
        }
      }
    }
    const expected = expectedHalves(frames, matches);
    expect([...measured.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, seconds] of expected) {
      expect(Math.abs((measured.get(key) ?? NaN) - seconds)).toBeLessThan(1e-6);
    }
  });
});
