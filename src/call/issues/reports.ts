/**
 * What RTCP says of streams, or does not say, against what was seen of them.
 *
 * @module
 */

import type { IssueReport } from "../call-report.js";
import type { CallFacts, CallStream } from "../findings.js";
import { hasSound } from "./audio.js";
import { durationText, issue, lifeOf, partiesOf, percentText, ssrcText } from "./issue.js";
import { lengthMs } from "./spans.js";

/**
 * Reports come every 5 s on average and at most every 6.2 s (RFC 3550 §6.2, §6.3.1: 1.5 / 1.21828 of the
 * interval), so that two of each party are missing by then.
 */
export const MIN_WITHOUT_RTCP_MS = 15_000;

/** Streams long enough to be reported on, which nobody reported on. */
export function findMissingRtcp(facts: CallFacts): IssueReport[] {
  if (facts.hasEncryptedRtcp) return [];
  const silent = facts.streams.filter(
    (stream) => lengthMs(lifeOf(stream)) >= MIN_WITHOUT_RTCP_MS && !isReported(stream),
  );
  const [first] = silent;
  if (first === undefined) return [];
  const span = {
    fromMs: first.firstPacketAtMs,
    toMs: Math.max(...silent.map(({ lastPacketAtMs }) => lastPacketAtMs)),
  };
  const which =
    silent.length === 1
      ? `${ssrcText(first)}, which lasted ${durationText(lengthMs(lifeOf(first)))}`
      : `${String(silent.length)} streams of ${durationText(MIN_WITHOUT_RTCP_MS)} or more`;
  // RTCP that is filtered is most often filtered both ways: that is one thing, not two.
  const [flow, ...others] = new Set(silent.map((stream) => stream.flow));
  if (flow === undefined || others.length > 0) {
    return [issue("rtcp-missing", { span }, `No reports of either party were seen for ${which}.`)];
  }
  const { sender, receiver } = partiesOf(flow);
  return [
    issue(
      "rtcp-missing",
      { direction: flow, span },
      `Neither sender reports of the ${sender} nor reports of the ${receiver} were seen for ${which}.`,
    ),
  ];
}

function isReported({ stream: { rtcp } }: CallStream): boolean {
  return rtcp !== undefined && (rtcp.reports > 0 || rtcp.senderReports !== undefined);
}

/** Fewer reports may be of the stream's first moments only. */
export const MIN_REPORTS = 3;

/** Fewer packets (5 s of 20 ms) make a ratio that one burst decides. */
export const MIN_COMPARED_PACKETS = 250;

/** One percent of loss takes about 0.1 off the MOS of G.711 with concealment: less is not worth a word. */
export const MIN_LOSS_DIFFERENCE = 0.01;

/**
 * `fractionLost` is in steps of 1/256 rounded down, never negative, and its mean counts short intervals
 * like long ones (RFC 3550 §6.4.1), so it has to differ by more.
 */
export const MIN_FRACTION_DIFFERENCE = 0.02;

/** What came in so long before the stream's end may be missing in the last report about it. */
const UNREPORTED_TAIL_MS = 10_000;

/** A jitter is another one when it differs by half of the 60 ms buffer, and by half of itself. */
export const MIN_JITTER_DIFFERENCE_SECONDS = 0.03;
export const MIN_JITTER_FACTOR = 2;

/** Streams that their receiver hears otherwise than they were seen. */
export function findDivergentViews(facts: CallFacts): IssueReport[] {
  return facts.streams.flatMap((stream) => {
    const { rtcp, packetsExpected } = stream.stream;
    if (rtcp === undefined || rtcp.reports < MIN_REPORTS) return [];
    if (packetsExpected < MIN_COMPARED_PACKETS) return [];
    const details = [lossDivergence(stream, facts), jitterDivergence(stream)];
    return details
      .filter((detail) => detail !== undefined)
      .map((detail) =>
        issue("divergent-views", { direction: stream.flow, span: lifeOf(stream) }, detail),
      );
  });
}

