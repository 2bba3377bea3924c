import { describe, expect, it } from "vitest";

import { findCaveats } from "../../src/call/confidence.js";
import { at, call, facts, stream, UNFINISHED } from "./issues/call-facts.js";

type Changes = Parameters<typeof facts>[0];

const caveats = (changes: Changes): string[] => findCaveats(facts(changes)).map(({ kind }) => kind);
const detail = (changes: Changes): string | undefined => findCaveats(facts(changes))[0]?.detail;

const CALLER = stream("caller-to-callee");

it("has no doubt about a call that was seen whole", () => {
  expect(caveats({})).toEqual([]);
});

it.each<[string, Changes]>([
  ["side-assumed", { observation: { isSideAssumed: true } }],
  ["one-sided-signalling", { call: call({ isOneSided: true }) }],
  ["capture-began-late", { call: call({ hasInvite: false }) }],
  ["answer-unseen", { call: call({ isAnswerUnseen: true }) }],
  ["packets-cut", { observation: { hasCutPackets: true } }],
  ["packets-cut", { call: call({ isTruncated: true }) }],
  ["no-media-captured", { streams: [], observation: { hasMedia: false } }],
  ["signalling-encrypted", { observation: { hasEncryptedSignalling: true } }],
])("says %s where it is so", (kind, changes) => {
  expect(caveats(changes)).toEqual([kind]);
  expect(detail(changes)).toMatch(/^[A-Z].*\.$/);
});

it("does not say that media is not there where nothing tells which is the call's", () => {
  const unseen = { streams: [], observation: { hasMedia: false } };
  expect(detail(unseen)).toMatch(/^The capture holds no RTP of the addresses that the call named:/);
  const unnamed = { ...unseen, observation: { hasMedia: false, isMediaUnnamed: true } };
  expect(detail(unnamed)).toMatch(/^Nothing that was seen of the call names its media,/);
});

describe("one-sided-media", () => {
  it("is said where RTCP proves media that was not seen, or signalling was one-sided too", () => {
    expect(caveats({ streams: [CALLER], reportedFlows: ["callee-to-caller"] })).toEqual([
      "one-sided-media",
    ]);
    expect(detail({ streams: [CALLER], reportedFlows: ["callee-to-caller"] })).toMatch(
      /^Media of the callee went past/,
    );
    expect(caveats({ streams: [CALLER], call: call({ isOneSided: true }) })).toEqual([
      "one-sided-signalling",
      "one-sided-media",
    ]);
  });

  it("is not said of a party that was not heard and of which nothing is proven", () => {
    expect(caveats({ streams: [CALLER] })).toEqual([]);
  });

  it("is said where RTCP is all that was seen of the media", () => {
    const reportedFlows = ["caller-to-callee", "callee-to-caller"] as const;
    expect(detail({ streams: [], reportedFlows })).toMatch(
      /^Media of the caller and the callee went past/,
    );
  });

  it("names the probe or the capture, whichever it was", () => {
    const late = { call: call({ hasInvite: false }) };
    expect(detail(late)).toMatch(/begun before the capture:/);
    expect(detail({ ...late, observation: { kind: "live" } })).toMatch(
      /before the probe was attached:/,
    );
    const gaps = [{ fromMs: at(20), toMs: at(21) }];
    expect(detail({ observation: { gaps } })).toMatch(/^The capture itself lost packets once/);
    expect(detail({ observation: { gaps, kind: "live" } })).toMatch(/^The probe itself/);
  });

  it("is not said where both ways were seen, or neither", () => {
    expect(caveats({ reportedFlows: ["callee-to-caller"] })).toEqual([]);
    expect(caveats({ streams: [], call: call({ isOneSided: true }) })).toEqual([
      "one-sided-signalling",
    ]);
  });
});

