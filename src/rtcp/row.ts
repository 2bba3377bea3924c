/**
 * Reads the rows of numbers in which native code hands RTCP records over. Kinds and values are in
 * the order of `native/core/rtcp/record.hpp`, which says what each is on the wire.
 *
 * @module
 */

import { present } from "./present.js";
import type { Path, RtcpRecord, Spread, VoipMetrics } from "./report.js";

/** Numbers per row: kind, packet type, sender SSRC, subject SSRC, and twenty values. */
export const ROW_WIDTH = 24;

const FIRST_VALUE = 4;

/** In the order of `RecordKind`. */
const KINDS = [
  "sender-info",
  "receiver-report",
  "report-block",
  "cname",
  "bye",
  "xr-reference-time",
  "xr-dlrr",
  "xr-statistics",
  "xr-voip-metrics",
  "feedback",
  "application",
  "encrypted",
] as const satisfies readonly RtcpRecord["kind"][];

const RTP_FEEDBACK = 205;

/** What all records of one datagram share. */
export interface RowOrigin {
  /** Epoch milliseconds with a fraction. */
  readonly atMs: number;
  readonly path: Path;
  /** The bytes that the offsets of texts count in. */
  readonly payload: Uint8Array;
}

/**
 * The record of one row.
 *
 * @returns `undefined` for a kind that this version does not know.
 * @throws {RangeError} If the row is not {@link ROW_WIDTH} numbers.
 */
export function recordFromRow(row: Float64Array, origin: RowOrigin): RtcpRecord | undefined {
  if (row.length !== ROW_WIDTH) {
    throw new RangeError(`row has ${row.length} numbers; it must have ${ROW_WIDTH}`);
  }
  const kind = KINDS[row[0] ?? -1];
  return kind === undefined ? undefined : recordOf(kind, new Row(row), origin);
}

/** The numbers of a row by their place among the values. */
class Row {
  readonly #row: Float64Array;

  constructor(row: Float64Array) {
    this.#row = row;
  }

  get packetType(): number {
    return this.#row[1] ?? 0;
  }
  get senderSsrc(): number {
    return this.#row[2] ?? 0;
  }
  get subjectSsrc(): number {
    return this.#row[3] ?? 0;
  }

  at(index: number): number {
    return this.#row[FIRST_VALUE + index] ?? NaN;
  }

  known(index: number): number | undefined {
    const value = this.at(index);
    return Number.isNaN(value) ? undefined : value;
  }

  seconds(index: number): number | undefined {
    const ms = this.known(index);
    return ms === undefined ? undefined : ms / 1000;
  }

  spread(first: number): Spread | undefined {
    if (this.known(first) === undefined) return undefined;
    return {
      min: this.at(first),
      max: this.at(first + 1),
      mean: this.at(first + 2),
      deviation: this.at(first + 3),
    };
  }
}

function recordOf(kind: RtcpRecord["kind"], row: Row, origin: RowOrigin): RtcpRecord {
  const { atMs, path, payload } = origin;
  const by = { atMs, path, senderSsrc: row.senderSsrc };
  const about = { ...by, subjectSsrc: row.subjectSsrc };
  switch (kind) {
    case "sender-info":
      return {
        kind,
        ...by,
        ntpSeconds: row.at(0),
        ntpFraction: row.at(1),
        rtpTimestamp: row.at(2),
        packetsSent: row.at(3),
        bytesSent: row.at(4),
      };
    case "receiver-report":
      return { kind, ...by, blocks: row.at(0) };
    case "report-block":
      return {
        kind,
        ...about,
        fractionLost: row.at(0),
        packetsLost: row.at(1),
        extendedHighestSequence: row.at(2),
        jitterTicks: row.at(3),
        lsr: row.at(4),
        dlsr: row.at(5),
      };
    case "cname":
      return { kind, ...about, cname: textOf(row, payload) ?? "" };
    case "bye":
      return { kind, ...about, ...present("reason", textOf(row, payload)) };
    case "xr-reference-time":
      return { kind, ...by, ntpSeconds: row.at(0), ntpFraction: row.at(1) };
    case "xr-dlrr":
      return { kind, ...about, lrr: row.at(0), dlrr: row.at(1) };
    case "xr-statistics":
      return { kind, ...about, ...statisticsOf(row) };
    case "xr-voip-metrics":
      return { kind, ...about, metrics: voipMetricsOf(row) };
    case "feedback":
      return {
        kind,
        ...about,
        layer: row.packetType === RTP_FEEDBACK ? "transport" : "payload",
        format: row.at(0),
        controlBytes: row.at(1),
      };
    case "application":
      return {
        kind,
        ...by,
        subtype: row.at(0),
        name: fourCharacters(row.at(1)),
        dataBytes: row.at(2),
      };
    case "encrypted":
      return { kind, ...by, packetType: row.packetType };
  }
}

function statisticsOf(row: Row) {
  const ttl = row.spread(9);
  return {
    beginSequence: row.at(0),
    endSequence: row.at(1),
    ...present("packetsLost", row.known(2)),
    ...present("packetsDuplicated", row.known(3)),
    ...present("jitterTicks", row.spread(4)),
    ...present(
      "ttl",
      ttl && { kind: row.at(8) === 1 ? ("ipv4" as const) : ("ipv6" as const), ...ttl },
    ),
  };
}

function voipMetricsOf(row: Row): VoipMetrics {
  const configuration = row.at(16);
  return {
    lossRatio: row.at(0),
    discardRatio: row.at(1),
    burst: { densityRatio: row.at(2), durationSeconds: row.at(4) / 1000 },
    gap: { densityRatio: row.at(3), durationSeconds: row.at(5) / 1000 },
    gmin: row.at(11),
    ...present("roundTripSeconds", row.seconds(6)),
    ...present("endSystemDelaySeconds", row.seconds(7)),
    ...present("signalLevelDbm", row.known(8)),
    ...present("noiseLevelDbm", row.known(9)),
    ...present("residualEchoReturnLossDb", row.known(10)),
    ...present("rFactor", row.known(12)),
    ...present("externalRFactor", row.known(13)),
    ...present("mosLq", row.known(14)),
    ...present("mosCq", row.known(15)),
    ...present("packetLossConcealment", CONCEALMENT[configuration >> 6]),
    jitterBuffer: {
      ...present("adaptation", ADAPTATION[(configuration >> 4) & 3]),
      rate: configuration & 15,
      nominalSeconds: row.at(17) / 1000,
      maximumSeconds: row.at(18) / 1000,
      absoluteMaximumSeconds: row.at(19) / 1000,
    },
  };
}

/** By the two bits of RFC 3611 §4.7.6; 0 is unspecified. */
const CONCEALMENT = [undefined, "disabled", "enhanced", "standard"] as const;
/** By the two bits of RFC 3611 §4.7.6; 0 is unknown, 1 reserved. */
const ADAPTATION = [undefined, undefined, "non-adaptive", "adaptive"] as const;

const UTF_8 = new TextDecoder();

/** The text without the null octets that some stacks count in. */
function textOf(row: Row, payload: Uint8Array): string | undefined {
  const offset = row.known(0);
  if (offset === undefined) return undefined;
  return UTF_8.decode(payload.subarray(offset, offset + row.at(1))).replace(/\0+$/, "");
}

function fourCharacters(word: number): string {
  return String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
}
