/**
 * The media of one call on one socket: the flows to and from each remote end, and what RTCP on that
 * socket says.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";
import type { RtcpRecord } from "../rtcp/report.js";
import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";
import { provesMedia } from "../rtcp/unseen-streams.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { PacketSink } from "./media-attachment.js";
import { RtcpTap, type Way } from "./rtcp-tap.js";

/** Remote ends kept apart on one socket. Whoever can send to it can make them up. */
export const MAX_REMOTES = 32;

/** A remote end of fewer packets gives way to a newer one; of more, it stays. */
export const FEW_PACKETS = 4;

/** Streams of closed flows that are kept, each way. */
const MAX_ENDED = 64;

const WAYS: readonly Way[] = ["inbound", "outbound"];

/** Both ways between the socket and one remote end. */
export interface RemoteEnd {
  readonly key: string;
  readonly remote: Endpoint;
  readonly isIpv6: boolean;
  readonly flows: { [way in Way]?: number | undefined };
  packets: number;
  /** When the last packet came or went. */
  lastAtMs: number;
}

/** What each side calls its payload types, as far as it was said. */
export interface SidePayloads {
  readonly local?: PayloadMap;
  readonly remote?: PayloadMap;
}

/** What a seat is given by its socket. */
export interface SeatOptions {
  readonly sink: PacketSink | undefined;
  /** The socket's own end; its address is of the family that is asked for. */
  readonly local: (isIpv6: boolean) => Endpoint;
}

const UDP_IPV4_BYTES = 28;
const UDP_IPV6_BYTES = 48;

/** A call's place at a socket, or that of nobody yet. */
export class RtpSeat {
  readonly #options: SeatOptions;
  readonly #rtcp: RtcpTap;
  readonly #roundTrip = new RoundTripAccumulator();
  readonly #ended: Record<Way, StreamMeasurement[]> = { inbound: [], outbound: [] };
  readonly #proofs = { receivesFrom: false, sendsTo: false };
  readonly remotes = new Map<string, RemoteEnd>();
  /** Of the call that has it. */
  callId: string | undefined;
  #payloads: SidePayloads = {};
  #expected: ReadonlySet<string> = new Set();

  constructor(options: SeatOptions) {
    this.#options = options;
    this.#rtcp = new RtcpTap((seconds) => {
      this.#roundTrip.add(seconds);
    });
  }

  /** RTCP proves that media comes from the far end, or reaches it. */
  get proofs(): Readonly<{ receivesFrom: boolean; sendsTo: boolean }> {
    return this.#proofs;
  }

  get rtcp(): Pick<RtcpTap, "view" | "feedback"> {
    return this.#rtcp;
  }

  roundTrip(): RoundTripSummary | undefined {
    return this.#roundTrip.summary();
  }

  /** Whether the far end has described itself at that endpoint. */
  expects(key: string): boolean {
    return this.#expected.has(key);
  }

  /** Takes what descriptions say. Where they say nothing, what was said before stays. */
  describe(payloads: SidePayloads, expected: ReadonlySet<string>): void {
    this.#payloads = payloads;
    this.#expected = expected;
    for (const end of this.remotes.values()) {
      for (const way of WAYS) this.#givePayloads(end.flows[way], way);
    }
  }

  /** A new remote end. The caller keeps {@link MAX_REMOTES}. */
  open(key: string, remote: Endpoint): RemoteEnd {
    const isIpv6 = remote.address.includes(":");
    const end = { key, remote, isIpv6, flows: {}, packets: 0, lastAtMs: -Infinity };
    this.remotes.set(key, end);
    return end;
  }

  /** Takes a remote end over from another seat. */
  adopt(end: RemoteEnd): void {
    this.remotes.set(end.key, end);
    for (const way of WAYS) this.#givePayloads(end.flows[way], way);
  }

  /** Takes one RTP packet. */
  packet(end: RemoteEnd, way: Way, bytes: Uint8Array, atMs: number): void {
    const { sink } = this.#options;
    if (sink === undefined) return;
    const flow = (end.flows[way] ??= this.#openFlow(sink, end, way));
    sink.packet(flow, bytes, bytes.length + (end.isIpv6 ? UDP_IPV6_BYTES : UDP_IPV4_BYTES), atMs);
  }

  /** Takes what one RTCP datagram says. */
  reports(way: Way, records: readonly RtcpRecord[]): void {
    if (way === "inbound") this.#rtcp.received(records);
    else this.#rtcp.sent(records);
    for (const record of records) {
      if (!provesMedia(record)) continue;
      const isSender = record.kind === "sender-info";
      if (isSender === (way === "inbound")) this.#proofs.receivesFrom = true;
      else this.#proofs.sendsTo = true;
    }
  }

  /** What was measured of the streams of one way. */
  measurements(way: Way): StreamMeasurement[] {
    const { sink } = this.#options;
    const open = [...this.remotes.values()].flatMap(({ flows }) => {
      const flow = flows[way];
      return flow === undefined ? [] : [...(sink?.streams(flow) ?? [])];
    });
    return [...this.#ended[way], ...open];
  }

  /** Ends the flows of one remote end; what was measured of them is kept. */
  closeEnd(end: RemoteEnd): void {
    this.remotes.delete(end.key);
    for (const way of WAYS) {
      const flow = end.flows[way];
      if (flow === undefined) continue;
      end.flows[way] = undefined;
      const ended = this.#ended[way];
      ended.push(...(this.#options.sink?.closeFlow(flow) ?? []));
      ended.splice(0, Math.max(0, ended.length - MAX_ENDED));
    }
  }

  close(): void {
    for (const end of [...this.remotes.values()]) this.closeEnd(end);
  }

  #openFlow(sink: PacketSink, { remote, isIpv6 }: RemoteEnd, way: Way): number {
    const local = this.#options.local(isIpv6);
    const path =
      way === "inbound"
        ? { source: remote, destination: local }
        : { source: local, destination: remote };
    const flow = sink.openFlow(path);
    this.#givePayloads(flow, way);
    return flow;
  }

  /** The receiver's numbers go before the sender's (RFC 3264 §5.1). */
  #givePayloads(flow: number | undefined, way: Way): void {
    const { sink } = this.#options;
    if (flow === undefined || sink === undefined) return;
    const { local, remote } = this.#payloads;
    const [ofSource, ofDestination] = way === "inbound" ? [remote, local] : [local, remote];
    if (ofSource !== undefined) sink.setPayloads(flow, ofSource, "source");
    if (ofDestination !== undefined) sink.setPayloads(flow, ofDestination, "destination");
  }
}

/** The remote end that gives way to a new one: of the few packets, the one silent for longest. */
export function weakestOf(ends: Iterable<RemoteEnd>): RemoteEnd | undefined {
  let weakest: RemoteEnd | undefined;
  for (const end of ends) {
    if (end.packets >= FEW_PACKETS) continue;
    if (weakest === undefined || end.lastAtMs < weakest.lastAtMs) weakest = end;
  }
  return weakest;
}
