/**
 * The columns of the table of streams.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { endpointKey } from "../net/endpoint.js";
import { printable } from "./display-text.js";
import {
  countText,
  durationText,
  mosText,
  msText,
  percentText,
  secondsBetween,
  UNKNOWN,
} from "./quantity.js";
import { satisfaction } from "./satisfaction.js";
import type { Cell, Column } from "./table.js";
import type { Tone } from "./tone.js";

/** Shares of lost or late packets from which a figure stands out. */
const NOTABLE_SHARE = 0.01;
const SEVERE_SHARE = 0.05;
/** ITU-T G.114: under 150 ms one way is good, over 400 ms is not acceptable. */
export const NOTABLE_RTT_SECONDS = 0.3;
export const SEVERE_RTT_SECONDS = 0.8;

/** Marks a round-trip time that the far end states and nobody measured. */
export const REPORTED_MARK = "*";

const BLANK: Cell = { text: UNKNOWN, tone: "faint" };

/** "10.0.0.1:40000 → 10.0.0.2:50002". */
export function flowText({ source, destination }: StreamReport): string {
  return printable(`${endpointKey(source)} → ${endpointKey(destination)}`);
}

/** "0x1a2b3c4d". */
export function ssrcText(ssrc: number): string {
  return `0x${ssrc.toString(16).padStart(8, "0")}`;
}

/** "opus/48000", or "type 96" where nothing told what that is. */
export function codecText({ codec, clockRateHz, payloadType }: StreamReport): string {
  if (codec === undefined) return `type ${payloadType}`;
  return printable(clockRateHz === undefined ? codec : `${codec}/${clockRateHz}`);
}

/** Sequence numbers never seen. Unlike the signed loss, duplicates do not make up for them. */
export function neverReceived(stream: StreamReport): number {
  const unique = stream.packetsReceived - stream.packetsDuplicated;
  return Math.max(0, stream.packetsExpected - unique);
}

/** Which stream it is. */
export const IDENTITY_COLUMNS: readonly Column<StreamReport>[] = [
  {
    title: "source → destination",
    unit: "",
    align: "left",
    cell: (stream) => ({ text: flowText(stream), tone: "strong" }),
  },
  { title: "SSRC", unit: "", align: "left", cell: ({ ssrc }) => ({ text: ssrcText(ssrc) }) },
  {
    title: "codec",
    unit: "",
    align: "left",
    cell: (stream) => ({
      text: codecText(stream),
      ...(stream.codec === undefined && { tone: "fair" }),
    }),
  },
];

/** The same for a stream of a call: with which way it flows, as the columns of calls mark it. */
export const CALL_STREAM_IDENTITY_COLUMNS: readonly Column<StreamReport>[] = IDENTITY_COLUMNS.map(
  (column, index) => {
    if (index > 0) return column;
    const cell = (stream: StreamReport): Cell => {
      const { text, ...rest } = column.cell(stream);
      return { ...rest, text: `${directionSign(stream)} ${text}` };
    };
    return { ...column, title: `  ${column.title}`, cell };
  },
);

function directionSign({ direction }: StreamReport): string {
  if (direction === undefined) return UNKNOWN;
  return direction === "caller-to-callee" ? "→" : "←";
}

/** What was measured of it. */
export const FIGURE_COLUMNS: readonly Column<StreamReport>[] = [
  figure("length", "", ({ firstPacketAt, lastPacketAt }) => ({
    text: durationText(secondsBetween(firstPacketAt, lastPacketAt)),
  })),
  figure("packets", "", ({ packetsReceived }) => ({ text: countText(packetsReceived) })),
  figure("lost", "", (stream) => share(neverReceived(stream), stream)),
  figure("loss", "%", (stream) => ({
    text: percentText(stream.lossRatio),
    tone: shareTone(stream.lossRatio),
  })),
  { ...figure("dup", "", ({ packetsDuplicated }) => tally(packetsDuplicated)), isExpendable: true },
  {
    ...figure("reord", "", ({ packetsReordered }) => tally(packetsReordered)),
    isExpendable: true,
  },
  figure("late", "", (stream) =>
    stream.packetsDiscarded === undefined ? BLANK : share(stream.packetsDiscarded, stream),
  ),
  figure("jitter", "ms", ({ jitterSeconds }) => milliseconds(jitterSeconds?.mean)),
  figure("max", "ms", ({ jitterSeconds }) => milliseconds(jitterSeconds?.max)),
  figure("PDV95", "ms", ({ delayVariationSeconds }) => milliseconds(delayVariationSeconds?.p95)),
  figure("RTT", "ms", roundTrip),
  figure("MOS", "LQ", ({ quality }) => mosCell(quality?.mosLq, quality?.scale)),
  figure("MOS", "CQ", ({ quality }) => mosCell(quality?.mosCq, quality?.scale)),
];

function figure<Row>(title: string, unit: string, cell: (row: Row) => Cell): Column<Row> {
  return { title, unit, align: "right", cell };
}

/** A count whose zero is no news. */
export function tally(count: number): Cell {
  return { text: countText(count), tone: count === 0 ? "faint" : undefined };
}

function share(count: number, { packetsExpected }: StreamReport): Cell {
  return { text: countText(count), tone: shareTone(count / Math.max(1, packetsExpected)) };
}

/** The tone of a share of packets that a listener did without. */
export function shareTone(ratio: number): Tone | undefined {
  if (ratio <= 0) return "faint";
  if (ratio >= SEVERE_SHARE) return "bad";
  return ratio >= NOTABLE_SHARE ? "fair" : undefined;
}

/** A time in milliseconds, or the sign for an unknown one. */
export function milliseconds(seconds: number | undefined): Cell {
  return seconds === undefined ? BLANK : { text: msText(seconds) };
}

function roundTrip({ rtt }: StreamReport): Cell {
  const mark = rtt?.measured === undefined ? REPORTED_MARK : "";
  return roundTripCell((rtt?.measured ?? rtt?.reported)?.meanSeconds, mark);
}

/** A round-trip time in milliseconds, and the mark of whose word it is. */
export function roundTripCell(seconds: number | undefined, mark: string): Cell {
  if (seconds === undefined) return BLANK;
  const tone =
    seconds >= SEVERE_RTT_SECONDS ? "bad" : seconds >= NOTABLE_RTT_SECONDS ? "fair" : undefined;
  return { text: msText(seconds) + mark, tone };
}

/** A score with the letter of its scale. */
export function mosCell(mos: number | undefined, scale: string | undefined): Cell {
  if (mos === undefined) return BLANK;
  return {
    text: mosText(mos) + (scale ?? "").slice(0, 1).toUpperCase(),
    tone: satisfaction(mos).tone,
  };
}
