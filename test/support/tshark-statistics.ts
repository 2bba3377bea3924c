/**
 * RFC 3550 reception statistics, written a second time and on their own: sequence numbers as in
 * appendix A.1 and A.3, interarrival jitter as in A.8. Slow and plain, to compare ours with.
 *
 * @module
 */

import type { Endpoint } from "../../src/net/endpoint.js";

/** One RTP packet of a capture, as another program read it. */
export interface TsharkPacket {
  readonly frame: number;
  /** Nanoseconds since 1970. */
  readonly atNs: bigint;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly payloadType: number;
}

/** Statistics of one 5-tuple and SSRC. */
export interface TsharkStream {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly ssrc: number;
  /** Packets of each payload type. */
  readonly payloadTypes: ReadonlyMap<number, number>;
  readonly firstPacketAtNs: bigint;
  readonly lastPacketAtNs: bigint;
  /** Every packet, duplicates included. */
  readonly packets: number;
  /** Lowest to highest extended sequence number, over all sequences; a stray packet is its own. */
  readonly expected: number;
  /** Expected less received: negative where duplicates outnumber losses. */
  readonly lost: number;
  /** Sequence numbers never seen. */
  readonly missing: number;
  readonly duplicates: number;
  /** New packets behind the highest sequence number seen. */
  readonly reordered: number;
  /** How often the sender began a new sequence. */
  readonly restarts: number;
  /** Absent where no packet has a known clock, or only one has. */
  readonly jitterSeconds?: { readonly last: number; readonly mean: number; readonly max: number };
}

/** Clock rates in Hz by payload type. Types that are not in it take no part in jitter. */
export type ClocksHz = ReadonlyMap<number, number>;

/** The audio of RFC 3551 table 4, comfort noise included. */
export const STATIC_AUDIO_CLOCKS_HZ: ClocksHz = new Map([
  ...[0, 3, 4, 5, 7, 8, 9, 12, 13, 15, 18].map((type): [number, number] => [type, 8000]),
  [6, 16000],
  [10, 44100],
  [11, 44100],
  [14, 90000],
  [16, 11025],
  [17, 22050],
]);

const COMFORT_NOISE = 13;
const MAX_DROPOUT = 3000; // A.1
const MAX_MISORDER = 100; // A.1
const CYCLE = 0x10000;

/** Statistics of every stream among the packets, in the order in which the streams begin. */
export function statisticsOf(
  packets: Iterable<TsharkPacket>,
  clocks: ClocksHz = STATIC_AUDIO_CLOCKS_HZ,
): TsharkStream[] {
  const streams = new Map<string, TsharkPacket[]>();
  for (const packet of packets) {
    const { source, destination, ssrc } = packet;
    const key = [source.address, source.port, destination.address, destination.port, ssrc].join();
    const known = streams.get(key);
    if (known === undefined) streams.set(key, [packet]);
    else known.push(packet);
  }
  return [...streams.values()].map((packetsOfOne) => streamStatistics(packetsOfOne, clocks));
}

function streamStatistics(packets: readonly TsharkPacket[], clocks: ClocksHz): TsharkStream {
  const first = packets[0];
  if (first === undefined) throw new RangeError("A stream has at least one packet.");
  const order = new Order(first.sequenceNumber);
  const jitter = new Jitter(clocks);
  const payloadTypes = new Map<number, number>();
  for (const packet of packets) {
    payloadTypes.set(packet.payloadType, (payloadTypes.get(packet.payloadType) ?? 0) + 1);
    const verdict = order.accept(packet.sequenceNumber);
    if (verdict === "restarted") jitter.restart();
    if (verdict !== "stray") jitter.update(packet);
  }
  const expected = order.expected();
  const jitterSeconds = jitter.result();
  return {
    source: first.source,
    destination: first.destination,
    ssrc: first.ssrc,
    payloadTypes,
    firstPacketAtNs: first.atNs,
    lastPacketAtNs: packets.at(-1)?.atNs ?? first.atNs,
    packets: packets.length,
    expected,
    lost: expected - packets.length,
    missing: expected - packets.length + order.duplicates,
    duplicates: order.duplicates,
    reordered: order.reordered,
    restarts: order.restarts,
    ...(jitterSeconds && { jitterSeconds }),
  };
}

