/**
 * The streams of a connection with their three views side by side, and what they add up to.
 *
 * @module
 */

import { present } from "../rtcp/present.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import { sumsOf, type DataChannelTally } from "./data-channel-tally.js";
import type { InboundStream, MediaTotals, OutboundStream } from "../call/connection.js";
import type { DatagramSource } from "./werift-datagrams.js";
import type { WeriftSender } from "./werift-ports.js";
import { formatOf, type SessionReader } from "./werift-session.js";
import type { StackStatistics } from "./werift-stats.js";
import type { WatchedTransport } from "./werift-transport.js";
import { sumOf } from "./werift-wire.js";

/** What comes in. A stream that changed its path is there once for each. */
export function inboundStreams(
  transports: readonly WatchedTransport[],
  session: SessionReader,
  statistics: StackStatistics,
): InboundStream[] {
  const streams: InboundStream[] = [];
  const seen = new Set<number>();
  for (const transport of transports) {
    const measurements = transport.measurements("inbound");
    for (const source of transport.inbound.sources) {
      seen.add(source.ssrc);
      const unrouted = !isRouted(source.ssrc, session, statistics);
      const stack = statistics.inbound(source.ssrc);
      const own = measurements.filter(({ ssrc }) => ssrc === source.ssrc);
      for (const measured of own.length > 0 ? own : [undefined]) {
        const seenHere = inboundStream(transport, source, measured);
        streams.push({ ...seenHere, unrouted, ...present("stack", stack) });
      }
    }
  }
  for (const ssrc of statistics.inboundSsrcs) {
    const stack = statistics.inbound(ssrc);
    // The stack lists what was announced, whether or not anything came.
    if (seen.has(ssrc) || stack === undefined || stack.packetsReceived === 0) continue;
    streams.push({ ssrc, unrouted: false, stack });
  }
  return streams;
}

function inboundStream(
  { inbound, rtcp }: WatchedTransport,
  { ssrc, payloadType, packets, bytes }: DatagramSource,
  measured: StreamMeasurement | undefined,
): Omit<InboundStream, "unrouted" | "stack"> {
  const format = inbound.formatOf(payloadType);
  return {
    ssrc,
    payloadType,
    ...present("format", format),
    wire: { packets, bytes },
    ...present("measured", measured),
    ...present("reported", rtcp.view("inbound", ssrc, format?.clockRateHz)),
  };
}

/** Whether the stack has a receiver for it: it was announced, or known by another sign. */
function isRouted(ssrc: number, session: SessionReader, statistics: StackStatistics): boolean {
  if (session.isDescribed(ssrc) || (statistics.inbound(ssrc)?.packetsReceived ?? 0) > 0)
    return true;
  return session.transceivers().some(({ receiver }) => {
    const tracks = receiver?.trackBySSRC;
    return tracks !== undefined && Object.hasOwn(tracks, ssrc);
  });
}

/** What goes out. A stream that changed its path is there once for each. */
export function outboundStreams(
  transports: readonly WatchedTransport[],
  session: SessionReader,
  statistics: StackStatistics,
): OutboundStream[] {
  const senders = session.transceivers().flatMap(({ sender }) => sender ?? []);
  const ssrcs = new Set(statistics.outboundSsrcs);
  for (const { ssrc } of senders) if (ssrc !== undefined) ssrcs.add(ssrc);
  for (const { outbound } of transports) for (const { ssrc } of outbound.sources) ssrcs.add(ssrc);
  return [...ssrcs].flatMap((ssrc) => {
    const codec = senders.find((sender) => sender.ssrc === ssrc)?.codec;
    const format = codec && formatOf(codec);
    const stack = statistics.outbound(ssrc);
    const [reported] = transports.flatMap(
      ({ rtcp }) => rtcp.view("outbound", ssrc, format?.clockRateHz) ?? [],
    );
    const sent = transports.flatMap((transport) => sentBy(transport, ssrc));
    if (reported === undefined && sent.length === 0 && (stack?.packetsSent ?? 0) === 0) return [];
    const known = {
      ssrc,
      ...present("format", format),
      ...present("reported", reported),
      feedback: feedbackOn(transports, ssrc, senders),
      ...present("stack", stack),
    };
    return sent.length === 0 ? [known] : sent.map((measured) => ({ ...known, measured }));
  });
}

function sentBy(transport: WatchedTransport, ssrc: number): StreamMeasurement[] {
  return transport.measurements("outbound").filter((one) => one.ssrc === ssrc);
}

function feedbackOn(
  transports: readonly WatchedTransport[],
  ssrc: number,
  senders: readonly WeriftSender[],
): OutboundStream["feedback"] {
  const totals = { nacks: 0, pictureLossIndications: 0, fullIntraRequests: 0 };
  const rtxSsrc = senders.find((sender) => sender.ssrc === ssrc)?.rtxSsrc;
  for (const { rtcp } of transports) {
    for (const each of rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc]) {
      const { nacks, pictureLossIndications, fullIntraRequests } = rtcp.feedback(each);
      totals.nacks += nacks;
      totals.pictureLossIndications += pictureLossIndications;
      totals.fullIntraRequests += fullIntraRequests;
    }
  }
  return totals;
}

/** What went over a connection. Nothing that was measured is read for it. */
export function totalsOf(
  transports: readonly WatchedTransport[],
  session: SessionReader,
  statistics: StackStatistics,
  channels: DataChannelTally,
): MediaTotals {
  const wire = sumOf(transports.map((transport) => transport.wire.traffic()));
  const isWireKnown = wire.packetsSent > 0 || wire.packetsReceived > 0;
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  return {
    wire: isWireKnown ? wire : sumOf(statistics.wire),
    payload: payloadOf(statistics),
    dataChannels: {
      opened: Math.max(statistics.channelsOpened, channels.count),
      closed: Math.max(statistics.channelsClosed, channels.closedCount),
      ...(channels.count > 0 ? channels.sums() : sumsOf(statistics.dataChannels)),
    },
    unroutedPackets: unroutedPackets(transports, session, statistics),
    untrackedPackets: sum(transports.map((transport) => transport.inbound.untracked)),
    rtcpSendFailures: sum(transports.map(({ rtcpSendFailures }) => rtcpSendFailures)),
  };
}

function payloadOf(statistics: StackStatistics): MediaTotals["payload"] {
  const totals = { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
  for (const ssrc of statistics.outboundSsrcs) {
    const stack = statistics.outbound(ssrc);
    if (stack === undefined) continue;
    totals.packetsSent += stack.packetsSent - stack.packetsNotSent;
    totals.bytesSent += stack.bytesSent - stack.bytesNotSent;
  }
  for (const ssrc of statistics.inboundSsrcs) {
    const stack = statistics.inbound(ssrc);
    totals.packetsReceived += stack?.packetsReceived ?? 0;
    totals.bytesReceived += stack?.bytesReceived ?? 0;
  }
  return totals;
}

/** A source on several paths is counted once. */
function unroutedPackets(
  transports: readonly WatchedTransport[],
  session: SessionReader,
  statistics: StackStatistics,
): number {
  const packets = new Map<number, number>();
  for (const { inbound } of transports) {
    for (const source of inbound.sources) {
      if (!isRouted(source.ssrc, session, statistics)) packets.set(source.ssrc, source.packets);
    }
  }
  return [...packets.values()].reduce((a, b) => a + b, 0);
}
