/**
 * What the search for issues and caveats is given of a call.
 *
 * @module
 */

import type { SipCall } from "../sip/call.js";
import type { MediaAgreement } from "./agreement.js";
import type { MediaFlow } from "./call-report.js";
import type { StreamReport } from "./report.js";

/** A stream of the call whose direction is known. */
export interface CallStream {
  readonly stream: StreamReport;
  readonly flow: MediaFlow;
  /** `audio`, `video`, …: of the media section it belongs to. */
  readonly mediaType: string;
  /** First and last packet, in the milliseconds of the call's own clock. */
  readonly firstPacketAtMs: number;
  readonly lastPacketAtMs: number;
}

/** How well the capture or the attachment could see the call. */
export interface Observation {
  /** First and last packet of the whole input. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: "live" | "capture";
  /** RTP of any call was seen; without it the input is one of signalling alone. */
  readonly hasMedia: boolean;
  /** There is RTP, but nothing that was seen of the call says where its own is. */
  readonly isMediaUnnamed?: boolean;
  /** Frames were cut by a snap length. */
  readonly hasCutPackets: boolean;
  /**
   * Stretches in which the capture itself lost packets, by its own drop counts or by silence in all it
   * saw; live, in which nobody watched the call's media.
   */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** The side was neither stated nor known. */
  readonly isSideAssumed: boolean;
  /** The networks stated as local hold both parties, or neither. */
  readonly localNetworksFit?: "both" | "neither";
  /** Connections of SIP over TLS were seen to begin (port 5061). */
  readonly hasEncryptedSignalling: boolean;
  /** A peer connection that no SIP dialog belongs to: there is nothing of its set-up to be seen. */
  readonly hasNoDialog?: boolean;
  /** Of a peer connection that was watched before it was up: none of its media went by unseen. */
  readonly isMediaWhole?: boolean;
  /** The call was given up for newer ones before anything of its media was known. */
  readonly isEvicted?: boolean;
}

/** Everything known of a call when it is reported. */
export interface CallFacts {
  readonly call: SipCall;
  /** In order of first packet. */
  readonly streams: readonly CallStream[];
  readonly agreements: readonly MediaAgreement[];
  readonly observation: Observation;
  /** Ways of which RTCP proves that they carry media, whether or not RTP of them was seen. */
  readonly reportedFlows: readonly MediaFlow[];
  /** The media is SRTP, so that no report on it can be read. */
  readonly hasEncryptedRtcp: boolean;
}
