/**
 * What took a score down, and how the packets behind it were lost, in sentences.
 *
 * @module
 */

import type { StreamReport } from "../../call/report.js";
import { burstRatio } from "../../quality/burst.js";
import { TIE } from "../display-text.js";
import { BEST_RATINGS } from "../explained-quality.js";
import { lossRunsOf } from "../loss-runs.js";
import { countOf, countText, durationText, percent, pointsText } from "../quantity.js";
import { isVerySatisfying, satisfaction, score } from "../satisfaction.js";
import { neverReceived } from "../stream-columns.js";
import type { Hearing } from "./hearing.js";
import { type CauseOfHarm, HARM_REMEDIES } from "./remedies.js";
import { listed, type Sentence, sentenceText } from "./sentence.js";

/** Costs under this print as 0. */
const LEAST_SHOWN_POINTS = 0.05;
/** Share of the packets that a listener did without from which bursts are what happened. */
const MOSTLY = 0.5;
/** The burst ratio of G.107 from which loss is told as bursty; random loss has 1. */
const BURSTY_RATIO = 1.5;
/** Random loss of some percent lies in bursts of RFC 3611 too, but in thin ones. */
const DENSE = 0.35;
const DENSE_FACTOR = 3;
/** By which factor the codec has to cost more than anything else to be what is to be changed. */
const MUCH_MORE = 2;

type Costs = NonNullable<Hearing["quality"]>["costs"];

const COST_NAMES: readonly (readonly [keyof Costs, string])[] = [
  ["randomLoss", "loss"],
  ["lateLoss", "late packets"],
  ["burstLoss", "loss coming in bursts"],
  ["codec", "the codec itself"],
  ["delay", "delay"],
];

/** What cost how much, and what became of the packets; nothing where users would not complain. */
export function causeSentences(way: Hearing, bufferMs: number): Sentence[] {
  const { quality, stream, qualityField } = way;
  const mos = score(quality);
  if (quality === undefined || mos === undefined || isVerySatisfying(mos)) return [];
  const { costs, scale, rFactor } = quality;
  const [first, ...rest] = COST_NAMES.map(([key, name]) => ({ name, points: costs[key] ?? 0 }))
    .filter(({ points }) => points >= LEAST_SHOWN_POINTS)
    .sort((a, b) => b.points - a.points);
  if (first === undefined) return [];
  const [second, ...others] = rest.map(({ name, points }) => [name, pointsText(points)] as const);
  const then =
    second === undefined
      ? ""
      : `; ${listed([second.join(" cost "), ...others.map((one) => one.join(TIE))])}`;
  const rating = `R${TIE}${pointsText(rFactor)} of at most ${pointsText(BEST_RATINGS[scale])}`;
  const points = `${pointsText(first.points)}${TIE}R${TIE}points`;
  const what =
    second === undefined
      ? `only ${first.name} took it down, by ${points}`
      : `${first.name} cost most, ${points}${then}`;
  const cost: Sentence = {
    about: "cause",
    text: sentenceText(`${what} (${rating})`),
    fields: [...costFields(way), `${qualityField}.rFactor`, `${qualityField}.scale`],
  };
  if (stream === undefined) return [cost];
  const packets = packetsClause(stream, way.streamField, bufferMs);
  return [cost, { about: "cause", text: sentenceText(packets.text), fields: packets.fields }];
}

/** Where to look for what took the score down; nothing where users are satisfied. */
export function causeRemedy(way: Hearing): Sentence[] {
  const { quality, stream } = way;
  const mos = score(quality);
  if (quality === undefined || stream === undefined || mos === undefined) return [];
  if (satisfaction(mos).tone === "good") return [];
  const text = HARM_REMEDIES[harmOf(quality.costs, stream)](way.sender);
  const fields = [...costFields(way), `${way.streamField}.lossRuns`, `${way.streamField}.burst`];
  return [{ about: "remedy", text, fields }];
}

function costFields({ qualityField }: Hearing): string[] {
  return COST_NAMES.map(([key]) => `${qualityField}.costs.${key}`);
}

/** What became of a stream's packets, and which fields say so. */
export function packetsClause(
  stream: StreamReport,
  of: string,
  bufferMs: number,
): Pick<Sentence, "text" | "fields"> {
  const { packetsExpected, packetsDiscarded: late, lossRatio } = stream;
  const fields = [
    "packetsExpected",
    "packetsMissing",
    "lossRatio",
    "lossRuns",
    "burst",
    "packetsDiscarded",
    "packetizationSeconds",
  ].map((name) => `${of}.${name}`);
  const lost = neverReceived(stream);
  const lostText =
    lost === 0
      ? "nothing was lost on the way here"
      : `${countText(lost)} of ${countOf(packetsExpected, "packet")} (${percent(lossRatio)}) ${lost === 1 ? "was" : "were"} lost on the way here${pattern(stream, lost)}`;
  if (late === undefined || (late === 0 && lost > 0)) return { text: lostText, fields };
  if (late === 0) return { text: `${lostText}, and nothing came late`, fields };
  const share = percent(late / Math.max(1, packetsExpected));
  const buffer = `too late for a ${countText(bufferMs)}${TIE}ms buffer`;
  const lateText =
    lost === 0
      ? `, but ${countText(late)} of ${countOf(packetsExpected, "packet")} (${share}) came ${buffer}`
      : `; ${countText(late)} more (${share}) came ${buffer}`;
  return { text: lostText + lateText, fields };
}

/** How the lost packets lie. */
function pattern(stream: StreamReport, lost: number): string {
  const { runs, longest, longestSeconds, isLowerBound } = lossRunsOf(stream);
  if (runs === 0 || lost === 1) return "";
  if (longest === 1) return ", one at a time";
  const time = longestSeconds === undefined ? "" : ` (${durationText(longestSeconds)})`;
  const length = `${isLowerBound ? "at least " : ""}${countText(longest)}${time}`;
  if (runs === 1) return `, all in one gap of ${length}`;
  const how = isInBursts(stream) ? "mostly in bursts" : "mostly scattered";
  return `, ${how}: in ${countText(runs)} gaps, the longest of ${length}`;
}

/**
 * Whether the losses hang together: by the burst ratio of G.107, or because most of what a listener
 * did without lies in bursts (RFC 3611 §4.7.2) that are denser than chance makes them.
 */
function isInBursts(stream: StreamReport): boolean {
  const { burst, lossRatio, packetsDiscarded = 0 } = stream;
  const lost = neverReceived(stream);
  const { runs, longest } = lossRunsOf(stream);
  if (longest < 2) return false;
  const observed = { packetsExpected: stream.packetsExpected, packetsMissed: lost, runs };
  if (burstRatio(observed) >= BURSTY_RATIO) return true;
  if (burst === undefined || burst.density < Math.max(DENSE, DENSE_FACTOR * lossRatio))
    return false;
  return burst.packets * burst.density >= MOSTLY * (lost + packetsDiscarded);
}

/** What weighs most, all that loss costs taken together. */
function harmOf(costs: Costs, stream: StreamReport): CauseOfHarm {
  const loss = costs.randomLoss + (costs.burstLoss ?? 0);
  const { delay = 0, lateLoss, codec } = costs;
  const most = Math.max(loss, delay, lateLoss);
  if (codec >= MUCH_MORE * most) return "codec";
  if (most === delay) return "delay";
  if (most === lateLoss) return "late";
  const { runs, longest } = lossRunsOf(stream);
  if (runs === 1 && longest > 1) return "outage";
  return isInBursts(stream) ? "bursts" : "scattered";
}
