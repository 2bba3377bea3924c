/** Captures of many calls whose every count is known. */

/** What to generate. Shares and ratios are from 0 to 1. */
export interface LoadOptions {
  /** From 1 to 200,000; each has two streams. */
  readonly calls: number;
  /** Frames in the capture, signalling and RTCP included; met within 1 % from 100,000 on. */
  readonly packets: number;
  /** Any 32-bit number; the same seed writes the same bytes. Default 1. */
  readonly seed?: number;
  /** Calls over IPv6. Default 0.2. */
  readonly ipv6Share?: number;
  /** Packets lost one by one. Default 0.005. */
  readonly lossRatio?: number;
  /** Packets that begin a burst of loss. Default 0.0002. */
  readonly burstRatio?: number;
  /** Bursts are of 2 to this many packets, equally often. Default 8. */
  readonly longestBurstPackets?: number;
  /** Packets 25 to 65 ms late, so that others overtake them. Default 0.001. */
  readonly reorderRatio?: number;
  /** Packets that come a second time within 30 ms. Default 0.0005. */
  readonly duplicateRatio?: number;
  /** Deviation of the network delay, from 0 to 5. Default 1.5. */
  readonly jitterSigmaMs?: number;
  /** Default 5 (RFC 3550 §6.2). */
  readonly rtcpIntervalSeconds?: number;
  /** Time over which calls begin, in mean media durations. Default 0.5. */
  readonly startSpread?: number;
  /** Of the first call, since the Unix epoch. Default 2026-01-05T09:00:00Z. */
  readonly startAtMs?: number;
}

export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

/** What the capture holds of one stream, counted while it was written. */
export interface StreamTruth {
  readonly direction: "caller-to-callee" | "callee-to-caller";
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly ssrc: number;
  /** 0 (PCMU) or 8 (PCMA). */
  readonly payloadType: number;
  /** Of the first packet sent; every fourth stream wraps within its first 100 packets. */
  readonly firstSequence: number;
  readonly firstPacketAtUs: number;
  readonly lastPacketAtUs: number;
  /** Duplicates included. */
  readonly packetsReceived: number;
  /** From the lowest to the highest number. */
  readonly packetsExpected: number;
  /** Expected less received: duplicates lower it (RFC 3550 §6.4.1). */
  readonly packetsLost: number;
  /** Numbers never seen. */
  readonly packetsMissing: number;
  /** What the generator left out; equals `packetsMissing`, but is counted when it is left out. */
  readonly packetsDropped: number;
  readonly packetsDuplicated: number;
  /** First copies that came after a packet with a higher number. */
  readonly packetsReordered: number;
  readonly payloadBytes: number;
  /** RTCP compounds that the sender of this stream sent. */
  readonly reports: number;
  /** RFC 3550 A.8 over all packets in order of arrival; mean and max over every update. */
  readonly jitterSeconds: { readonly last: number; readonly mean: number; readonly max: number };
}

/** One call: INVITE, 100, 180, 200, ACK, media, BYE, 200. */
export interface CallTruth {
  readonly callId: string;
  readonly family: 4 | 6;
  readonly invitedAtUs: number;
  readonly ringingAtUs: number;
  readonly answeredAtUs: number;
  /** When the BYE was seen. */
  readonly endedAtUs: number;
  readonly endedBy: "caller" | "callee";
  /** From end to end, the sum of what both sides' reports say at the point of capture. */
  readonly roundTripTimeSeconds: number;
  readonly streams: readonly [StreamTruth, StreamTruth];
}

export interface LoadTotals {
  readonly frames: number;
  readonly bytes: number;
  readonly rtpPackets: number;
  readonly rtcpPackets: number;
  readonly sipMessages: number;
}

export interface LoadTruth extends LoadTotals {
  /** In the order of their INVITEs. */
  readonly calls: readonly CallTruth[];
}

/** The loads that the benchmark reads. */
export declare const PRESETS: Readonly<Record<"c1k_1m" | "c1k_5m" | "n10k" | "n100k", LoadOptions>>;

/**
 * A capture in memory, with the truth about it.
 *
 * @throws {RangeError} If an option is out of its range, or the packets are too few for the calls.
 */
export declare function generateCapture(options: LoadOptions): {
  readonly bytes: Uint8Array;
  readonly truth: LoadTruth;
};

/**
 * Writes a capture to `path` and the truth about it to `truthPath`: JSON Lines, one call a line in
 * the order of their ends, the totals on the last line.
 *
 * @throws {RangeError} As `generateCapture` does.
 */
export declare function writeCapture(
  path: string,
  truthPath: string,
  options: LoadOptions,
): LoadTotals;
