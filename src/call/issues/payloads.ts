/**
 * Payload types against what was agreed, and codecs against themselves.
 *
 * @module
 */

import type { MediaAgreement } from "../agreement.js";
import type { IssueReport } from "../call-report.js";
import type { CallFacts, CallStream } from "../findings.js";
import { hasSound, mayShareHop } from "./audio.js";
import { agreedFlow, standing } from "./course.js";
import { FLOWS, issue, lifeOf, partiesOf, ssrcText, type StreamIssue, toldOnce } from "./issue.js";
import type { Span } from "./spans.js";

/** Fewer packets may be a frame or two that crossed a new description. */
export const MIN_WRONG_PACKETS = 3;

/** A codec counts from one second of 20 ms packets on. */
export const MIN_CODEC_PACKETS = 50;

/**
 * Packets and the descriptions they follow may be so far apart: an offer is to be honoured from the
 * moment it is sent (RFC 3264 §5.1, §8.3.2), the old payload types until the new ones come.
 */
export const DESCRIPTION_SLACK_MS = 2000;

/** Every receiver knows it, agreed or not (RFC 3551 §6, RFC 3389 §4), and it carries no speech. */
const STATIC_COMFORT_NOISE = 13;

/** Packets of payload types that their receiver did not say it takes. */
export function findWrongPayloadTypes(facts: CallFacts): IssueReport[] {
  const found = facts.streams.flatMap((stream): StreamIssue[] => {
    const payloads = agreementsOf(stream, facts).map(
      (agreement) => agreedFlow(agreement, stream.flow).payloads,
    );
    if (payloads.every(({ size }) => size === 0)) return [];
    const packetsByType = new Map<number, number>();
    for (const { payloadType, packets } of stream.stream.payloadTypes) {
      if (payloadType === STATIC_COMFORT_NOISE) continue;
      if (payloads.some((map) => map.has(payloadType))) continue;
      packetsByType.set(payloadType, (packetsByType.get(payloadType) ?? 0) + packets);
    }
    const { receiver } = partiesOf(stream.flow);
    return [...packetsByType]
      .filter(([, packets]) => packets >= MIN_WRONG_PACKETS)
      .map(([payloadType, packets]) => ({
        stream,
        what: String(payloadType),
        issue: issue(
          "wrong-payload-type",
          { direction: stream.flow, span: lifeOf(stream) },
          `${packets} of ${stream.stream.packetsReceived} packets of ${ssrcText(stream)} have payload type ${payloadType}, which the ${receiver} did not agree to.`,
        ),
      }));
  });
  return toldOnce(found);
}

/** Those that stood while the stream ran: of all sections, for they may share a port (RFC 9143). */
function agreementsOf(
  { firstPacketAtMs, lastPacketAtMs }: CallStream,
  { agreements }: CallFacts,
): MediaAgreement[] {
  return agreements.filter((agreement) => {
    const { fromMs, toMs } = standing(agreement);
    return (
      fromMs <= lastPacketAtMs + DESCRIPTION_SLACK_MS &&
      toMs >= firstPacketAtMs - DESCRIPTION_SLACK_MS
    );
  });
}

/** A codec as SDP writes it: `PCMU/8000`. */
type CodecName = string;

/** Speech that went over to another codec after the answer. */
export function findCodecChanges(facts: CallFacts): IssueReport[] {
  const { call } = facts;
  const sinceMs = call.answeredAtMs ?? (call.hasInvite ? undefined : -Infinity);
  if (sinceMs === undefined) return [];
  return FLOWS.flatMap((flow) => {
    const streams = facts.streams.filter(
      (stream) =>
        stream.flow === flow &&
        hasSound(stream) &&
        stream.lastPacketAtMs > sinceMs + DESCRIPTION_SLACK_MS,
    );
    const found: StreamIssue[] = [];
    const earlier: Spoken[] = [];
    for (const stream of streams) {
      const codecs = codecsOf(stream, facts);
      const [first] = codecs.names;
      const last = codecs.names.at(-1);
      if (first === undefined || last === undefined) continue;
      const before = earlier.findLast((one) => mayShareHop(one.stream, stream)) ?? earlier.at(-1);
      if (before && before.codec !== first && follows(stream, before.stream)) {
        const what = `from ${before.codec} to ${first}`;
        found.push({ stream, what, issue: changeBetween(before.stream, stream, what) });
      }
      if (first !== last) {
        const what = codecs.names.join(" ");
        found.push({ stream, what, issue: changeWithin(stream, codecs) });
      }
      earlier.push({ stream, codec: last });
    }
    return toldOnce(found);
  });
}

