/**
 * Reports on RTP streams as the JSON that Homer's RTP agents send.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { IntervalReport, StreamReport } from "../call/report.js";
import { endpointKey } from "../net/endpoint.js";

/** One report: on an interval, or on the whole stream at the call's end. */
export interface HepStreamReport {
  readonly json: string;
  readonly figures: HepStreamFigures;
}

/** What a report says beside its JSON. */
export interface HepStreamFigures {
  readonly atMs: number;
  readonly mos?: number;
  readonly rFactor?: number;
  readonly jitterMs?: number;
}

/** What is known; Homer's names, times in milliseconds. */
type Fields = Readonly<Record<string, string | number | undefined>>;

/** The report on one interval of a stream. */
export function intervalReport(
  call: CallReport,
  stream: StreamReport,
  interval: IntervalReport,
): HepStreamReport {
  const { quality, jitterSeconds } = interval;
  return report(call, stream, {
    type: "PERIODIC",
    at: interval.to,
    quality,
    jitterMs: milliseconds(jitterSeconds?.mean),
    fields: {
      TL_BYTE: interval.payloadBytes,
      TOTAL_PK: interval.packetsReceived,
      EXPECTED_PK: interval.packetsExpected,
      PACKET_LOSS: interval.packetsMissing,
      OUT_ORDER: interval.packetsReordered,
      MAX_JITTER: milliseconds(jitterSeconds?.max),
    },
  });
}

/** The report on a stream as a whole. */
export function finalReport(call: CallReport, stream: StreamReport): HepStreamReport {
  const { quality, jitterSeconds, worst } = stream;
  return report(call, stream, {
    type: "FINAL",
    at: stream.lastPacketAt,
    quality,
    jitterMs: milliseconds(jitterSeconds?.mean),
    fields: {
      TL_BYTE: stream.payloadBytes,
      TOTAL_PK: stream.packetsReceived,
      EXPECTED_PK: stream.packetsExpected,
      PACKET_LOSS: stream.packetsMissing,
      OUT_ORDER: stream.packetsReordered,
      MAX_JITTER: milliseconds(jitterSeconds?.max),
      MIN_MOS: worst?.mosCq ?? worst?.mosLq,
      MEAN_MOS: mosOf(quality),
      MEAN_RFACTOR: quality?.rFactor,
    },
  });
}

interface Told {
  readonly type: "PERIODIC" | "FINAL";
  readonly at: string;
  readonly quality: IntervalReport["quality"];
  readonly jitterMs: number | undefined;
  readonly fields: Fields;
}

function report(call: CallReport, stream: StreamReport, told: Told): HepStreamReport {
  const { type, at, quality, jitterMs, fields } = told;
  const { source, destination } = stream;
  const atMs = Date.parse(at);
  const mos = mosOf(quality);
  const isFromCaller =
    stream.direction === undefined ? undefined : stream.direction === "caller-to-callee";
  // The name of its field is left out where a value is not known: `JSON.stringify` does that.
  const all: Fields = {
    CORRELATION_ID: call.callId,
    RTP_SIP_CALL_ID: call.callId,
    REPORT_TS: atMs / 1000,
    ...fields,
    JITTER: jitterMs,
    MEAN_JITTER: jitterMs,
    MOS: mos,
    RFACTOR: quality?.rFactor,
    SSRC: `0x${stream.ssrc.toString(16)}`,
    CODEC_PT: stream.payloadType,
    CODEC_NAME: stream.codec,
    CLOCK: stream.clockRateHz,
    SRC_IP: source.address,
    SRC_PORT: source.port,
    DST_IP: destination.address,
    DST_PORT: destination.port,
    REPORT_NAME: endpointKey(source),
    DIR: isFromCaller === undefined ? undefined : Number(!isFromCaller),
    PARTY: isFromCaller === undefined ? undefined : Number(!isFromCaller),
    TYPE: type,
  };
  return {
    json: JSON.stringify(all),
    figures: {
      atMs,
      ...(mos !== undefined && { mos }),
      ...(quality !== undefined && { rFactor: quality.rFactor }),
      ...(jitterMs !== undefined && { jitterMs }),
    },
  };
}

/** The conversational score where it is known. */
const mosOf = (quality: IntervalReport["quality"]): number | undefined =>
  quality?.mosCq ?? quality?.mosLq;

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.round(seconds * 1e6) / 1000;
