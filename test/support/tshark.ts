/**
 * What tshark reads out of a capture, packet by packet. Its own statistics are not used: they leave
 * RFC 3550 in several places. The arithmetic is in `tshark-statistics.ts`.
 *
 * @module
 */

import { spawnSync } from "node:child_process";

import {
  statisticsOf,
  STATIC_AUDIO_CLOCKS_HZ,
  type ClocksHz,
  type TsharkPacket,
  type TsharkStream,
} from "./tshark-statistics.js";

/** How tshark is to find RTP, and what its payload types stand for. */
export interface TsharkOptions {
  /** Take for RTP what looks like it, in UDP and ChannelData, not only what SDP announced. */
  readonly heuristicRtp?: boolean;
  /** UDP ports whose packets are RTP, whatever SDP says. */
  readonly rtpPorts?: readonly number[];
  /** Clock rates of payload types beyond the static ones of RFC 3551. */
  readonly clocksHz?: ClocksHz;
}

const FIELDS = [
  "frame.number",
  "frame.time_epoch",
  "ip.src",
  "ipv6.src",
  "udp.srcport",
  "tcp.srcport",
  "ip.dst",
  "ipv6.dst",
  "udp.dstport",
  "tcp.dstport",
  "rtp.ssrc",
  "rtp.seq",
  "rtp.timestamp",
  "rtp.p_type",
] as const;

const HEURISTICS = ["rtp_udp", "rtp_stun"].flatMap((name) => ["--enable-heuristic", name]);

type Row = Readonly<Record<(typeof FIELDS)[number], string>>;

/** Whether tshark can be run here. */
export function tsharkAvailable(): boolean {
  return spawnSync("tshark", ["--version"]).status === 0;
}

/**
 * Statistics of every RTP stream that tshark finds in a capture.
 *
 * @throws {Error} If tshark cannot read the file to its end and printed no packet either.
 */
export function tsharkStreams(file: string, options: TsharkOptions = {}): TsharkStream[] {
  const clocks = new Map([...STATIC_AUDIO_CLOCKS_HZ, ...(options.clocksHz ?? [])]);
  return statisticsOf(tsharkRtpPackets(file, options), clocks);
}

/** Every RTP packet that tshark finds in a capture, in file order; those quoted in ICMP are not. */
export function tsharkRtpPackets(file: string, options: TsharkOptions = {}): TsharkPacket[] {
  const heuristic = options.heuristicRtp === true ? HEURISTICS : [];
  const decodeAs = (options.rtpPorts ?? []).flatMap((port) => ["-d", `udp.port==${port},rtp`]);
  const fields = FIELDS.flatMap((field) => ["-e", field]);
  const layout = ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=l"];
  const filter = ["-Y", "rtp && !icmp && !icmpv6"];
  const args = ["-n", ...heuristic, ...decodeAs, "-r", file, ...filter, ...layout, ...fields];
  const run = spawnSync("tshark", args, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    maxBuffer: 1 << 28,
  });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0 && run.stdout === "") {
    throw new Error(`tshark cannot read ${file}: ${run.stderr.trim()}`);
  }
  return run.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(readRow)
    .filter((row) => row["rtp.seq"] !== "" && row["rtp.ssrc"] !== "")
    .map(packetOf);
}

function readRow(line: string): Row {
  const cells = line.split("\t");
  return Object.fromEntries(FIELDS.map((field, column) => [field, cells[column] ?? ""])) as Row;
}

function packetOf(row: Row): TsharkPacket {
  return {
    frame: Number(row["frame.number"]),
    atNs: nanoseconds(row["frame.time_epoch"]),
    source: {
      address: row["ipv6.src"] || row["ip.src"],
      port: Number(row["udp.srcport"] || row["tcp.srcport"]),
    },
    destination: {
      address: row["ipv6.dst"] || row["ip.dst"],
      port: Number(row["udp.dstport"] || row["tcp.dstport"]),
    },
    ssrc: Number(row["rtp.ssrc"]),
    sequenceNumber: Number(row["rtp.seq"]),
    timestamp: Number(row["rtp.timestamp"]),
    payloadType: Number(row["rtp.p_type"]),
  };
}

function nanoseconds(epochSeconds: string): bigint {
  const [seconds = "0", fraction = ""] = epochSeconds.split(".");
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}
