import { describe, expect, it } from "vitest";

import {
  agreement,
  call,
  COMFORT_NOISE,
  facts,
  G729,
  iso,
  at,
  issuesOf,
  payloads,
  PCMU,
  scopesOf,
  stream,
  TELEPHONE_EVENT,
  thinned,
  UNFINISHED,
  VP8,
} from "./call-facts.js";
import { findIssues } from "../../../src/call/issues/find-issues.js";

const CALLER = stream("caller-to-callee");
const CALLEE = stream("callee-to-caller");

it("finds nothing wrong with a call in which both parties are heard", () => {
  expect(findIssues(facts())).toEqual([]);
});

describe("one-way-audio", () => {
  const scopes = (changes: Parameters<typeof facts>[0]): unknown =>
    scopesOf("one-way-audio", changes ?? {});

  it("is found where a party never sent a packet, from the answer to the end", () => {
    expect(scopes({ streams: [CALLER] })).toEqual([
      { direction: "callee-to-caller", from: iso(5), to: iso(65) },
    ]);
    expect(issuesOf("one-way-audio", { streams: [CALLER] })[0]?.detail).toBe(
      "No audio packet came from the callee in the whole call, while the caller was heard for 60.0 s.",
    );
  });

  it("is found where a party's packets stop in the middle", () => {
    const paused = stream("caller-to-callee", { pauses: [[20, 35]] });
    expect(scopes({ streams: [paused, CALLEE] })).toEqual([
      { direction: "caller-to-callee", from: iso(20), to: iso(35) },
    ]);
  });

  it("begins at five seconds", () => {
    const startingAt = (from: number): unknown =>
      scopes({ streams: [CALLER, stream("callee-to-caller", { from })] });
    expect(startingAt(9.99)).toEqual([]);
    expect(startingAt(10)).toEqual([{ direction: "callee-to-caller", from: iso(5), to: iso(10) }]);
  });

  it("counts only while the other party is heard", () => {
    const short = stream("caller-to-callee", { from: 30, to: 42 });
    expect(scopes({ streams: [short] })).toEqual([
      { direction: "callee-to-caller", from: iso(30), to: iso(42) },
    ]);
  });

  it("needs enough packets of the other party to speak of hearing it", () => {
    expect(scopes({ streams: [thinned(CALLER, 1)] })).toHaveLength(1);
    const sparse = thinned(stream("caller-to-callee", { from: 5, to: 25 }), 2);
    expect(scopes({ streams: [sparse] })).toEqual([]);
  });

  it("is not found where the silent party must not send: on hold", () => {
    expect(
      scopes({ streams: [CALLER], agreements: [agreement({ calleeMaySend: false })] }),
    ).toEqual([]);
  });

  it("is found outside a hold only", () => {
    const agreements = [
      agreement({ to: 20 }),
      agreement({ from: 20, to: 50, calleeMaySend: false }),
      agreement({ from: 50 }),
    ];
    expect(scopes({ streams: [CALLER], agreements })).toEqual([
      { direction: "callee-to-caller", from: iso(5), to: iso(20) },
      { direction: "callee-to-caller", from: iso(50), to: iso(65) },
    ]);
  });

  it("does not break off where a re-INVITE changes nothing", () => {
    const agreements = [agreement({ to: 20 }), agreement({ from: 20 })];
    expect(scopes({ streams: [CALLER], agreements })).toHaveLength(1);
  });

  it("is not found after a change to T.38", () => {
    const agreements = [
      agreement({ to: 8 }),
      agreement({ from: 8, mediaType: "image", payloads: new Map() }),
    ];
    expect(scopes({ streams: [CALLER], agreements })).toEqual([]);
  });

  it("is not found in early media, which is one-way by nature", () => {
    const agreements = [agreement({ from: 1, to: 5, isEarly: true }), agreement()];
    const early = stream("callee-to-caller", { from: -20 });
    expect(scopes({ streams: [early, CALLER], agreements })).toEqual([]);
  });

  it("is not found in a call that was not answered", () => {
    const unanswered = call({ answeredAtMs: undefined, statusCode: 486, endedBy: undefined });
    expect(scopes({ call: unanswered, streams: [CALLER] })).toEqual([]);
  });

  it("takes a sparse stream for alive: one packet an interval", () => {
    expect(scopes({ streams: [CALLER, thinned(CALLEE, 1)] })).toEqual([]);
  });

  it.each([
    ["comfort noise", { types: [PCMU, COMFORT_NOISE] }],
    ["G.729, whose annex B is on unless refused", { types: [G729] }],
  ])("allows pauses of 30 s less a moment to a sender of %s", (_name, kind) => {
    const agreements = [agreement({ payloads: payloads([PCMU, G729, COMFORT_NOISE]) })];
    const until = (to: number): unknown =>
      scopes({ streams: [CALLER, stream("callee-to-caller", { ...kind, to })], agreements });
    expect(until(35.01)).toEqual([]);
    expect(until(35)).toEqual([{ direction: "callee-to-caller", from: iso(35), to: iso(65) }]);
  });

  it("allows no pauses to G.729 with annexb=no", () => {
    const agreements = [agreement({ payloads: payloads([PCMU, G729], "annexb=no") })];
    const streams = [CALLER, stream("callee-to-caller", { types: [G729], to: 50 })];
    expect(scopes({ streams, agreements })).toHaveLength(1);
  });

  it("does not take telephone-events or video for audio", () => {
    const keys = stream("callee-to-caller", { types: [TELEPHONE_EVENT] });
    const video = stream("callee-to-caller", { types: [VP8] });
    expect(scopes({ streams: [CALLER, keys, video] })).toHaveLength(1);
    expect(scopes({ streams: [stream("caller-to-callee", { types: [VP8] })] })).toEqual([]);
  });

  it("takes audio for audio in whatever section it was put by a shared port", () => {
    const bundled = stream("callee-to-caller", { mediaType: "video" });
    expect(scopes({ streams: [CALLER, bundled] })).toEqual([]);
  });

  it("takes what is unknown, or redundant, for what its section has", () => {
    const unknown = { payloadType: 98, packets: 1000 };
    const redundant = { ...unknown, kind: "redundancy" as const };
    for (const type of [unknown, redundant]) {
      const callee = stream("callee-to-caller", { types: [type] });
      expect(scopes({ streams: [CALLER, callee] })).toEqual([]);
      expect(scopes({ streams: [CALLER, { ...callee, mediaType: "video" }] })).toHaveLength(1);
    }
  });

  it("counts the packets of an interval that was cut short in its full number", () => {
    const heard = thinned(stream("caller-to-callee", { from: 5, to: 12 }), 6);
    expect(scopes({ streams: [heard] })).toHaveLength(1);
    expect(scopes({ streams: [thinned(heard, 4)] })).toEqual([]);
  });

  it("is not found where the capture shows one side only", () => {
    expect(scopes({ call: call({ isOneSided: true }), streams: [CALLER] })).toEqual([]);
    expect(scopes({ streams: [CALLER], reportedFlows: ["callee-to-caller"] })).toEqual([]);
  });

  it("is not found where the capture lost packets itself", () => {
    const paused = stream("caller-to-callee", { pauses: [[20, 35]] });
    const gaps = [{ fromMs: at(18), toMs: at(36) }];
    expect(scopes({ streams: [paused, CALLEE], observation: { gaps } })).toEqual([]);
  });

  it("is found in a call of which the end was not seen, as long as the other is heard", () => {
    expect(scopes({ call: UNFINISHED, streams: [stream("caller-to-callee", { to: 40 })] })).toEqual(
      [{ direction: "callee-to-caller", from: iso(5), to: iso(40) }],
    );
  });

  it("is found in a call whose INVITE was not seen, from a re-INVITE on", () => {
    const late = call({ hasInvite: false, answeredAtMs: undefined, invitedAtMs: at(20) });
    const agreements = [agreement({ from: 20.5 })];
    expect(scopes({ call: late, streams: [CALLER], agreements })).toEqual([
      { direction: "callee-to-caller", from: iso(20.5), to: iso(65) },
    ]);
  });

  it("is not found where nothing was agreed that is known", () => {
    expect(scopes({ streams: [CALLER], agreements: [] })).toEqual([]);
  });
});

