/**
 * When a call sounded worst, in sentences.
 *
 * @module
 */

import type { CallReport } from "../../call/call-report.js";
import type { IntervalReport } from "../../call/report.js";
import { TIE } from "../display-text.js";
import { hasPartWorst, notableWorst } from "../explained-quality.js";
import { countText, minutesText, mosText, secondsBetween, timeOfDay } from "../quantity.js";
import { satisfaction, score } from "../satisfaction.js";
import { neverReceived } from "../stream-columns.js";
import { type Hearing, isTooBrief } from "./hearing.js";
import { listed, type Sentence } from "./sentence.js";

/**
 * The stretch that was clearly worse than the rest; that there is none, where all of it was bad.
 *
 * @param hasSilence - Audio was missing for a while, which is told already.
 */
export function intervalSentences(call: CallReport, way: Hearing, hasSilence: boolean): Sentence[] {
  const { stream, streamField, listener } = way;
  const mos = score(stream?.quality);
  if (stream === undefined || mos === undefined || isTooBrief(way)) return [];
  const worst = notableWorst(stream);
  if (worst === undefined) {
    if (hasSilence || satisfaction(mos).tone === "good" || !hasPartWorst(stream)) return [];
    const text = "No stretch of it was much worse than the rest.";
    return [{ about: "interval", text, fields: [`${streamField}.worst`] }];
  }
  const worstMos = score(worst) ?? 0;
  const kind = worst.mosCq === undefined ? "MOS-LQ" : "MOS-CQ";
  const gone = goneWithin(way, worst);
  return [
    {
      about: "interval",
      text:
        `The ${listener} heard worst ${stretchText(call, worst)}, at ` +
        `${kind}${TIE}${mosText(worstMos)}${gone.text}.`,
      fields: [
        ...["from", "to", "mosCq", "mosLq"].map((name) => `${streamField}.worst.${name}`),
        "course.answeredAt",
        ...gone.fields,
      ],
      tone: satisfaction(worstMos).tone,
    },
  ];
}

interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** "from 0:15 to 0:25 after the answer (14:03:06 to 14:03:16 UTC)"; without an answer by the clock. */
export function stretchText({ course }: CallReport, { from, to }: Stretch): string {
  const clock = `${timeOfDay(from)} to ${timeOfDay(to)}${TIE}UTC`;
  const origin = course.answeredAt;
  // Clocks of signalling and media are one, but an interval may have begun before the answer.
  const start = origin === undefined ? -1 : Math.round(secondsBetween(origin, from));
  if (origin === undefined || start < 0) return `from ${clock}`;
  const end = minutesText(secondsBetween(origin, to));
  return `from ${minutesText(start)} to ${end} after the answer (${clock})`;
}

/** How many of the packets that were lost or late were so in that stretch. */
function goneWithin(
  { stream, streamField }: Hearing,
  { from, to }: Stretch,
): Pick<Sentence, "text" | "fields"> {
  const within = (stream?.intervals ?? []).flatMap((interval, index) =>
    interval.from >= from && interval.to <= to ? [{ interval, index }] : [],
  );
  if (stream === undefined || within.length === 0) return { text: "", fields: [] };
  const sum = (name: "packetsMissing" | "packetsDiscarded"): number =>
    within.reduce((total, { interval }) => total + interval[name], 0);
  const fieldsOf = (name: keyof IntervalReport): string[] =>
    within.map(({ index }) => `${streamField}.intervals[${index}].${name}`);
  const lost = neverReceived(stream);
  const late = stream.packetsDiscarded ?? 0;
  const [lostThere, lateThere] = [sum("packetsMissing"), sum("packetsDiscarded")];
  // What is missing in one interval may have come in the next.
  const parts = [
    ...(lostThere > 0 && lostThere <= lost ? [partOf(lostThere, lost, "lost")] : []),
    ...(lateThere > 0 && lateThere <= late ? [partOf(lateThere, late, "late")] : []),
  ];
  if (parts.length === 0) return { text: "", fields: [] };
  return {
    text: `: ${listed(parts)} packets fall into that time`,
    fields: [
      ...fieldsOf("packetsMissing"),
      ...fieldsOf("packetsDiscarded"),
      `${streamField}.packetsMissing`,
      `${streamField}.packetsDiscarded`,
    ],
  };
}

function partOf(part: number, whole: number, what: string): string {
  return part === whole
    ? `all ${countText(whole)} ${what}`
    : `${countText(part)} of the ${countText(whole)} ${what}`;
}
