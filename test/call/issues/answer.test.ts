import { describe, expect, it } from "vitest";

import type { Endpoint } from "../../../src/net/endpoint.js";
import {
  agreement,
  at,
  call,
  COMFORT_NOISE,
  type facts,
  G729,
  iso,
  issuesOf,
  payloads,
  PCMU,
  scopesOf,
  stream,
  TELEPHONE_EVENT,
} from "./call-facts.js";

const CALLER = stream("caller-to-callee");
const AGREEMENTS = [
  agreement({ from: 1, to: 5, isEarly: true, payloads: payloads([PCMU, G729]) }),
  agreement({ payloads: payloads([PCMU, G729]) }),
];

type Changes = Parameters<typeof facts>[0];
type Streamed = Parameters<typeof stream>[1];

describe("early-media-cut", () => {
  const details = (
    early: Streamed,
    late: Streamed | undefined,
    changes: Changes = {},
  ): (string | undefined)[] => {
    const streams = [
      CALLER,
      stream("callee-to-caller", { from: 1, ...early }),
      ...(late === undefined ? [] : [stream("callee-to-caller", { ssrc: 2, ...late })]),
    ];
    const given = { agreements: AGREEMENTS, streams, ...changes };
    return issuesOf("early-media-cut", given).map(({ detail }) => detail);
  };

  it("is found where early media ended before the answer's media began", () => {
    const streams = [
      CALLER,
      stream("callee-to-caller", { from: 1, to: 4.9 }),
      stream("callee-to-caller", { from: 5.4, ssrc: 2 }),
    ];
    expect(issuesOf("early-media-cut", { agreements: AGREEMENTS, streams })).toEqual([
      {
        kind: "early-media-cut",
        direction: "callee-to-caller",
        from: iso(4.9),
        to: iso(5.4),
        detail: "The callee's early media ended 500 ms before the media of its answer began.",
      },
    ]);
  });

  it("begins beyond 200 ms", () => {
    expect(details({ to: 5 }, { from: 5.2 })).toEqual([]);
    expect(details({ to: 5 }, { from: 5.21 })).toHaveLength(1);
  });

  it("is not found where early media carries on", () => {
    expect(details({ to: 65 }, undefined)).toEqual([]);
    expect(details({ to: 65 }, { from: 5.5 })).toEqual([]);
  });

  it("is not found where early media had ended well before, and the answer's media is there", () => {
    expect(details({ from: -8, to: -0.01 }, { from: 5.5 })).toEqual([]);
    expect(details({ from: -8, to: 0 }, { from: 5.5 })).toHaveLength(1);
  });

  it("takes a stream that begins up to a second before the answer for the answer's", () => {
    expect(details({ to: 3.8 }, { from: 4.1 })).toHaveLength(1);
    expect(details({ to: 3.7 }, { from: 4 })).toHaveLength(1);
    expect(details({ to: 3.6 }, { from: 3.9 })).toEqual([]);
  });

  it("lets early media run on for a second beside the answer's", () => {
    expect(details({ to: 6 }, { from: 5, types: [G729] })).toHaveLength(1);
    expect(details({ to: 6.01 }, { from: 5, types: [G729] })).toEqual([]);
  });

  it("is not found where the call was forked: who announces and who answers are two", () => {
    const forked = { call: call({ forkTags: ["other"] }) };
    expect(details({ to: 4.9 }, { from: 5.4 })).toHaveLength(1);
    expect(details({ to: 4.9 }, { from: 5.4 }, forked)).toEqual([]);
  });

  it("goes by the early stream that ended last", () => {
    const streams = [
      stream("callee-to-caller", { from: 0, to: 4.9 }),
      stream("callee-to-caller", { from: 1, to: 3, ssrc: 3 }),
      stream("callee-to-caller", { from: 5, ssrc: 2 }),
    ];
    expect(issuesOf("early-media-cut", { agreements: AGREEMENTS, streams })).toEqual([]);
  });

  it("does not look at streams that began with the answer but were over, or began after the end", () => {
    expect(details({ to: 4 }, { from: 4.5, to: 4.9 })).toEqual([]);
    expect(details({ to: 4 }, { from: 66, to: 70 })).toEqual([]);
  });

  it("compares early media with what its hop has after the answer, not with that of another", () => {
    const end = (address: string): Endpoint => ({ address, port: 5000 });
    const [callee, proxy, caller] = [end("192.0.2.2"), end("192.0.2.9"), end("192.0.2.1")];
    const before = { source: callee, destination: proxy, types: [G729] };
    const behind = { source: proxy, destination: caller };
    const streams = [
      CALLER,
      stream("callee-to-caller", { from: 1, to: 5, ...before }),
      stream("callee-to-caller", { from: 1, to: 5.01, ...behind }),
      stream("callee-to-caller", { from: 5.02, ssrc: 2, ...before }),
      stream("callee-to-caller", { from: 5.03, ssrc: 3, ...behind }),
    ];
    expect(issuesOf("early-media-cut", { agreements: AGREEMENTS, streams })).toEqual([]);
  });

  it("is found where the codec or the port changed at the answer, though without a gap", () => {
    expect(details({ to: 5 }, { from: 5.02, types: [G729] })).toEqual([
      "The callee's media changed at the answer: its codec from PCMU to G729.",
    ]);
    const source = { address: "192.0.2.2", port: 5002 };
    expect(details({ to: 5 }, { from: 5.02, source })).toEqual([
      "The callee's media changed at the answer: its source from 192.0.2.2:5000 to 192.0.2.2:5002.",
    ]);
  });
});

