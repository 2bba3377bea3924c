/**
 * What one transport put on the wire and took from it. The stack's own counters of what is sent go on
 * when nothing leaves any more; those of the pair in use do not.
 *
 * @module
 */

import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";
import type { Traffic } from "../call/connection.js";
import type { DatagramTap } from "./werift-datagrams.js";
import type { WeriftCandidatePair, WeriftConnection, WeriftDtlsTransport } from "./werift-ports.js";

type Sums = { -readonly [Key in keyof Traffic]: Traffic[Key] };

/** Pairs whose objects are held; of older ones the counters are as they were then. */
const MAX_PAIRS = 16;

/** The wire below one transport. */
export class WireWatch {
  readonly #connection: WeriftConnection | undefined;
  readonly #transport: WeriftDtlsTransport;
  readonly #tap: DatagramTap | undefined;
  readonly #pairs = new Set<WeriftCandidatePair>();
  readonly #past = noTraffic();
  /** Received before the tap was there. */
  readonly #before: { packets: number; bytes: number };
  readonly #roundTrip = new RoundTripAccumulator();
  #last = { sent: 0, counted: 0 };
  #measured = { pair: undefined as WeriftCandidatePair | undefined, seconds: 0, count: 0 };
  #isSending = true;

  /** @param tap Absent where nothing can be tapped. */
  constructor(transport: WeriftDtlsTransport, tap: DatagramTap | undefined) {
    this.#transport = transport;
    this.#connection = transport.iceTransport?.connection;
    this.#tap = tap;
    this.#hold();
    const { packetsReceived, bytesReceived } = this.#sums();
    this.#before = { packets: packetsReceived, bytes: bytesReceived };
    this.#last = this.#sentAndCounted();
  }

  /** Whether anything was sent at all between the last two polls that the stack says it sent. */
  get isSending(): boolean {
    return this.#isSending;
  }

  /** Round trips of connectivity and consent checks. */
  roundTrip(): RoundTripSummary | undefined {
    return this.#roundTrip.summary();
  }

  /** Looks at the pair in use. */
  poll(): void {
    this.#hold();
    const now = this.#sentAndCounted();
    const isCounted = now.counted > this.#last.counted;
    // Without counters of the pair there is nothing to hold against the stack's word.
    if (this.#pairs.size > 0) this.#isSending = !isCounted || now.sent > this.#last.sent;
    this.#last = now;
    this.#measureRoundTrip();
  }

  /** UDP payloads. */
  traffic(): Traffic {
    this.#hold();
    const sums = this.#sums();
    if (this.#tap === undefined) return sums;
    return {
      ...sums,
      packetsReceived: this.#before.packets + this.#tap.packets,
      bytesReceived: this.#before.bytes + this.#tap.bytes,
    };
  }

  #sentAndCounted(): { sent: number; counted: number } {
    return { sent: this.#sums().packetsSent, counted: this.#transport.packetsSent ?? 0 };
  }

  #hold(): void {
    const pair = this.#connection?.nominated;
    if (pair === undefined || this.#pairs.has(pair)) return;
    this.#pairs.add(pair);
    const [oldest] = this.#pairs;
    if (this.#pairs.size <= MAX_PAIRS || oldest === undefined) return;
    this.#pairs.delete(oldest);
    addTo(this.#past, oldest);
  }

  #sums(): Sums {
    const sums = { ...this.#past };
    for (const pair of this.#pairs) addTo(sums, pair);
    return sums;
  }

  #measureRoundTrip(): void {
    const pair = this.#connection?.nominated;
    if (pair === undefined) return;
    const { totalRoundTripTime = 0, roundTripTimeMeasurements = 0 } = pair;
    const last = this.#measured.pair === pair ? this.#measured : { seconds: 0, count: 0 };
    this.#measured = { pair, seconds: totalRoundTripTime, count: roundTripTimeMeasurements };
    const count = roundTripTimeMeasurements - last.count;
    const seconds = (totalRoundTripTime - last.seconds) / count;
    if (count > 0 && seconds >= 0 && seconds < Infinity) this.#roundTrip.add(seconds);
  }
}

/** Traffic added up. */
export function sumOf(parts: Iterable<Traffic>): Traffic {
  const sums = noTraffic();
  for (const part of parts) addTo(sums, part);
  return sums;
}

function addTo(sums: Sums, part: Partial<Traffic>): void {
  sums.packetsSent += part.packetsSent ?? 0;
  sums.packetsReceived += part.packetsReceived ?? 0;
  sums.bytesSent += part.bytesSent ?? 0;
  sums.bytesReceived += part.bytesReceived ?? 0;
}

function noTraffic(): Sums {
  return { packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 };
}
