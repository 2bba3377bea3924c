/**
 * What is said of one stream: its measurement, what it means to a listener, and what the far end
 * thought of it.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import {
  DEFAULT_BUFFER_MS,
  type Quality,
  QualityAssessor,
  type QualityConditions,
} from "../quality/assess.js";
import { burstRatio } from "../quality/burst.js";
import type { CodecImpairment, CodecTable } from "../quality/codec-impairment.js";
import { findCodec } from "../quality/codecs.js";
import { worstWindow } from "../quality/worst-window.js";
import { type Draft, present } from "../rtcp/present.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import { clockDriftPpm } from "../rtp/clock-drift.js";
import type { PayloadFormat } from "../rtp/codec.js";
import {
  packetsLost,
  packetsNeverReceived,
  type PayloadTypeCount,
  type StreamMeasurement,
} from "../rtp/stream.js";
import { burstAndGap, burstTime } from "./burst-reports.js";
import { intervalReports } from "./interval-reports.js";
import type { PayloadTypeReport, RoundTripReport, StreamReport, WorstWindow } from "./report.js";
import { rounded } from "./rounding.js";

type FormatOf = (count: PayloadTypeCount) => PayloadFormat | undefined;

/** What RTCP says of one stream. */
export interface RtcpView {
  readonly rtcp?: ReportedView | undefined;
  readonly rtt?: RoundTripReport | undefined;
}

/** What is known of a stream beside its packets. */
export interface StreamSurroundings {
  /** What a payload type stood for when its packets came. */
  readonly formatOf: FormatOf;
  /** What RTCP says of it; a reported jitter has a unit only with the clock rate. */
  readonly rtcpOf?: ((clockRateHz: number | undefined) => RtcpView) | undefined;
  /** Of the path, by a view that RTCP does not give; it serves where RTCP tells nothing. */
  readonly rttSeconds?: number | undefined;
  /** Delay of the simulated fixed buffer, as the engine had it. @default 60 */
  readonly fixedBufferMs?: number | undefined;
  /** Codec rows that replace or extend the built-in ones. */
  readonly codecs?: CodecTable | undefined;
}

/** The report on a stream, which is the caller's to go on with. */
export function streamReport(
  stream: StreamMeasurement,
  surroundings: StreamSurroundings,
): Draft<StreamReport> {
  const uses = payloadUses(stream, surroundings.formatOf);
  const [main] = uses;
  const format = main?.format;
  const speech = speechFormat(uses, surroundings.formatOf);
  const { rtcp, rtt } = surroundings.rtcpOf?.(format?.clockRateHz) ?? {};
  const clockRateHz = (speech?.format ?? format)?.clockRateHz;
  const packetizationSeconds =
    clockRateHz === undefined || stream.frameTicks <= 0
      ? undefined
      : stream.frameTicks / clockRateHz;
  const isSpeech = speech !== undefined;
  const conditions: QualityConditions = {
    codec: speech?.isAlone
      ? codecOf(stream, speech.format, packetizationSeconds, surroundings)
      : undefined,
    bufferDelayMs: surroundings.fixedBufferMs ?? DEFAULT_BUFFER_MS,
    packetizationMs: packetizationSeconds === undefined ? undefined : packetizationSeconds * 1000,
    rttSeconds: rtt?.measured?.meanSeconds ?? rtt?.reported?.meanSeconds ?? surroundings.rttSeconds,
  };
  const assessor = new QualityAssessor(conditions);
  // Filled in field by field, in the order in which they are read: there may be very many streams.
  const report = {
    ssrc: stream.ssrc,
    payloadType: main?.count.payloadType ?? 0,
  } as Draft<StreamReport>;
  if (format !== undefined) {
    report.codec = format.name;
    report.clockRateHz = format.clockRateHz;
  }
  report.payloadTypes = uses.map(payloadTypeReport);
  report.source = stream.source;
  report.destination = stream.destination;
  report.firstPacketAt = isoMicroseconds(stream.firstPacketAtMs);
  report.lastPacketAt = isoMicroseconds(stream.lastPacketAtMs);
  addPackets(report, stream, isSpeech);
  addTiming(report, stream, packetizationSeconds);
  if (isSpeech) report.adaptiveBuffer = stream.adaptiveBuffer;
  report.payloadBytes = stream.payloadBytes;
  report.wireBytes = stream.wireBytes;
  if (rtt !== undefined) report.rtt = rtt;
  if (rtcp !== undefined) report.rtcp = rtcp;
  addQuality(report, stream, conditions, assessor);
  rounded(report);
  // The most of a report; rounded as they are made.
  report.intervals = intervalReports(stream.intervals, assessor);
  return report;
}

function addPackets(
  report: Draft<StreamReport>,
  stream: StreamMeasurement,
  isSpeech: boolean,
): void {
  const neverReceived = Math.max(0, packetsNeverReceived(stream));
  report.packetsReceived = stream.packetsReceived;
  report.packetsExpected = stream.packetsExpected;
  report.packetsLost = packetsLost(stream);
  report.packetsMissing = neverReceived;
  report.packetsDuplicated = stream.packetsDuplicated;
  report.packetsReordered = stream.packetsReordered;
  if (isSpeech) report.packetsDiscarded = stream.packetsDiscarded;
  report.lossRatio = stream.packetsExpected > 0 ? neverReceived / stream.packetsExpected : 0;
  if (stream.restarts !== 0) report.sequenceRestarts = stream.restarts;
}

