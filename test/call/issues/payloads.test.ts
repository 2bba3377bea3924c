import { describe, expect, it } from "vitest";

import type { Endpoint } from "../../../src/net/endpoint.js";
import {
  agreement,
  call,
  COMFORT_NOISE,
  G729,
  iso,
  issuesOf,
  payloads,
  PCMU,
  scopesOf,
  stream,
  TELEPHONE_EVENT,
  VP8,
} from "./call-facts.js";

describe("wrong-payload-type", () => {
  const sent = (types: Parameters<typeof payloads>[0], changes = {}): unknown =>
    scopesOf("wrong-payload-type", {
      streams: [stream("caller-to-callee", { types })],
      ...changes,
    });
  const wrong = (packets: number): unknown => sent([PCMU, { payloadType: 97, packets }]);

  it("is found from three packets on that the receiver did not agree to, with their count", () => {
    expect(wrong(2)).toEqual([]);
    expect(wrong(3)).toEqual([{ direction: "caller-to-callee", from: iso(5), to: iso(65) }]);
    const streams = [
      stream("caller-to-callee", { types: [PCMU, { payloadType: 97, packets: 40 }] }),
    ];
    expect(issuesOf("wrong-payload-type", { streams })[0]?.detail).toBe(
      "40 of 3000 packets of SSRC 0x00ca11e4 have payload type 97, which the callee did not agree to.",
    );
  });

  it("adds up a payload type that stood for several things", () => {
    const once = { payloadType: 97, packets: 2 };
    expect(sent([PCMU, once, { ...once, codec: "iLBC" }])).toHaveLength(1);
  });

  it("is told once of what a relay passes on", () => {
    const types = [PCMU, { payloadType: 97, packets: 40 }];
    const relay: Endpoint = { address: "192.0.2.9", port: 4000 };
    const behind = stream("caller-to-callee", { types, source: relay });
    const streams = [stream("caller-to-callee", { types, destination: relay }), behind];
    expect(scopesOf("wrong-payload-type", { streams })).toHaveLength(1);
    const other = stream("caller-to-callee", { types, source: relay, ssrc: 2 });
    expect(scopesOf("wrong-payload-type", { streams: [...streams, other] })).toHaveLength(2);
  });

  it("is not found for telephone-events and comfort noise that were agreed on", () => {
    expect(sent([PCMU, TELEPHONE_EVENT, COMFORT_NOISE])).toEqual([]);
  });

  it("is not found for comfort noise of the static type, agreed on or not", () => {
    const agreements = [agreement({ payloads: payloads([PCMU]) })];
    const streams = (payloadType: number): ReturnType<typeof stream>[] => [
      stream("caller-to-callee", { types: [PCMU, { ...COMFORT_NOISE, payloadType, packets: 40 }] }),
    ];
    expect(scopesOf("wrong-payload-type", { agreements, streams: streams(13) })).toEqual([]);
    expect(scopesOf("wrong-payload-type", { agreements, streams: streams(98) })).toHaveLength(1);
  });

  it("goes by what the receiver said, not by what the sender takes", () => {
    const g729 = agreement({ payloads: payloads([G729]) }).calleeToCaller;
    const agreements = [{ ...agreement(), calleeToCaller: g729 }];
    expect(sent([G729], { agreements })).toHaveLength(1);
    const streams = [stream("callee-to-caller", { types: [G729] })];
    expect(scopesOf("wrong-payload-type", { streams, agreements })).toEqual([]);
  });

  it("goes by what was agreed while the stream ran, give or take two seconds", () => {
    const agreements = [agreement({ to: 30 }), agreement({ from: 30, payloads: payloads([G729]) })];
    const running = (from: number, to: number): unknown =>
      scopesOf("wrong-payload-type", {
        agreements,
        streams: [stream("caller-to-callee", { from, to, types: [G729] })],
      });
    expect(running(6, 27.9)).toHaveLength(1);
    expect(running(6, 28)).toEqual([]);
    const late = (from: number): unknown =>
      scopesOf("wrong-payload-type", {
        agreements,
        streams: [stream("caller-to-callee", { from })],
      });
    expect(late(32)).toEqual([]);
    expect(late(32.1)).toHaveLength(1);
  });

  it("is not found for video that shares the port of audio", () => {
    const video = agreement({ mediaType: "video", payloads: payloads([VP8]) });
    expect(sent([VP8], { agreements: [agreement(), video] })).toEqual([]);
    expect(sent([VP8])).toHaveLength(1);
  });

  it("is not found where nothing is known to be agreed", () => {
    expect(sent([G729], { agreements: [] })).toEqual([]);
    expect(sent([G729], { agreements: [agreement({ payloads: new Map() })] })).toEqual([]);
  });
});

