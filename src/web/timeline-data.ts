/**
 * What the plots of a call draw: each stream's intervals as columns on one time axis.
 *
 * @module
 */

import type { CallReport, MediaFlow } from "../call/call-report.js";
import type { IntervalReport, StreamReport } from "../call/report.js";
import { SILENT_ISSUES } from "../report/call-order.js";
import { worstName } from "../report/explained-quality.js";
import { countOf, countText, msText, mosText, percentText } from "../report/quantity.js";
import { score } from "../report/satisfaction.js";
import { codecText, ssrcText } from "../report/stream-columns.js";
import { worstFirst } from "../report/stream-order.js";
import { secondsAt, type TimeSpan } from "./time-span.js";

/** A burst that took so much sound is severe: G.711 appendix I conceals no more than that. */
export const SEVERE_SECONDS = 0.06;

/** Streams drawn in one direction; further ones, which fared better, are named beside the plots. */
export const MAX_DRAWN = 4;

/** One figure over time. */
export interface Metric {
  readonly name: "mos" | "loss" | "jitter" | "variation" | "late";
  readonly title: string;
  readonly unit: string;
  readonly value: (interval: IntervalReport) => number | undefined;
  readonly text: (value: number) => string;
  /** The axis from here to here, whatever the values; above an open end as the values have it. */
  readonly range: { readonly from: number; readonly to?: number; readonly least: number };
  /** Where the axis has its lines; elsewhere they are where there is room. */
  readonly ticks?: { readonly splits: () => number[] };
}

const share = (packets: number, { packetsExpected }: IntervalReport): number | undefined =>
  packetsExpected > 0 ? Math.min(1, packets / packetsExpected) * 100 : undefined;

/** From the top down. */
export const METRICS: readonly Metric[] = [
  {
    name: "mos",
    title: "MOS",
    unit: "",
    value: ({ quality }) => score(quality),
    text: mosText,
    range: { from: 1, to: 4.6, least: 4.6 },
    ticks: { splits: () => [1, 2, 3, 4] },
  },
  {
    name: "loss",
    title: "Loss",
    unit: "%",
    value: (interval) => share(interval.packetsMissing, interval),
    text: (value) => percentText(value / 100),
    range: { from: 0, least: 2 },
  },
  {
    name: "jitter",
    title: "Jitter",
    unit: "ms",
    value: ({ jitterSeconds }) => ms(jitterSeconds?.mean),
    text: (value) => msText(value / 1000),
    range: { from: 0, least: 10 },
  },
  {
    name: "variation",
    title: "Delay variation, 95th percentile",
    unit: "ms",
    value: ({ delayVariationSeconds }) => ms(delayVariationSeconds?.p95),
    text: (value) => msText(value / 1000),
    range: { from: 0, least: 20 },
  },
  {
    name: "late",
    title: "Late for the buffer",
    unit: "%",
    value: (interval) => share(interval.packetsDiscarded, interval),
    text: (value) => percentText(value / 100),
    range: { from: 0, least: 2 },
  },
];