function addTiming(
  report: Draft<StreamReport>,
  stream: StreamMeasurement,
  packetizationSeconds: number | undefined,
): void {
  const { jitterSeconds, delayVariationSeconds } = stream;
  if (jitterSeconds !== undefined) report.jitterSeconds = jitterSeconds;
  if (delayVariationSeconds !== undefined) report.delayVariationSeconds = delayVariationSeconds;
  const lossRuns: Record<string, number> = {};
  for (const [length, count] of stream.lossRuns) lossRuns[String(length)] = count;
  report.lossRuns = lossRuns;
  const { burst, gap } = burstAndGap(stream, packetizationSeconds);
  if (burst !== undefined) report.burst = burst;
  if (stream.worstBursts.length > 0) report.bursts = stream.worstBursts.map(burstTime);
  if (gap !== undefined) report.gap = gap;
  const drift = clockDriftPpm(stream.intervals);
  if (drift !== undefined) report.clockDriftPpm = drift;
  if (packetizationSeconds !== undefined) report.packetizationSeconds = packetizationSeconds;
}

function addQuality(
  report: Draft<StreamReport>,
  stream: StreamMeasurement,
  conditions: QualityConditions,
  assessor: QualityAssessor,
): void {
  const quality = streamQuality(stream, report.packetsMissing, assessor);
  if (quality !== undefined) report.quality = quality;
  if (quality !== undefined && conditions.codec !== undefined) {
    const { name, status } = conditions.codec;
    report.qualityBasis = { name, status };
  }
  const window = worst(stream, conditions);
  if (window !== undefined) report.worst = window;
}

/** A payload type with one meaning, and how many packets it had. */
interface PayloadUse {
  readonly count: PayloadTypeCount;
  readonly format: PayloadFormat | undefined;
}

/**
 * The payload types by frequency. Descriptions repeat what was said before: the same type with the
 * same meaning is one.
 */
function payloadUses({ payloadTypes }: StreamMeasurement, formatOf: FormatOf): PayloadUse[] {
  const uses = new Map<string, PayloadUse>();
  for (const count of payloadTypes) {
    const format = formatOf(count);
    const key = [count.payloadType, format?.name, format?.clockRateHz, format?.kind].join(" ");
    const earlier = uses.get(key)?.count.packets ?? 0;
    uses.set(key, { count: { ...count, packets: earlier + count.packets }, format });
  }
  return [...uses.values()].sort((a, b) => b.count.packets - a.count.packets);
}

function payloadTypeReport({ count, format }: PayloadUse): PayloadTypeReport {
  const { payloadType, packets } = count;
  if (format === undefined) return { payloadType, packets };
  const { name: codec, clockRateHz, kind } = format;
  return { payloadType, packets, codec, clockRateHz, kind };
}

/** A codec with a smaller share of a stream's speech does not speak for the stream. */
const SPEAKING_SHARE = 0.9;

/**
 * The codec that is listened to, whatever comfort noise and events came with it. Of redundant audio,
 * what its packets carry (RFC 2198 §5: the payload types of its blocks).
 */
function speechFormat(
  uses: readonly PayloadUse[],
  formatOf: FormatOf,
): { readonly format: PayloadFormat; readonly isAlone: boolean } | undefined {
  let most: PayloadFormat | undefined;
  let ofMost = 0;
  let ofAll = 0;
  for (const use of uses) {
    const format = carriedFormat(use, formatOf);
    if (format?.kind !== "audio") continue;
    most ??= format;
    ofAll += use.count.packets;
    if (format.name === most.name && format.clockRateHz === most.clockRateHz) {
      ofMost += use.count.packets;
    }
  }
  return most && { format: most, isAlone: ofMost >= SPEAKING_SHARE * ofAll };
}

function carriedFormat(
  { count, format }: PayloadUse,
  formatOf: FormatOf,
): PayloadFormat | undefined {
  if (format?.kind !== "redundancy") return format;
  return formatOf({ ...count, payloadType: Number.parseInt(format.parameters ?? "", 10) });
}

function codecOf(
  stream: StreamMeasurement,
  format: PayloadFormat,
  packetizationSeconds: number | undefined,
  { codecs }: StreamSurroundings,
): CodecImpairment | undefined {
  return findCodec(
    {
      ...format,
      ...present(
        "payload",
        packetizationSeconds === undefined
          ? undefined
          : {
              bytes: stream.payloadBytes / stream.packetsReceived,
              packetMs: packetizationSeconds * 1000,
            },
      ),
    },
    { table: codecs },
  );
}

function streamQuality(
  stream: StreamMeasurement,
  neverReceived: number,
  assessor: QualityAssessor,
): Quality | undefined {
  return assessor.quality({
    packetsExpected: stream.packetsExpected,
    packetsNeverReceived: neverReceived,
    packetsDiscarded: stream.packetsDiscarded,
    burstRatio: burstRatio({
      packetsExpected: stream.packetsExpected,
      packetsMissed: stream.impairedPackets,
      runs: stream.impairedRuns,
    }),
  });
}

function worst(stream: StreamMeasurement, conditions: QualityConditions): WorstWindow | undefined {
  const window = worstWindow(stream.intervals, conditions);
  if (window === undefined) return undefined;
  const { fromMs, toMs, ...scores } = window;
  return {
    from: isoMicroseconds(fromMs),
    to: isoMicroseconds(Math.min(toMs, stream.lastPacketAtMs)),
    ...scores,
  };
}
