/**
 * What else went wrong with a call, in sentences, and where to look.
 *
 * @module
 */

import type { CallReport, IssueReport, MediaFlow } from "../../call/call-report.js";
import type { StreamReport } from "../../call/report.js";
import { NetworkSet } from "../../net/network.js";
import { SILENT_ISSUES } from "../call-order.js";
import { comparedViews } from "../compared-views.js";
import { printable, shortened } from "../display-text.js";
import { reportedLoss } from "../explained-reports.js";
import { lossRunsOf } from "../loss-runs.js";
import { countOf, countText, durationText, secondsBetween } from "../quantity.js";
import { neverReceived } from "../stream-columns.js";
import { hearings } from "./hearing.js";
import { stretchText } from "./interval.js";
import { KEYLESS } from "./keyless.js";
import { ISSUE_REMEDIES } from "./remedies.js";
import { type Sentence, sentenceText, withoutStop } from "./sentence.js";

/** Issues told one by one; of further ones it is said how many there are. */
const MAX_ISSUES_TOLD = 6;
/** Columns for what an issue says, which may quote a peer. */
const MAX_DETAIL_COLUMNS = 400;
/** A handshake that long is what media waited for. */
const SLOW_HANDSHAKE_SECONDS = 0.5;
/** A second of sound. */
const MIN_UNSEEN_PACKETS = 50;
/** Share of a silence from which a gap is what it consists of. */
const MOSTLY = 0.5;
/** RFC 1918, RFC 6598, RFC 4193. */
const PRIVATE = NetworkSet.of([
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
]);

interface Told extends IssueReport {
  /** Where it stands in the record. */
  readonly field: string;
}

/** Issues for which somebody heard nothing. */
export function silenceSentences(call: CallReport): Sentence[] {
  return sentencesOf(call, ({ kind }) => SILENT_ISSUES.includes(kind));
}

/** All other issues but those that were told as what the far end says. */
export function issueSentences(call: CallReport): Sentence[] {
  const isTold = ({ kind, direction }: IssueReport): boolean =>
    kind === "divergent-views" &&
    hearings(call).some((way) => {
      if (way.flow !== direction || way.stream === undefined) return false;
      const hasLoss = reportedLoss(way.stream, neverReceived(way.stream)) !== undefined;
      const hasJitter = comparedViews(call).some(
        ({ figure, stream, disagrees }) =>
          figure === "jitter" && stream === way.stream && disagrees,
      );
      return hasLoss && !hasJitter;
    });
  return sentencesOf(call, (one) => !SILENT_ISSUES.includes(one.kind) && !isTold(one));
}

function sentencesOf(call: CallReport, isWanted: (issue: IssueReport) => boolean): Sentence[] {
  const wanted = call.issues
    .map((issue, index): Told => ({ ...issue, field: `issues[${index}]` }))
    .filter(isWanted);
  const shown = wanted.slice(0, MAX_ISSUES_TOLD);
  const more = wanted.length - shown.length;
  return [
    ...shown.flatMap((issue, index) => {
      const isLastOfKind = !shown.slice(index + 1).some(({ kind }) => kind === issue.kind);
      return [told(call, issue), ...(isLastOfKind ? remedy(call, issue) : [])];
    }),
    ...(more === 0
      ? []
      : [
          {
            about: "issue",
            text: `The record has ${countOf(more, "more issue", "more issues")} of this call.`,
            fields: wanted.slice(shown.length).map(({ field }) => `${field}.kind`),
          } as const,
        ]),
  ];
}

function told(call: CallReport, { kind, direction, detail, from, to, field }: Told): Sentence {
  const sentence = withoutStop(shortened(printable(detail), MAX_DETAIL_COLUMNS));
  const isTimed =
    from !== undefined &&
    to !== undefined &&
    (kind === "dead-air" || (kind === "one-way-audio" && isHeardAtTimes(call, direction)));
  const when = isTimed ? `: ${stretchText(call, { from, to })}` : "";
  return {
    about: "issue",
    text: sentenceText(sentence + when),
    fields: ["detail", "from", "to"].map((name) => `${field}.${name}`).concat("course.answeredAt"),
    tone: SILENT_ISSUES.includes(kind) ? "bad" : "fair",
  };
}

/** Then it matters when it was not. */
function isHeardAtTimes(call: CallReport, direction: MediaFlow | undefined): boolean {
  return hearings(call).some(({ flow, stream }) => flow === direction && stream !== undefined);
}

function remedy(call: CallReport, issue: Told): Sentence[] {
  if (issue.kind === "one-way-audio") return [silenceCause(call, issue)];
  if (issue.kind === "dead-air") {
    const unseen = unseenSound(call);
    if (unseen !== undefined) return [unseen];
  }
  if (issue.kind === "late-media") {
    const slow = slowHandshake(call);
    if (slow !== undefined) return [slow];
  }
  const text = ISSUE_REMEDIES[issue.kind];
  return text === undefined ? [] : [{ about: "remedy", text, fields: [`${issue.field}.kind`] }];
}