function ms(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** One stream, drawn. */
export interface DrawnStream {
  readonly stream: StreamReport;
  readonly name: string;
}

/** A stretch of the axis that is marked. */
export interface Mark {
  readonly kind: "issue" | "burst" | "worst";
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly label: string;
  readonly isSevere: boolean;
}

/** One direction: what is drawn side by side. */
export interface Lane {
  readonly flow: MediaFlow | undefined;
  readonly title: string;
  readonly streams: readonly DrawnStream[];
  /** Streams with intervals beyond {@link MAX_DRAWN}. */
  readonly omitted: number;
  readonly marks: readonly Mark[];
}

const TITLES: Readonly<Record<MediaFlow, string>> = {
  "caller-to-callee": "Caller → callee",
  "callee-to-caller": "Caller ← callee",
};

/** The lanes that have something to draw. */
export function lanesOf(
  { streams, issues }: Pick<CallReport, "streams" | "issues">,
  span: TimeSpan,
): readonly Lane[] {
  const flows = ["caller-to-callee", "callee-to-caller", undefined] as const;
  return flows.flatMap((flow): Lane[] => {
    const all = streams.filter((one) => one.direction === flow && one.intervals.length > 0);
    if (all.length === 0) return [];
    const drawn = worstFirst(all).slice(0, MAX_DRAWN);
    const named = drawn.map((stream) => ({
      stream,
      name: `${codecText(stream)} ${ssrcText(stream.ssrc)}`,
    }));
    const concerning = issues.filter(
      ({ direction }) => direction === undefined || direction === flow,
    );
    return [
      {
        flow,
        title: flow === undefined ? "Direction unknown" : TITLES[flow],
        streams: named,
        omitted: all.length - drawn.length,
        marks: [
          ...concerning.flatMap((one) => issueMark(one, span)),
          ...drawn.flatMap((one) => streamMarks(one, span)),
        ],
      },
    ];
  });
}

function issueMark(
  { kind, from, to, detail }: CallReport["issues"][number],
  span: TimeSpan,
): Mark[] {
  if (from === undefined) return [];
  const fromSeconds = secondsAt(span, from);
  const toSeconds = to === undefined ? fromSeconds : secondsAt(span, to);
  return [
    {
      kind: "issue",
      fromSeconds,
      toSeconds,
      label: `${kind}: ${detail}`,
      isSevere: SILENT_ISSUES.includes(kind),
    },
  ];
}

/** A stream's bursts of loss, each where it happened. */
export function burstMarks(
  { bursts = [], packetizationSeconds = 0 }: StreamReport,
  span: TimeSpan,
): Mark[] {
  return bursts.map((burst): Mark => {
    const { packetsMissing, packetsDiscarded } = burst;
    return {
      kind: "burst",
      ...ends(burst, span),
      label: `burst: ${countOf(packetsMissing, "packet")} lost, ${countText(packetsDiscarded)} late`,
      isSevere: (packetsMissing + packetsDiscarded) * packetizationSeconds >= SEVERE_SECONDS,
    };
  });
}

function streamMarks(stream: StreamReport, span: TimeSpan): Mark[] {
  const marks = burstMarks(stream, span);
  const { worst } = stream;
  if (worst !== undefined) {
    const mos = score(worst);
    const label = `${worstName(worst)}${mos === undefined ? "" : `, MOS ${mosText(mos)}`}`;
    marks.push({ kind: "worst", ...ends(worst, span), label, isSevere: false });
  }
  return marks;
}

function ends(
  { from, to }: { readonly from: string; readonly to: string },
  span: TimeSpan,
): Pick<Mark, "fromSeconds" | "toSeconds"> {
  return { fromSeconds: secondsAt(span, from), toSeconds: secondsAt(span, to) };
}

/** One stream's values on its own axis: a value holds from its time to the next one. */
export interface Columns {
  readonly seconds: readonly number[];
  /** `null` where there is none. */
  readonly values: readonly (number | null)[];
}

/** A stream's intervals as steps; the last value is there again at its end. */
export function columnsOf(stream: StreamReport, metric: Metric, span: TimeSpan): Columns {
  const seconds: number[] = [];
  const values: (number | null)[] = [];
  let endSeconds = Number.NaN;
  for (const interval of stream.intervals) {
    const { fromSeconds, toSeconds } = ends(interval, span);
    // A pause between two intervals is one of the line as well.
    if (fromSeconds > endSeconds) push(endSeconds, null);
    push(fromSeconds, metric.value(interval) ?? null);
    endSeconds = toSeconds;
  }
  push(endSeconds, values.at(-1) ?? null);
  return { seconds, values };

  function push(at: number, value: number | null): void {
    if (Number.isNaN(at)) return;
    seconds.push(at);
    values.push(value);
  }
}

/** Several streams on one axis: `undefined` where a stream has no step of its own, as uPlot has it. */
export function joined(all: readonly Columns[]): {
  readonly seconds: number[];
  readonly values: (number | null | undefined)[][];
} {
  const seconds = [...new Set(all.flatMap((one) => one.seconds))].sort((a, b) => a - b);
  const places = new Map(seconds.map((second, index) => [second, index]));
  const values = all.map((one) => {
    const column: (number | null | undefined)[] = new Array<undefined>(seconds.length).fill(
      undefined,
    );
    for (const [index, second] of one.seconds.entries()) {
      const place = places.get(second);
      if (place !== undefined) column[place] = one.values[index] ?? null;
    }
    return column;
  });
  return { seconds, values };
}

/** The value that holds at a place of the axis. */
export function valueAt(
  column: readonly (number | null | undefined)[],
  index: number,
): number | undefined {
  for (let at = index; at >= 0; at -= 1) {
    const value = column[at];
    if (value !== undefined) return value ?? undefined;
  }
  return undefined;
}

/** The last place of the axis that is not after a second; −1 before the first. */
export function placeAt(seconds: ArrayLike<number>, second: number): number {
  let low = 0;
  let high = seconds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seconds[middle] ?? Infinity) <= second) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
