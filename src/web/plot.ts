/**
 * One plot: one figure of the streams of one direction over time.
 *
 * @module
 */

import uPlot from "uplot";

import { clockText, UNKNOWN } from "../report/quantity.js";
import { color } from "./colors.js";
import { h } from "./dom.js";
import {
  columnsOf,
  joined,
  type Lane,
  type Mark,
  type Metric,
  placeAt,
  valueAt,
} from "./timeline-data.js";
import type { TimeSpan } from "./time-span.js";

const HEIGHT = 96;
const AXIS_WIDTH = 44;
const FONT = "11px system-ui, sans-serif";
/** Further streams of a direction are drawn in broken lines of the same colour. */
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
/** Height of the marks of bursts of loss, at the foot of a plot. */
const BURST_PIXELS = 5;
const BURSTS_TOLD = 8;

/** What a plot is of. */
export interface PlotOptions {
  readonly lane: Lane;
  readonly metric: Metric;
  readonly span: TimeSpan;
  /** Top of the axis, in the metric's unit. */
  readonly top: number;
  /** Plots of the same key share their cursor and their zoom. */
  readonly syncKey: string;
  /** Is told where the cursor is, in seconds on the axis; `undefined` where it left. */
  readonly onCursor: (seconds: number | undefined) => void;
}

/** A plot on the page. */
export class Plot {
  readonly element: HTMLElement;
  readonly chart: uPlot;
  readonly #readout: HTMLElement;
  readonly #metric: Metric;
  readonly #lane: Lane;
  readonly #resized: ResizeObserver;

  constructor(options: PlotOptions) {
    const { lane, metric } = options;
    this.#metric = metric;
    this.#lane = lane;
    this.#readout = h("span", { class: "readout" });
    const place = h("div", { class: "canvas", role: "img", "aria-label": summary(options) });
    const unit = metric.unit === "" ? undefined : h("small", {}, ` ${metric.unit}`);
    this.element = h(
      "div",
      { class: "plot", "data-metric": metric.name },
      h("div", { class: "plot-head" }, h("span", {}, metric.title, unit), this.#readout),
      place,
    );
    this.chart = new uPlot(this.#settings(options), dataOf(options), place);
    this.element.dataset["points"] = String(this.chart.data[0].length);
    this.#resized = new ResizeObserver(() => {
      const width = place.clientWidth;
      if (width > 0 && width !== this.chart.width) this.chart.setSize({ width, height: HEIGHT });
    });
    this.#resized.observe(place);
  }

  destroy(): void {
    this.#resized.disconnect();
    this.chart.destroy();
  }

  /** Puts the cursor at a second of the axis, as the mouse would. */
  point(seconds: number): void {
    const { min = 0, max = 0 } = this.chart.scales["x"] ?? {};
    const isInSight = seconds >= min && seconds <= max;
    const left = isInSight ? this.chart.valToPos(seconds, "x") : -10;
    this.chart.setCursor({ left, top: isInSight ? 1 : -10 });
  }

