/**
 * The calls of a capture, one record each.
 *
 * @module
 */

import { Readable } from "node:stream";

import type { CallReport } from "../call/call-report.js";
import type { CaptureReport } from "../call/report.js";
import { CaptureDamagedError } from "../errors.js";
import { analyseCapture } from "./analyse.js";
import type { AnalyseOptions } from "./analyse-options.js";
import { AnalysisThread } from "./analysis-thread.js";
import type { CaptureSource } from "./source.js";

/**
 * Replays a capture through the analysers and gives out the calls in it, in the order in which they
 * were first seen: `for await (const call of replay("calls.pcap")) …`.
 *
 * Streams that belong to no call are in the report of {@link analyseCapture}.
 *
 * @param source A path, a stream of the bytes of a capture, or either with its name.
 * @throws As {@link analyseCapture}.
 * @throws {CaptureDamagedError} After the last call, if the capture could not be read to its end.
 */
export async function* replay(
  source: string | Readable | CaptureSource,
  options: AnalyseOptions = {},
): AsyncGenerator<CallReport, void, undefined> {
  const { damage, file } =
    options.inWorker === true
      ? yield* callsInThread(sourceOf(source), options)
      : yield* callsHere(sourceOf(source), options);
  if (damage !== undefined) throw new CaptureDamagedError(`${file}: ${damage.sentence}`);
}

type Calls = AsyncGenerator<CallReport, CaptureReport, undefined>;

async function* callsHere(source: CaptureSource, options: AnalyseOptions): Calls {
  const report = await analyseCapture(source, options);
  yield* report.calls;
  return report;
}

async function* callsInThread(source: CaptureSource, options: AnalyseOptions): Calls {
  const thread = new AnalysisThread([source], options);
  for await (const { calls = [] } of thread.parts()) yield* calls;
  return thread.report;
}

function sourceOf(source: string | Readable | CaptureSource): CaptureSource {
  if (typeof source === "string") return { path: source };
  return source instanceof Readable ? { stream: source, name: "stream" } : source;
}