describe("capture-gap", () => {
  const lost = (from: number, to: number, changes: Changes = {}): string[] =>
    caveats({ observation: { gaps: [{ fromMs: at(from), toMs: at(to) }] }, ...changes });

  it("is said of a gap within the call only", () => {
    expect(lost(-5, 0)).toEqual([]);
    expect(lost(-5, 0.1)).toEqual(["capture-gap"]);
    expect(lost(65, 65.2)).toEqual(["capture-gap"]);
    expect(lost(65.1, 70)).toEqual([]);
  });

  it("is said of a gap in which the end of an unfinished call may lie", () => {
    expect(lost(70, 80, { call: UNFINISHED })).toEqual(["capture-gap", "capture-ended"]);
  });

  it("says how much was lost, of what overlaps only once", () => {
    const gaps = [
      { fromMs: at(20), toMs: at(22) },
      { fromMs: at(10), toMs: at(11) },
      { fromMs: at(21), toMs: at(23.5) },
    ];
    expect(detail({ observation: { gaps } })).toMatch(
      /lost packets 2 times during the call, 4\.5 s/,
    );
  });
});

describe("capture-ended", () => {
  it("is said of a call that was not seen to end, with the time that nothing came of it", () => {
    expect(caveats({ call: UNFINISHED })).toEqual(["capture-ended"]);
    expect(detail({ call: UNFINISHED })).toMatch(/its last packet came 35\.0 s before/);
  });

  it.each([
    [59.9, "59.9 s"],
    [59.96, "1:00"],
    [90, "1:30"],
    [3725, "1:02:05"],
    [374_530_236.6, "4334 d 20 h"],
  ])("tells %d s as %s", (seconds, text) => {
    const observation = { toMs: UNFINISHED.lastMessageAtMs + seconds * 1000 };
    expect(detail({ call: UNFINISHED, streams: [], observation })).toContain(
      `its last packet came ${text} before the capture's end:`,
    );
  });

  it("does not tell of a rest in which nothing was due", () => {
    const observation = { toMs: UNFINISHED.lastMessageAtMs };
    expect(detail({ call: UNFINISHED, streams: [], observation })).toBe(
      "The call was not seen to end; it was still going on when the capture ended: how long it lasted and how it ended are unknown.",
    );
  });

  it("is said of a call that still rings", () => {
    const unset = { answeredAtMs: undefined, via: undefined, statusCode: undefined };
    const ringing = call({ ...unset, endedAtMs: undefined, endedBy: undefined });
    expect(caveats({ call: ringing, streams: [] })).toEqual(["capture-ended"]);
    expect(detail({ call: ringing, streams: [] })).toMatch(/: what came of it is unknown\.$/);
  });

  it.each([
    ["failed", { answeredAtMs: undefined, endedAtMs: undefined, statusCode: 486 }],
    ["timed out", { answeredAtMs: undefined, endedAtMs: undefined, via: "timeout" as const }],
    ["is gone at one end", { endedAtMs: undefined, isDefunct: true }],
  ])("is not said of a call that %s", (_name, changes) => {
    expect(caveats({ call: call(changes) })).toEqual([]);
  });

  it("is not said live", () => {
    expect(caveats({ call: UNFINISHED, observation: { kind: "live" } })).toEqual([]);
  });
});

describe("mirrored-copies", () => {
  const copied = (packetsDuplicated: number, packetsReceived: number): string[] =>
    caveats({ streams: [stream("caller-to-callee", { packetsReceived, packetsDuplicated })] });

  it("begins beyond a tenth of the packets", () => {
    expect(copied(300, 3000)).toEqual([]);
    expect(copied(301, 3000)).toEqual(["mirrored-copies"]);
  });

  it("needs fifty packets", () => {
    expect(copied(24, 49)).toEqual([]);
    expect(copied(25, 50)).toEqual(["mirrored-copies"]);
  });

  it("is about all streams of the call together", () => {
    const streams = [
      stream("caller-to-callee", { packetsReceived: 6000, packetsDuplicated: 3000 }),
      stream("callee-to-caller"),
    ];
    expect(detail({ streams })).toMatch(/^33\.3 % of the media packets are copies/);
    expect(caveats({ streams: [] })).toEqual([]);
  });
});

describe("side-assumed", () => {
  it.each([
    [undefined, /--local states it/],
    ["both", /given as local hold both parties\.$/],
    ["neither", /given as local hold neither party\.$/],
  ] as const)("says what to do about it where the networks fit %s", (fit, text) => {
    const observation = {
      isSideAssumed: true,
      ...(fit !== undefined && { localNetworksFit: fit }),
    };
    expect(detail({ observation })).toMatch(text);
  });
});
