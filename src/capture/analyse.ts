/**
 * A capture in, the report on its media out.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CaptureReport, StreamReport } from "../call/report.js";
import type { AnalyseOptions } from "./analyse-options.js";
import { analyseAll } from "./analysis.js";
import { AnalysisThread } from "./analysis-thread.js";
import type { CaptureSource } from "./source.js";

/**
 * Analyses one capture: pcap or pcapng, also gzipped, from a file or a stream.
 *
 * A damaged capture gives the report of what could be read, with `damage` set.
 *
 * @throws {CaptureOpenError} If it cannot be opened.
 * @throws {CaptureFormatError} If it is not a capture.
 * @throws {NativeUnavailableError} If the addon is missing.
 * @throws {RangeError} If an option is outside its range.
 */
export async function analyseCapture(
  source: CaptureSource,
  options: AnalyseOptions = {},
): Promise<CaptureReport> {
  return analysed([source], options);
}

/**
 * Analyses several captures as one, their frames in order of time. The order in which they are named
 * changes nothing.
 *
 * @throws As {@link analyseCapture}; for the first capture that fails.
 */
export async function analyseMerged(
  paths: readonly string[],
  options: AnalyseOptions = {},
): Promise<CaptureReport> {
  for (const path of paths as readonly unknown[]) {
    if (typeof path === "string") continue;
    throw new TypeError(`paths holds ${JSON.stringify(path)}; it must hold paths as strings`);
  }
  if (paths.length === 0) throw new RangeError("paths is empty; it must name at least one capture");
  return analysed(
    [...paths].sort().map((path) => ({ path })),
    options,
  );
}

async function analysed(
  sources: readonly CaptureSource[],
  options: AnalyseOptions,
): Promise<CaptureReport> {
  if (options.inWorker !== true) return analyseAll(sources, options);
  const calls: CallReport[] = [];
  const streams: StreamReport[] = [];
  const handshakes: CaptureReport["handshakes"][number][] = [];
  const thread = new AnalysisThread(sources, options);
  for await (const part of thread.parts()) {
    calls.push(...(part.calls ?? []));
    streams.push(...(part.streams ?? []));
    handshakes.push(...(part.handshakes ?? []));
  }
  return { ...thread.report, calls, streams, handshakes };
}