describe("dead-air", () => {
  const scopes = (changes: Parameters<typeof facts>[0]): unknown =>
    scopesOf("dead-air", changes ?? {});
  const both = (streamed: Parameters<typeof stream>[1]): ReturnType<typeof stream>[] => [
    stream("caller-to-callee", streamed),
    stream("callee-to-caller", streamed),
  ];

  it("is found where the packets of both stop, and is not one-way audio", () => {
    const streams = both({ pauses: [[20, 30]] });
    expect(scopes({ streams })).toEqual([{ from: iso(20), to: iso(30) }]);
    expect(scopesOf("one-way-audio", { streams })).toEqual([]);
  });

  it("is where both are silent at once", () => {
    const streams = [
      stream("caller-to-callee", { pauses: [[20, 35]] }),
      stream("callee-to-caller", { pauses: [[25, 50]] }),
    ];
    expect(scopes({ streams })).toEqual([{ from: iso(25), to: iso(35) }]);
    expect(scopesOf("one-way-audio", { streams })).toEqual([
      { direction: "caller-to-callee", from: iso(20), to: iso(25) },
      { direction: "callee-to-caller", from: iso(35), to: iso(50) },
    ]);
  });

  it("begins at three seconds", () => {
    expect(scopes({ streams: both({ to: 62.01 }) })).toEqual([]);
    expect(scopes({ streams: both({ to: 62 }) })).toEqual([{ from: iso(62), to: iso(65) }]);
  });

  it("is not found on hold, whoever holds", () => {
    const streams = both({ pauses: [[20, 30]] });
    for (const held of [{ callerMaySend: false }, { calleeMaySend: false }]) {
      const agreements = [
        agreement({ to: 20 }),
        agreement({ from: 20, to: 30, ...held }),
        agreement({ from: 30 }),
      ];
      expect(scopes({ streams, agreements })).toEqual([]);
    }
  });

  it("is not found where one of both suppresses silence", () => {
    const streams = [
      stream("caller-to-callee", { pauses: [[20, 30]] }),
      stream("callee-to-caller", { pauses: [[20, 30]], types: [PCMU, COMFORT_NOISE] }),
    ];
    expect(scopes({ streams })).toEqual([]);
  });

  it("is not found where one way went past the observer", () => {
    const streams = [stream("caller-to-callee", { pauses: [[20, 30]] })];
    expect(scopes({ streams })).toHaveLength(1);
    expect(scopes({ streams, call: call({ isOneSided: true }) })).toEqual([]);
  });

  it("goes to the end that was seen, and no further than the last sign of a call without one", () => {
    const streams = both({ to: 40 });
    expect(scopes({ streams })).toEqual([{ from: iso(40), to: iso(65) }]);
    expect(scopes({ streams, call: UNFINISHED })).toEqual([]);
    const refreshed = { ...UNFINISHED, lastMessageAtMs: at(55) };
    expect(scopes({ streams, call: refreshed })).toEqual([{ from: iso(40), to: iso(55) }]);
    expect(scopes({ streams, call: UNFINISHED, observation: { kind: "live" } })).toEqual([
      { from: iso(40), to: iso(100) },
    ]);
  });

  it("is not found in what the capture lost itself", () => {
    const gaps = [{ fromMs: at(20), toMs: at(28) }];
    expect(scopes({ streams: both({ pauses: [[20, 30]] }), observation: { gaps } })).toEqual([]);
  });
});

