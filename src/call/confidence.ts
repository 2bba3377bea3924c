/**
 * Why a call's record may be less than the truth.
 *
 * @module
 */

import { isoMicroseconds } from "../net/time.js";
import type { ConfidenceKind, ConfidenceReport } from "./call-report.js";
import type { CallFacts } from "./findings.js";
import { isOver, lastSignMs } from "./issues/course.js";
import { durationText, partiesOf, percentText } from "./issues/issue.js";
import { intersection, lengthMs, merged } from "./issues/spans.js";
import { unseenFlows } from "./issues/visibility.js";

/** Networks hardly duplicate; a larger share of copies comes from a mirror port or two taps. */
export const MAX_COPY_RATIO = 0.1;

/** Fewer packets say nothing about a share. */
export const MIN_PACKETS_FOR_COPIES = 50;

/** Caveats that facts about one call call for. The rest are whose who feed it. */
type FoundKind = Exclude<ConfidenceKind, "call-evicted" | "stream-shared" | "dtls-1.3">;

const CAVEATS: Readonly<Record<FoundKind, (facts: CallFacts) => string | undefined>> = {
  "side-assumed": sideAssumed,
  "one-sided-signalling": ({ call }) =>
    call.isOneSided
      ? "Signalling was seen in one direction only: answers to it, and what they changed, are unknown."
      : undefined,
  "no-media-captured": ({ call, observation }) =>
    observation.hasMedia || isNeverToHaveMedia(call, observation)
      ? undefined
      : `${mediaMissing(observation)}: how it sounded is unknown.`,
  "one-sided-media": oneSidedMedia,
  "capture-gap": captureGap,
  "capture-ended": captureEnded,
  "capture-began-late": ({ call, observation }) =>
    call.hasInvite || (observation.hasNoDialog === true && observation.isMediaWhole === true)
      ? undefined
      : `The call had begun before the ${sourceOf(observation.kind)}: its set-up is unknown, and media may have come before what was seen${call.isCallerAssumed ? "; who called is assumed" : ""}.`,
  "answer-unseen": ({ call }) =>
    call.isAnswerUnseen
      ? "The answer itself was not seen, only what follows one: when it came and what it described is unknown."
      : undefined,
  "packets-cut": ({ call, observation }) =>
    observation.hasCutPackets || call.isTruncated
      ? `${call.isTruncated ? "Bytes of the call's own messages are missing" : "Packets were cut short by the capture"}: descriptions and reports in them may be incomplete.`
      : undefined,
  "signalling-encrypted": ({ observation }) =>
    observation.hasEncryptedSignalling
      ? "There is encrypted signalling, which cannot be read: messages of this call may be in it."
      : undefined,
  "mirrored-copies": mirroredCopies,
};

/** What there is to doubt about a call's record, in the order of its kinds. */
export function findCaveats(facts: CallFacts): ConfidenceReport[] {
  const found: ConfidenceReport[] = [];
  for (const kind of Object.keys(CAVEATS) as FoundKind[]) {
    const detail = CAVEATS[kind](facts);
    if (detail !== undefined) found.push({ kind, detail });
  }
  return found;
}

function sourceOf(kind: CallFacts["observation"]["kind"]): string {
  return kind === "live" ? "probe was attached" : "capture";
}

/** Live it is certain that a call that was refused or given up had none to hear. */
function isNeverToHaveMedia(call: CallFacts["call"], { kind }: CallFacts["observation"]): boolean {
  return kind === "live" && call.hasInvite && !call.wasConfirmed;
}

function mediaMissing({ kind, isMediaUnnamed }: CallFacts["observation"]): string {
  if (kind === "live") return "No media was brought to the call";
  return isMediaUnnamed === true
    ? "Nothing that was seen of the call names its media, which may be among the streams without a call"
    : "The capture holds no RTP of the addresses that the call named";
}

