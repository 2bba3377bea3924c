/**
 * The media of an attached peer connection as a call's record takes it.
 *
 * @module
 */

import type { DtlsReport, IceReport, MediaFlow } from "../call/call-report.js";
import type { InboundStream, OutboundStream } from "../call/connection.js";
import type { CallStream } from "../call/findings.js";
import type { Span } from "../call/issues/spans.js";
import type { LiveMedia, StatedSession } from "../call/live-media.js";
import type { RoundTripReport, StackView } from "../call/report.js";
import { rounded } from "../call/rounding.js";
import { streamReport } from "../call/stream-report.js";
import type { CodecTable } from "../quality/codec-impairment.js";
import { present } from "../rtcp/present.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import type { RoundTripSummary } from "../rtcp/round-trip.js";
import type { PayloadFormat } from "../rtp/codec.js";
import type { PayloadTypeCount, StreamMeasurement } from "../rtp/stream.js";
import { type CallParty, otherParty } from "../sip/call.js";
import type { MediaAttachment } from "./media-attachment.js";

/** What reports on live streams need besides the streams. */
export interface LiveStreamSurroundings {
  /** What a payload type stood for when its packets came. */
  readonly formatOf: (count: PayloadTypeCount) => PayloadFormat | undefined;
  /** As the engine has it. @default 60 */
  readonly fixedBufferMs?: number | undefined;
  readonly codecs?: CodecTable | undefined;
}

/** What one party sends to the other. */
export function flowFrom(party: CallParty): MediaFlow {
  return party === "caller" ? "caller-to-callee" : "callee-to-caller";
}

/** One peer connection's media. What was known when the attachment ended stays. */
export class ConnectionMedia implements LiveMedia {
  readonly attachment: MediaAttachment;
  readonly #surroundings: LiveStreamSurroundings;
  readonly #watchedFromMs: number;
  #watchedToMs = Infinity;

  /** @param watchedFromMs When it was attached, if packets may have come before. */
  constructor(
    attachment: MediaAttachment,
    surroundings: LiveStreamSurroundings,
    watchedFromMs = -Infinity,
  ) {
    this.attachment = attachment;
    this.#surroundings = surroundings;
    this.#watchedFromMs = watchedFromMs;
  }

  /** One that never began to look for a path has nothing that could be watched. */
  readonly watched = (): readonly Span[] => {
    const { attachment } = this;
    const hasBegun =
      attachment.state === "connected" ||
      attachment.ice() !== undefined ||
      attachment.handshakes().length > 0;
    return hasBegun ? [{ fromMs: this.#watchedFromMs, toMs: this.#watchedToMs }] : [];
  };

  /** It was detached while it could go on. */
  leave(atMs: number): void {
    this.#watchedToMs = atMs;
  }

  readonly descriptions = (): readonly StatedSession[] => this.attachment.descriptions();

  sample(): void {
    this.attachment.finalSample();
  }

  streams(localParty: CallParty): readonly CallStream[] {
    const inbound = this.attachment
      .inbound()
      .flatMap((stream) => this.#inbound(stream, localParty));
    const outbound = this.attachment
      .outbound()
      .flatMap((stream) => this.#outbound(stream, localParty));
    return [...inbound, ...outbound];
  }

  handshakes(localParty: CallParty): readonly DtlsReport[] {
    return this.attachment.handshakes().map(({ localRole, ...report }) => {
      if (localRole === undefined) return report;
      const clientParty = localRole === "client" ? localParty : otherParty(localParty);
      const { result, startedAt, ...rest } = report;
      return { result, ...present("startedAt", startedAt), clientParty, ...rest };
    });
  }

  ice(): IceReport | undefined {
    return this.attachment.ice();
  }

  reportedFlows(localParty: CallParty): readonly MediaFlow[] {
    const { attachment } = this;
    const isSent = attachment
      .inbound()
      .some(({ reported }) => (reported?.senderReports?.packetsSent ?? 0) > 0);
    const isReceived = attachment.outbound().some(({ reported }) => (reported?.reports ?? 0) > 0);
    return [
      ...(isSent ? [flowFrom(otherParty(localParty))] : []),
      ...(isReceived ? [flowFrom(localParty)] : []),
    ];
  }

  stackRoundTrip(): RoundTripSummary | undefined {
    return this.attachment.roundTrip().stack;
  }

  #inbound(stream: InboundStream, localParty: CallParty): CallStream[] {
    const { measured, reported, stack, unrouted } = stream;
    if (measured === undefined) return [];
    const { packetsReceived, bytesReceived, packetsLost, jitterSeconds } = stack ?? {};
    const view: StackView | undefined =
      stack &&
      rounded({
        ...present("packetsReceived", packetsReceived),
        ...present("bytesReceived", bytesReceived),
        ...present("packetsLost", packetsLost),
        ...present("jitterSeconds", jitterSeconds),
      });
    const flow = flowFrom(otherParty(localParty));
    const seen = this.#callStream(measured, reported, flow, stack?.kind);
    const extra = { ...present("stack", view), ...(unrouted && { isUnrouted: true as const }) };
    return [{ ...seen, stream: { ...seen.stream, ...extra } }];
  }

  #outbound(stream: OutboundStream, localParty: CallParty): CallStream[] {
    const { measured, reported, stack, feedback } = stream;
    if (measured === undefined) return [];
    const view: StackView | undefined = stack && {
      packetsSent: stack.packetsSent - stack.packetsNotSent,
      bytesSent: stack.bytesSent - stack.bytesNotSent,
    };
    const seen = this.#callStream(measured, reported, flowFrom(localParty), stack?.kind);
    const isAsked = Object.values(feedback).some((count) => count > 0);
    const extra = { ...present("stack", view), ...(isAsked && { feedback }) };
    return [{ ...seen, stream: { ...seen.stream, ...extra } }];
  }

  #callStream(
    measured: StreamMeasurement,
    reported: ReportedView | undefined,
    flow: MediaFlow,
    kind: string | undefined,
  ): CallStream {
    // What is reported is rounded in place, and the attachment keeps what it gives out at its end.
    const times = structuredClone(this.attachment.roundTrip());
    const rtt: RoundTripReport = {
      ...present("measured", times.measured),
      ...present("reported", reported?.roundTrip ?? times.reported),
    };
    const hasRtt = rtt.measured !== undefined || rtt.reported !== undefined;
    const stream = streamReport(measured, {
      ...this.#surroundings,
      rtcpOf: () => ({ rtcp: structuredClone(reported), rtt: hasRtt ? rtt : undefined }),
      rttSeconds: times.stack?.meanSeconds,
    });
    const mediaType = kind ?? this.#mediaTypeOf(measured);
    return {
      stream: { ...stream, direction: flow, mediaType },
      flow,
      mediaType,
      firstPacketAtMs: measured.firstPacketAtMs,
      lastPacketAtMs: measured.lastPacketAtMs,
    };
  }

  /** Where no stack says it, by what is in it. */
  #mediaTypeOf(measured: StreamMeasurement): string {
    const kinds = measured.payloadTypes.map((count) => this.#surroundings.formatOf(count)?.kind);
    return kinds.includes("video") ? "video" : "audio";
  }
}
