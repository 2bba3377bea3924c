/**
 * What the stack's own statistics say (W3C webrtc-stats), read with its known errors in mind: streams
 * by SSRC and never by identifier, round trips from totals and never from the smoothed value, signs
 * restored, counters that start anew carried on.
 *
 * @module
 */

import { present } from "../rtcp/present.js";
import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";
import type { StackInbound, StackOutbound, Traffic } from "../call/connection.js";
import { countOf, memberOf, numberOf } from "./werift-ports.js";
import { signedPacketsLost } from "./werift-rtcp-records.js";

/** Streams of each direction; further ones are not read. */
export const MAX_STACK_STREAMS = 256;

/** A larger jitter is a defect of the stack, which takes a jump of timestamps for delay. */
const MAX_JITTER_SECONDS = 5;

/** Gathers what one connection's statistics say. */
export class StackStatistics {
  readonly #inbound = new Map<number, InboundReading>();
  readonly #outbound = new Map<number, OutboundReading>();
  readonly #roundTrip = new RoundTripAccumulator();
  #pairs: readonly object[] = [];
  #selectedPairs: readonly unknown[] = [];
  #dataChannels: readonly object[] = [];
  #channelsOpened = 0;
  #channelsClosed = 0;

  /**
   * Takes the statistics of one poll.
   *
   * @param isSending Whether packets of that SSRC really leave.
   */
  take(entries: Iterable<unknown>, isSending: (ssrc: number) => boolean): void {
    for (const entry of entries) {
      const ssrc = numberOf(memberOf(entry, "ssrc"));
      if (ssrc === undefined) continue;
      switch (memberOf(entry, "type")) {
        case "inbound-rtp":
          reading(this.#inbound, ssrc, () => new InboundReading())?.take(entry);
          break;
        case "remote-outbound-rtp":
          this.#inbound.get(ssrc)?.takeSender(entry);
          break;
        case "outbound-rtp":
          reading(this.#outbound, ssrc, () => new OutboundReading())?.take(entry, isSending(ssrc));
          break;
        case "remote-inbound-rtp":
          this.#takeRoundTrip(this.#outbound.get(ssrc)?.takeReceiver(entry));
          break;
        default:
      }
    }
  }

  /** Takes what only a whole report has: transports and data channels. */
  takeReport(entries: readonly unknown[]): void {
    const ofType = (type: string): object[] =>
      entries.filter((entry): entry is object => memberOf(entry, "type") === type);
    for (const connection of ofType("peer-connection")) {
      this.#channelsOpened = countOf(connection, "dataChannelsOpened");
      this.#channelsClosed = countOf(connection, "dataChannelsClosed");
    }
    this.#dataChannels = ofType("data-channel");
    const transports = ofType("transport");
    if (transports.length === 0) return;
    this.#selectedPairs = transports.map((each) => memberOf(each, "selectedCandidatePairId"));
    this.#pairs = ofType("candidate-pair");
  }

  get inboundSsrcs(): Iterable<number> {
    return this.#inbound.keys();
  }

  get outboundSsrcs(): Iterable<number> {
    return this.#outbound.keys();
  }

  inbound(ssrc: number): StackInbound | undefined {
    return this.#inbound.get(ssrc)?.value();
  }

  outbound(ssrc: number): StackOutbound | undefined {
    return this.#outbound.get(ssrc)?.value();
  }

  /** Of the stack's own RTCP. */
  roundTrip(): RoundTripSummary | undefined {
    return this.#roundTrip.summary();
  }

  /** Of the selected pairs at the last whole report. */
  get wire(): readonly Traffic[] {
    const selected = this.#pairs.filter((pair) => {
      return this.#selectedPairs.includes(memberOf(pair, "id"));
    });
    return selected.map((pair) => ({
      packetsSent: countOf(pair, "packetsSent"),
      packetsReceived: countOf(pair, "packetsReceived"),
      bytesSent: countOf(pair, "bytesSent"),
      bytesReceived: countOf(pair, "bytesReceived"),
    }));
  }

  /** Data channels that were open at the last whole report. */
  get dataChannels(): readonly object[] {
    return this.#dataChannels;
  }

  get channelsOpened(): number {
    return this.#channelsOpened;
  }

  get channelsClosed(): number {
    return this.#channelsClosed;
  }

  #takeRoundTrip(seconds: number | undefined): void {
    if (seconds !== undefined) this.#roundTrip.add(seconds);
  }
}

/** The entries of what `getStats` gave: a map, in the stacks there are. */
export function entriesOf(report: unknown): unknown[] {
  if (report instanceof Map) return [...(report.values() as Iterable<unknown>)];
  if (Array.isArray(report)) return report;
  return typeof report === "object" && report !== null ? Object.values(report) : [];
}