  #settings({ lane, metric, span, top, syncKey, onCursor }: PlotOptions): uPlot.Options {
    const isThere = lane.flow !== "callee-to-caller";
    const stroke = (): string => color(isThere ? "there" : "back");
    const axis = { stroke: () => color("muted"), font: FONT, ticks: { show: false } };
    const grid = { stroke: () => color("line"), width: 1 };
    return {
      width: 300,
      height: HEIGHT,
      padding: [6, 8, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: (chart, min, max) => axisRange(chart, span, min, max) },
        y: { range: [metric.range.from, top] },
      },
      axes: [
        { ...axis, grid, size: 20, gap: 2, space: 64, values: (_, all) => all.map(axisTime) },
        { ...axis, grid, size: AXIS_WIDTH, gap: 4, space: 22, ...metric.ticks },
      ],
      series: [
        {},
        ...lane.streams.map(({ name }, index) => ({
          label: name,
          stroke,
          width: 1.5,
          dash: [...(DASHES[index] ?? [])],
          paths: uPlot.paths.stepped?.({ align: 1 }) ?? (() => null),
          points: { show: false },
        })),
      ],
      cursor: {
        y: false,
        sync: { key: syncKey, setSeries: false, scales: ["x", null] },
        drag: { x: true, y: false, setScale: true },
        points: { show: false },
      },
      hooks: {
        drawClear: [
          (chart) => {
            drawMarks(chart, lane.marks);
          },
        ],
        setCursor: [
          (chart) => {
            const { left = -1 } = chart.cursor;
            const seconds = left < 0 ? undefined : chart.posToVal(left, "x");
            this.#read(seconds);
            onCursor(seconds);
          },
        ],
      },
    };
  }

  /** Writes what held at that second. */
  #read(seconds: number | undefined): void {
    let text = "";
    if (seconds !== undefined) {
      const [axis, ...columns] = this.chart.data;
      const place = placeAt(axis, seconds);
      text = columns
        .map((column) => valueAt(column as (number | null | undefined)[], place))
        .map((value) => (value === undefined ? UNKNOWN : this.#metric.text(value)))
        .join(" · ");
    }
    if (this.#readout.textContent !== text) this.#readout.textContent = text;
  }

  /** Names of the lines, for the lane's legend. */
  get lane(): Lane {
    return this.#lane;
  }
}

function dataOf({ lane, metric, span }: PlotOptions): uPlot.AlignedData {
  const { seconds, values } = joined(
    lane.streams.map(({ stream }) => columnsOf(stream, metric, span)),
  );
  return [seconds, ...values];
}

/** The whole axis, not just where there is data, unless the reader zoomed into it. */
function axisRange(
  { data: [axis] }: uPlot,
  { seconds }: TimeSpan,
  min: number,
  max: number,
): [number, number] {
  const isWhole = !(max > min) || (min === axis[0] && max === axis[axis.length - 1]);
  return isWhole ? [0, seconds] : [Math.max(0, min), Math.min(seconds, max)];
}

/** "0:05", "1:02:30"; with fractions where the axis is zoomed that far. */
function axisTime(seconds: number): string {
  const [whole = "", fraction = ""] = clockText(seconds).split(".");
  const digits = fraction.replace(/0+$/, "");
  return digits === "" ? whole : `${whole}.${digits}`;
}

/** Behind the lines: issues over the whole height, bursts at the foot, the worst stretch framed. */
function drawMarks(chart: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = chart;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { kind, fromSeconds, toSeconds, isSevere } of marks) {
    const left = chart.valToPos(fromSeconds, "x", true);
    const width = Math.max(2 * scale, chart.valToPos(toSeconds, "x", true) - left);
    if (kind === "issue") {
      ctx.fillStyle = color(isSevere ? "bad-wash" : "fair-wash");
      ctx.fillRect(left, bbox.top, width, bbox.height);
    } else if (kind === "worst") {
      ctx.strokeStyle = color("worst");
      ctx.lineWidth = scale;
      ctx.setLineDash([3 * scale, 3 * scale]);
      ctx.strokeRect(left, bbox.top + scale, width, bbox.height - 2 * scale);
      ctx.setLineDash([]);
    } else {
      ctx.fillStyle = color(isSevere ? "bad" : "fair");
      const height = BURST_PIXELS * scale;
      ctx.fillRect(left, bbox.top + bbox.height - height, width, height);
    }
  }
  ctx.restore();
}

/** What the plot shows, in a sentence. */
function summary({ lane, metric, span }: PlotOptions): string {
  const unit = metric.unit === "" ? "" : ` ${metric.unit}`;
  const parts = lane.streams.map(({ stream, name }) => {
    const { seconds, values } = columnsOf(stream, metric, span);
    let least = Infinity;
    let most = -Infinity;
    for (const value of values) {
      if (value === null) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (least > most) return `${name}: no values`;
    const range = `from ${metric.text(least)} to ${metric.text(most)}${unit}`;
    return `${name}: ${range} in ${seconds.length - 1} intervals`;
  });
  const bursts = metric.name === "loss" ? burstsText(lane.marks) : "";
  return `${metric.title}, ${lane.title}. ${parts.join(". ")}${bursts}`;
}

/** The first of the marked bursts, for who does not see them. */
function burstsText(marks: readonly Mark[]): string {
  const bursts = marks.filter(({ kind }) => kind === "burst");
  const told = bursts
    .slice(0, BURSTS_TOLD)
    .map(({ fromSeconds, label }) => `. At ${clockText(fromSeconds)} ${label}`);
  return `${told.join("")}${bursts.length > told.length ? ", and further ones" : ""}`;
}
