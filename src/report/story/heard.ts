/**
 * What each party heard, in sentences: the score, what it means, and what took it down.
 *
 * @module
 */

import type { CallReport } from "../../call/call-report.js";
import type { PayloadKind } from "../../rtp/codec.js";
import { isUnanswered } from "../call-outcome.js";
import { TIE } from "../display-text.js";
import { reportedLoss, statedMetrics } from "../explained-reports.js";
import { unratedReason } from "../explanation.js";
import { countOf, durationText, mosText, secondsBetween } from "../quantity.js";
import { isVerySatisfying, satisfaction, type Satisfaction, score } from "../satisfaction.js";
import { neverReceived } from "../stream-columns.js";
import { astraySentences, goesAstray } from "./astray.js";
import { causeRemedy, causeSentences, packetsClause } from "./cause.js";
import { type Hearing, hearings, isTooBrief } from "./hearing.js";
import { intervalSentences } from "./interval.js";
import { isKeyless } from "./keyless.js";
import { type Sentence, sentenceText } from "./sentence.js";

/** How a person would call it, and what users would say. */
const VERDICTS: Readonly<Record<Satisfaction["verdict"], readonly [string, string]>> = {
  "very satisfied": ["very good", "users are very satisfied"],
  satisfied: ["good", "users are satisfied"],
  "some dissatisfied": ["fair", "some users are dissatisfied"],
  "many dissatisfied": ["poor", "many users are dissatisfied"],
  "nearly all dissatisfied": ["bad", "nearly all users are dissatisfied"],
  "not recommended": ["hardly usable", "nobody should have to talk"],
};

type Quality = NonNullable<Hearing["quality"]>;

/** Of both ways, the worse one first: what was heard, why, when it was worst, what the far end says. */
export function heardSentences(call: CallReport, bufferMs: number): Sentence[] {
  const ways = hearings(call);
  const together = bothVeryGood(call, ways) ?? bothUnheard(call, ways);
  const told = together === undefined ? [] : [together];
  for (const way of ways) {
    if (together === undefined) told.push(...scoreSentences(call, way, { bufferMs, told }));
    const isGone = isSilenced(call, way);
    told.push(...intervalSentences(call, way, isGone));
    told.push(...astraySentences(call, way));
    // Where to look for what was not there at all is told with that.
    if (!isGone && !isTooBrief(way)) told.push(...unlessTold(causeRemedy(way), told));
    told.push(...farEndSentences(way));
  }
  return [...told, ...ways.flatMap((way) => videoSentences(call, way))];
}

/** One sentence where there is nothing more to say of either way. */
function bothVeryGood(call: CallReport, ways: readonly Hearing[]): Sentence | undefined {
  const [a, b] = ways;
  if (a?.quality === undefined || b?.quality === undefined) return undefined;
  const isAlike = a.quality.scale === b.quality.scale && kindOf(a.quality) === kindOf(b.quality);
  const [mosA = 0, mosB = 0] = [score(a.quality), score(b.quality)];
  if (!isAlike || !isVerySatisfying(mosA) || !isVerySatisfying(mosB)) return undefined;
  if (a.stream === undefined || b.stream === undefined) return undefined;
  if (isHurtBeyond(a) || isHurtBeyond(b) || isTooBrief(a) || isTooBrief(b)) return undefined;
  if (isSilenced(call, a) || isSilenced(call, b)) return undefined;
  const kind = kindOf(a.quality);
  const scores =
    mosText(mosA) === mosText(mosB)
      ? `${kind}${TIE}${mosText(mosA)} both ways`
      : `${kind}${TIE}${mosText(mosA)} at the ${a.listener} and ${mosText(mosB)} at the ${b.listener}`;
  const isUncertain = goesAstray(call, a) || goesAstray(call, b) || isKeyless(call);
  const what = isUncertain
    ? "ways were very good where they went by here"
    : "heard each other very well";
  return {
    about: "heard",
    text: `${isDead(call) ? "Otherwise both" : "Both"} ${what}: ${scores} (${a.quality.scale} scale).`,
    fields: ways.flatMap(({ qualityField }) => qualityFields(qualityField)),
    tone: "good",
  };
}

