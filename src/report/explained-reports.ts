/**
 * What the far end says of a stream where it differs from what passed by here, in words.
 *
 * @module
 */

import type { StreamReport } from "../call/report.js";
import { TIE } from "./display-text.js";
import { countOf, countText, mosText, percent } from "./quantity.js";
import type { TonedText } from "./tone.js";

/** Differences from which a report is worth a word. */
const NOTABLE_PACKETS = 5;
const NOTABLE_RATIO = 0.005;

/** @param lost - Sequence numbers of the stream that never passed by here. */
export function farEndParagraph(stream: StreamReport, lost: number): TonedText | undefined {
  const loss = reportedLoss(stream, lost);
  const text = [loss?.text, statedMetrics(stream, lost)]
    .filter((clause) => clause !== undefined)
    .join("; ");
  if (text === "") return undefined;
  return { text, ...(loss?.tone !== undefined && { tone: loss.tone }) };
}

/**
 * How many the receiver missed more, or fewer, than were missed here. Its count is signed, so it may
 * lie anywhere between our signed loss and the packets never seen, depending on whose duplicates they
 * are.
 *
 * @param receiver - What the sentence calls it.
 */
export function reportedLoss(
  stream: StreamReport,
  lost: number,
  receiver = "the receiver",
): TonedText | undefined {
  const { rtcp, packetsExpected, packetsLost } = stream;
  const reported = rtcp?.packetsLost;
  if (reported === undefined) return undefined;
  const expected = Math.max(1, packetsExpected);
  const notable = Math.max(NOTABLE_PACKETS, NOTABLE_RATIO * expected);
  if (reported <= Math.min(packetsLost, lost) - notable) {
    const count = reported > 0 ? `only ${countOf(reported, "packet")}` : "no packet";
    return { text: `${receiver} reports ${count} lost: did the capture itself drop packets?` };
  }
  if (reported < lost + notable) return undefined;
  const count = `${receiver} reports ${countOf(reported, "packet")} lost`;
  if (reported > expected) return { text: `${count}${doubt(stream, reported)}` };
  const beyond = lost === 0 ? "all" : countText(reported - lost);
  return {
    text: `${count} (${percent(reported / expected)}): ${beyond} of them beyond this point of the network`,
    tone: "fair",
  };
}

/**
 * More lost than were due here. A receiver may count from before the capture, but not more than was
 * sent: what the sender had sent by its own word, and what it may have sent after that.
 */
function doubt({ rtcp, packetsExpected }: StreamReport, reported: number): string {
  const sent = rtcp?.senderReports?.packetsSent;
  if (sent !== undefined && reported > sent + packetsExpected) {
    return `, which cannot be: the sender reports only ${countText(sent)} sent`;
  }
  return `, more than the ${countText(packetsExpected)} due here: it counts from before, or is wrong`;
}

/** What the receiver states of what it heard (RFC 3611 §4.7), as far as it differs or is a score. */
export function statedMetrics(
  { rtcp, packetsExpected }: StreamReport,
  lost: number,
  receiver = "the receiver",
): string | undefined {
  const metrics = rtcp?.voipMetrics;
  if (metrics === undefined) return undefined;
  const { discardRatio, lossRatio, mosLq, mosCq } = metrics;
  const ours = lost / Math.max(1, packetsExpected);
  const parts = [
    ...(discardRatio >= NOTABLE_RATIO ? [`${percent(discardRatio)} too late for its buffer`] : []),
    ...(rtcp?.packetsLost === undefined && Math.abs(lossRatio - ours) >= 2 * NOTABLE_RATIO
      ? [`${percent(lossRatio)} lost`]
      : []),
    ...(mosCq === undefined
      ? mosLq === undefined
        ? []
        : [`MOS-LQ${TIE}${mosText(mosLq)}`]
      : [`MOS-CQ${TIE}${mosText(mosCq)}`]),
  ];
  return parts.length === 0 ? undefined : `${receiver} states ${parts.join(", ")}`;
}
