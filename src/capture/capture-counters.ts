/**
 * The counters of a report.
 *
 * @module
 */

import type { CaptureCounters } from "../call/report.js";
import type { EngineCounters } from "../native/engine.js";
import type { SignallingCounters } from "./signalling.js";

/** What is counted outside the engine. */
export interface OtherCounters {
  readonly signalling: SignallingCounters;
  readonly evictedReports: number;
  readonly evictedCalls: number;
}

/** Everything that was read, and what could not be. */
export function captureCounters(all: EngineCounters, other: OtherCounters): CaptureCounters {
  return {
    packets: all.packets,
    bytes: all.bytes,
    packetsCut: all.cutFrames,
    rtp: all.rtp,
    rtcp: all.rtcp,
    rtcpEncrypted: all.rtcpEncrypted,
    sip: all.sip,
    sipOverTls: all.sipsHandshakes,
    dtls: all.dtls,
    stun: all.stun,
    turnChannelData: all.turnChannelData,
    fragments: all.fragments,
    ignored: all.ignored,
    unconfirmedRtp: all.unconfirmedRtp,
    tcpBytesSkipped: all.tcpBytesSkipped,
    malformed: {
      linkHeader: all.malformedLinkHeader,
      ipHeader: all.malformedIpHeader,
      ipLength: all.malformedIpLength,
      extensionHeader: all.malformedExtensionHeader,
      tunnelHeader: all.malformedTunnelHeader,
      udpHeader: all.malformedUdpHeader,
      tcpHeader: all.malformedTcpHeader,
      fragment: all.malformedFragment,
      tooDeep: all.malformedTooDeep,
      linkType: all.malformedLinkType,
      rtp: all.malformedRtp,
      rtcp: all.malformedRtcp,
      sip: other.signalling.malformedSip,
      sipStream: all.malformedSipStream,
      sdp: other.signalling.malformedSdp,
    },
    evicted: {
      fragments: all.evictedFragments,
      tcpConnections: all.evictedTcpConnections,
      candidates: all.evictedCandidates,
      streams: all.evictedStreams,
      endpoints: all.evictedEndpoints,
      reports: other.evictedReports,
      calls: other.evictedCalls,
    },
  };
}