/** Audio of that way was missing for a while. */
function isSilenced({ issues }: CallReport, { flow }: Hearing): boolean {
  return issues.some(({ kind, direction }) => kind === "one-way-audio" && direction === flow);
}

function isDead({ issues }: CallReport): boolean {
  return issues.some(({ kind }) => kind === "dead-air");
}

function kindOf({ mosCq }: Quality): string {
  return mosCq === undefined ? "MOS-LQ" : "MOS-CQ";
}

function qualityFields(of: string): string[] {
  return ["mosCq", "mosLq", "scale"].map((name) => `${of}.${name}`);
}

function unlessTold(sentences: readonly Sentence[], told: readonly Sentence[]): Sentence[] {
  return sentences.filter(({ text }) => !told.some((one) => one.text === text));
}

interface Telling {
  readonly bufferMs: number;
  /** What was told of the other way. */
  readonly told: readonly Sentence[];
}

function scoreSentences(call: CallReport, way: Hearing, { bufferMs, told }: Telling): Sentence[] {
  const { quality, stream } = way;
  const mos = score(quality);
  if (quality === undefined || mos === undefined) {
    return stream === undefined ? unheard(call, way) : unrated(call, way, bufferMs);
  }
  if (isTooBrief(way)) return [barelyHeard(way, quality, mos)];
  const causes = causeSentences(way, bufferMs);
  const isAlike = causes.length > 0 && unlessTold(causes, told).length === 0;
  const { verdict, tone } = satisfaction(mos);
  const [adjective = "", users = ""] = VERDICTS[verdict] ?? [];
  const text =
    `${what(call, way)} ${adjective}: ${kindOf(quality)}${TIE}${mosText(mos)} on the ` +
    `${quality.scale} scale, at which ${users}${isAlike ? ", for the same reason" : ""}.`;
  const heard: Sentence = {
    about: "heard",
    text,
    fields: [...qualityFields(way.qualityField), ...lengthFields(way)],
    tone,
  };
  return isAlike ? [heard] : [heard, ...causes];
}

/** Its score is told all the same: the tables have it. */
function barelyHeard(way: Hearing, quality: Quality, mos: number): Sentence {
  const { listener, stream, streamField, qualityField } = way;
  const packets = countOf(stream?.packetsReceived ?? 0, "packet");
  return {
    about: "heard",
    text:
      `Only ${packets} of audio went by for the ${listener}, too little for the score to mean much ` +
      `(${kindOf(quality)}${TIE}${mosText(mos)} on the ${quality.scale} scale).`,
    fields: [`${streamField}.packetsReceived`, ...qualityFields(qualityField)],
  };
}

/** "What the callee heard was"; only what passed by here is known, where more is lost behind it. */
function what(call: CallReport, way: Hearing): string {
  const { listener, sender, stream } = way;
  if (isUnanswered(call) && stream !== undefined) {
    const seconds = secondsBetween(stream.firstPacketAt, stream.lastPacketAt);
    return `For ${durationText(seconds)} the ${listener} heard early media of the ${sender}'s side, and it was`;
  }
  if (isHurtBeyond(way)) return `What went by here for the ${listener} was still`;
  if (isSilenced(call, way) || isDead(call)) return `What the ${listener} did hear was`;
  if (goesAstray(call, way) || isKeyless(call)) return `What went by here for the ${listener} was`;
  return `What the ${listener} heard was`;
}

function lengthFields({ streamField, stream }: Hearing): string[] {
  if (stream === undefined) return [];
  return [`${streamField}.firstPacketAt`, `${streamField}.lastPacketAt`];
}

