/**
 * How a capture was taken, and what of it is missing.
 *
 * @module
 */

import { MAX_COPY_RATIO, MIN_PACKETS_FOR_COPIES } from "../call/confidence.js";
import type { CaptureCounters, CaptureInput, CaptureReport } from "../call/report.js";
import { reasons } from "../report/capture-heading.js";
import { everyStream } from "../report/every-stream.js";
import { countOf, countText, msText } from "../report/quantity.js";
import { caveat, ofAll, WHOLE_PACKETS } from "./caveats.js";
import { blind, type Finding, limited, ok, subject, type Subject } from "./finding.js";

/** LINKTYPE_* of tcpdump.org, as people call what can be read. */
const LINK_TYPES: ReadonlyMap<number, string> = new Map([
  [0, "BSD loopback"],
  [1, "Ethernet"],
  [9, "PPP"],
  [12, "raw IP"],
  [14, "raw IP"],
  [50, "PPP"],
  [51, "PPPoE"],
  [101, "raw IP"],
  [104, "Cisco HDLC"],
  [108, "OpenBSD loopback"],
  [113, "Linux cooked"],
  [228, "IPv4"],
  [229, "IPv6"],
  [276, "Linux cooked v2"],
]);

/** Jitter of good networks is of this order: a clock must be finer to measure it. */
const COARSE_CLOCK_SECONDS = 0.000_1;

/** What the capture itself lacks. */
export function recording(report: CaptureReport): Subject {
  const { counters, inputs, calls, damage } = report;
  return subject("capture", [
    ...inputs.map((input) => taken(input)),
    ...inputs.map(coarseClock),
    ...inputs.map(drops),
    damage &&
      limited(
        damage.sentence,
        "What came after it is in no figure.",
        "Stop the capturing tool with Ctrl-C, and copy its file only then.",
      ),
    unknownLink(counters, inputs),
    cuts(counters, inputs),
    unordered(report),
    caveat(
      calls,
      "capture-gap",
      "Write to a faster disk, filter by udp, or widen the buffer (-B).",
    ),
    copies(report),
    malformed(counters),
    evicted(counters),
  ]);
}

function linkName({ linkType }: CaptureInput): string {
  if (linkType === undefined) return "no interface";
  return LINK_TYPES.get(linkType) ?? `link type ${String(linkType)}`;
}

function taken(input: CaptureInput): Finding {
  const { format, interfaces, snapLengthBytes, timestampResolutionSeconds, packetsDropped } = input;
  const parts = [
    `${format}, ${linkName(input)}`,
    ...(interfaces > 1 ? [`and ${countOf(interfaces - 1, "more interface")}`] : []),
    ...(timestampResolutionSeconds === undefined
      ? []
      : [`times to ${resolutionText(timestampResolutionSeconds)}`]),
    ...(snapLengthBytes === undefined
      ? []
      : [`at most ${countText(snapLengthBytes)} bytes a packet`]),
    ...(packetsDropped === 0 ? ["no packet lost while capturing"] : []),
    ...(packetsDropped === undefined ? ["not said whether packets were lost while capturing"] : []),
  ];
  return ok(`${parts.join(", ")}.`);
}

function resolutionText(seconds: number): string {
  if (seconds < 0.000_000_5) return `${String(Math.round(seconds * 1e9))} ns`;
  return seconds < 0.000_5 ? `${String(Math.round(seconds * 1e6))} µs` : `${msText(seconds)} ms`;
}

function coarseClock({ timestampResolutionSeconds = 0 }: CaptureInput): Finding | undefined {
  if (timestampResolutionSeconds <= COARSE_CLOCK_SECONDS) return undefined;
  return limited(
    `The times of packets are rounded to ${resolutionText(timestampResolutionSeconds)}.`,
    "Jitter and delay variation below that are of the rounding, not of the network.",
    "Capture with microseconds, as tcpdump and dumpcap do unless told otherwise.",
  );
}

function drops({ packetsDropped = 0 }: CaptureInput): Finding | undefined {
  if (packetsDropped === 0) return undefined;
  return limited(
    `Whoever captured lost ${countOf(packetsDropped, "packet")}, by the capture's own count.`,
    "What reads as loss, or as a message that never came, may be one of these.",
    "Write to a faster disk, filter by udp, or widen the buffer (dumpcap -B 64).",
  );
}

function unknownLink(
  { packets, malformed }: CaptureCounters,
  inputs: readonly CaptureInput[],
): Finding | undefined {
  const count = malformed["linkType"] ?? 0;
  if (count === 0) return undefined;
  const all = count === packets;
  const named = inputs.filter(({ linkType = 1 }) => !LINK_TYPES.has(linkType)).map(linkName);
  const of = named.length === 0 ? "a link type that is not known" : named.join(" and ");
  return (all ? blind : limited)(
    `${all ? "All" : countText(count)} frames are of ${of}.`,
    "Nothing in them can be read.",
    "Capture on an interface of Ethernet, or on any (Linux cooked), or as raw IP.",
  );
}

function cuts(
  { packetsCut, packets }: CaptureCounters,
  inputs: readonly CaptureInput[],
): Finding | undefined {
  if (packetsCut === 0) return undefined;
  const lengths = inputs.flatMap(({ snapLengthBytes }) => snapLengthBytes ?? []);
  const at =
    lengths.length === 0 ? "" : `, at ${countText(Math.min(...lengths))} bytes at the earliest`;
  return limited(
    `${countText(packetsCut)} of ${countOf(packets, "frame")} are cut short${at}.`,
    "RTP is measured by its header all the same; descriptions (SDP), certificates and reports behind the cut are not seen.",
    WHOLE_PACKETS,
  );
}

function unordered({ firstPacketAt, lastPacketAt }: CaptureReport): Finding | undefined {
  if (firstPacketAt === undefined || lastPacketAt === undefined) return undefined;
  if (lastPacketAt >= firstPacketAt) return undefined;
  return limited(
    "The last frame is older than the first: they are not in order of time.",
    "Lengths of time and jitter across the step mean nothing.",
    "Put them in order: reordercap CAPTURE ORDERED.",
  );
}

function copies(report: CaptureReport): Finding | undefined {
  const streams = everyStream(report);
  const twice = streams.filter(
    ({ packetsReceived, packetsDuplicated }) =>
      packetsReceived >= MIN_PACKETS_FOR_COPIES &&
      packetsDuplicated > MAX_COPY_RATIO * packetsReceived,
  );
  if (twice.length === 0) return undefined;
  return limited(
    ofAll("Streams captured twice, as from a mirrored port", twice.length, streams.length),
    "Copies are counted as such, but jitter reads lower than it was, and loss may be hidden.",
    "Mirror one direction of one port, or drop the copies: editcap -d.",
  );
}

function malformed({ malformed: counts }: CaptureCounters): Finding | undefined {
  // Those have a finding of their own.
  const [what] = reasons("malformed", { ...counts, linkType: 0 });
  if (what === undefined) return undefined;
  return limited(`${what}.`, "They are in no figure but this one.");
}

function evicted({ evicted: counts }: CaptureCounters): Finding | undefined {
  const [what] = reasons("given up for lack of time or room", counts);
  if (what === undefined) return undefined;
  const isStreams = (counts["streams"] ?? 0) > 0;
  return limited(
    `${what}.`,
    "What they would have told is missing.",
    isStreams
      ? "Make room for more streams: --streams N."
      : "Split the capture: editcap -c, or -i.",
  );
}
