/**
 * When audio came, way by way.
 *
 * @module
 */

import { memoized } from "../../net/memoized.js";
import type { MediaFlow } from "../call-report.js";
import type { CallFacts, CallStream } from "../findings.js";
import type { IntervalReport, PayloadTypeReport } from "../report.js";
import { agreedFlow } from "./course.js";
import { difference, merged, type Span } from "./spans.js";

/** The audio of one way. */
export interface FlowAudio {
  /** Streams with audio, comfort noise included, in order of first packet. */
  readonly streams: readonly CallStream[];
  /** When packets came, as {@link merged} gives it. Pauses within an interval do not show. */
  readonly alive: readonly Span[];
  /** Its sender says nothing in pauses of speech. */
  readonly suppressesSilence: boolean;
}

/** Kinds whose packets are heard, or stand for what is heard. */
const SOUND: ReadonlySet<PayloadTypeReport["kind"]> = new Set([
  "audio",
  "comfort-noise",
  "redundancy",
]);

/**
 * Codecs with a silence compression of their own that sends a frame only when the noise changes, and
 * which is on unless `annexa=no` or `annexb=no` says otherwise (RFC 4856).
 */
const SUPPRESSING_CODECS = /^(G729[DE]?|G723)$/i;
const NO_ANNEX = /\bannex[ab]\s*=\s*"?no\b/i;

/**
 * Whether two streams of one way can be of one hop: one of their ends is the same. Before and behind a
 * relay both are others, and so may be the codec.
 */
export function mayShareHop({ stream: one }: CallStream, { stream: other }: CallStream): boolean {
  return (
    one.source.address === other.source.address ||
    one.destination.address === other.destination.address
  );
}

/** What came of audio on one way of a call. Several findings are made of the same. */
export function audioOf(facts: CallFacts, flow: MediaFlow): FlowAudio {
  const audio = audioByFlow(facts);
  return (audio[flow] ??= audioOn(facts, flow));
}

const audioByFlow = memoized<CallFacts, Partial<Record<MediaFlow, FlowAudio>>>(() => ({}));

function audioOn(facts: CallFacts, flow: MediaFlow): FlowAudio {
  const streams = facts.streams.filter((stream) => stream.flow === flow && hasSound(stream));
  return {
    streams,
    alive: merged(streams.flatMap(busyRuns)),
    suppressesSilence: streams.some((stream) => suppressesSilence(stream, facts)),
  };
}

/**
 * Whether a stream carries audio: packets that are sound, or of audio's section and of unknown kind.
 * Sections that share a port (RFC 9143) cannot always be told apart, payload types can.
 */
export function hasSound({ stream, mediaType }: CallStream): boolean {
  return stream.payloadTypes.some(({ kind }) =>
    kind === undefined ? mediaType === "audio" : SOUND.has(kind) && isOfAudio(kind, mediaType),
  );
}

/** Redundancy is of whatever section it is in. */
function isOfAudio(kind: PayloadTypeReport["kind"], mediaType: string): boolean {
  return kind !== "redundancy" || mediaType === "audio";
}

function suppressesSilence({ stream, flow }: CallStream, { agreements }: CallFacts): boolean {
  return stream.payloadTypes.some(({ kind, codec, payloadType }) => {
    if (kind === "comfort-noise") return true;
    if (codec === undefined || !SUPPRESSING_CODECS.test(codec)) return false;
    return !agreements.some((agreement) =>
      NO_ANNEX.test(agreedFlow(agreement, flow).payloads.get(payloadType)?.parameters ?? ""),
    );
  });
}

/**
 * How many audio packets came in a stretch, as if those of each interval were spread evenly over it.
 */
export function packetsWithin({ streams }: FlowAudio, { fromMs, toMs }: Span): number {
  let packets = 0;
  for (const busy of streams.flatMap(busySpans)) {
    const { span } = busy;
    const sharedMs = Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs);
    if (sharedMs > 0) packets += (busy.packets * sharedMs) / (span.toMs - span.fromMs);
  }
  return packets;
}

/** Intervals with packets that follow each other without one between them that has none. */
function busyRuns(of: CallStream): Span[] {
  const { firstPacketAtMs, lastPacketAtMs } = of;
  const pauses: Span[] = [];
  let before: IntervalReport | undefined;
  for (const interval of of.stream.intervals) {
    if (interval.packetsReceived === 0) continue;
    // The text is compared as it is: nearly every stream has no pause, and nothing to be parsed.
    if (before !== undefined && before.to !== interval.from) {
      pauses.push({ fromMs: ownClockMs(of, before.to), toMs: ownClockMs(of, interval.from) });
    }
    before = interval;
  }
  return difference([{ fromMs: firstPacketAtMs, toMs: lastPacketAtMs }], merged(pauses));
}

/** The intervals of a stream that have packets, cut off at its last packet. */
function busySpans(of: CallStream): { readonly span: Span; readonly packets: number }[] {
  const { stream, firstPacketAtMs, lastPacketAtMs } = of;
  if (stream.intervals.length === 0) {
    const span = { fromMs: firstPacketAtMs, toMs: lastPacketAtMs };
    return [{ span, packets: stream.packetsReceived }];
  }
  return stream.intervals.map(({ from, to, packetsReceived }) => ({
    span: {
      fromMs: ownClockMs(of, from),
      toMs: Math.min(ownClockMs(of, to), lastPacketAtMs),
    },
    packets: packetsReceived,
  }));
}

/** The text may be of another clock than the call's; distances are the same on both. */
function ownClockMs({ stream, firstPacketAtMs }: CallStream, iso: string): number {
  return firstPacketAtMs + (instantMs(iso) - instantMs(stream.firstPacketAt));
}

/** Epoch milliseconds of an instant with microseconds, which `Date.parse` would cut off. */
function instantMs(iso: string): number {
  const second = iso.slice(0, "0000-00-00T00:00:00".length);
  return Date.parse(`${second}Z`) + Number.parseFloat(`0${iso.slice(second.length, -1)}`) * 1000;
}
