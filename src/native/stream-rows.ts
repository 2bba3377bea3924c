/**
 * Reads the columns that the addon writes for each finished stream (`core/report_row.cpp`).
 *
 * @module
 */

import { addressText } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import type { Draft } from "../rtcp/present.js";
import type { Burst, PayloadTypeCount, StreamInterval, StreamMeasurement } from "../rtp/stream.js";
import type { NativeIdentities, NativeStreams } from "./binding.js";

const PAYLOAD_TYPES = 5;
const FIRST_PAYLOAD_TYPE = 36;
const STREAM_COLUMNS = FIRST_PAYLOAD_TYPE + 3 * PAYLOAD_TYPES + 1;
const INTERVAL_COLUMNS = 13;
const BURST_COLUMNS = 4;

const IDENTITY_COLUMNS = 6;
const ADDRESS_BYTES = 16;

/** Who sends what to whom, and when: of a stream the little that tells which call it belongs to. */
export interface StreamIdentity {
  readonly ssrc: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Of its first and its last packet: epoch milliseconds with a fraction. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The identities of one hand-over. */
export function readIdentities({ rows, addresses }: NativeIdentities): StreamIdentity[] {
  const identities: StreamIdentity[] = [];
  for (let at = 0; at < rows.length; at += IDENTITY_COLUMNS) {
    const addressesAt = identities.length * 2 * ADDRESS_BYTES;
    identities.push({
      ssrc: column(rows, at),
      source: endpointAt(rows, at, 1, addresses, addressesAt),
      destination: endpointAt(rows, at, 2, addresses, addressesAt + ADDRESS_BYTES),
      fromMs: column(rows, at + 4),
      toMs: column(rows, at + 5),
    });
  }
  return identities;
}

/** The streams of one hand-over. Rows are read in place: views on each would be most of the work. */
export function readStreams(native: NativeStreams): StreamMeasurement[] {
  const { rows } = native;
  const streams: StreamMeasurement[] = [];
  let run = 0;
  let burst = 0;
  let interval = 0;
  for (let at = 0; at < rows.length; at += STREAM_COLUMNS) {
    const runs = column(rows, at + 32);
    const bursts = column(rows, at + 33);
    const intervals = column(rows, at + 34);
    const lengthMs = column(rows, at + 35) * 1000;
    const { addresses } = native;
    streams.push(
      readStream(rows, at, addresses, streams.length * 2 * ADDRESS_BYTES, {
        lossRuns: readRuns(native.lossRuns, run, runs),
        worstBursts: readBursts(native.worstBursts, burst, bursts),
        intervals: readIntervals(native.intervals, interval, intervals, lengthMs),
      }),
    );
    run += runs;
    burst += bursts;
    interval += intervals;
  }
  return streams;
}

function readStream(
  rows: Float64Array,
  at: number,
  addresses: Uint8Array,
  addressesAt: number,
  {
    lossRuns,
    worstBursts,
    intervals,
  }: Pick<StreamMeasurement, "lossRuns" | "worstBursts" | "intervals">,
): StreamMeasurement {
  const of = (index: number): number => column(rows, at + index);
  const stream: Draft<StreamMeasurement> = {
    ssrc: of(0),
    source: endpointAt(rows, at, 1, addresses, addressesAt),
    destination: endpointAt(rows, at, 2, addresses, addressesAt + ADDRESS_BYTES),
    firstPacketAtMs: of(4),
    lastPacketAtMs: of(5),
    packetsReceived: of(6),
    packetsExpected: of(7),
    packetsDuplicated: of(8),
    packetsReordered: of(9),
    restarts: of(10),
    packetsDiscarded: of(11),
    adaptiveBuffer: adaptiveBuffer(of(12), of(13)),
    payloadBytes: of(23),
    wireBytes: of(24),
    frameTicks: of(25),
    impairedPackets: of(26),
    impairedRuns: of(27),
    bursts: { bursts: of(28), burstPackets: of(29), burstImpaired: of(30), gapImpaired: of(31) },
    worstBursts,
    lossRuns,
    payloadTypes: payloadTypes(rows, at),
    intervals,
  };
  if (isKnown(of(14))) stream.jitterSeconds = { last: of(14), mean: of(15), max: of(16) };
  if (isKnown(of(18))) {
    stream.delayVariationSeconds = { p50: of(18), p95: of(19), p99: of(20), max: of(21) };
  }
  return stream;
}

/** Columns exist by construction; the fallback only satisfies the type. */
function column(rows: Float64Array, index: number): number {
  return rows[index] ?? Number.NaN;
}

/** What is unknown is NaN in a row, and absent in what is made of it. */
function isKnown(value: number): boolean {
  return !Number.isNaN(value);
}

function endpointAt(
  rows: Float64Array,
  at: number,
  portIndex: number,
  addresses: Uint8Array,
  addressAt: number,
): Endpoint {
  const isIpv6 = column(rows, at + 3) === 1;
  return {
    address: addressText(addresses, isIpv6, addressAt),
    port: column(rows, at + portIndex),
  };
}

function adaptiveBuffer(
  packetsDiscarded: number,
  meanDelaySeconds: number,
): StreamMeasurement["adaptiveBuffer"] {
  return isKnown(meanDelaySeconds) ? { packetsDiscarded, meanDelaySeconds } : { packetsDiscarded };
}

function payloadTypes(rows: Float64Array, at: number): PayloadTypeCount[] {
  const counts: PayloadTypeCount[] = [];
  const first = at + FIRST_PAYLOAD_TYPE;
  for (let index = first; index < first + 3 * PAYLOAD_TYPES; index += 3) {
    const packets = column(rows, index + 1);
    if (packets > 0) {
      counts.push({ payloadType: column(rows, index), packets, map: column(rows, index + 2) });
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

function readBursts(rows: Float64Array, from: number, count: number): Burst[] {
  const bursts: Burst[] = [];
  for (let at = from * BURST_COLUMNS; at < (from + count) * BURST_COLUMNS; at += BURST_COLUMNS) {
    bursts.push({
      fromMs: column(rows, at),
      toMs: column(rows, at + 1),
      packetsMissing: column(rows, at + 2),
      packetsDiscarded: column(rows, at + 3),
    });
  }
  return bursts;
}

function readIntervals(
  rows: Float64Array,
  from: number,
  count: number,
  lengthMs: number,
): StreamInterval[] {
  const intervals: StreamInterval[] = [];
  for (let index = from; index < from + count; index++) {
    intervals.push(readInterval(rows, index * INTERVAL_COLUMNS, lengthMs));
  }
  return intervals;
}

function readInterval(rows: Float64Array, at: number, lengthMs: number): StreamInterval {
  const of = (index: number): number => column(rows, at + index);
  const interval: Draft<StreamInterval> = {
    fromMs: of(0),
    toMs: of(0) + lengthMs,
    packetsReceived: of(1),
    packetsExpected: of(2),
    packetsDuplicated: of(3),
    packetsReordered: of(4),
    packetsDiscarded: of(5),
    impairedRuns: of(6),
    payloadBytes: of(7),
  };
  if (isKnown(of(8))) interval.jitterSeconds = { mean: of(8), max: of(9) };
  if (isKnown(of(10))) interval.delayVariationSeconds = { p95: of(10), max: of(11) };
  if (isKnown(of(12))) interval.leastDelaySeconds = of(12);
  return interval;
}
