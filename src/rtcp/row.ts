/**
 * Reads the rows of numbers in which native code hands RTCP records over. Kinds and values are in
 * the order of `native/core/rtcp/record.hpp`, which says what each is on the wire.
 *
 * @module
 */

import { present } from "./present.js";
import type { RtcpRecord, Spread, VoipMetrics } from "./report.js";

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

/** Where a datagram's payload lies; texts are told by where they begin in it. */
export interface Place {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/**
 * The record of the row that begins `at` there. Rows are read in place, by the ten thousand: a view
 * on each would be most of the work.
 *
 * @param origin - What all records of one datagram share.
 * @param place - The datagram's payload.
 * @returns `undefined` for a kind that this version does not know.
 */
export function recordAt(
  rows: Float64Array,
  at: number,
  { atMs, path }: Pick<RtcpRecord, "atMs" | "path">,
  { bytes, from }: Place,
): RtcpRecord | undefined {
  const kind = KINDS[rows[at] ?? -1];
  if (kind === undefined) return undefined;
  const senderSsrc = rows[at + 2] ?? 0;
  const subjectSsrc = rows[at + 3] ?? 0;
  const first = at + FIRST_VALUE;
  const value = (index: number): number => rows[first + index] ?? NaN;
  // Written out field by field: objects made of others are slow to make and slow to use.
  switch (kind) {
    case "sender-info":
      return {
        kind,
        atMs,
        path,
        senderSsrc,
        ntpSeconds: value(0),
        ntpFraction: value(1),
        rtpTimestamp: value(2),
        packetsSent: value(3),
        bytesSent: value(4),
      };
    case "receiver-report":
      return { kind, atMs, path, senderSsrc, blocks: value(0) };
    case "report-block":
      return {
        kind,
        atMs,
        path,
        senderSsrc,
        subjectSsrc,
        fractionLost: value(0),
        packetsLost: value(1),
        extendedHighestSequence: value(2),
        jitterTicks: value(3),
        lsr: value(4),
        dlsr: value(5),
      };
    case "cname": {
      const cname = textAt(bytes, from + value(0), value(1)) ?? "";
      return { kind, atMs, path, senderSsrc, subjectSsrc, cname };
    }
    case "bye": {
      const reason = textAt(bytes, from + value(0), value(1));
      return { kind, atMs, path, senderSsrc, subjectSsrc, ...present("reason", reason) };
    }
    case "xr-reference-time":
      return { kind, atMs, path, senderSsrc, ntpSeconds: value(0), ntpFraction: value(1) };
    case "xr-dlrr":
      return { kind, atMs, path, senderSsrc, subjectSsrc, lrr: value(0), dlrr: value(1) };
    case "xr-statistics": {
      const statistics = statisticsOf(new Values(rows, first));
      return { kind, atMs, path, senderSsrc, subjectSsrc, ...statistics };
    }
    case "xr-voip-metrics": {
      const metrics = voipMetricsOf(new Values(rows, first));
      return { kind, atMs, path, senderSsrc, subjectSsrc, metrics };
    }
    case "feedback": {
      const layer = rows[at + 1] === RTP_FEEDBACK ? "transport" : "payload";
      const [format, controlBytes] = [value(0), value(1)];
      return { kind, atMs, path, senderSsrc, subjectSsrc, layer, format, controlBytes };
    }
    case "application": {
      const [subtype, name, dataBytes] = [value(0), fourCharacters(value(1)), value(2)];
      return { kind, atMs, path, senderSsrc, subtype, name, dataBytes };
    }
    case "encrypted":
      return { kind, atMs, path, senderSsrc, packetType: rows[at + 1] ?? 0 };
  }
}

/** The values of a row, of which the sender may have left some open. */
class Values {
  readonly #rows: Float64Array;
  readonly #first: number;

  constructor(rows: Float64Array, first: number) {
    this.#rows = rows;
    this.#first = first;
  }

  at(index: number): number {
    return this.#rows[this.#first + index] ?? NaN;
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

function statisticsOf(row: Values) {
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

function voipMetricsOf(row: Values): VoipMetrics {
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

/** Texts that were read, by a number made of their bytes: each report repeats the sender's name. */
const TEXTS = new Array<string>(4096).fill("");

/** The text without the null octets that some stacks count in; `undefined` without one. */
function textAt(bytes: Uint8Array, from: number, length: number): string | undefined {
  if (Number.isNaN(from)) return undefined;
  let hash = length;
  for (let at = from; at < from + length; at++)
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  const slot = (hash ^ (hash >>> 15)) & (TEXTS.length - 1);
  const known = TEXTS[slot] ?? "";
  if (isAscii(known, bytes, from, length)) return known;
  const text = UTF_8.decode(bytes.subarray(from, from + length)).replace(/\0+$/, "");
  TEXTS[slot] = text;
  return text;
}

/** Whether these bytes are that text in ASCII. */
function isAscii(text: string, bytes: Uint8Array, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let at = 0; at < length; at++) {
    const byte = bytes[from + at] ?? 0xff;
    if (byte > 0x7f || byte !== text.charCodeAt(at)) return false;
  }
  return true;
}

function fourCharacters(word: number): string {
  return String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
}
