/**
 * How a stream fared from interval to interval, as a row of bars.
 *
 * @module
 */

import type { IntervalReport, StreamReport } from "../call/report.js";
import { TIE } from "./display-text.js";
import { spanText, mosText, percent, secondsBetween } from "./quantity.js";
import { satisfaction, score } from "./satisfaction.js";
import { shareTone } from "./stream-columns.js";
import type { Paint, Tone } from "./tone.js";

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** Stands where nothing was due: a bar would claim something. */
const NO_BAR = "·";

const MIN_INTERVALS = 3;
const MAX_BARS = 60;
/** Less change than this is not worth a line. */
const NOTABLE_MOS_CHANGE = 0.3;
const NOTABLE_LOSS_CHANGE = 0.01;
const [MOS_LOW, MOS_HIGH] = [1, 4.5];

interface Bar {
  /** From 0 to 1. */
  readonly height: number;
  readonly tone: Tone | undefined;
}

/**
 * Scores from interval to interval, or losses where there are no scores. `undefined` with fewer than
 * three intervals, or where nothing changes that is worth a line.
 *
 * @param width - Columns there are for all of it.
 */
export function sparkline(
  { intervals }: StreamReport,
  width: number,
  paint: Paint,
): string | undefined {
  if (intervals.length < MIN_INTERVALS) return undefined;
  const scores = intervals.map(({ quality }) => score(quality));
  const known = scores.filter((one) => one !== undefined);
  const series = known.length > 0 ? scoreSeries(intervals, scores, known) : lossSeries(intervals);
  if (series === undefined) return undefined;
  const room = Math.max(MIN_INTERVALS, Math.min(MAX_BARS, width - series.longestLabel));
  const perBar = Math.ceil(intervals.length / room);
  const [first] = intervals;
  const step = secondsBetween(first?.from ?? "", first?.to ?? "") * perBar;
  const bars = groups(series.values, perBar).map((group) => {
    const bar = series.bar(group);
    if (bar === undefined) return paint("faint", NO_BAR);
    const text = BARS[Math.min(7, Math.floor(bar.height * 8))] ?? BARS[0];
    return bar.tone === undefined ? text : paint(bar.tone, text);
  });
  return `${series.name} each ${spanText(step).replace(TIE, " ")}: ${bars.join("")} ${series.range}`;
}

interface Series {
  readonly name: string;
  readonly range: string;
  readonly longestLabel: number;
  readonly values: readonly (number | undefined)[];
  /** One bar for several values: the worst of them. */
  readonly bar: (values: readonly (number | undefined)[]) => Bar | undefined;
}

function scoreSeries(
  intervals: readonly IntervalReport[],
  scores: readonly (number | undefined)[],
  known: readonly number[],
): Series | undefined {
  const worst = known.reduce((least, one) => Math.min(least, one));
  const best = known.reduce((most, one) => Math.max(most, one));
  if (best - worst < NOTABLE_MOS_CHANGE) return undefined;
  const isConversation = intervals.some(({ quality }) => quality?.mosCq !== undefined);
  return {
    name: isConversation ? "MOS-CQ" : "MOS-LQ",
    range: `${mosText(worst)} to ${mosText(best)}`,
    longestLabel: 36,
    values: scores,
    bar: (values) => {
      const least = values.reduce<number>((sum, one) => Math.min(sum, one ?? Infinity), Infinity);
      if (least === Infinity) return undefined;
      const height = (least - MOS_LOW) / (MOS_HIGH - MOS_LOW);
      return { height, tone: satisfaction(least).tone };
    },
  };
}

function lossSeries(intervals: readonly IntervalReport[]): Series | undefined {
  const losses = intervals.map(lossOf);
  const most = losses.reduce<number>((sum, one) => Math.max(sum, one ?? 0), 0);
  const least = losses.reduce<number>((sum, one) => Math.min(sum, one ?? 1), 1);
  if (most - least < NOTABLE_LOSS_CHANGE) return undefined;
  return {
    name: "loss",
    range: `up to ${percent(most).replace(TIE, " ")}`,
    longestLabel: 36,
    values: losses,
    bar: (values) => {
      if (values.every((one) => one === undefined)) return undefined;
      const worst = values.reduce<number>((sum, one) => Math.max(sum, one ?? 0), 0);
      return { height: worst / most, tone: shareTone(worst) };
    },
  };
}

/** Share of an interval's packets that went missing; `undefined` where none were due. */
export function lossOf(interval: IntervalReport): number | undefined {
  if (interval.packetsExpected <= 0) return undefined;
  return Math.min(1, interval.packetsMissing / interval.packetsExpected);
}

function groups<T>(values: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < values.length; at += size) result.push(values.slice(at, at + size));
  return result;
}
