/**
 * Everything a recorder holds as text, in the text format of Prometheus (0.0.4) or in OpenMetrics 1.0.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";

import type { Catalogue } from "./family.js";
import type { Recorder } from "./recorder.js";
import type { ExposedTable } from "./series-table.js";
import { escapedHelp, escapedLabelValue } from "./series.js";

/** The text format of Prometheus, or OpenMetrics. */
export type ExpositionFormat = "prometheus" | "openmetrics";

/** For the `Content-Type` header field. */
export const CONTENT_TYPES = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
} as const satisfies Readonly<Record<ExpositionFormat, string>>;

/** Series rendered before others get a turn. */
export const SERIES_A_SLICE = 1024;

/**
 * With so many characters a slice is full, however few its series. What is larger than 128 KiB does not
 * come from the heap's pages: the engine maps memory for it each time, which costs more than the text.
 */
const CHARACTERS_A_SLICE = 32_768;

/** Everything a recorder holds, families in order of their names. */
export function exposition(
  recorder: Recorder<Catalogue>,
  format: ExpositionFormat = "prometheus",
): string {
  let text = "";
  for (const piece of pieces(recorder, format)) text += piece;
  return text;
}

/**
 * The same in parts, between which the event loop turns. A part holds what was true when it was made;
 * the lines of one series are never apart.
 *
 * @param seriesASlice Rendered at a time at most, 1 or more; fewer where their text is long.
 * @throws {RangeError} If `seriesASlice` is below 1.
 */
export async function* expositionInSlices(
  recorder: Recorder<Catalogue>,
  format: ExpositionFormat = "prometheus",
  seriesASlice: number = SERIES_A_SLICE,
): AsyncGenerator<string> {
  if (!(seriesASlice >= 1)) {
    throw new RangeError(`seriesASlice is ${seriesASlice}; it must be 1 or more`);
  }
  let rendered = 0;
  let text = "";
  for (const piece of pieces(recorder, format)) {
    text += piece;
    rendered += 1;
    if (rendered < seriesASlice && text.length < CHARACTERS_A_SLICE) continue;
    yield text;
    await setImmediate();
    rendered = 0;
    text = "";
  }
  yield text;
}

/** The name under which OpenMetrics declares a family: that of a counter has no `_total`. */
export function openMetricsName(table: ExposedTable): string {
  return table.family.type === "counter" ? table.name.replace(/_total$/, "") : table.name;
}

/** Its type there: what counts without `_total` in its name is no counter to OpenMetrics. */
export function openMetricsType({ name, family }: ExposedTable): string {
  return family.type === "counter" && !name.endsWith("_total") ? "unknown" : family.type;
}

/** Heads of families, and what one series has to say. */
function* pieces(recorder: Recorder<Catalogue>, format: ExpositionFormat): Generator<string> {
  const isOpenMetrics = format === "openmetrics";
  let separator = "";
  const complete = recorder.beginExposition();
  for (const table of recorder.tables) {
    const name = isOpenMetrics ? openMetricsName(table) : table.name;
    // OpenMetrics wants of a help what it wants of a label value; the text format leaves quotes alone.
    const help = (isOpenMetrics ? escapedLabelValue : escapedHelp)(table.family.help);
    const type = isOpenMetrics ? openMetricsType(table) : table.family.type;
    yield `${separator}# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const series of table.all()) yield series.text(isOpenMetrics);
    if (!isOpenMetrics) separator = "\n";
  }
  if (isOpenMetrics) yield "# EOF\n";
  complete();
}
