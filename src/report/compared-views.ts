/**
 * The same figure by whose word it is: measured here, reported by the far end, stated by the stack.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import {
  MIN_COMPARED_PACKETS,
  MIN_JITTER_DIFFERENCE_SECONDS,
  MIN_JITTER_FACTOR,
  MIN_LOSS_DIFFERENCE,
  MIN_REPORTS,
} from "../call/issues/reports.js";
import type { StackView, StreamReport } from "../call/report.js";
import { present } from "../rtcp/present.js";
import { mosText, msText, percentText } from "./quantity.js";

/** Round-trip times and scores that differ by so much are marked. */
const RTT_DIFFERENCE_SECONDS = 0.03;
const RTT_FACTOR = 1.5;
const MOS_DIFFERENCE = 0.5;

/** One figure, as text, by whose word it is. What nobody says is absent. */
export interface ComparedFigure {
  /** Absent for the call as a whole. */
  readonly stream?: StreamReport;
  readonly figure: "loss" | "jitter" | "RTT" | "MOS-CQ" | "MOS-LQ";
  readonly unit: "%" | "ms" | "";
  readonly measured?: string;
  readonly reported?: string;
  readonly stack?: string;
  /** Those that are known differ by more than measuring at different places explains. */
  readonly disagrees: boolean;
}

/** The figures of a call of which anybody but us says something, or may. */
export function comparedViews({ rtt, streams }: CallReport): ComparedFigure[] {
  const ofStreams = streams.flatMap((stream): ComparedFigure[] => {
    const isOursAlone = stream.rtcp === undefined && stream.stack === undefined;
    if (isOursAlone && stream.rtt?.measured === undefined) return [];
    return [
      lossViews(stream),
      jitterViews(stream),
      roundTrips(stream.rtt, stream),
      mosViews(stream),
    ].filter(isSaid);
  });
  return [roundTrips(rtt), ...ofStreams].filter(isSaid);
}

function isSaid({ measured, reported, stack }: ComparedFigure): boolean {
  return measured !== undefined || reported !== undefined || stack !== undefined;
}

/** A few reports, or a few packets, do not make a ratio. */
function isComparable({ rtcp, packetsExpected }: StreamReport): boolean {
  return (rtcp?.reports ?? 0) >= MIN_REPORTS && packetsExpected >= MIN_COMPARED_PACKETS;
}

function lossViews(stream: StreamReport): ComparedFigure {
  const { rtcp, lossRatio, packetsExpected, stack } = stream;
  const { packetsLost, voipMetrics, fractionLost } = rtcp ?? {};
  const reported =
    packetsLost !== undefined && Math.abs(packetsLost) <= packetsExpected
      ? Math.max(0, packetsLost / Math.max(1, packetsExpected))
      : (fractionLost?.mean ?? voipMetrics?.lossRatio);
  return {
    stream,
    figure: "loss",
    unit: "%",
    measured: percentText(lossRatio),
    ...(reported !== undefined && { reported: percentText(reported) }),
    ...present("stack", stack && stackLoss(stack)),
    disagrees:
      reported !== undefined &&
      isComparable(stream) &&
      Math.abs(reported - lossRatio) >= MIN_LOSS_DIFFERENCE,
  };
}

/** A stack states what it received and what it missed; nothing received says nothing. */
function stackLoss({ packetsReceived = 0, packetsLost }: StackView): string | undefined {
  if (packetsLost === undefined || packetsReceived + packetsLost <= 0) return undefined;
  return percentText(Math.max(0, packetsLost) / (packetsReceived + packetsLost));
}

function jitterViews(stream: StreamReport): ComparedFigure {
  const measured = stream.jitterSeconds?.mean;
  const reported = stream.rtcp?.jitterSeconds?.mean;
  const stated = stream.stack?.jitterSeconds;
  return {
    stream,
    figure: "jitter",
    unit: "ms",
    ...(measured !== undefined && { measured: msText(measured) }),
    ...(reported !== undefined && { reported: msText(reported) }),
    ...present("stack", stated === undefined ? undefined : msText(stated)),
    disagrees:
      isComparable(stream) &&
      differ([measured, reported], MIN_JITTER_DIFFERENCE_SECONDS, MIN_JITTER_FACTOR),
  };
}

function roundTrips(rtt: CallReport["rtt"], stream?: StreamReport): ComparedFigure {
  const [measured, reported, stack] = [rtt?.measured, rtt?.reported, rtt?.stack].map(
    (summary) => summary?.meanSeconds,
  );
  return {
    ...(stream !== undefined && { stream }),
    figure: "RTT",
    unit: "ms",
    ...(measured !== undefined && { measured: msText(measured) }),
    ...(reported !== undefined && { reported: msText(reported) }),
    ...(stack !== undefined && { stack: msText(stack) }),
    disagrees: differ([measured, reported, stack], RTT_DIFFERENCE_SECONDS, RTT_FACTOR),
  };
}

function mosViews(stream: StreamReport): ComparedFigure {
  const { quality, rtcp } = stream;
  const theirs = rtcp?.voipMetrics;
  // Scores of the same kind are compared: conversation where both have it, or we alone say anything.
  const isConversation =
    quality?.mosCq !== undefined && (theirs === undefined || theirs.mosCq !== undefined);
  const measured = isConversation ? quality.mosCq : quality?.mosLq;
  const reported = isConversation ? theirs?.mosCq : theirs?.mosLq;
  return {
    stream,
    figure: isConversation ? "MOS-CQ" : "MOS-LQ",
    unit: "",
    ...(measured !== undefined && { measured: mosText(measured) }),
    ...(reported !== undefined && { reported: mosText(reported) }),
    disagrees: differ([measured, reported], MOS_DIFFERENCE, 1),
  };
}

/** By at least so much, and by at least that factor. */
function differ(views: readonly (number | undefined)[], least: number, factor: number): boolean {
  const known = views.filter((one) => one !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return known.length > 1 && high - low >= least && high >= factor * low;
}
