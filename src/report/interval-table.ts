/**
 * One stream from interval to interval.
 *
 * @module
 */

import type { IntervalReport, StreamReport } from "../call/report.js";
import { percentText, countText, timeOfDay, UNKNOWN } from "./quantity.js";
import { lossOf } from "./sparkline.js";
import { milliseconds, mosCell, shareTone, tally } from "./stream-columns.js";
import { type Cell, type Column, laidOut } from "./table.js";
import type { Paint } from "./tone.js";

/** The lines of the table; none for a stream without intervals. */
export function intervalTable(stream: StreamReport, width: number, paint: Paint): string[] {
  const { intervals, quality } = stream;
  if (intervals.length === 0) return [];
  const { header, lines } = laidOut(columns(quality?.scale), intervals, width, paint);
  return [...header, ...lines];
}

function columns(scale: string | undefined): Column<IntervalReport>[] {
  const figure = (
    title: string,
    unit: string,
    cell: (interval: IntervalReport) => Cell,
  ): Column<IntervalReport> => ({ title, unit, align: "right", cell });
  return [
    figure("from", "UTC", ({ from }) => ({ text: timeOfDay(from) })),
    figure("packets", "", ({ packetsReceived }) => ({ text: countText(packetsReceived) })),
    figure("lost", "", ({ packetsMissing }) => tally(packetsMissing)),
    figure("loss", "%", lossCell),
    figure("dup", "", ({ packetsDuplicated }) => tally(packetsDuplicated)),
    figure("reord", "", ({ packetsReordered }) => tally(packetsReordered)),
    figure("late", "", ({ packetsDiscarded }) => tally(packetsDiscarded)),
    figure("jitter", "ms", ({ jitterSeconds }) => milliseconds(jitterSeconds?.mean)),
    figure("max", "ms", ({ jitterSeconds }) => milliseconds(jitterSeconds?.max)),
    figure("PDV95", "ms", ({ delayVariationSeconds }) => milliseconds(delayVariationSeconds?.p95)),
    figure("MOS", "LQ", (interval) => mosCell(interval.quality?.mosLq, scale)),
    figure("MOS", "CQ", (interval) => mosCell(interval.quality?.mosCq, scale)),
  ];
}

function lossCell(interval: IntervalReport): Cell {
  const ratio = lossOf(interval);
  if (ratio === undefined) return { text: UNKNOWN, tone: "faint" };
  return { text: percentText(ratio), tone: shareTone(ratio) };
}
