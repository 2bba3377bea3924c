/**
 * Media of calls that go on: what an attachment knows of it, which call it belongs to, and what it gives
 * to that call's record.
 *
 * @module
 */

import type { RoundTripSummary } from "../rtcp/round-trip.js";
import type { SessionDescription } from "../sdp/description.js";
import type { CallParty, SipCall } from "../sip/call.js";
import type { CallEntry } from "./call-entry.js";
import type { DtlsReport, IceReport, MediaFlow, ReportedStreamRecord } from "./call-report.js";
import type { CallMaterial } from "./compose-call.js";
import type { CallStream } from "./findings.js";
import type { Span } from "./issues/spans.js";

/** What one side of a connection says of its session. */
export interface StatedSession {
  readonly by: "local" | "remote";
  readonly isOffer: boolean;
  readonly session: SessionDescription;
}

/** What an attachment knows of the media of a call. What it cannot know is empty or absent. */
export interface LiveMedia {
  /**
   * The descriptions in force, the offer first: for a call whose own were before anybody looked.
   * Absent where the media is not described.
   */
  readonly descriptions?: () => readonly StatedSession[];
  /** False where only reports come by, and no packet ever could. @default true */
  readonly seesPackets?: boolean;
  /** When its packets were looked for. @default all along */
  readonly watched?: () => readonly Span[];
  /** Reads everything once more: whoever owns it may close it next. */
  sample(): void;
  /** As far as it is known now, each with its direction; `localParty` is the attached side. */
  streams(localParty: CallParty): readonly CallStream[];
  /** As {@link streams}: whose end began is told by the party. */
  handshakes(localParty: CallParty): readonly DtlsReport[];
  ice(): IceReport | undefined;
  /** Ways of which RTCP proves that they carry media. */
  reportedFlows(localParty: CallParty): readonly MediaFlow[];
  /** The round-trip time as the stack states it. */
  stackRoundTrip(): RoundTripSummary | undefined;
  /** The round-trip time by our clock, where no stream has it. */
  measuredRoundTrip?(): RoundTripSummary | undefined;
  /** Streams that only RTCP tells of. */
  reportedStreams?(entry: CallEntry): readonly ReportedStreamRecord[];
}

/** Which call media belongs to. */
export interface MediaKey {
  readonly callId: string;
  /** Of the INVITE that made the call; without it, the newest call with that Call-ID. */
  readonly fromTag?: string | undefined;
}

/** What one side of a call said of its media. */
export interface CallDescription {
  /** The calls of which user agent: the same Call-ID may be known to several. */
  readonly owner: object;
  readonly key: MediaKey;
  readonly by: "local" | "remote";
  readonly session: SessionDescription;
}

/** Finds the media of calls by what their descriptions say. */
export interface MediaFinder {
  /** `bind` brings media to that call's record. */
  described(description: CallDescription, bind: (media: LiveMedia) => void): void;
  /** The call was told for the last time. */
  ended(owner: object, key: MediaKey): void;
}

/** What all the media of a call gives to its record. */
export function materialOf(
  media: readonly LiveMedia[],
  localParty: CallParty,
): Pick<CallMaterial, "streams" | "handshakes" | "ice" | "stackRoundTrip" | "reportedFlows"> {
  const streams = media.flatMap((one) => [...one.streams(localParty)]);
  return {
    streams: streams.sort((a, b) => a.firstPacketAtMs - b.firstPacketAtMs),
    // A record is rounded in place; what media gives out stays its own.
    handshakes: media.flatMap((one) =>
      one.handshakes(localParty).map((handshake) => ({ handshake: structuredClone(handshake) })),
    ),
    ice: structuredClone(media.map((one) => one.ice()).find((one) => one !== undefined)),
    stackRoundTrip: structuredClone(
      media.map((one) => one.stackRoundTrip()).find((one) => one !== undefined),
    ),
    reportedFlows: media.flatMap((one) => [...one.reportedFlows(localParty)]),
  };
}

/** The key of that call alone. */
export function keyOf({ callId, callerTag }: SipCall): MediaKey {
  return { callId, fromTag: callerTag };
}

/** Whether media with that key belongs to the call. */
export function isOf(call: SipCall, { callId, fromTag }: MediaKey): boolean {
  return call.callId === callId && (fromTag === undefined || call.callerTag === fromTag);
}
