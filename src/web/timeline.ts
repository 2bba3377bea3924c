/**
 * The timelines of a call: a plot for each figure and direction, with one cursor.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { isoMicroseconds } from "../net/time.js";
import { clockText, countOf, timeOfDay, UNKNOWN } from "../report/quantity.js";
import { score } from "../report/satisfaction.js";
import { mosCell } from "../report/stream-columns.js";
import { button, foreign, h, section, table } from "./dom.js";
import { Plot } from "./plot.js";
import {
  columnsOf,
  type DrawnStream,
  type Lane,
  lanesOf,
  type Metric,
  METRICS,
  SEVERE_SECONDS,
} from "./timeline-data.js";
import type { TimeSpan } from "./time-span.js";

/** A key press moves the cursor by so much of what is in sight. */
const KEY_STEP = 1 / 100;

let groups = 0;

/** The plots of one call. */
export class Timeline {
  readonly element: HTMLElement;
  readonly #plots: readonly Plot[];
  readonly #span: TimeSpan;
  readonly #time: HTMLElement;
  readonly #onCursor: (seconds: number | undefined) => void;
  #seconds: number | undefined;
  /** Where the cursor was when it was last anywhere. */
  #lastSeconds: number | undefined;

  /** @param onCursor - Is told where the cursor is, in seconds on the axis. */
  constructor(
    call: Pick<CallReport, "streams" | "issues">,
    span: TimeSpan,
    onCursor: (seconds: number | undefined) => void = () => undefined,
  ) {
    this.#span = span;
    this.#onCursor = onCursor;
    groups += 1;
    const syncKey = `timeline-${groups}`;
    const lanes = lanesOf(call, span);
    const plots: Plot[] = [];
    this.#time = h("output", { class: "cursor-time", "aria-live": "polite" }, "");
    const columns = lanes.map((lane) => {
      const own = METRICS.filter((metric) => hasValues(lane, metric, span)).map((metric) => {
        const plot = new Plot({
          lane,
          metric,
          span,
          top: topOf(lanes, metric, span),
          syncKey,
          onCursor: (seconds) => {
            this.#moved(seconds);
          },
        });
        plots.push(plot);
        return plot;
      });
      return laneColumn(lane, own, span);
    });
    this.#plots = plots;
    const group = h(
      "div",
      {
        class: "plots",
        tabindex: 0,
        role: "group",
        "aria-label": "Timelines. Arrow keys move the cursor, drag zooms, Escape shows all.",
      },
      ...columns,
    );
    group.addEventListener("keydown", (event) => {
      this.#onKey(event);
    });
    group.addEventListener("dblclick", () => {
      this.reset();
    });
    const bar = h(
      "div",
      { class: "timeline-bar" },
      legend(),
      this.#time,
      button(
        { class: "quiet" },
        () => {
          this.reset();
        },
        "Show all",
      ),
    );
    this.element =
      plots.length === 0
        ? section("Over time", "timeline", h("p", { class: "none" }, noPlots(call)))
        : section("Over time", "timeline", bar, group);
  }

