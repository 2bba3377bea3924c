/**
 * What goes one way through one transport, as it is on the wire: every datagram but STUN. RTP headers
 * are in clear, so streams can be measured here. Of what comes in nothing is decrypted, routed or
 * dropped yet, and no exception of the application keeps packets away; what goes out has left.
 *
 * @module
 */

import type { Path } from "../rtcp/report.js";
import type { PayloadFormat, PayloadMap } from "../rtp/codec.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { PacketSink } from "./media-attachment.js";

/** SSRCs kept apart. Nothing here is authenticated: anyone on the path can make them up. */
export const MAX_SSRCS = 64;

/** Paths kept apart; the one opened first is closed for a newer. */
export const MAX_FLOWS = 8;

/** The packets of one SSRC. */
export interface DatagramSource {
  readonly ssrc: number;
  packets: number;
  /** UDP payloads. */
  bytes: number;
  /** Of the last packet. */
  payloadType: number;
}

/** What is given to a tap. */
export interface DatagramTapOptions {
  readonly sink: PacketSink | undefined;
  /** Asked again after {@link DatagramTap.payloadsChanged}. */
  readonly payloads: () => PayloadMap;
  readonly onDtls?: (datagram: Uint8Array, path: Path, atMs: number) => void;
}

const RTP_HEADER_BYTES = 12;
const NO_PAYLOADS: PayloadMap = new Map();

/** One way through one transport. */
export class DatagramTap {
  readonly #options: DatagramTapOptions;
  readonly #sources = new Map<number, DatagramSource>();
  /** The sink's numbers, oldest first. */
  readonly #flows = new Map<Path, number>();
  readonly #ended: StreamMeasurement[] = [];
  #payloads: PayloadMap | undefined;
  /** What the flows were last given. */
  #given: PayloadMap = NO_PAYLOADS;
  #packets = 0;
  #bytes = 0;
  #untracked = 0;

  constructor(options: DatagramTapOptions) {
    this.#options = options;
  }

  /** Datagrams of DTLS, SRTP and SRTCP. */
  get packets(): number {
    return this.#packets;
  }

  /** UDP payloads of them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** RTP packets beyond {@link MAX_SSRCS}. */
  get untracked(): number {
    return this.#untracked;
  }

  get sources(): Iterable<DatagramSource> {
    return this.#sources.values();
  }

  /** The format of a payload type as negotiated. */
  formatOf(payloadType: number): PayloadFormat | undefined {
    return this.#payloadMap().get(payloadType);
  }

  /** Takes one datagram (RFC 7983 §7, RFC 5761 §4). `headerBytes` are those of IP and UDP. */
  datagram(bytes: Uint8Array, path: Path, headerBytes: number, atMs: number): void {
    this.#packets += 1;
    this.#bytes += bytes.length;
    const [first = 0, second = 0] = bytes;
    if (first >= 20 && first <= 63) this.#options.onDtls?.(bytes, path, atMs);
    if (first < 128 || first > 191) return;
    if (second >= 192 && second <= 223) {
      this.#options.sink?.rtcpSeen();
      return;
    }
    if (bytes.length < RTP_HEADER_BYTES) return;
    const source = this.#sourceOf(bytes);
    if (source === undefined) {
      this.#untracked += 1;
      return;
    }
    source.packets += 1;
    source.bytes += bytes.length;
    source.payloadType = second & 0x7f;
    const { sink } = this.#options;
    if (sink === undefined) return;
    sink.packet(this.#flowOf(sink, path), bytes, bytes.length + headerBytes, atMs);
  }

  /** The session was negotiated anew. */
  payloadsChanged(): void {
    this.#payloads = undefined;
  }

  /** What was measured so far, closed paths first. */
  measurements(): StreamMeasurement[] {
    const { sink } = this.#options;
    if (sink === undefined) return [...this.#ended];
    sink.drain();
    const open = [...this.#flows.values()].flatMap((flow) => [...sink.streams(flow)]);
    return [...this.#ended, ...open];
  }

  /** Closes the flows. */
  close(): void {
    for (const flow of [...this.#flows.keys()]) this.#closeFlow(flow);
  }

  #sourceOf(bytes: Uint8Array): DatagramSource | undefined {
    const ssrc = uint32At(bytes, 8);
    return this.#sources.get(ssrc) ?? this.#newSource(ssrc);
  }

  #newSource(ssrc: number): DatagramSource | undefined {
    if (this.#sources.size >= MAX_SSRCS) return undefined;
    const source = { ssrc, packets: 0, bytes: 0, payloadType: 0 };
    this.#sources.set(ssrc, source);
    return source;
  }

  #flowOf(sink: PacketSink, path: Path): number {
    if (this.#payloads === undefined) this.#givePayloads(sink);
    return this.#flows.get(path) ?? this.#openFlow(sink, path);
  }

  #givePayloads(sink: PacketSink): void {
    const payloads = this.#payloadMap();
    if (isSameMap(payloads, this.#given)) return;
    this.#given = payloads;
    for (const flow of this.#flows.values()) sink.setPayloads(flow, payloads);
  }

  #openFlow(sink: PacketSink, path: Path): number {
    const [oldest] = this.#flows.keys();
    if (this.#flows.size >= MAX_FLOWS && oldest !== undefined) this.#closeFlow(oldest);
    const flow = sink.openFlow(path);
    this.#flows.set(path, flow);
    // Nothing said is not the same as an empty list.
    if (this.#given.size > 0) sink.setPayloads(flow, this.#given);
    return flow;
  }

  #closeFlow(path: Path): void {
    const flow = this.#flows.get(path);
    this.#flows.delete(path);
    const { sink } = this.#options;
    if (flow === undefined || sink === undefined) return;
    sink.drain();
    this.#ended.push(...sink.closeFlow(flow));
    if (this.#ended.length > MAX_SSRCS) this.#ended.splice(0, this.#ended.length - MAX_SSRCS);
  }

  #payloadMap(): PayloadMap {
    if (this.#payloads === undefined) {
      // Whatever it takes to read a description, it is not tried for every packet.
      this.#payloads = NO_PAYLOADS;
      this.#payloads = this.#options.payloads();
    }
    return this.#payloads;
  }
}

function uint32At(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return high * 0x10000 + low;
}

function isSameMap(one: PayloadMap, other: PayloadMap): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([payloadType, format]) => isSameFormat(format, other.get(payloadType)));
}

function isSameFormat(one: PayloadFormat, other: PayloadFormat | undefined): boolean {
  return (
    one.name === other?.name &&
    one.clockRateHz === other.clockRateHz &&
    one.kind === other.kind &&
    one.channels === other.channels &&
    one.parameters === other.parameters
  );
}
