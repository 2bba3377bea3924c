/**
 * One call of the load: its signalling, its two streams, its RTCP.
 *
 * @module
 */
import { writeDatagram } from "./frames.mjs";
import { PACKET_US, SIP_MESSAGES, SLOWEST_COPY_US, SLOWEST_REORDER_US } from "./options.mjs";
import { compoundReport, middleOf, ntpOf } from "./reports.mjs";
import { callMessages } from "./signalling.mjs";
import { LoadStream, PAYLOAD_BYTES } from "./stream.mjs";

export const KIND_SIP = 0;
export const KIND_RTP = 1;
export const KIND_COPY = 2;
export const KIND_RTCP = 3;

/** Addresses of the `index`th call: every caller has its own, callees share 200. */
function endpointsOf(index, isIpv6) {
  const phone = index + 1;
  const server = 1 + (index % 200);
  const callerPort = 16384 + 2 * ((index * 37) % 8000);
  const calleePort = 10000 + 2 * Math.floor(index / 200);
  if (!isIpv6) {
    const digits = [phone >> 16, (phone >> 8) & 255, phone & 255].join(".");
    return [
      { address: `10.${digits}`, port: callerPort },
      { address: `203.0.113.${server}`, port: calleePort },
    ];
  }
  const high = phone >> 16 ? `${(phone >> 16).toString(16)}:` : "";
  const low = (phone & 0xffff).toString(16);
  return [
    { address: `2001:db8:1::${high}${low}`, port: callerPort },
    { address: `2001:db8:2::${server.toString(16)}`, port: calleePort },
  ];
}

/** A sequence number to start from: every fourth stream wraps within its first 100 packets. */
function firstSequence(random, streamIndex) {
  return streamIndex % 4 === 0 ? 65536 - random.integer(1, 100) : random.integer(0, 65535);
}

/** When the messages of a call are seen, and when each side begins to send media. */
function courseOf(inviteAtUs, packets, random) {
  const ringsUs = inviteAtUs + random.integer(60_000, 160_000);
  const answeredUs = ringsUs + random.integer(150_000, 450_000);
  // The callee sends right after its answer, the caller when it has that answer.
  const sendUs = [answeredUs + random.integer(5000, 15_000), answeredUs + 2000];
  const lastSentUs = Math.max(...sendUs) + packets * PACKET_US;
  const byeUs = lastSentUs + SLOWEST_REORDER_US + SLOWEST_COPY_US + random.integer(60_000, 200_000);
  const messageAtUs = [
    inviteAtUs,
    inviteAtUs + random.integer(2000, 20_000),
    ringsUs,
    answeredUs,
    answeredUs + random.integer(10_000, 40_000),
    byeUs,
    byeUs + random.integer(5000, 30_000),
  ];
  return { messageAtUs, sendUs };
}

/** A call from its INVITE to the 200 of its BYE. */
export class LoadCall {
  /** @param packets how many each side sends */
  constructor(index, packets, inviteAtUs, isIpv6, random, options) {
    this.options = options;
    const [caller, callee] = endpointsOf(index, isIpv6);
    this.caller = caller;
    this.callee = callee;
    this.isIpv6 = isIpv6;
    this.payloadType = index % 3 === 2 ? 8 : 0;
    this.callId = `${random.hex(24)}@${this.caller.address}`;
    this.endedBy = random.integer(0, 1) === 0 ? "caller" : "callee";
    this.delaysUs = [random.integer(6000, 40_000), random.integer(6000, 40_000)];
    const { messageAtUs, sendUs } = courseOf(inviteAtUs, packets, random);
    this.messageAtUs = messageAtUs;
    this.streams = [0, 1].map((side) => this.#stream(side, index, packets, sendUs[side], random));
    // The first report after half to one and a half of half the interval (RFC 3550 §6.2).
    const halfUs = (options.rtcpIntervalSeconds * 1e6) / 2;
    this.firstReportUs = sendUs.map((at) => at + Math.round(halfUs * (0.5 + random.ratio())));
    this.messages = callMessages({
      caller: this.caller,
      callee: this.callee,
      callId: this.callId,
      number: index,
      fromTag: random.hex(10),
      toTag: random.hex(10),
      branch: random.hex(16),
      endedBy: this.endedBy,
      offered: [111, 0, 8, 101],
      answered: [this.payloadType, 101],
    });
    this.nextMessage = 0;
    this.nextReport = [0, 0];
    this.fractionFrom = [
      { expected: 0, received: 0 },
      { expected: 0, received: 0 },
    ];
  }

  #stream(side, index, packets, sendUs, random) {
    return new LoadStream({
      source: side === 0 ? this.caller : this.callee,
      destination: side === 0 ? this.callee : this.caller,
      ssrc: random.uint32(),
      payloadType: this.payloadType,
      firstSequence: firstSequence(random, 2 * index + side),
      firstTimestamp: random.uint32(),
      packets,
      sendUs,
      delayUs: this.delaysUs[side],
    });
  }

