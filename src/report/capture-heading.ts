/**
 * What a capture held, before the streams.
 *
 * @module
 */

import type { CaptureCounters, CaptureReport, StreamReport } from "../call/report.js";
import { callsText } from "./call-table.js";
import { printable, TIE, wrapped } from "./display-text.js";
import { everyStream } from "./every-stream.js";
import {
  bytesText,
  countOf,
  countText,
  dateAndTime,
  durationText,
  secondsBetween,
} from "./quantity.js";
import { verdicts } from "./satisfaction.js";
import type { Paint } from "./tone.js";

/** With fewer streams than this the table itself says it. */
const MIN_STREAMS_SUMMARISED = 6;

/** From two days on, both ends are told instead of the length. */
const LONG_SECONDS = 2 * 86_400;

/** The lines over the table of streams. */
export function captureHeading(report: CaptureReport, width: number, paint: Paint): string[] {
  const { counters, damage } = report;
  const streams = everyStream(report);
  const block = (text: string): string[] => wrapped(text, { width, indent: 2, hanging: 4 });
  const [name = "", ...rest] = wrapped(`${printable(report.file)}: ${extent(report)}`, {
    width,
    indent: 0,
    hanging: 2,
  });
  return [
    paint("strong", name),
    ...rest,
    ...block(contents(report, streams)),
    ...flaws(counters).flatMap(block),
    ...(damage === undefined
      ? []
      : block(printable(damage.sentence)).map((line) => paint("bad", line))),
    ...block(summary(streams)),
  ];
}

function extent({ firstPacketAt, lastPacketAt, counters }: CaptureReport): string {
  const frames = countOf(counters.packets, "frame");
  if (firstPacketAt === undefined || lastPacketAt === undefined) return frames;
  const seconds = secondsBetween(firstPacketAt, lastPacketAt);
  const first = `${dateAndTime(firstPacketAt)}${TIE}UTC`;
  const amount = `${frames}, ${bytesText(counters.bytes)}`;
  // How long it is then, the first and the last frame do not tell.
  if (seconds < 0) return `first frame at ${first}, not in order of time, ${amount}`;
  // A length in days tells nobody of which days a capture is.
  if (seconds >= LONG_SECONDS) {
    return `${dateAndTime(firstPacketAt)} to ${dateAndTime(lastPacketAt)}${TIE}UTC, ${amount}`;
  }
  return `${durationText(seconds)} from ${first}, ${amount}`;
}

/** What was in it, by protocol; a capture without media says so first. */
function contents({ calls, counters }: CaptureReport, streams: readonly StreamReport[]): string {
  const { rtp, rtcp, rtcpEncrypted, sip, dtls, stun, turnChannelData } = counters;
  const named = (count: number, name: string, note = ""): string[] =>
    count === 0 ? [] : [`${countText(count)}${TIE}${name}${note}`];
  const encrypted =
    rtcpEncrypted === 0
      ? ""
      : ` (${rtcpEncrypted === rtcp ? "all" : countText(rtcpEncrypted)} encrypted)`;
  const inStreams = streams.length === 0 ? "" : ` in ${countOf(streams.length, "stream")}`;
  const parts = [
    ...(calls.length === 0 ? [] : [callsText(calls)]),
    ...(calls.length > 0 && streams.length === 0 ? ["no RTP stream"] : []),
    ...named(rtp, "RTP", inStreams),
    ...named(rtcp, "RTCP", encrypted),
    ...named(sip, "SIP"),
    ...named(dtls, "DTLS"),
    ...named(stun, "STUN"),
    ...named(turnChannelData, `TURN${TIE}ChannelData`),
  ];
  if (streams.length > 0 || calls.length > 0) return parts.join(", ");
  if (counters.packets === 0) return "The capture is empty.";
  return parts.length === 0
    ? "No RTP stream, nor anything else of a call."
    : `No RTP stream. Found: ${parts.join(", ")}`;
}

/** What of the capture is not in the figures, and why. */
function flaws(counters: CaptureCounters): string[] {
  const { ignored, unconfirmedRtp, tcpBytesSkipped, fragments, malformed, evicted } = counters;
  const parts = [
    ...(ignored > 0 ? [countOf(ignored, "other frame")] : []),
    ...(unconfirmedRtp > 0 ? [`${countText(unconfirmedRtp)} like RTP that form no stream`] : []),
    ...(fragments > 0 ? [countOf(fragments, "fragment")] : []),
    ...(tcpBytesSkipped > 0 ? [`${bytesText(tcpBytesSkipped)} of SIP over TCP missing`] : []),
    ...reasons("malformed", malformed),
  ];
  const dropped = reasons("given up for lack of time or room", evicted);
  const hint = (evicted["streams"] ?? 0) > 0 ? "; --streams N makes room for more streams" : "";
  return [
    ...(parts.length === 0 ? [] : [`also ${parts.join(", ")}`]),
    ...(dropped.length === 0 ? [] : [dropped.join("") + hint]),
  ];
}

/** "12 malformed (IP header 10, SIP 2)", or nothing. */
export function reasons(what: string, counts: Readonly<Record<string, number>>): string[] {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  if (present.length === 0) return [];
  const total = present.reduce((sum, [, count]) => sum + count, 0);
  const each = present.map(([reason, count]) =>
    present.length === 1 ? words(reason) : `${words(reason)}${TIE}${countText(count)}`,
  );
  return [`${countText(total)} ${what} (${each.join(", ")})`];
}

/** "ipHeader" as "IP header". */
function words(reason: string): string {
  return printable(reason)
    .replace(/[A-Z]/g, (letter) => TIE + letter.toLowerCase())
    .replace(/\b(?:ip|tcp|udp|rtp|rtcp|sip|sdp)\b/g, (name) => name.toUpperCase());
}

/** How many streams users would be how satisfied with. */
function summary(streams: readonly StreamReport[]): string {
  if (streams.length < MIN_STREAMS_SUMMARISED) return "";
  const parts: string[] = [];
  const counts = verdicts(streams);
  if (counts.get(undefined) === streams.length) return "";
  for (const [verdict, count] of counts) {
    if (count > 0) parts.push(`${countText(count)} ${verdict?.verdict ?? "without a MOS"}`);
  }
  return `Users by MOS: ${parts.join(", ")}`;
}