function sideAssumed({ observation }: CallFacts): string | undefined {
  if (!observation.isSideAssumed) return undefined;
  const { localNetworksFit: fit } = observation;
  return fit === undefined
    ? "Which party is local is assumed: the callee. --local states it for a capture, and inbound and outbound are certain."
    : `Which party is local is assumed: the callee. The networks given as local hold ${fit === "both" ? "both parties" : "neither party"}.`;
}

function oneSidedMedia(facts: CallFacts): string | undefined {
  // Where no packet could ever be seen, that is said already.
  if (facts.observation.kind === "live" && !facts.observation.hasMedia) return undefined;
  const unseen = unseenFlows(facts);
  // Signalling from one side without any media says nothing of where media went.
  const isProven = facts.streams.length > 0 || facts.reportedFlows.length > 0;
  if (unseen.length === 0 || !isProven) return undefined;
  const senders = unseen.map((flow) => `the ${partiesOf(flow).sender}`).join(" and ");
  return `Media of ${senders} went past the point of observation: nothing is known of how it sounded.`;
}

function captureGap(facts: CallFacts): string | undefined {
  const { call, observation } = facts;
  const firstMs = facts.streams.reduce(
    (first, { firstPacketAtMs }) => Math.min(first, firstPacketAtMs),
    call.invitedAtMs,
  );
  // What comes after the last thing seen of an unfinished call may have been in the gap.
  const lastMs = isOver(call) ? lastSignMs(facts) : Infinity;
  const gaps = intersection([{ fromMs: firstMs, toMs: lastMs }], merged(observation.gaps));
  const [first] = gaps;
  if (first === undefined) return undefined;
  const total = longText(gaps.reduce((sum, gap) => sum + lengthMs(gap), 0));
  const at = isoMicroseconds(first.fromMs);
  if (observation.kind === "live") {
    const stretches =
      gaps.length === 1 ? "from" : `in ${String(gaps.length)} stretches, first from`;
    return `The probe itself watched none of the call's media for ${total} ${stretches} ${at} on: what came then is unknown.`;
  }
  const count = gaps.length === 1 ? "once" : `${String(gaps.length)} times`;
  return `The capture itself lost packets ${count} during the call, ${total} in all, first at ${at}: loss measured there may not be the network's.`;
}

function captureEnded(facts: CallFacts): string | undefined {
  if (facts.observation.kind === "live" || isOver(facts.call)) return undefined;
  const { call, observation } = facts;
  const restMs = observation.toMs - lastSignMs(facts);
  const until =
    restMs < LEAST_REST_MS
      ? "it was still going on when the capture ended"
      : `its last packet came ${longText(restMs)} before the capture's end`;
  const wasUp = call.answeredAtMs !== undefined || call.isAnswerUnseen || !call.hasInvite;
  const unknown = wasUp ? "how long it lasted and how it ended are" : "what came of it is";
  return `The call was not seen to end; ${until}: ${unknown} unknown.`;
}

/** Media comes more often than this, so a capture that goes on for less does not show silence. */
const LEAST_REST_MS = 100;

/** What is a minute when it is rounded to a tenth of a second. */
const CLOCK_FROM_MS = 59_950;

/** As {@link durationText}, but longer ones as clocks show them: `2:05`, `1:02:33`, `406 d 17 h`. */
function longText(ms: number): string {
  if (ms < CLOCK_FROM_MS) return durationText(ms);
  const wholeSeconds = Math.round(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(wholeSeconds / 60);
  const rest = two(wholeSeconds % 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}:${two(minutes % 60)}:${rest}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function mirroredCopies({ streams }: CallFacts): string | undefined {
  let received = 0;
  let copies = 0;
  for (const { stream } of streams) {
    received += stream.packetsReceived;
    copies += stream.packetsDuplicated;
  }
  if (received < MIN_PACKETS_FOR_COPIES || copies <= MAX_COPY_RATIO * received) return undefined;
  return `${percentText(copies / received)} of the media packets are copies, as of a mirrored port: jitter reads lower than it was, and loss may be hidden.`;
}