describe("late-media", () => {
  it("is found where the callee is heard only well after its answer", () => {
    const startingAt = (from: number): unknown =>
      scopesOf("late-media", { streams: [CALLER, stream("callee-to-caller", { from })] });
    expect(startingAt(6)).toEqual([]);
    expect(startingAt(6.01)).toEqual([
      { direction: "callee-to-caller", from: iso(5), to: iso(6.01) },
    ]);
  });

  it("counts the delay from the ACK where that brings the callee its answer", () => {
    const changes = {
      agreements: [agreement({ from: 6 })],
      streams: [CALLER, stream("callee-to-caller", { from: 6.9 })],
    };
    expect(scopesOf("late-media", changes)).toEqual([]);
  });

  it.each<[string, Changes]>([
    ["the callee answered on hold", { agreements: [agreement({ calleeMaySend: false })] }],
    ["the capture lost packets then", { observation: { gaps: [{ fromMs: at(6), toMs: at(7) }] } }],
    ["the call was not answered", { call: call({ answeredAtMs: undefined }) }],
    ["the INVITE was not seen", { call: call({ hasInvite: false }) }],
    [
      "the callee suppresses silence",
      {
        streams: [CALLER, stream("callee-to-caller", { from: 8, types: [PCMU, COMFORT_NOISE] })],
      },
    ],
    ["the callee was never heard", { streams: [CALLER] }],
    [
      "the callee only pressed keys",
      { streams: [stream("callee-to-caller", { from: 8, types: [TELEPHONE_EVENT] })] },
    ],
  ])("is not found where %s", (_name, changes) => {
    const late = { streams: [CALLER, stream("callee-to-caller", { from: 8 })] };
    expect(scopesOf("late-media", late)).toHaveLength(1);
    expect(scopesOf("late-media", { ...late, ...changes })).toEqual([]);
  });
});

describe("late-answer", () => {
  it("is found where the callee answered a call that was cancelled", () => {
    expect(issuesOf("late-answer", { call: call({ isCancelled: true }) })).toEqual([
      {
        kind: "late-answer",
        from: iso(5),
        to: iso(65),
        detail:
          "The callee answered, 5.0 s after the INVITE, although the caller had cancelled the call.",
      },
    ]);
  });

  it("is found where the caller had given up otherwise", () => {
    for (const via of ["timeout", "abandoned", "local-abort"] as const) {
      expect(scopesOf("late-answer", { call: call({ via }) })).toHaveLength(1);
    }
  });

  it("is not found in a call that was cancelled and not answered, or answered and not cancelled", () => {
    const cancelled = call({ isCancelled: true, answeredAtMs: undefined, statusCode: 487 });
    expect(scopesOf("late-answer", { call: cancelled })).toEqual([]);
    expect(scopesOf("late-answer", {})).toEqual([]);
  });

  it("has no end before its beginning", () => {
    const over = call({ isCancelled: true, endedAtMs: at(4) });
    expect(scopesOf("late-answer", { call: over })).toEqual([{ from: iso(5), to: iso(5) }]);
  });
});