describe("no-media", () => {
  const scopes = (changes: Parameters<typeof facts>[0]): unknown =>
    scopesOf("no-media", { streams: [], ...changes });

  it("is found in an answered call without a packet, and is neither one-way nor dead air", () => {
    const found = findIssues(facts({ streams: [] }));
    expect(found).toEqual([
      {
        kind: "no-media",
        from: iso(5),
        to: iso(65),
        detail:
          "Audio was agreed on for 60.0 s of the answered call, but no audio packet of either party was seen.",
      },
    ]);
  });

  it("begins at five seconds", () => {
    const lasting = (seconds: number): unknown =>
      scopes({ call: call({ endedAtMs: at(5 + seconds), lastMessageAtMs: at(5 + seconds) }) });
    expect(lasting(4.99)).toEqual([]);
    expect(lasting(5)).toEqual([{ from: iso(5), to: iso(10) }]);
  });

  it("is found where only one party may send", () => {
    expect(scopes({ agreements: [agreement({ callerMaySend: false })] })).toHaveLength(1);
  });

  it.each([
    [
      "nobody may send",
      { agreements: [agreement({ callerMaySend: false, calleeMaySend: false })] },
    ],
    ["only a fax was agreed on", { agreements: [agreement({ mediaType: "image" })] }],
    ["nothing was agreed on that is known", { agreements: [] }],
    ["the call was not answered", { call: call({ answeredAtMs: undefined }) }],
    ["signalling was seen from one side", { call: call({ isOneSided: true }) }],
    ["the input has no media at all", { observation: { hasMedia: false } }],
    ["RTCP proves media that was not seen", { reportedFlows: ["caller-to-callee"] as const }],
    [
      "a party pressed keys",
      { streams: [stream("caller-to-callee", { types: [TELEPHONE_EVENT] })] },
    ],
    [
      "a party sent comfort noise",
      { streams: [stream("caller-to-callee", { types: [COMFORT_NOISE] })] },
    ],
  ])("is not found where %s", (_name, changes) => {
    expect(scopes(changes)).toEqual([]);
  });

  it("is found where only video came", () => {
    const video = stream("caller-to-callee", { mediaType: "video", types: [VP8] });
    expect(scopes({ streams: [video] })).toHaveLength(1);
  });
});
