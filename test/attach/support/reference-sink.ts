/**
 * A packet sink for tests: keeps the facts of all packets, and measures with the slow independent
 * port that the engine is held against.
 *
 * @module
 */

import type { PacketSink } from "../../../src/attach/media-attachment.js";
import type { Endpoint } from "../../../src/net/endpoint.js";
import type { PayloadMap } from "../../../src/rtp/codec.js";
import type { StreamMeasurement } from "../../../src/rtp/stream.js";
import { referenceStream, type ReferencePacket } from "../../support/reference.js";

interface Packet extends ReferencePacket {
  readonly payloadType: number;
  readonly bytes: number;
  readonly wireBytes: number;
}

interface Flow {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  payloads: PayloadMap;
  readonly bySsrc: Map<number, Packet[]>;
}

export class ReferenceSink implements PacketSink {
  readonly flows = new Map<number, Flow>();
  /** Flows that were opened and closed. */
  opened = 0;
  closed = 0;
  payloadsSet = 0;
  rtcp = 0;

  openFlow({ source, destination }: { source: Endpoint; destination: Endpoint }): number {
    this.opened += 1;
    this.flows.set(this.opened, { source, destination, payloads: new Map(), bySsrc: new Map() });
    return this.opened;
  }

  closeFlow(id: number): readonly StreamMeasurement[] {
    const streams = this.streams(id);
    this.flows.delete(id);
    this.closed += 1;
    return streams;
  }

  setPayloads(id: number, payloads: PayloadMap): void {
    this.payloadsSet += 1;
    this.#flow(id).payloads = payloads;
  }

  packet(id: number, bytes: Uint8Array, wireBytes: number, arrivalMs: number): void {
    const { bySsrc } = this.#flow(id);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const ssrc = view.getUint32(8);
    const packets = bySsrc.get(ssrc) ?? [];
    bySsrc.set(ssrc, packets);
    packets.push({
      sequenceNumber: view.getUint16(2),
      timestamp: view.getUint32(4),
      payloadType: view.getUint8(1) & 0x7f,
      marker: view.getUint8(1) >= 0x80,
      arrivalNs: BigInt(Math.round(arrivalMs * 1000)) * 1000n,
      bytes: bytes.length,
      wireBytes,
    });
  }

  rtcpSeen(): void {
    this.rtcp += 1;
  }

  drain(): void {
    // Nothing waits.
  }

  streams(id: number): readonly StreamMeasurement[] {
    const flow = this.#flow(id);
    return [...flow.bySsrc].map(([ssrc, packets]) => measured(ssrc, packets, flow));
  }

  #flow(id: number): Flow {
    const flow = this.flows.get(id);
    if (flow === undefined) throw new RangeError(`flow ${id} is not open`);
    return flow;
  }
}

function measured(ssrc: number, packets: readonly Packet[], flow: Flow): StreamMeasurement {
  const counts = referenceStream(packets, { formatOf: (type) => flow.payloads.get(type) });
  const types = new Map<number, number>();
  for (const { payloadType } of packets) types.set(payloadType, (types.get(payloadType) ?? 0) + 1);
  const { jitter } = counts;
  const total = (field: "bytes" | "wireBytes"): number =>
    packets.reduce((sum, packet) => sum + packet[field], 0);
  return {
    ssrc,
    source: flow.source,
    destination: flow.destination,
    firstPacketAtMs: Number(packets[0]?.arrivalNs ?? 0n) / 1e6,
    lastPacketAtMs: Number(packets.at(-1)?.arrivalNs ?? 0n) / 1e6,
    packetsReceived: packets.length,
    packetsExpected: counts.packetsExpected,
    packetsDuplicated: counts.packetsDuplicated,
    packetsReordered: counts.packetsReordered,
    restarts: counts.epochs - 1,
    packetsDiscarded: counts.packetsDiscarded,
    adaptiveBuffer: { packetsDiscarded: counts.packetsDiscardedAdaptive },
    ...(jitter && {
      jitterSeconds: {
        last: jitter.lastNs / 1e9,
        mean: jitter.meanNs / 1e9,
        max: jitter.maxNs / 1e9,
      },
    }),
    lossRuns: [],
    worstBursts: [],
    impairedPackets: 0,
    impairedRuns: 0,
    bursts: { bursts: 0, burstPackets: 0, burstImpaired: 0, gapImpaired: 0 },
    payloadBytes: total("bytes"),
    wireBytes: total("wireBytes"),
    frameTicks: 0,
    payloadTypes: [...types].map(([payloadType, count]) => ({
      payloadType,
      packets: count,
      map: 0,
    })),
    intervals: [],
  };
}