function unrated(call: CallReport, way: Hearing, bufferMs: number): Sentence[] {
  const { stream, streamField, listener } = way;
  if (stream === undefined) return [];
  const { text, fields } = packetsClause(stream, streamField, bufferMs);
  const why = unratedReason(stream) ?? "what its payload type stands for is not known";
  const heard = isUnanswered(call)
    ? `the early media for the ${listener}`
    : `what the ${listener} heard`;
  return [
    {
      about: "heard",
      text: sentenceText(`${heard} has no score, since ${why}; ${text}`),
      fields: [`${streamField}.codec`, `${streamField}.payloadTypes`, ...fields],
    },
  ];
}

function unheard(call: CallReport, way: Hearing): Sentence[] {
  if (!isMissed(call, way)) return [];
  return [
    { about: "heard", text: `No audio of the ${way.sender} was seen.`, fields: seenFields(call) },
  ];
}

function bothUnheard(call: CallReport, ways: readonly Hearing[]): Sentence | undefined {
  if (!ways.every((way) => way.stream === undefined && isMissed(call, way))) return undefined;
  const hasVideo = call.streams.some(({ mediaType }) => mediaType === "video");
  const text = `No audio of either party was seen${hasVideo ? ", only video" : ""}.`;
  return { about: "heard", text, fields: seenFields(call) };
}

function seenFields({ streams }: CallReport): string[] {
  return streams.flatMap((_, index) => [
    `streams[${index}].direction`,
    `streams[${index}].mediaType`,
  ]);
}

/** Not where an issue or a caveat says so, or nothing was to be heard. */
function isMissed(call: CallReport, { flow }: Hearing): boolean {
  const { issues, confidence, streams } = call;
  const isTold =
    issues.some(
      ({ kind, direction }) =>
        kind === "no-media" || (kind === "one-way-audio" && direction === flow),
    ) || confidence.some(({ kind }) => kind === "no-media-captured" || kind === "one-sided-media");
  return !isTold && streams.length > 0 && !isUnanswered(call);
}

/** What the far end says of it, where that is not what was seen here. */
function farEndSentences(way: Hearing): Sentence[] {
  const { stream, listener, streamField } = way;
  if (stream === undefined) return [];
  const lost = neverReceived(stream);
  const loss = reportedLoss(stream, lost, `the ${listener}`);
  const stated = statedMetrics(stream, lost, `the ${listener}`);
  const counts = [
    "rtcp.packetsLost",
    "packetsExpected",
    "packetsMissing",
    "rtcp.senderReports.packetsSent",
  ];
  const worse = isHurtBeyond(way) ? `, so the ${listener} heard worse than that` : "";
  const field = (name: string): string => `${streamField}.${name}`;
  return [
    ...(loss === undefined
      ? []
      : [
          {
            about: "far-end",
            text: sentenceText(loss.text + worse),
            fields: counts.map(field),
            tone: loss.tone,
          } as const,
        ]),
    ...(stated === undefined
      ? []
      : [
          {
            about: "far-end",
            text: sentenceText(stated),
            fields: [field("rtcp.voipMetrics")],
          } as const,
        ]),
  ];
}

/** Packets that went by here were lost further on. */
function isHurtBeyond({ stream }: Hearing): boolean {
  return stream !== undefined && reportedLoss(stream, neverReceived(stream))?.tone === "fair";
}

/** The video stream of that way that lost most. */
function videoSentences(call: CallReport, { flow, sender }: Hearing): Sentence[] {
  const [worst] = call.streams
    .filter(
      ({ direction, mediaType, payloadTypes: [main] }) =>
        direction === flow && mediaType === "video" && !isRepair(main?.kind),
    )
    .sort((a, b) => b.lossRatio - a.lossRatio);
  if (worst === undefined) return [];
  const { text, fields } = packetsClause(worst, `streams[${call.streams.indexOf(worst)}]`, 0);
  return [{ about: "heard", text: `Of the ${sender}'s video, ${text}.`, fields }];
}

function isRepair(kind: PayloadKind | undefined): boolean {
  return kind === "retransmission" || kind === "fec";
}
