/**
 * One direction of a call's media: which packets are sent, which of them the point of capture sees
 * and when, and the count of it.
 *
 * The counts are made from packet numbers, which neither wrap nor restart: they owe nothing to any
 * reading of sequence numbers.
 *
 * @module
 */
import { finishHeaders, headerBytes, writeHeaders } from "./frames.mjs";
import { PACKET_US, SLOWEST_COPY_US, SLOWEST_REORDER_US } from "./options.mjs";

export const PAYLOAD_BYTES = 160;
const RTP_HEADER_BYTES = 12;
const TICKS_A_PACKET = 160;
const CLOCK_HZ = 8000;

/** Random payloads that all streams share, with the sums that their checksums need. */
export function payloadPool(random, count = 64) {
  const bytes = Buffer.alloc(count * PAYLOAD_BYTES);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(random.uint32(), i);
  const sums = new Uint32Array(count);
  for (let i = 0; i < bytes.length; i += 2) {
    sums[Math.floor(i / PAYLOAD_BYTES)] += bytes.readUInt16BE(i);
  }
  return { count, bytes, sums };
}

/** What the point of capture saw of a stream so far. */
class Ledger {
  received = 0;
  unique = 0;
  duplicated = 0;
  reordered = 0;
  lowest = Infinity;
  highest = -Infinity;
  firstAtUs = 0;
  lastAtUs = 0;
  reports = 0;
  /** Packets not captured although an earlier and a later one were. */
  dropped = 0;
  // Interarrival jitter in timestamp ticks, RFC 3550 A.8.
  jitter = 0;
  jitterSum = 0;
  jitterMax = 0;
  previousNumber = 0;

  see(number, isCopy, atUs) {
    if (this.received > 0) {
      const sent = (number - this.previousNumber) * TICKS_A_PACKET;
      const spacing = ((atUs - this.lastAtUs) * CLOCK_HZ) / 1e6;
      this.jitter += (Math.abs(spacing - sent) - this.jitter) / 16;
      this.jitterSum += this.jitter;
      this.jitterMax = Math.max(this.jitterMax, this.jitter);
    } else {
      this.firstAtUs = atUs;
    }
    this.previousNumber = number;
    this.lastAtUs = atUs;
    this.received += 1;
    if (isCopy) {
      this.duplicated += 1;
      return;
    }
    this.unique += 1;
    if (number < this.highest) this.reordered += 1;
    this.lowest = Math.min(this.lowest, number);
    this.highest = Math.max(this.highest, number);
  }

  get expected() {
    return this.received === 0 ? 0 : this.highest - this.lowest + 1;
  }
}

/** A stream of G.711. */
export class LoadStream {
  /**
   * @param plan `source`, `destination`, `ssrc`, `payloadType`, `firstSequence`, `firstTimestamp`,
   *   `packets`, `sendUs` (when the first one is sent), `delayUs` (from the sender to the capture)
   */
  constructor(plan) {
    this.plan = plan;
    this.planned = 0;
    this.burst = 0;
    this.ledger = new Ledger();
    this.family = plan.source.address.includes(":") ? 6 : 4;
    this.headerBytes = headerBytes(this.family) + RTP_HEADER_BYTES;
    this.template = Buffer.alloc(this.headerBytes);
    const rtpBytes = RTP_HEADER_BYTES + PAYLOAD_BYTES;
    const { source, destination } = plan;
    this.sums = writeHeaders(this.template, 0, source, destination, rtpBytes);
    const rtp = this.headerBytes - RTP_HEADER_BYTES;
    this.template[rtp] = 0x80;
    this.template[rtp + 1] = plan.payloadType;
    this.template.writeUInt32BE(plan.ssrc, rtp + 8);
    this.sums.udp += 0x8000 + plan.payloadType + (plan.ssrc >>> 16) + (plan.ssrc & 0xffff);
  }

  /** When the last packet is sent. */
  get endUs() {
    return this.plan.sendUs + (this.plan.packets - 1) * PACKET_US;
  }

  /** Packets that were sent until `atUs`. */
  sentBefore(atUs) {
    const sent = Math.floor((atUs - this.plan.sendUs) / PACKET_US) + 1;
    return Math.max(0, Math.min(this.plan.packets, sent));
  }

