/**
 * Which streams of a call are audio, and which of them is the worst.
 *
 * @module
 */

import type { IntervalReport, StreamReport } from "../call/report.js";
import { LABEL_VALUES, type LabelValue } from "./label-values.js";

/** How codecs are called in labels, by the same in lower case: SDP does not mind case. */
const CODECS: ReadonlyMap<string, LabelValue<"codec">> = new Map(
  LABEL_VALUES.codec.map((codec) => [codec.toLowerCase(), codec]),
);

/** Of streams that are speech the packets that came too late are known, and of no others. */
export function isAudio({ mediaType, packetsDiscarded, payloadTypes }: StreamReport): boolean {
  if (mediaType !== undefined && mediaType !== "audio") return false;
  return packetsDiscarded !== undefined || payloadTypes.some(({ kind }) => kind === "audio");
}

/** What kind of media a stream is: by its section of the call, else by its payload types. */
export function mediaOf(stream: StreamReport): LabelValue<"media"> {
  if (stream.mediaType === "video") return "video";
  if (isAudio(stream)) return "audio";
  return stream.payloadTypes.some(({ kind }) => kind === "video") ? "video" : "other";
}

/** A stream's codec as a label has it. One that is not listed is counted as `other`, and noted. */
export function codecOf({ codec }: StreamReport): LabelValue<"codec"> {
  if (codec === undefined) return "unknown";
  return CODECS.get(codec.toLowerCase()) ?? (codec as LabelValue<"codec">);
}

/** A figure of a stream, and whose it is. */
export interface StreamFigure {
  readonly stream: StreamReport;
  readonly value: number;
}

/** The largest of a figure among streams that have it. */
export function largest(
  streams: readonly StreamReport[],
  figureOf: (stream: StreamReport) => number | undefined,
): StreamFigure | undefined {
  let found: StreamFigure | undefined;
  for (const stream of streams) {
    const value = figureOf(stream);
    if (value !== undefined && value > (found?.value ?? -Infinity)) found = { stream, value };
  }
  return found;
}

/** Share of an interval's packets that never came; absent where none was due. */
export function intervalLoss(interval: IntervalReport): number | undefined {
  const { packetsExpected, packetsMissing } = interval;
  if (packetsExpected <= 0) return undefined;
  // What was noticed late is counted in the interval that noticed it, which may have had less.
  return Math.min(1, packetsMissing / packetsExpected);
}