/** A stream, and the codec that it ended with. */
interface Spoken {
  readonly stream: CallStream;
  readonly codec: CodecName;
}

/** Streams at the same time are two sources, not one that changed. */
function follows(stream: CallStream, before: CallStream): boolean {
  return stream.firstPacketAtMs >= before.lastPacketAtMs - DESCRIPTION_SLACK_MS;
}

function changeBetween(before: CallStream, after: CallStream, change: string): IssueReport {
  const span = {
    fromMs: Math.min(before.lastPacketAtMs, after.firstPacketAtMs),
    toMs: Math.max(before.lastPacketAtMs, after.firstPacketAtMs),
  };
  const { sender } = partiesOf(after.flow);
  return issue(
    "codec-changed",
    { direction: after.flow, span },
    `The ${sender}'s audio changed ${change} with ${ssrcText(after)}.`,
  );
}

/** Speech codecs of a stream, in the order of their use where that is known. */
interface StreamCodecs {
  readonly names: readonly CodecName[];
  readonly packets: ReadonlyMap<CodecName, number>;
  readonly isOrdered: boolean;
}

function changeWithin(
  stream: CallStream,
  { names, packets, isOrdered }: StreamCodecs,
): IssueReport {
  const used = names.map((name) => `${name} (${String(packets.get(name))} packets)`);
  const { sender } = partiesOf(stream.flow);
  const change = isOrdered ? `from ${used.join(" to ")}` : `between ${used.join(" and ")}`;
  return issue(
    "codec-changed",
    { direction: stream.flow, span: lifeOf(stream) },
    `The ${sender}'s audio changed ${change} within ${ssrcText(stream)}.`,
  );
}

function codecsOf(stream: CallStream, facts: CallFacts): StreamCodecs {
  const packets = new Map<CodecName, number>();
  for (const { codec, clockRateHz, kind, packets: count } of stream.stream.payloadTypes) {
    if (kind !== "audio" || codec === undefined || clockRateHz === undefined) continue;
    const name = codecName(codec, clockRateHz);
    packets.set(name, (packets.get(name) ?? 0) + count);
  }
  const used = [...packets].filter(([, count]) => count >= MIN_CODEC_PACKETS);
  // One has no order.
  if (used.length < 2) return { names: used.map(([name]) => name), packets, isOrdered: true };
  const agreed = used.map(([name]) => ({ name, span: agreedSpan(name, stream, facts) }));
  // Only the descriptions tell which came first: the one that was agreed to, or fell out of use, first.
  agreed.sort((a, b) => a.span.fromMs - b.span.fromMs || a.span.toMs - b.span.toMs || 0);
  return {
    names: agreed.map(({ name }) => name),
    packets,
    isOrdered: agreed.every(({ span }, i) => {
      const previous = agreed[i - 1]?.span;
      const isAgreed = span.fromMs <= span.toMs;
      return isAgreed && (previous?.fromMs !== span.fromMs || previous.toMs !== span.toMs);
    }),
  };
}

/** From when to when the descriptions had this codec for the stream. */
function agreedSpan(name: CodecName, stream: CallStream, facts: CallFacts): Span {
  const spans = agreementsOf(stream, facts)
    .filter((agreement) =>
      [...agreedFlow(agreement, stream.flow).payloads.values()].some(
        (format) => codecName(format.name, format.clockRateHz) === name,
      ),
    )
    .map(standing);
  return {
    fromMs: Math.min(...spans.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...spans.map(({ toMs }) => toMs)),
  };
}

function codecName(codec: string, clockRateHz: number): CodecName {
  return `${codec}/${String(clockRateHz)}`;
}
