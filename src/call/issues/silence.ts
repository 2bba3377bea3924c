/**
 * Audio that was agreed on but did not come: from one party, for a while from both, or never.
 *
 * @module
 */

import type { IssueReport, MediaFlow } from "../call-report.js";
import type { CallFacts } from "../findings.js";
import { audioOf, hasSound, packetsWithin, type FlowAudio } from "./audio.js";
import { observedInCall, openFor } from "./course.js";
import { durationText, FLOWS, issue, opposite, partiesOf } from "./issue.js";
import { difference, intersection, lengthMs, merged, type Span } from "./spans.js";
import { couldSeeMedia, unseenFlows } from "./visibility.js";

/**
 * Shorter one-way audio is not reported: media of both parties seldom starts at the same moment, ICE
 * and DTLS may take a few seconds on a bad path, and intervals are 5 s long.
 */
export const MIN_ONE_WAY_MS = 5000;

/** With fewer packets in the stretch the party that is heard is hardly heard: Opus in DTX has 12 in 5 s. */
export const MIN_ONE_WAY_PACKETS = 10;

/** A pause of speech this long makes people ask whether the other is still there. */
export const MIN_DEAD_AIR_MS = 3000;

/**
 * A sender that suppresses silence may send nothing while nobody speaks (RFC 3389 leaves the rate of
 * comfort noise open), but hardly for this long in a conversation.
 */
export const MIN_SUPPRESSED_SILENCE_MS = 30_000;

/** In a shorter call media may not have got as far as starting. */
export const MIN_CALL_WITHOUT_MEDIA_MS = 5000;

/** Stretches in which one party was heard and the other, who might have spoken, was not. */
export function findOneWayAudio(facts: CallFacts): IssueReport[] {
  const unseen = unseenFlows(facts);
  const open = observedInCall(facts, openFor(facts, FLOWS));
  return FLOWS.filter((flow) => !unseen.includes(flow)).flatMap((flow) => {
    const silent = audioOf(facts, flow);
    const heard = audioOf(facts, opposite(flow));
    const silentSpans = silences(silent, open, MIN_ONE_WAY_MS);
    return intersection(silentSpans, heard.alive)
      .filter(
        (span) =>
          lengthMs(span) >= MIN_ONE_WAY_MS && packetsWithin(heard, span) >= MIN_ONE_WAY_PACKETS,
      )
      .map((span) => oneWayAudio(flow, span, silent));
  });
}

function oneWayAudio(direction: MediaFlow, span: Span, silent: FlowAudio): IssueReport {
  const { sender, receiver } = partiesOf(direction);
  const howLong = howLongText([silent], span);
  return issue(
    "one-way-audio",
    { direction, span },
    silent.streams.length === 0
      ? `No audio packet came from the ${sender} in the whole call, while the ${receiver} was heard for ${howLong}.`
      : `No audio packet came from the ${sender} for ${howLong}, while the ${receiver} was heard.`,
  );
}

/** Stretches in which nothing came of both parties, though both were connected and one might speak. */
export function findDeadAir(facts: CallFacts): IssueReport[] {
  const audio = FLOWS.map((flow) => audioOf(facts, flow));
  if (audio.every(({ streams }) => streams.length === 0) || unseenFlows(facts).length > 0)
    return [];
  // A call on hold is silent by agreement, whichever party holds.
  const open = observedInCall(facts, openFor(facts, FLOWS));
  return audio
    .map((one) => silences(one, open, MIN_DEAD_AIR_MS))
    .reduce(intersection)
    .filter((span) => lengthMs(span) >= MIN_DEAD_AIR_MS)
    .map((span) =>
      issue(
        "dead-air",
        { span },
        `No audio packet came from either party for ${howLongText(audio, span)} of the answered call.`,
      ),
    );
}

/** A pause within a stream shows as whole intervals without packets: it was longer than they are. */
function howLongText(silent: readonly FlowAudio[], { fromMs, toMs }: Span): string {
  const isWithin = silent.some(({ streams }) =>
    streams.some((one) => one.firstPacketAtMs < fromMs && one.lastPacketAtMs > toMs),
  );
  return `${isWithin ? "at least " : ""}${durationText(toMs - fromMs)}`;
}

/** What of these stretches one way was silent for long enough to mean something. */
function silences(audio: FlowAudio, within: readonly Span[], minMs: number): Span[] {
  const requiredMs = audio.suppressesSilence ? MIN_SUPPRESSED_SILENCE_MS : minMs;
  return difference(within, audio.alive).filter((span) => lengthMs(span) >= requiredMs);
}

/** An answered call of which no audio packet was seen. */
export function findNoMedia(facts: CallFacts): IssueReport[] {
  if (facts.streams.some((one) => one.mediaType === "audio" || hasSound(one))) return [];
  if (!couldSeeMedia(facts) || unseenFlows(facts).length > 0) return [];
  const open = observedInCall(facts, merged(FLOWS.flatMap((flow) => openFor(facts, [flow]))));
  const openMs = open.reduce((sum, span) => sum + lengthMs(span), 0);
  const [first] = open;
  const last = open.at(-1);
  if (first === undefined || last === undefined || openMs < MIN_CALL_WITHOUT_MEDIA_MS) return [];
  return [
    issue(
      "no-media",
      { span: { fromMs: first.fromMs, toMs: last.toMs } },
      `Audio was agreed on for ${durationText(openMs)} of the answered call, but no audio packet of either party was seen.`,
    ),
  ];
}