  extendedSequence(number) {
    return this.plan.firstSequence + number;
  }

  timestamp(number) {
    return (this.plan.firstTimestamp + number * TICKS_A_PACKET) >>> 0;
  }

  /**
   * Decides the fate of all packets sent before `endUs`. The first and the last one always arrive,
   * so that whatever is dropped can be noticed.
   */
  planUntil(endUs, random, options, arrives) {
    const { sendUs, packets, delayUs } = this.plan;
    const { lossRatio, burstRatio, reorderRatio, duplicateRatio } = options;
    const burstFrom = lossRatio + burstRatio;
    const reorderFrom = burstFrom + reorderRatio;
    while (this.planned < packets && sendUs + this.planned * PACKET_US < endUs) {
      const number = this.planned++;
      const fate = random.ratio();
      const jitterUs = random.normal() * options.jitterSigmaMs * 1000;
      if (number > 0 && number < packets - 1 && this.#isDropped(fate, burstFrom, random, options)) {
        this.ledger.dropped += 1;
        continue;
      }
      let atUs = sendUs + number * PACKET_US + Math.max(0, Math.round(delayUs + jitterUs));
      if (fate >= burstFrom && fate < reorderFrom)
        atUs += random.integer(25_000, SLOWEST_REORDER_US);
      arrives(atUs, number, false);
      if (fate >= reorderFrom && fate < reorderFrom + duplicateRatio) {
        arrives(atUs + random.integer(100, SLOWEST_COPY_US), number, true);
      }
    }
  }

  #isDropped(fate, burstFrom, random, options) {
    if (this.burst > 0) {
      this.burst -= 1;
      return true;
    }
    if (fate >= options.lossRatio && fate < burstFrom) {
      this.burst = random.integer(2, options.longestBurstPackets) - 1;
    }
    return fate < burstFrom;
  }

  /** Writes packet `number` and counts it. */
  write(sink, pool, atUs, number, isCopy) {
    const at = sink.room();
    const { buffer } = sink;
    const { template, headerBytes } = this;
    template.copy(buffer, at);
    const rtp = at + headerBytes - RTP_HEADER_BYTES;
    const sequence = this.extendedSequence(number) & 0xffff;
    const timestamp = this.timestamp(number);
    const marker = number === 0 ? 0x80 : 0;
    buffer[rtp + 1] |= marker;
    buffer.writeUInt16BE(sequence, rtp + 2);
    buffer.writeUInt32BE(timestamp, rtp + 4);
    const payload = (this.plan.ssrc + number) % pool.count;
    pool.bytes.copy(buffer, rtp + 12, payload * PAYLOAD_BYTES, (payload + 1) * PAYLOAD_BYTES);
    const words = sequence + (timestamp >>> 16) + (timestamp & 0xffff) + marker;
    const udpSum = this.sums.udp + words + pool.sums[payload];
    finishHeaders(buffer, at, this.family, atUs, sequence, this.sums.ip, udpSum);
    sink.advance(headerBytes + PAYLOAD_BYTES);
    this.ledger.see(number, isCopy, atUs);
  }

  /** The exact count, in the words of a call record. */
  truth(direction) {
    const { plan, ledger } = this;
    const seconds = (ticks) => ticks / CLOCK_HZ;
    return {
      direction,
      source: plan.source,
      destination: plan.destination,
      ssrc: plan.ssrc,
      payloadType: plan.payloadType,
      firstSequence: plan.firstSequence,
      firstPacketAtUs: ledger.firstAtUs,
      lastPacketAtUs: ledger.lastAtUs,
      packetsReceived: ledger.received,
      packetsExpected: ledger.expected,
      packetsLost: ledger.expected - ledger.received,
      packetsMissing: ledger.expected - ledger.unique,
      packetsDropped: ledger.dropped,
      packetsDuplicated: ledger.duplicated,
      packetsReordered: ledger.reordered,
      payloadBytes: ledger.received * PAYLOAD_BYTES,
      reports: ledger.reports,
      jitterSeconds: {
        last: seconds(ledger.jitter),
        mean: seconds(ledger.jitterSum / (ledger.received - 1)),
        max: seconds(ledger.jitterMax),
      },
    };
  }
}
