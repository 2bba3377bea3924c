/**
 * A packet sink for tests: the live engine, and beside it the slow independent port that it can be
 * held against.
 *
 * @module
 */

import type { PacketSink } from "../../../src/attach/media-attachment.js";
import type { Endpoint } from "../../../src/net/endpoint.js";
import { LiveEngine } from "../../../src/native/live-engine.js";
import type { PayloadMap } from "../../../src/rtp/codec.js";
import type { StreamMeasurement } from "../../../src/rtp/stream.js";
import { ReferenceSink } from "./reference-sink.js";

export class DoubleSink implements PacketSink {
  readonly engine = new LiveEngine();
  readonly reference = new ReferenceSink();
  /** The reference's number of each open flow of the engine. */
  readonly flows = new Map<number, number>();

  openFlow(path: { source: Endpoint; destination: Endpoint }): number {
    const id = this.engine.openFlow(path);
    this.flows.set(id, this.reference.openFlow(path));
    return id;
  }

  closeFlow(id: number): readonly StreamMeasurement[] {
    this.reference.closeFlow(this.#twin(id));
    this.flows.delete(id);
    return this.engine.closeFlow(id);
  }

  setPayloads(id: number, payloads: PayloadMap, describedBy?: "source" | "destination"): void {
    if (describedBy !== "source") this.reference.setPayloads(this.#twin(id), payloads);
    this.engine.setPayloads(id, payloads, describedBy);
  }

  packet(id: number, bytes: Uint8Array, wireBytes: number, arrivalMs: number): void {
    this.reference.packet(this.#twin(id), bytes, wireBytes, arrivalMs);
    this.engine.packet(id, bytes, wireBytes, arrivalMs);
  }

  rtcpSeen(): void {
    this.engine.rtcpSeen();
  }

  drain(): void {
    this.engine.drain();
  }

  streams(id: number): readonly StreamMeasurement[] {
    return this.engine.streams(id);
  }

  /** All open flows' streams as the reference has them. */
  referenceStreams(): StreamMeasurement[] {
    return [...this.flows.values()].flatMap((id) => [...this.reference.streams(id)]);
  }

  #twin(id: number): number {
    const twin = this.flows.get(id);
    if (twin === undefined) throw new RangeError(`flow ${id} is not open`);
    return twin;
  }
}
