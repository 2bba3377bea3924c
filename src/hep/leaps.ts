/**
 * Whether a packet's time can be believed: one that leaps is held until the next one tells.
 *
 * @module
 */

/** Capture agents are in order to far less than that, and a pause may be as long. */
export const LEAP_MS = 300_000;
/** Nothing else came: then it is believed. */
const HELD_MS = 5000;

interface Timed {
  readonly atMs: number;
}

/** What is to be taken now, in order. */
export interface Believed<Packet> {
  readonly packets: readonly Packet[];
  /** The clock was set back before them: what was told so far is of another time. */
  readonly isSetBack: boolean;
}

/** The packets of one agent. */
export class Leaps<Packet extends Timed> {
  #lastAtMs: number | undefined;
  #lastNowMs = 0;
  #held: { readonly packet: Packet; readonly nowMs: number } | undefined;

  take(packet: Packet, nowMs: number): Believed<Packet> {
    const held = this.#held?.packet;
    this.#held = undefined;
    if (this.#isInLine(packet, nowMs))
      return this.#believed([...this.#strayed(held), packet], nowMs);
    if (held !== undefined && Math.abs(packet.atMs - held.atMs) < LEAP_MS) {
      return this.#begun([held, packet], nowMs);
    }
    this.#held = { packet, nowMs };
    return this.#believed(this.#strayed(held), nowMs);
  }

  /** What is not held any longer, as nothing came after it. */
  release(nowMs: number): Believed<Packet> {
    const held = this.#held;
    if (held === undefined || nowMs - held.nowMs < HELD_MS)
      return { packets: [], isSetBack: false };
    this.#held = undefined;
    return this.#begun([held.packet], nowMs);
  }

  #isInLine({ atMs }: Packet, nowMs: number): boolean {
    if (this.#lastAtMs === undefined) return true;
    const expectedMs = this.#lastAtMs + Math.max(0, nowMs - this.#lastNowMs);
    return atMs > this.#lastAtMs - LEAP_MS && atMs < expectedMs + LEAP_MS;
  }

  /** One that stood alone came when those around it did. */
  #strayed(held: Packet | undefined): Packet[] {
    return held === undefined ? [] : [{ ...held, atMs: this.#lastAtMs ?? held.atMs }];
  }

  #begun(packets: readonly Packet[], nowMs: number): Believed<Packet> {
    const [first] = packets;
    const isSetBack = (first?.atMs ?? 0) < (this.#lastAtMs ?? 0);
    if (isSetBack) this.#lastAtMs = undefined;
    return { ...this.#believed(packets, nowMs), isSetBack };
  }

  #believed(packets: readonly Packet[], nowMs: number): Believed<Packet> {
    for (const { atMs } of packets) this.#lastAtMs = Math.max(this.#lastAtMs ?? atMs, atMs);
    if (packets.length > 0) this.#lastNowMs = nowMs;
    return { packets, isSetBack: false };
  }
}