describe("codec-changed", () => {
  const both = payloads([PCMU, G729]);
  const changes = (streams: ReturnType<typeof stream>[], more = {}): unknown =>
    issuesOf("codec-changed", {
      agreements: [agreement({ payloads: both })],
      streams,
      ...more,
    }).map(({ direction, from, to, detail }) => [direction, from, to, detail]);

  it("is found between streams, when one follows the other", () => {
    const before = stream("caller-to-callee", { to: 30 });
    const after = stream("caller-to-callee", { from: 30.5, types: [G729], ssrc: 2 });
    expect(changes([before, after])).toEqual([
      [
        "caller-to-callee",
        iso(30),
        iso(30.5),
        "The caller's audio changed from PCMU/8000 to G729/8000 with SSRC 0x00000002.",
      ],
    ]);
  });

  it("is not found between streams that run at the same time", () => {
    const before = stream("caller-to-callee", { to: 33 });
    const beside = (from: number): unknown =>
      changes([before, stream("caller-to-callee", { from, types: [G729], ssrc: 2 })]);
    expect(beside(30.9)).toEqual([]);
    expect(beside(31)).toHaveLength(1);
  });

  it("is not found between what a proxy that recodes has on its two sides", () => {
    const end = (address: string): Endpoint => ({ address, port: 4000 });
    const [caller, proxy, callee] = [end("192.0.2.1"), end("192.0.2.9"), end("192.0.2.2")];
    const before = { source: caller, destination: proxy };
    const behind = { source: proxy, destination: callee, types: [G729] };
    const streams = [
      stream("caller-to-callee", { to: 30, ...before }),
      stream("caller-to-callee", { to: 30, ...behind }),
      stream("caller-to-callee", { from: 31, ssrc: 2, ...before }),
      stream("caller-to-callee", { from: 31, ssrc: 3, ...behind }),
    ];
    expect(changes(streams)).toEqual([]);
    const recoded = stream("caller-to-callee", { from: 31, ssrc: 3, ...behind, types: [PCMU] });
    expect(changes([...streams.slice(0, 3), recoded])).toHaveLength(1);
  });

  it("is told once where a relay passes on what changed, and again where it changes again", () => {
    const end = (address: string): Endpoint => ({ address, port: 4000 });
    const [caller, relay, callee] = [end("192.0.2.1"), end("192.0.2.9"), end("192.0.2.2")];
    const hops = [
      { source: caller, destination: relay },
      { source: relay, destination: callee },
    ];
    const passedOn = (streamed: Parameters<typeof stream>[1]): ReturnType<typeof stream>[] =>
      hops.map((hop) => stream("caller-to-callee", { ...streamed, ...hop }));
    const between = [
      ...passedOn({ to: 20 }),
      ...passedOn({ from: 20, to: 30, types: [G729], ssrc: 2 }),
      ...passedOn({ from: 30, to: 40, ssrc: 3 }),
    ];
    expect(changes(between)).toHaveLength(2);
    expect(changes(passedOn({ types: [PCMU, { ...G729, packets: 900 }] }))).toHaveLength(1);
  });

  it("is found within a stream, in the order in which the descriptions had the codecs", () => {
    const one = stream("caller-to-callee", { types: [G729, { ...PCMU, packets: 800 }] });
    const narrowed = [
      agreement({ to: 20, payloads: both }),
      agreement({ from: 20, payloads: payloads([G729]) }),
    ];
    expect(changes([one], { agreements: narrowed })).toEqual([
      [
        "caller-to-callee",
        iso(5),
        iso(65),
        "The caller's audio changed from PCMU/8000 (800 packets) to G729/8000 (1000 packets) within SSRC 0x00ca11e4.",
      ],
    ]);
    const widened = [
      agreement({ to: 20, payloads: payloads([G729]) }),
      agreement({ from: 20, payloads: both }),
    ];
    expect(changes([one], { agreements: widened })).toEqual([
      [
        expect.anything(),
        iso(5),
        iso(65),
        expect.stringContaining("from G729/8000 (1000 packets) to PCMU"),
      ],
    ]);
  });

  it("does not say which came first where the descriptions do not", () => {
    const one = stream("caller-to-callee", { types: [PCMU, { ...G729, packets: 50 }] });
    const sentence = expect.stringContaining(
      "changed between PCMU/8000 (1000 packets) and G729/8000 (50 packets)",
    ) as unknown;
    expect(changes([one])).toEqual([["caller-to-callee", iso(5), iso(65), sentence]]);
    expect(changes([one], { agreements: [agreement({ payloads: payloads([PCMU]) })] })).toEqual([
      ["caller-to-callee", iso(5), iso(65), sentence],
    ]);
  });

  it("needs a second of a codec", () => {
    const some = (packets: number): unknown =>
      changes([stream("caller-to-callee", { types: [PCMU, { ...G729, packets }] })]);
    expect(some(49)).toEqual([]);
    expect(some(50)).toHaveLength(1);
  });

  it.each([
    ["comfort noise", COMFORT_NOISE],
    ["telephone-events", TELEPHONE_EVENT],
    ["what is unknown", { payloadType: 98, packets: 1000 }],
  ])("is not found for %s", (_name, type) => {
    expect(changes([stream("caller-to-callee", { types: [PCMU, type] })])).toEqual([]);
    const after = stream("caller-to-callee", { from: 30, types: [type], ssrc: 2 });
    expect(changes([stream("caller-to-callee", { to: 30 }), after])).toEqual([]);
  });

  it("is not found where only early media had another codec, or nobody answered", () => {
    const early = stream("callee-to-caller", { from: 1, to: 5, types: [G729] });
    const after = stream("callee-to-caller", { ssrc: 2 });
    expect(changes([early, after])).toEqual([]);
    const streams = [stream("caller-to-callee", { types: [PCMU, G729] })];
    expect(changes(streams, { call: call({ answeredAtMs: undefined }) })).toEqual([]);
  });

  it("is found in a call whose INVITE was not seen", () => {
    const late = call({ hasInvite: false, answeredAtMs: undefined });
    expect(
      changes([stream("caller-to-callee", { types: [PCMU, G729] })], { call: late }),
    ).toHaveLength(1);
  });

  it("is not found between the two ways", () => {
    expect(
      changes([stream("caller-to-callee"), stream("callee-to-caller", { types: [G729] })]),
    ).toEqual([]);
  });
});
