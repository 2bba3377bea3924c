/**
 * The calls of a capture, one record each.
 *
 * @module
 */

import { Readable } from "node:stream";

import type { CallReport } from "../call/call-report.js";
import { CaptureDamagedError } from "../errors.js";
import { analyseCapture, type AnalyseOptions } from "./analyse.js";
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
  const { calls, damage, file } = await analyseCapture(sourceOf(source), options);
  yield* calls;
  if (damage !== undefined) throw new CaptureDamagedError(`${file}: ${damage.sentence}`);
}

function sourceOf(source: string | Readable | CaptureSource): CaptureSource {
  if (typeof source === "string") return { path: source };
  return source instanceof Readable ? { stream: source, name: "stream" } : source;
}
