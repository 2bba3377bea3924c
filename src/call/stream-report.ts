/**
 * What is said of one stream: its measurement, what it means to a listener, and what the far end
 * thought of it.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import { assessQuality, DEFAULT_BUFFER_MS, type Quality } from "../quality/assess.js";
import { burstRatio } from "../quality/burst.js";
import type { CodecImpairment, CodecTable } from "../quality/codec-impairment.js";
import { findCodec } from "../quality/codecs.js";
import { worstWindow } from "../quality/worst-window.js";
import { present } from "../rtcp/present.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import { clockDriftPpm } from "../rtp/clock-drift.js";
import type { PayloadFormat } from "../rtp/codec.js";
import {
  missedInInterval,
  packetsLost,
  packetsNeverReceived,
  type PayloadTypeCount,
  type StreamInterval,
  type StreamMeasurement,
} from "../rtp/stream.js";
import type {
  BurstReport,
  GapReport,
  IntervalReport,
  PayloadTypeReport,
  RoundTripReport,
  StreamReport,
  WorstWindow,
} from "./report.js";
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
  /** Delay of the simulated fixed buffer, as the engine had it. @default 60 */
  readonly fixedBufferMs?: number | undefined;
  /** Codec rows that replace or extend the built-in ones. */
  readonly codecs?: CodecTable | undefined;
}

/** What quality is computed from besides counts: the same for the stream and all its intervals. */
interface Conditions {
  readonly codec: CodecImpairment | undefined;
  readonly bufferDelayMs: number;
  readonly packetizationMs: number | undefined;
  readonly rttSeconds: number | undefined;
}

