import { describe, expect, it } from "vitest";

import { entriesOf, MAX_STACK_STREAMS, StackStatistics } from "../../src/attach/werift-stats.js";

const inbound = (packetsReceived: number, more: object = {}): object => ({
  type: "inbound-rtp",
  ssrc: 1,
  kind: "audio",
  packetsReceived,
  bytesReceived: packetsReceived * 80,
  packetsLost: 0,
  ...more,
});

const outbound = (packetsSent: number): object => ({
  type: "outbound-rtp",
  ssrc: 2,
  packetsSent,
  bytesSent: packetsSent * 80,
});

const remoteInbound = (totalRoundTripTime: number, roundTripTimeMeasurements: number): object => ({
  type: "remote-inbound-rtp",
  ssrc: 2,
  roundTripTime: 9,
  totalRoundTripTime,
  roundTripTimeMeasurements,
  packetsLost: 0xfffffe,
  fractionLost: 0.25,
});

const always = (): boolean => true;

describe("the stack's statistics", () => {
  it("go on where a counter starts anew under the same SSRC (D7)", () => {
    const statistics = new StackStatistics();
    statistics.take([inbound(50, { packetsLost: 4 })], always);
    statistics.take([inbound(30, { packetsLost: 1 })], always);
    statistics.take([inbound(35, { packetsLost: 0 })], always);
    expect(statistics.inbound(1)).toEqual({
      kind: "audio",
      packetsReceived: 85,
      bytesReceived: 85 * 80,
      packetsLost: 4,
    });
  });

  it.each([-2796, 5.1, NaN, undefined])("leave out a jitter of %s (D8)", (jitter) => {
    const statistics = new StackStatistics();
    statistics.take([inbound(5, { jitter: 0.01 })], always);
    expect(statistics.inbound(1)?.jitterSeconds).toBe(0.01);
    statistics.take([inbound(6, { jitter })], always);
    expect(statistics.inbound(1)?.jitterSeconds).toBeUndefined();
  });

  it("give round trips by totals, and none that are negative or made on hold (D1)", () => {
    const statistics = new StackStatistics();
    statistics.take([outbound(10), remoteInbound(0.2, 1)], always);
    statistics.take([outbound(20), remoteInbound(0.8, 3)], always);
    statistics.take([outbound(30), remoteInbound(0.8, 3)], always);
    statistics.take([outbound(40), remoteInbound(0.64, 4)], always);
    statistics.take([outbound(40), remoteInbound(0.656, 5)], always);
    expect(statistics.roundTrip()).toMatchObject({ samples: 2, minSeconds: 0.2 });
    expect(statistics.roundTrip()?.maxSeconds).toBeCloseTo(0.3, 9);
    expect(statistics.outbound(2)?.remote).toEqual({ packetsLost: -2, fractionLost: 0.25 });
  });

  it("tell what was counted while nothing left (D9)", () => {
    const statistics = new StackStatistics();
    statistics.take([outbound(10)], always);
    statistics.take([outbound(25)], () => false);
    statistics.take([outbound(30)], always);
    expect(statistics.outbound(2)).toMatchObject({
      packetsSent: 30,
      packetsNotSent: 15,
      bytesNotSent: 1200,
    });
  });

  it("are bounded, and survive whatever they are given", () => {
    const statistics = new StackStatistics();
    const many = Array.from({ length: 1000 }, (_, ssrc) => inbound(1, { ssrc }));
    statistics.take([null, 7, "x", {}, { ssrc: "1" }, { type: "inbound-rtp", ssrc: NaN }], always);
    statistics.take(many, always);
    expect([...statistics.inboundSsrcs]).toHaveLength(MAX_STACK_STREAMS);
    statistics.take([{ type: "inbound-rtp", ssrc: 1, packetsReceived: "many" }], always);
    expect(statistics.inbound(1)?.packetsReceived).toBe(1);
  });

  it("are read out of a map, a list or an object", () => {
    expect(entriesOf(new Map([["a", 1]]))).toEqual([1]);
    expect(entriesOf([1, 2])).toEqual([1, 2]);
    expect(entriesOf({ a: 1 })).toEqual([1]);
    expect(entriesOf(undefined)).toEqual([]);
  });
});
