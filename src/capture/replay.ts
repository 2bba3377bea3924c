/**
 * The calls of a capture, one record each.
 *
 * @module
 */

import { Readable } from "node:stream";

import type { CallReport } from "../call/call-report.js";
import { analyseCapture, type AnalyseOptions } from "./analyse.js";
import type { CaptureSource } from "./source.js";

/**
 * Replays a capture through the analysers and gives out the calls in it, in the order in which they
 * were first seen: `for await (const call of replay("calls.pcap")) …`.
 *
 * Streams that belong to no call, and what was wrong with the capture, are in the report of
 * {@link analyseCapture}.
 *
 * @param source A path, a stream of the bytes of a capture, or either with its name.
 * @throws As {@link analyseCapture}.
 */
export async function* replay(
  source: string | Readable | CaptureSource,
  options: AnalyseOptions = {},
): AsyncGenerator<CallReport, void, undefined> {
  const { calls } = await analyseCapture(sourceOf(source), options);
  yield* calls;
}

function sourceOf(source: string | Readable | CaptureSource): CaptureSource {
  if (typeof source === "string") return { path: source };
  return source instanceof Readable ? { stream: source, name: "stream" } : source;
}