/** The report on a stream. */
export function streamReport(
  stream: StreamMeasurement,
  surroundings: StreamSurroundings,
): StreamReport {
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
  const conditions: Conditions = {
    codec: speech?.isAlone
      ? codecOf(stream, speech.format, packetizationSeconds, surroundings)
      : undefined,
    bufferDelayMs: surroundings.fixedBufferMs ?? DEFAULT_BUFFER_MS,
    packetizationMs: packetizationSeconds === undefined ? undefined : packetizationSeconds * 1000,
    rttSeconds: rtt?.measured?.meanSeconds ?? rtt?.reported?.meanSeconds,
  };
  const neverReceived = Math.max(0, packetsNeverReceived(stream));
  const quality = streamQuality(stream, neverReceived, conditions);
  return rounded<StreamReport>({
    ssrc: stream.ssrc,
    payloadType: main?.count.payloadType ?? 0,
    ...present("codec", format?.name),
    ...present("clockRateHz", format?.clockRateHz),
    payloadTypes: uses.map(payloadTypeReport),
    source: stream.source,
    destination: stream.destination,
    firstPacketAt: isoMicroseconds(stream.firstPacketAtMs),
    lastPacketAt: isoMicroseconds(stream.lastPacketAtMs),
    packetsReceived: stream.packetsReceived,
    packetsExpected: stream.packetsExpected,
    packetsLost: packetsLost(stream),
    packetsMissing: neverReceived,
    packetsDuplicated: stream.packetsDuplicated,
    packetsReordered: stream.packetsReordered,
    ...present("packetsDiscarded", isSpeech ? stream.packetsDiscarded : undefined),
    lossRatio: stream.packetsExpected > 0 ? neverReceived / stream.packetsExpected : 0,
    ...present("sequenceRestarts", stream.restarts === 0 ? undefined : stream.restarts),
    ...present("jitterSeconds", stream.jitterSeconds),
    ...present("delayVariationSeconds", stream.delayVariationSeconds),
    lossRuns: Object.fromEntries(stream.lossRuns.map(([length, count]) => [String(length), count])),
    ...burstAndGap(stream, packetizationSeconds),
    ...present("clockDriftPpm", clockDriftPpm(stream.intervals)),
    ...present("packetizationSeconds", packetizationSeconds),
    ...present("adaptiveBuffer", isSpeech ? stream.adaptiveBuffer : undefined),
    payloadBytes: stream.payloadBytes,
    wireBytes: stream.wireBytes,
    ...present("rtt", rtt),
    ...present("rtcp", rtcp),
    ...present("quality", quality),
    ...present("qualityBasis", quality && conditions.codec && basisOf(conditions.codec)),
    ...present("worst", worst(stream, conditions)),
    intervals: intervalReports(stream.intervals, conditions),
  });
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
  return {
    payloadType: count.payloadType,
    packets: count.packets,
    ...present("codec", format?.name),
    ...present("clockRateHz", format?.clockRateHz),
    ...present("kind", format?.kind),
  };
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

function basisOf({ name, status }: CodecImpairment): StreamReport["qualityBasis"] {
  return { name, status };
}

function streamQuality(
  stream: StreamMeasurement,
  neverReceived: number,
  conditions: Conditions,
): Quality | undefined {
  return assessQuality({
    ...conditions,
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

function worst(stream: StreamMeasurement, conditions: Conditions): WorstWindow | undefined {
  const window = worstWindow(stream.intervals, conditions);
  if (window === undefined) return undefined;
  const { fromMs, toMs, ...scores } = window;
  return {
    from: isoMicroseconds(fromMs),
    to: isoMicroseconds(Math.min(toMs, stream.lastPacketAtMs)),
    ...scores,
  };
}

function burstAndGap(
  stream: StreamMeasurement,
  packetizationSeconds: number | undefined,
): { burst?: BurstReport; gap?: GapReport } {
  const { bursts, burstPackets, burstImpaired, gapImpaired } = stream.bursts;
  const gapPackets = stream.packetsExpected - burstPackets;
  if (gapPackets <= 0 && bursts === 0) return {};
  const seconds = (packets: number, count: number): { durationSeconds?: number } =>
    present(
      "durationSeconds",
      packetizationSeconds === undefined ? undefined : (packets / count) * packetizationSeconds,
    );
  return {
    ...(bursts === 0
      ? {}
      : {
          burst: {
            count: bursts,
            packets: burstPackets,
            density: burstImpaired / burstPackets,
            ...seconds(burstPackets, bursts),
          },
        }),
    ...(gapPackets <= 0
      ? {}
      : {
          gap: {
            packets: gapPackets,
            density: gapImpaired / gapPackets,
            // A session is taken to begin and end in a gap (RFC 3611 §4.7.2).
            ...seconds(gapPackets, bursts + 1),
          },
        }),
  };
}

function intervalReports(
  intervals: readonly StreamInterval[],
  conditions: Conditions,
): IntervalReport[] {
  let endMs = Number.NaN;
  let end = "";
  return intervals.map((interval) => {
    const from = interval.fromMs === endMs ? end : isoMicroseconds(interval.fromMs);
    endMs = interval.toMs;
    end = isoMicroseconds(endMs);
    return { from, to: end, ...intervalFigures(interval, conditions) };
  });
}

function intervalFigures(
  interval: StreamInterval,
  conditions: Conditions,
): Omit<IntervalReport, "from" | "to"> {
  const missed = missedInInterval(interval);
  const quality = assessQuality({
    ...conditions,
    packetsExpected: interval.packetsExpected,
    packetsNeverReceived: missed,
    packetsDiscarded: interval.packetsDiscarded,
    burstRatio: burstRatio({
      packetsExpected: interval.packetsExpected,
      packetsMissed: missed,
      runs: interval.lossRuns,
    }),
  });
  return {
    packetsReceived: interval.packetsReceived,
    packetsExpected: interval.packetsExpected,
    packetsMissing: missed,
    packetsDuplicated: interval.packetsDuplicated,
    packetsReordered: interval.packetsReordered,
    packetsDiscarded: interval.packetsDiscarded,
    payloadBytes: interval.payloadBytes,
    ...present("jitterSeconds", interval.jitterSeconds),
    ...present("delayVariationSeconds", interval.delayVariationSeconds),
    ...present("quality", quality === undefined ? undefined : scoresOf(quality)),
  };
}

function scoresOf(quality: Quality): Pick<Quality, "rFactor" | "mosCq" | "mosLq"> {
  const { rFactor, mosCq, mosLq } = quality;
  return { rFactor, ...present("mosCq", mosCq), mosLq };
}