type Verdict = "accepted" | "stray" | "restarted";

/** Sequence numbers, extended as in A.1 but without probation; every number seen is remembered. */
class Order {
  duplicates = 0;
  reordered = 0;
  restarts = 0;
  private seen = new Set<number>();
  private lowest: number;
  private highest: number;
  private before = 0;
  private stray: number | undefined;
  private highestAtStray: number | undefined;
  private left: number | undefined;

  constructor(first: number) {
    this.lowest = first;
    this.highest = first;
  }

  accept(sequenceNumber: number): Verdict {
    const ahead = modulo(sequenceNumber - this.highest, CYCLE);
    if (ahead > 1 && ahead < MAX_DROPOUT && sequenceNumber === this.left) {
      this.restarts -= 1;
      this.left = undefined;
      return this.begin([sequenceNumber]);
    }
    if (ahead < MAX_DROPOUT) return this.place(this.highest + ahead);
    if (CYCLE - ahead < MAX_MISORDER) return this.place(this.highest + ahead - CYCLE);
    return this.placeFarAway(sequenceNumber);
  }

  expected(): number {
    return this.before + this.highest - this.lowest + 1;
  }

  private place(extended: number): Verdict {
    if (this.seen.has(extended)) {
      this.duplicates += 1;
      return "accepted";
    }
    if (extended < this.highest) this.reordered += 1;
    this.seen.add(extended);
    this.lowest = Math.min(this.lowest, extended);
    this.highest = Math.max(this.highest, extended);
    return "accepted";
  }

  private placeFarAway(sequenceNumber: number): Verdict {
    if (sequenceNumber === this.stray) {
      this.duplicates += 1;
      return "stray";
    }
    if (
      this.stray === undefined ||
      this.highest !== this.highestAtStray ||
      sequenceNumber !== modulo(this.stray + 1, CYCLE)
    ) {
      this.stray = sequenceNumber;
      this.highestAtStray = this.highest;
      this.before += 1;
      return "stray";
    }
    this.before -= 1; // the stray that was counted above
    this.restarts += 1;
    this.left = modulo(this.highest + 1, CYCLE);
    const first = this.stray;
    this.stray = undefined;
    return this.begin([first, first + 1]);
  }

  private begin(numbers: readonly number[]): Verdict {
    this.before += this.highest - this.lowest + 1;
    this.lowest = Math.min(...numbers);
    this.highest = Math.max(...numbers);
    this.seen = new Set(numbers);
    return "restarted";
  }
}

/** A.8 in arrival order, over the packets that A.1 accepts. */
class Jitter {
  private seconds = 0;
  private sum = 0;
  private max = 0;
  private updates = 0;
  private previous: { atNs: bigint; timestamp: number; clockHz: number } | undefined;
  private codec: number | undefined;
  private readonly clocks: ClocksHz;

  constructor(clocks: ClocksHz) {
    this.clocks = clocks;
  }

  /** What comes next has nothing to be compared with. */
  restart(): void {
    this.previous = undefined;
  }

  update(packet: TsharkPacket): void {
    const clockHz = this.clocks.get(packet.payloadType);
    if (clockHz === undefined) return;
    // Comfort noise shares the timestamps of the codec it stands in for (RFC 3389 section 4).
    if (packet.payloadType !== COMFORT_NOISE) {
      if (this.codec !== undefined && this.codec !== packet.payloadType) this.restart();
      this.codec = packet.payloadType;
    }
    if (this.previous?.clockHz !== clockHz) this.restart();
    if (this.previous !== undefined) {
      const arrival = Number(packet.atNs - this.previous.atNs) / 1e9;
      const media = ((packet.timestamp - this.previous.timestamp) | 0) / clockHz;
      this.seconds += (Math.abs(arrival - media) - this.seconds) / 16;
      this.sum += this.seconds;
      this.max = Math.max(this.max, this.seconds);
      this.updates += 1;
    }
    this.previous = { atNs: packet.atNs, timestamp: packet.timestamp, clockHz };
  }

  result(): { last: number; mean: number; max: number } | undefined {
    if (this.updates === 0) return undefined;
    return { last: this.seconds, mean: this.sum / this.updates, max: this.max };
  }
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
