/**
 * The figures that stand for a whole call.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { StreamReport } from "../call/report.js";
import type { PayloadKind } from "../rtp/codec.js";

/** Those that carry speech; else those of which nothing tells what they carry. */
export function speechStreams({ streams }: CallReport): readonly StreamReport[] {
  const speech = streams.filter(isSpeech);
  return speech.length > 0
    ? speech
    : streams.filter((one) => one.mediaType === undefined && kindOf(one) === undefined);
}

/** Repairs and tones of an audio section are not speech. */
function isSpeech(stream: StreamReport): boolean {
  const kind = kindOf(stream);
  if (stream.mediaType === undefined) return kind === "audio";
  return stream.mediaType === "audio" && (kind === undefined || SPEECH_KINDS.includes(kind));
}

const SPEECH_KINDS: readonly PayloadKind[] = ["audio", "comfort-noise", "redundancy"];

function kindOf({ payloadType, payloadTypes }: StreamReport): PayloadKind | undefined {
  return payloadTypes.find((one) => one.payloadType === payloadType && one.kind !== undefined)
    ?.kind;
}

/** Of the worst speech stream, from 0 to 1; absent without one. */
export function worstLossRatio(call: CallReport): number | undefined {
  const streams = speechStreams(call);
  return streams.length === 0 ? undefined : Math.max(...streams.map(({ lossRatio }) => lossRatio));
}

/** The mean of the speech stream where it is worst. */
export function worstJitterSeconds(call: CallReport): number | undefined {
  const means = speechStreams(call).flatMap(({ jitterSeconds }) => jitterSeconds?.mean ?? []);
  return means.length === 0 ? undefined : Math.max(...means);
}

/** The mean of the best view there is. */
export function bestRoundTrip({
  rtt,
}: CallReport):
  { readonly view: "measured" | "reported" | "stack"; readonly seconds: number } | undefined {
  for (const view of ["measured", "reported", "stack"] as const) {
    const summary = rtt?.[view];
    if (summary !== undefined) return { view, seconds: summary.meanSeconds };
  }
  return undefined;
}