/** A counter that goes on where the stack counts from 0 again. */
class Counter {
  #before = 0;
  #last = 0;

  get value(): number {
    return this.#before + this.#last;
  }

  /** @returns By how much it grew. */
  take(count: number): number {
    const before = this.value;
    if (count < this.#last) this.#before += this.#last;
    this.#last = count;
    return this.value - before;
  }

  /** For counters that may shrink by themselves: a reset of another tells it. */
  carry(): void {
    this.#before += this.#last;
    this.#last = 0;
  }

  set(count: number): void {
    this.#last = count;
  }
}

class InboundReading {
  readonly #packets = new Counter();
  readonly #bytes = new Counter();
  readonly #lost = new Counter();
  #lastPackets = 0;
  #kind: string | undefined;
  #jitterSeconds: number | undefined;
  #sender: StackInbound["sender"];

  take(entry: unknown): void {
    const packets = countOf(entry, "packetsReceived");
    if (packets < this.#lastPackets) this.#lost.carry();
    this.#lastPackets = packets;
    this.#packets.take(packets);
    this.#bytes.take(countOf(entry, "bytesReceived"));
    this.#lost.set(countOf(entry, "packetsLost"));
    this.#kind = textOf(memberOf(entry, "kind"));
    const jitter = numberOf(memberOf(entry, "jitter"));
    const isCredible = jitter !== undefined && jitter >= 0 && jitter <= MAX_JITTER_SECONDS;
    this.#jitterSeconds = isCredible ? jitter : undefined;
  }

  /** Its time of report is left alone: the stack misreads NTP fractions. */
  takeSender(entry: unknown): void {
    const packetsSent = numberOf(memberOf(entry, "packetsSent"));
    const bytesSent = numberOf(memberOf(entry, "bytesSent"));
    if (packetsSent === undefined || bytesSent === undefined) return;
    this.#sender = { packetsSent, bytesSent };
  }

  value(): StackInbound {
    return {
      ...present("kind", this.#kind),
      packetsReceived: this.#packets.value,
      bytesReceived: this.#bytes.value,
      packetsLost: this.#lost.value,
      ...present("jitterSeconds", this.#jitterSeconds),
      ...present("sender", this.#sender),
    };
  }
}

class OutboundReading {
  readonly #packets = new Counter();
  readonly #bytes = new Counter();
  #packetsNotSent = 0;
  #bytesNotSent = 0;
  #isFlat = true;
  #kind: string | undefined;
  #totalSeconds = 0;
  #measurements = 0;
  #remote: StackOutbound["remote"];

  take(entry: unknown, isSending: boolean): void {
    const packets = this.#packets.take(countOf(entry, "packetsSent"));
    const bytes = this.#bytes.take(countOf(entry, "bytesSent"));
    this.#isFlat = packets === 0;
    this.#kind = textOf(memberOf(entry, "kind"));
    if (isSending) return;
    this.#packetsNotSent += packets;
    this.#bytesNotSent += bytes;
  }

  /**
   * @returns The mean of the round trips since the last poll. None while nothing is sent: the stack
   * then takes the time of a newer report than was answered.
   */
  takeReceiver(entry: unknown): number | undefined {
    const packetsLost = numberOf(memberOf(entry, "packetsLost"));
    this.#remote = {
      ...(packetsLost !== undefined && { packetsLost: signedPacketsLost(packetsLost) }),
      ...present("fractionLost", numberOf(memberOf(entry, "fractionLost"))),
    };
    const total = countOf(entry, "totalRoundTripTime");
    const measurements = countOf(entry, "roundTripTimeMeasurements");
    const count = measurements - this.#measurements;
    const seconds = (total - this.#totalSeconds) / count;
    this.#totalSeconds = total;
    this.#measurements = measurements;
    return count > 0 && seconds > 0 && !this.#isFlat ? seconds : undefined;
  }

  value(): StackOutbound {
    return {
      ...present("kind", this.#kind),
      packetsSent: this.#packets.value,
      bytesSent: this.#bytes.value,
      packetsNotSent: this.#packetsNotSent,
      bytesNotSent: this.#bytesNotSent,
      ...present("remote", this.#remote),
    };
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function reading<Value>(
  readings: Map<number, Value>,
  ssrc: number,
  make: () => Value,
): Value | undefined {
  const known = readings.get(ssrc);
  if (known !== undefined || readings.size >= MAX_STACK_STREAMS) return known;
  const made = make();
  readings.set(ssrc, made);
  return made;
}
