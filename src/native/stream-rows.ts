/**
 * Reads the columns that the addon writes for each finished stream (`core/report_row.cpp`).
 *
 * @module
 */

import { addressText } from "../net/address.js";
import type {
  DelayVariationSeconds,
  JitterSeconds,
  PayloadTypeCount,
  StreamInterval,
  StreamMeasurement,
} from "../rtp/stream.js";
import type { NativeStreams } from "./binding.js";

const PAYLOAD_TYPES = 5;
const STREAM_COLUMNS = 35 + 3 * PAYLOAD_TYPES + 1;
const INTERVAL_COLUMNS = 13;

/** The streams of one hand-over. */
export function readStreams(native: NativeStreams): StreamMeasurement[] {
  const streams: StreamMeasurement[] = [];
  let run = 0;
  let interval = 0;
  for (let at = 0; at < native.rows.length; at += STREAM_COLUMNS) {
    const row = native.rows.subarray(at, at + STREAM_COLUMNS);
    const runs = column(row, 32);
    const intervals = column(row, 33);
    const addresses = native.addresses.subarray(streams.length * 32, streams.length * 32 + 32);
    streams.push(
      readStream(
        row,
        addresses,
        readRuns(native.lossRuns, run, runs),
        readIntervals(native.intervals, interval, intervals, column(row, 34) * 1000),
      ),
    );
    run += runs;
    interval += intervals;
  }
  return streams;
}

function readStream(
  row: Float64Array,
  addresses: Uint8Array,
  lossRuns: StreamMeasurement["lossRuns"],
  intervals: readonly StreamInterval[],
): StreamMeasurement {
  const isIpv6 = column(row, 3) === 1;
  return {
    ssrc: column(row, 0),
    source: { address: addressText(addresses.subarray(0, 16), isIpv6), port: column(row, 1) },
    destination: { address: addressText(addresses.subarray(16, 32), isIpv6), port: column(row, 2) },
    firstPacketAtMs: column(row, 4),
    lastPacketAtMs: column(row, 5),
    packetsReceived: column(row, 6),
    packetsExpected: column(row, 7),
    packetsDuplicated: column(row, 8),
    packetsReordered: column(row, 9),
    restarts: column(row, 10),
    packetsDiscarded: column(row, 11),
    adaptiveBuffer: {
      packetsDiscarded: column(row, 12),
      ...known("meanDelaySeconds", column(row, 13)),
    },
    ...jitter(row),
    ...delayVariation(row),
    payloadBytes: column(row, 23),
    wireBytes: column(row, 24),
    frameTicks: column(row, 25),
    impairedPackets: column(row, 26),
    impairedRuns: column(row, 27),
    bursts: {
      bursts: column(row, 28),
      burstPackets: column(row, 29),
      burstImpaired: column(row, 30),
      gapImpaired: column(row, 31),
    },
    lossRuns,
    payloadTypes: payloadTypes(row),
    intervals,
  };
}

/** Columns exist by construction; the fallback only satisfies the type. */
function column(row: Float64Array, index: number): number {
  return row[index] ?? Number.NaN;
}

/** An object with the value under `name`, or an empty one: unknown is absent, never NaN. */
function known<Name extends string>(name: Name, value: number): Partial<Record<Name, number>> {
  return Number.isNaN(value) ? {} : ({ [name]: value } as Record<Name, number>);
}

function jitter(row: Float64Array): { jitterSeconds?: JitterSeconds } {
  const last = column(row, 14);
  if (Number.isNaN(last)) return {};
  return { jitterSeconds: { last, mean: column(row, 15), max: column(row, 16) } };
}

function delayVariation(row: Float64Array): { delayVariationSeconds?: DelayVariationSeconds } {
  const p50 = column(row, 18);
  if (Number.isNaN(p50)) return {};
  return {
    delayVariationSeconds: {
      p50,
      p95: column(row, 19),
      p99: column(row, 20),
      max: column(row, 21),
    },
  };
}

function payloadTypes(row: Float64Array): PayloadTypeCount[] {
  const counts: PayloadTypeCount[] = [];
  for (let at = 35; at < 35 + 3 * PAYLOAD_TYPES; at += 3) {
    const packets = column(row, at + 1);
    if (packets > 0) {
      counts.push({ payloadType: column(row, at), packets, map: column(row, at + 2) });
    }
  }
  return counts.sort((a, b) => b.packets - a.packets);
}

function readRuns(
  rows: Float64Array,
  from: number,
  count: number,
): (readonly [length: number, count: number])[] {
  const runs: (readonly [number, number])[] = [];
  for (let at = from; at < from + count; at++) {
    runs.push([column(rows, 2 * at), column(rows, 2 * at + 1)]);
  }
  return runs.sort(([a], [b]) => a - b);
}

function readIntervals(
  rows: Float64Array,
  from: number,
  count: number,
  lengthMs: number,
): StreamInterval[] {
  const intervals: StreamInterval[] = [];
  for (let at = from; at < from + count; at++) {
    const row = rows.subarray(at * INTERVAL_COLUMNS, (at + 1) * INTERVAL_COLUMNS);
    intervals.push(readInterval(row, lengthMs));
  }
  return intervals;
}

function readInterval(row: Float64Array, lengthMs: number): StreamInterval {
  const jitterMean = column(row, 8);
  const delayP95 = column(row, 10);
  return {
    fromMs: column(row, 0),
    toMs: column(row, 0) + lengthMs,
    packetsReceived: column(row, 1),
    packetsExpected: column(row, 2),
    packetsDuplicated: column(row, 3),
    packetsReordered: column(row, 4),
    packetsDiscarded: column(row, 5),
    lossRuns: column(row, 6),
    payloadBytes: column(row, 7),
    ...(Number.isNaN(jitterMean)
      ? {}
      : { jitterSeconds: { mean: jitterMean, max: column(row, 9) } }),
    ...(Number.isNaN(delayP95)
      ? {}
      : { delayVariationSeconds: { p95: delayP95, max: column(row, 11) } }),
    ...known("leastDelaySeconds", column(row, 12)),
  };
}