  /** Adds to the schedule whatever begins before `endUs`. True when nothing is left after it. */
  planUntil(endUs, schedule, index, random) {
    while (this.nextMessage < SIP_MESSAGES && this.messageAtUs[this.nextMessage] < endUs) {
      schedule.add(this.messageAtUs[this.nextMessage], KIND_SIP, index, this.nextMessage);
      this.nextMessage += 1;
    }
    for (const side of [0, 1]) {
      const owner = 2 * index + side;
      const stream = this.streams[side];
      stream.planUntil(endUs, random, this.options, (atUs, number, isCopy) => {
        schedule.add(atUs, isCopy ? KIND_COPY : KIND_RTP, owner, number);
      });
      for (;;) {
        const sentUs = this.#reportSentUs(side, this.nextReport[side]);
        if (sentUs >= endUs || sentUs > stream.endUs) break;
        schedule.add(sentUs + this.delaysUs[side], KIND_RTCP, owner, this.nextReport[side]++);
      }
    }
    return this.nextMessage === SIP_MESSAGES;
  }

  #reportSentUs(side, number) {
    return this.firstReportUs[side] + number * this.options.rtcpIntervalSeconds * 1e6;
  }

  writeMessage(sink, atUs, number) {
    const [fromCaller, bytes] = this.messages[number];
    const caller = { ...this.caller, port: 5060 };
    const callee = { ...this.callee, port: 5060 };
    writeDatagram(sink, atUs, fromCaller ? caller : callee, fromCaller ? callee : caller, bytes);
  }

  /** Writes the report that `side` sends, about its own stream and the one it receives. */
  writeReport(sink, atUs, side, number) {
    const own = this.streams[side];
    const sentUs = this.#reportSentUs(side, number);
    const packets = own.sentBefore(sentUs);
    const sinceFirstUs = sentUs - own.plan.sendUs;
    const packet = compoundReport({
      ssrc: own.plan.ssrc,
      cname: `${side === 0 ? "phone" : "media"}@${own.plan.source.address}`,
      sent: {
        ntp: ntpOf(sentUs),
        timestamp: own.plan.firstTimestamp + Math.round((sinceFirstUs * 8) / 1000),
        packets,
        octets: packets * PAYLOAD_BYTES,
      },
      block: this.#block(side, sentUs),
    });
    const onPort = ({ address, port }) => ({ address, port: port + 1 });
    const { source, destination } = own.plan;
    writeDatagram(sink, atUs, onPort(source), onPort(destination), packet);
    own.ledger.reports += 1;
  }

  /** What `side` has to say at `sentUs` of the stream that it receives. */
  #block(side, sentUs) {
    const other = 1 - side;
    const { plan, ledger } = this.streams[other];
    if (ledger.received === 0) return undefined;
    const wayUs = this.delaysUs[0] + this.delaysUs[1];
    const intervalUs = this.options.rtcpIntervalSeconds * 1e6;
    const last = Math.floor((sentUs - wayUs - this.firstReportUs[other]) / intervalUs);
    const lastNumber = Math.min(last, this.nextReport[other] - 1);
    const lastUs = this.#reportSentUs(other, lastNumber);
    const before = this.fractionFrom[side];
    const expected = ledger.expected - before.expected;
    const lost = expected - (ledger.received - before.received);
    this.fractionFrom[side] = { expected: ledger.expected, received: ledger.received };
    return {
      ssrc: plan.ssrc,
      fractionLost: lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected)),
      packetsLost: ledger.expected - ledger.received,
      extendedHighest: plan.firstSequence + ledger.highest,
      jitterTicks: Math.floor(ledger.jitter),
      lastSenderReport: lastNumber < 0 ? 0 : middleOf(ntpOf(lastUs)),
      delaySinceLastSenderReport:
        lastNumber < 0 ? 0 : Math.round(((sentUs - lastUs - wayUs) * 65536) / 1e6),
    };
  }

  truth() {
    const [invitedAtUs, , ringingAtUs, answeredAtUs, , endedAtUs] = this.messageAtUs;
    return {
      callId: this.callId,
      family: this.isIpv6 ? 6 : 4,
      invitedAtUs,
      ringingAtUs,
      answeredAtUs,
      endedAtUs,
      endedBy: this.endedBy,
      roundTripTimeSeconds: (2 * (this.delaysUs[0] + this.delaysUs[1])) / 1e6,
      streams: [
        this.streams[0].truth("caller-to-callee"),
        this.streams[1].truth("callee-to-caller"),
      ],
    };
  }
}
