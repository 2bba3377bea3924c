/**
 * RTCP as the JSON that Homer and its agents exchange. What its writers do not agree on is read as
 * each of them means it.
 *
 * @module
 */

import type { Path, ReportBlock, RtcpRecord, SenderInfo, VoipMetrics } from "../rtcp/report.js";

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const EXTENDED_REPORT = 207;
/** Fractions on the wire count 256ths (RFC 3550 §6.4.1). */
const FRACTION = 256;
const VOIP_METRICS_BLOCK = 7;
const MAX_UINT32 = 0xffff_ffff;
/** Report blocks of one packet: its count has five bits. */
const MAX_BLOCKS = 31;

/**
 * The records of one datagram.
 *
 * @returns `undefined` where they are nothing that Homer shows.
 */
export function rtcpJson(records: readonly RtcpRecord[]): string | undefined {
  const info = records.find((record) => record.kind === "sender-info");
  const blocks = records.filter((record) => record.kind === "report-block");
  const extended = records.find((record) => record.kind === "xr-voip-metrics");
  const named = records.find((record) => record.kind === "cname");
  const receiver = records.find((record) => record.kind === "receiver-report");
  const [first] = [info, receiver, ...blocks, extended].filter((record) => record !== undefined);
  if (first === undefined) return undefined;
  const isReport = receiver !== undefined || blocks.length > 0;
  return JSON.stringify({
    ...(info !== undefined && { sender_information: senderInformation(info) }),
    ssrc: first.senderSsrc,
    type: info !== undefined ? SENDER_REPORT : isReport ? RECEIVER_REPORT : EXTENDED_REPORT,
    report_count: blocks.length,
    report_blocks: blocks.map(blockJson),
    ...(extended !== undefined && {
      report_blocks_xr: metricsJson(extended.subjectSsrc, extended.metrics),
    }),
    ...(named !== undefined && { sdes_ssrc: named.subjectSsrc }),
  });
}

/** The fraction of the NTP time is called microseconds and is none. */
function senderInformation(info: SenderInfo) {
  return {
    ntp_timestamp_sec: info.ntpSeconds,
    ntp_timestamp_usec: info.ntpFraction,
    rtp_timestamp: info.rtpTimestamp,
    packets: info.packetsSent,
    octets: info.bytesSent,
  };
}

function blockJson(block: ReportBlock) {
  return {
    source_ssrc: block.subjectSsrc,
    fraction_lost: Math.round(block.fractionLost * FRACTION),
    packets_lost: block.packetsLost,
    highest_seq_no: block.extendedHighestSequence,
    ia_jitter: block.jitterTicks,
    lsr: block.lsr,
    dlsr: block.dlsr,
  };
}

function metricsJson(subjectSsrc: number, metrics: VoipMetrics) {
  const { burst, gap, roundTripSeconds, endSystemDelaySeconds } = metrics;
  return {
    type: VOIP_METRICS_BLOCK,
    id: subjectSsrc,
    fraction_lost: Math.round(metrics.lossRatio * FRACTION),
    fraction_discard: Math.round(metrics.discardRatio * FRACTION),
    burst_density: Math.round(burst.densityRatio * FRACTION),
    gap_density: Math.round(gap.densityRatio * FRACTION),
    burst_duration: Math.round(burst.durationSeconds * 1000),
    gap_duration: Math.round(gap.durationSeconds * 1000),
    ...(roundTripSeconds !== undefined && {
      round_trip_delay: Math.round(roundTripSeconds * 1000),
    }),
    ...(endSystemDelaySeconds !== undefined && {
      end_system_delay: Math.round(endSystemDelaySeconds * 1000),
    }),
  };
}

/** When and on which path the datagram was seen. */
export interface RtcpOrigin {
  readonly atMs: number;
  readonly path: Path;
}

/**
 * The records that a text holds: sender information and report blocks. An extended report is left
 * out, as its JSON lacks half of it.
 *
 * @returns `undefined` if the text is no JSON object.
 */
export function recordsOfJson(text: string, origin: RtcpOrigin): RtcpRecord[] | undefined {
  let packet: unknown;
  try {
    packet = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(packet)) return undefined;
  const senderSsrc = wordOf(packet["ssrc"]);
  if (senderSsrc === undefined) return [];
  const common = { ...origin, senderSsrc };
  const records: RtcpRecord[] = [];
  const info = senderInfoOf(packet["sender_information"], common);
  const list: unknown = packet["report_blocks"];
  const blocks = (Array.isArray(list) ? (list as unknown[]) : []).slice(0, MAX_BLOCKS);
  if (info !== undefined) records.push(info);
  else if (wordOf(packet["type"]) === RECEIVER_REPORT) {
    records.push({ kind: "receiver-report", ...common, blocks: blocks.length });
  }
  for (const written of blocks) {
    const block = reportBlockOf(written, common);
    if (block !== undefined) records.push(block);
  }
  return records;
}

type Common = RtcpOrigin & { readonly senderSsrc: number };

/** Agents write it into receiver reports too, with zeros. */
function senderInfoOf(written: unknown, common: Common): SenderInfo | undefined {
  if (!isObject(written)) return undefined;
  const ntpSeconds = wordOf(written["ntp_timestamp_sec"]) ?? 0;
  const ntpFraction = wordOf(written["ntp_timestamp_usec"]) ?? 0;
  const rtpTimestamp = wordOf(written["rtp_timestamp"]);
  const packetsSent = wordOf(written["packets"]);
  const bytesSent = wordOf(written["octets"]);
  if (rtpTimestamp === undefined || packetsSent === undefined || bytesSent === undefined) {
    return undefined;
  }
  if (ntpSeconds === 0 && rtpTimestamp === 0 && packetsSent === 0) return undefined;
  return {
    kind: "sender-info",
    ...common,
    ntpSeconds,
    ntpFraction,
    rtpTimestamp,
    packetsSent,
    bytesSent,
  };
}

function reportBlockOf(written: unknown, common: Common): ReportBlock | undefined {
  if (!isObject(written)) return undefined;
  const subjectSsrc = wordOf(written["source_ssrc"]);
  const fraction = wordOf(written["fraction_lost"]);
  const packetsLost = signed(numberOf(written["packets_lost"]));
  const extendedHighestSequence = wordOf(written["highest_seq_no"]);
  const jitterTicks = wordOf(written["ia_jitter"]);
  if (
    subjectSsrc === undefined ||
    fraction === undefined ||
    fraction >= FRACTION ||
    packetsLost === undefined ||
    extendedHighestSequence === undefined ||
    jitterTicks === undefined
  ) {
    return undefined;
  }
  return {
    kind: "report-block",
    ...common,
    subjectSsrc,
    fractionLost: fraction / FRACTION,
    packetsLost,
    extendedHighestSequence,
    jitterTicks,
    lsr: wordOf(written["lsr"]) ?? 0,
    dlsr: wordOf(written["dlsr"]) ?? 0,
  };
}

/** Some agents take the signed 24 bits of the wire for unsigned ones. */
function signed(packetsLost: number | undefined): number | undefined {
  if (packetsLost === undefined || !Number.isInteger(packetsLost)) return undefined;
  const value =
    packetsLost >= 2 ** 23 && packetsLost < 2 ** 24 ? packetsLost - 2 ** 24 : packetsLost;
  return Math.abs(value) <= 2 ** 23 ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Some agents write numbers as texts. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function wordOf(value: unknown): number | undefined {
  const number = numberOf(value);
  const isWord = number !== undefined && Number.isInteger(number) && number >= 0;
  return isWord && number <= MAX_UINT32 ? number : undefined;
}
