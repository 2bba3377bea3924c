/**
 * Whether streams of a capture can be rated.
 *
 * @module
 */

import type { CaptureReport, StreamReport } from "../call/report.js";
import { everyStream } from "../report/every-stream.js";
import { ofAll } from "./caveats.js";
import { blind, type Finding, limited, ok, subject, type Subject } from "./finding.js";

/** Payload types named in a remedy. */
const MAX_NAMED = 3;

/** Clocks, codecs and scores. */
export function quality(report: CaptureReport): Subject {
  const streams = everyStream(report);
  const spoken = streams.filter((stream) => !isKnownNoSpeech(stream));
  if (spoken.length === 0) {
    const why = streams.length === 0 ? "There is no stream." : "No stream is of speech.";
    return subject("quality", [blind(why, "There is nothing to rate.")]);
  }
  const rated = spoken.filter((stream) => stream.quality !== undefined);
  const listening = rated.filter((stream) => stream.quality?.mosCq === undefined);
  const unnamed = spoken.filter((stream) => stream.clockRateHz === undefined);
  const unknown = spoken.length - rated.length - unnamed.length;
  const none = rated.length === 0;
  return subject("quality", [
    none ? undefined : ok(ofAll("Streams of speech with a MOS", rated.length, spoken.length)),
    listening.length === 0
      ? undefined
      : limited(
          ofAll("Streams rated for listening only (MOS LQ)", listening.length, spoken.length),
          "How they were to talk over (MOS CQ) depends on a round-trip time, which is unknown.",
        ),
    unnamed.length === 0 ? undefined : withoutClock(unnamed, spoken.length, none),
    unknown <= 0
      ? undefined
      : (none ? blind : limited)(
          ofAll("Streams of a codec that cannot be rated, or of several", unknown, spoken.length),
          "Their loss and jitter are measured; their MOS is unknown.",
        ),
  ]);
}

/** Video has redundancy too, at the clock of video. */
const VIDEO_CLOCK_RATE_HZ = 90_000;

function isKnownNoSpeech({ payloadTypes, clockRateHz }: StreamReport): boolean {
  if (clockRateHz === undefined) return false;
  return payloadTypes.every(
    ({ kind, clockRateHz: rate }) =>
      kind !== "audio" && (kind !== "redundancy" || rate === VIDEO_CLOCK_RATE_HZ),
  );
}

function withoutClock(unnamed: readonly StreamReport[], all: number, none: boolean): Finding {
  const types = [...new Set(unnamed.map(({ payloadType }) => payloadType))].sort((a, b) => a - b);
  const named = types.slice(0, MAX_NAMED).join(", ") + (types.length > MAX_NAMED ? ", …" : "");
  return (none ? blind : limited)(
    ofAll(
      `Streams of a payload type (${named}) that no SDP in the capture names`,
      unnamed.length,
      all,
    ),
    "Jitter, late packets and MOS need its clock: they are unknown. Loss is known.",
    `Say what it is, as in --payload ${String(types[0])}=opus/48000; or capture the call's set-up too.`,
  );
}