  /** Puts the cursor at a second of the axis. */
  point(seconds: number): void {
    this.#plots[0]?.point(seconds);
    for (const plot of this.#plots.slice(1)) plot.point(seconds);
  }

  /** Draws again, in the colours that hold now. */
  redraw(): void {
    for (const { chart } of this.#plots) chart.redraw(false, true);
  }

  /** The whole axis. */
  reset(): void {
    const { seconds } = this.#span;
    for (const { chart } of this.#plots) chart.setScale("x", { min: 0, max: seconds });
  }

  destroy(): void {
    for (const plot of this.#plots) plot.destroy();
  }

  #moved(seconds: number | undefined): void {
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    if (seconds !== undefined) this.#lastSeconds = seconds;
    this.#time.textContent = seconds === undefined ? "" : cursorText(seconds, this.#span);
    this.#onCursor(seconds);
  }

  #onKey(event: KeyboardEvent): void {
    const { min, max } = this.#plots[0]?.chart.scales["x"] ?? {};
    if (min === undefined || max === undefined) return;
    const step = (max - min) * KEY_STEP * (event.shiftKey ? 10 : 1);
    const from = this.#lastSeconds ?? min - step;
    if (event.key === "ArrowRight") this.point(Math.min(max, from + step));
    else if (event.key === "ArrowLeft") this.point(Math.max(min, from - step));
    else if (event.key === "Home") this.point(min);
    else if (event.key === "End") this.point(max);
    else if (event.key === "Escape") this.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** "0:35.0, 12:00:35 UTC". */
export function cursorText(seconds: number, { originMs }: TimeSpan): string {
  const instant = isoMicroseconds(originMs + seconds * 1000);
  return `${clockText(seconds).slice(0, -2)} · ${timeOfDay(instant)} UTC`;
}

function laneColumn(lane: Lane, plots: readonly Plot[], span: TimeSpan): HTMLElement {
  const { flow, title, streams, omitted } = lane;
  const names = streams.map(({ stream, name }, index) => {
    const mos = mosCell(score(stream.quality), stream.quality?.scale);
    const text = mos.text === UNKNOWN ? foreign(name) : `${foreign(name)}, MOS ${mos.text}`;
    return h("span", { class: `line-name dash-${index}` }, text);
  });
  const more =
    omitted === 0
      ? undefined
      : h("span", { class: "none" }, `${countOf(omitted, "more stream")} not drawn`);
  return h(
    "div",
    { class: `lane ${flow === "callee-to-caller" ? "back" : "there"}` },
    h("h4", {}, title),
    h("div", { class: "line-names" }, ...names, more),
    ...plots.map(({ element }) => element),
    ...streams.map((drawn) => intervalTable(drawn, lane, span)),
  );
}

/** What the plots show as figures, made when it is asked for. */
function intervalTable(
  { stream, name }: DrawnStream,
  { title }: Lane,
  span: TimeSpan,
): HTMLElement {
  const details = h(
    "details",
    { class: "as-table" },
    h("summary", {}, `${foreign(name)} as a table`),
  );
  details.addEventListener(
    "toggle",
    () => {
      const rows = stream.intervals.map((interval) => [
        clockText((Date.parse(interval.from) - span.originMs) / 1000).slice(0, -2),
        ...METRICS.map((metric) => {
          const value = metric.value(interval);
          return value === undefined ? UNKNOWN : metric.text(value);
        }),
      ]);
      const titles = METRICS.map(({ title: one, unit }) => (unit === "" ? one : `${one}, ${unit}`));
      details.append(table(`${title}: ${name}, by interval`, ["from", ...titles], rows));
    },
    { once: true },
  );
  return details;
}

function hasValues({ streams }: Lane, metric: Metric, span: TimeSpan): boolean {
  return streams.some(({ stream }) =>
    columnsOf(stream, metric, span).values.some((value) => value !== null),
  );
}

/** The same for all lanes, so that they can be compared. */
function topOf(lanes: readonly Lane[], metric: Metric, span: TimeSpan): number {
  const { to, least } = metric.range;
  if (to !== undefined) return to;
  let most = least;
  for (const { streams } of lanes) {
    for (const { stream } of streams) {
      for (const value of columnsOf(stream, metric, span).values) most = Math.max(most, value ?? 0);
    }
  }
  return most * 1.08;
}

function legend(): HTMLElement {
  const sample = (kind: string, text: string): HTMLElement =>
    h("span", { class: `sample ${kind}` }, text);
  return h(
    "div",
    { class: "legend" },
    sample("issue", "issue"),
    sample("burst", `burst of lost or late packets, red from ${1000 * SEVERE_SECONDS} ms of sound`),
    sample("worst", "worst 10 s together"),
  );
}

/** A list of calls has streams without their intervals. */
function noPlots({ streams }: Pick<CallReport, "streams">): string {
  return streams.length === 0
    ? "No media of it was seen."
    : "How its media went over time is not at hand.";
}