/** What each view has of a loss, as ratios and in words. */
interface LossViews {
  readonly reported: number;
  /** The least and the most that may count as lost here: copies may be the network's or the capture's. */
  readonly seenLeast: number;
  readonly seenMost: number;
  readonly tolerance: number;
  readonly reportedText: string;
  readonly seenText: string;
}

function lossDivergence(stream: CallStream, facts: CallFacts): string | undefined {
  const views = isSeenFromStart(stream, facts) ? lossCounts(stream) : lossFractions(stream);
  if (views === undefined) return undefined;
  const { reported, seenLeast, seenMost, tolerance, reportedText, seenText } = views;
  const { receiver } = partiesOf(stream.flow);
  const both = `The ${receiver} reports ${reportedText} of ${ssrcText(stream)} lost, ${seenText} here`;
  if (reported - seenMost >= tolerance) {
    return `${both}: packets were lost between here and the ${receiver}.`;
  }
  if (seenLeast - reported >= tolerance) {
    return `${both}: packets that came to the ${receiver} were not seen here, or its reports are wrong.`;
  }
  return undefined;
}

/** A receiver counts from the first packet it got, which the capture may not have. */
function isSeenFromStart(stream: CallStream, { call, observation }: CallFacts): boolean {
  const isFirstSeen =
    observation.isMediaWhole ?? (call.hasInvite && stream.firstPacketAtMs > observation.fromMs);
  return isFirstSeen && stream.stream.sequenceRestarts === undefined;
}

function lossCounts({ stream }: CallStream): LossViews | undefined {
  const { packetsExpected: expected, packetsMissing, packetsLost, rtcp } = stream;
  const reported = rtcp?.packetsLost;
  // A reporter that lost more than there was counts something else.
  if (reported === undefined || Math.abs(reported) > expected) return undefined;
  return {
    reported: reported / expected,
    seenLeast: (Math.min(packetsLost, packetsMissing) - missingInTail(stream)) / expected,
    seenMost: packetsMissing / expected,
    tolerance: MIN_LOSS_DIFFERENCE,
    reportedText: `${reported} (${percentText(reported / expected)}) of ${expected} packets`,
    seenText: `${packetsMissing} (${percentText(packetsMissing / expected)}) are missing`,
  };
}

function missingInTail({ intervals, lastPacketAt }: CallStream["stream"]): number {
  const sinceMs = Date.parse(lastPacketAt) - UNREPORTED_TAIL_MS;
  let missing = 0;
  for (let index = intervals.length - 1; index >= 0; index -= 1) {
    const { to, packetsMissing } = intervals[index] ?? { to: "", packetsMissing: 0 };
    if (!(Date.parse(to) > sinceMs)) break;
    missing += packetsMissing;
  }
  return missing;
}

function lossFractions({ stream: { lossRatio, rtcp } }: CallStream): LossViews | undefined {
  const reported = rtcp?.fractionLost?.mean;
  if (reported === undefined) return undefined;
  return {
    reported,
    seenLeast: lossRatio,
    seenMost: lossRatio,
    tolerance: MIN_FRACTION_DIFFERENCE,
    reportedText: `${percentText(reported)} on average`,
    seenText: `${percentText(lossRatio)} are missing`,
  };
}

function jitterDivergence(of: CallStream): string | undefined {
  const seen = of.stream.jitterSeconds?.mean;
  const reported = of.stream.rtcp?.jitterSeconds?.mean;
  if (!hasSound(of) || seen === undefined || reported === undefined) return undefined;
  const [least, most] = seen < reported ? [seen, reported] : [reported, seen];
  if (most - least < MIN_JITTER_DIFFERENCE_SECONDS || most < MIN_JITTER_FACTOR * least) {
    return undefined;
  }
  const { receiver } = partiesOf(of.flow);
  const ms = (seconds: number): string => `${(seconds * 1000).toFixed(1)} ms`;
  const why =
    reported > seen
      ? `it was added between here and the ${receiver}, or its reports are wrong`
      : "the clock of the observer or its reports are wrong";
  return `The ${receiver} reports a mean jitter of ${ms(reported)} for ${ssrcText(of)}, measured here are ${ms(seen)}: ${why}.`;
}
