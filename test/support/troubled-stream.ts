/**
 * Random RTP streams with every trouble that the statistics know: loss, bursts, reordering, copies,
 * silence, late packets, paths that change, restarts, an outage, strays.
 *
 * @module
 */
import { Random } from "../bench/load/random.mjs";
import type { ReferencePacket } from "./reference.js";

const MS = 1e6;
const PACKET_MS = 20;
const TICKS = 160;

/** A sender of G.711 and the path to us. */
class Trouble {
  readonly packets: (Omit<ReferencePacket, "arrivalNs"> & { readonly atMs: number })[] = [];
  readonly #random: Random;
  readonly #jitterMs: number;
  #sequence: number;
  #timestamp: number;
  #atMs = 0;
  #pathMs = 20;
  #hadOutage = false;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#jitterMs = this.#random.ratio() * (this.#chance(0.5) ? 2 : 40);
    this.#sequence = this.#random.integer(0, 65_535);
    this.#timestamp = this.#random.uint32();
  }

  #chance(ratio: number): boolean {
    return this.#random.ratio() < ratio;
  }

  #skip(packets: number): void {
    this.#sequence += packets;
    this.#wait(packets);
  }

  #wait(packets: number): void {
    this.#timestamp += packets * TICKS;
    this.#atMs += packets * PACKET_MS;
  }

  /** Sends one packet, most often without trouble. */
  send(isFirst: boolean): void {
    const random = this.#random;
    let marker = isFirst || this.#chance(0.003);
    if (this.#chance(0.001)) {
      this.#sequence += random.integer(5000, 60_000);
      this.#timestamp = random.uint32();
    } else if (!this.#hadOutage && this.#chance(0.0005)) {
      this.#hadOutage = true;
      this.#skip(random.integer(3000, 9000));
    } else if (this.#chance(0.002)) {
      this.#wait(random.integer(1, 300));
      marker = true;
    } else if (this.#chance(0.001)) {
      this.#pathMs = Math.max(0, this.#pathMs + random.integer(-70, 80));
    }
    if (isFirst || !this.#chance(0.03)) this.#arrive(marker);
    else if (this.#chance(0.1)) this.#skip(random.integer(1, 6));
    this.#skip(1);
  }

  #arrive(marker: boolean): void {
    const random = this.#random;
    const lateMs = this.#chance(0.01) ? random.integer(20, 150) : 0;
    const delayMs = Math.max(0, this.#pathMs + lateMs + random.normal() * this.#jitterMs);
    const atMs = this.#atMs + delayMs;
    const packet = {
      sequenceNumber: this.#sequence & 0xffff,
      timestamp: this.#timestamp >>> 0,
      marker,
      atMs,
    };
    this.packets.push(packet);
    if (this.#chance(0.01)) this.packets.push({ ...packet, atMs: atMs + random.integer(0, 200) });
    if (this.#chance(0.001)) {
      const sequenceNumber = (this.#sequence + random.integer(5000, 60_000)) & 0xffff;
      this.packets.push({ sequenceNumber, timestamp: random.uint32(), marker: false, atMs });
    }
  }
}

/** The packets of one stream in order of arrival, whole microseconds apart; the same for a seed. */
export function troubledStream(seed: number, sent: number): ReferencePacket[] {
  const trouble = new Trouble(seed);
  for (let i = 0; i < sent; ++i) trouble.send(i === 0);
  return trouble.packets
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, ...packet }) => ({
      ...packet,
      arrivalNs: 1_767_603_600_000_000_000n + BigInt(Math.round(atMs * 1000) * (MS / 1000)),
    }));
}