/** Dead air that may be the capture's: a party sent on, by its own word. */
function unseenSound(call: CallReport): Sentence | undefined {
  // What was sent before the call was seen is no wonder.
  if (call.course.invitedAt === undefined) return undefined;
  for (const { sender, stream, streamField } of hearings(call)) {
    const sent = stream?.rtcp?.senderReports?.packetsSent ?? 0;
    if (stream === undefined || sent < stream.packetsExpected + MIN_UNSEEN_PACKETS) continue;
    const text = `By its RTCP the ${sender} sent ${countOf(sent, "packet")}, of which ${countText(stream.packetsReceived)} went by here: look first at whether the capture has all of the media.`;
    const fields = ["rtcp.senderReports.packetsSent", "packetsExpected", "packetsReceived"];
    return { about: "remedy", text, fields: fields.map((name) => `${streamField}.${name}`) };
  }
  return undefined;
}

function slowHandshake({ security: { dtls = [] } }: CallReport): Sentence | undefined {
  const index = dtls.findIndex(
    ({ result, durationSeconds = 0 }) =>
      result === "ok" && durationSeconds >= SLOW_HANDSHAKE_SECONDS,
  );
  if (index < 0) return undefined;
  const took = durationText(dtls[index]?.durationSeconds ?? 0);
  const text = `The DTLS handshake took ${took} of that: begin it with early media, and look whether its first message was lost or came too early.`;
  return { about: "remedy", text, fields: [`security.dtls[${index}].durationSeconds`] };
}

/** Whether one gap in the sequence numbers takes up most of a silence. */
function keptSending(stream: StreamReport, { from, to }: IssueReport): boolean {
  const { longestSeconds } = lossRunsOf(stream);
  if (longestSeconds === undefined || from === undefined || to === undefined) return false;
  return longestSeconds >= MOSTLY * secondsBetween(from, to);
}

/** What most likely keeps the audio of one party away, by what else was seen of it. */
function silenceCause(call: CallReport, issue: Told): Sentence {
  const { direction, field } = issue;
  const ways = hearings(call);
  const silent = ways.find(({ flow }) => flow === direction);
  const heard = ways.find(({ flow }) => flow !== direction);
  const sender = silent?.sender ?? "silent party";
  const of = heard?.streamField ?? "";
  const sentence = (text: string, ...fields: string[]): Sentence => ({
    about: "remedy",
    text: sentenceText(text),
    fields: [`${field}.direction`, ...fields],
  });
  const reported = (call.reportedStreams ?? []).findIndex((one) => one.direction === direction);
  const sent = call.reportedStreams?.[reported]?.rtcp.senderReports?.packetsSent ?? 0;
  if (sent > 0) {
    return sentence(
      `by its RTCP the ${sender} sent ${countOf(sent, "packet")}, so they were lost before they got here: look for a firewall or NAT that lets RTCP through and RTP not`,
      `reportedStreams[${reported}].rtcp.senderReports.packetsSent`,
    );
  }
  if (silent?.stream !== undefined && keptSending(silent.stream, issue)) {
    return sentence(
      `the sequence numbers of its audio went on meanwhile, so the ${sender} kept sending: look for what dropped its packets on the way here, or whether the capture did`,
      `${silent.streamField}.lossRuns`,
    );
  }
  if (silent?.stream !== undefined) {
    return sentence(
      `its audio had come before, so the way was open: the ${sender} stopped sending (mute, hold that was not signalled, a crash), or a firewall or NAT forgot the way`,
      `${silent.streamField}.lastPacketAt`,
    );
  }
  const keyless = (call.security.dtls ?? []).findIndex(({ result }) => KEYLESS.includes(result));
  if (keyless >= 0) {
    return sentence(
      `the DTLS handshake gave no keys, and without them the ${sender} sends nothing: look there first`,
      `security.dtls[${keyless}].result`,
    );
  }
  const listens = heard?.stream?.source.address;
  const speaks = heard?.stream?.destination.address;
  if (
    listens !== undefined &&
    speaks !== undefined &&
    PRIVATE.holds(listens) &&
    !PRIVATE.holds(speaks)
  ) {
    return sentence(
      `most likely NAT: the ${heard?.sender ?? ""} is at the private address ${listens}, which the ${sender} at ${speaks} cannot reach`,
      `${of}.source.address`,
      `${of}.destination.address`,
    );
  }
  if ((heard?.stream?.rtcp?.reports ?? 0) > 0) {
    return sentence(
      `the ${sender} is there and gets the other's audio, as its RTCP reports show: it does not send, or its RTP is stopped on the way here`,
      `${of}.rtcp.reports`,
    );
  }
  return sentence(
    `nothing at all of the ${sender}'s media got here: compare the media address in the ${sender}'s description with where the ${heard?.sender ?? "other"} sends, and look for a firewall or NAT on the silent way`,
  );
}
