import { describe, expect, it } from "vitest";

import type { MediaAgreement } from "../../src/call/agreement.js";
import { MAX_AGREEMENTS, Negotiation } from "../../src/call/negotiation.js";
import type { SessionDescription } from "../../src/sdp/description.js";
import { parseSdp } from "../../src/sdp/session.js";
import type { CallParty } from "../../src/sip/call.js";

interface Section {
  readonly type?: string;
  readonly port?: number;
  readonly formats?: string;
  readonly direction?: string;
  readonly address?: string;
}

function sdp(sections: readonly Section[], version = 1): SessionDescription {
  const media = sections.map(
    ({
      type = "audio",
      port = 40_000,
      formats = "0 8",
      direction = "sendrecv",
      address = "192.0.2.1",
    }) =>
      `m=${type} ${String(port)} RTP/AVP ${formats}\r\nc=IN IP4 ${address}\r\na=${direction}\r\n`,
  );
  const session = parseSdp(
    `v=0\r\no=- 7 ${String(version)} IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n${media.join("")}`,
  );
  if (typeof session === "string") throw new Error(session);
  return session;
}

/** Offer and answer, told as who said what when. */
function agreed(
  steps: readonly (readonly [
    atMs: number,
    by: CallParty,
    what: "offer" | "answer",
    sections: readonly Section[],
    version?: number,
  ])[],
  answeredAtMs = 0,
): MediaAgreement[] {
  const negotiation = new Negotiation();
  let isAnswered = false;
  for (const [atMs, by, what, sections, version] of steps) {
    if (!isAnswered && atMs >= answeredAtMs) {
      negotiation.answered(answeredAtMs);
      isAnswered = true;
    }
    negotiation.observe(
      { by, isOffer: what === "offer", atMs, session: sdp(sections, version) },
      isAnswered,
    );
  }
  if (!isAnswered) negotiation.answered(answeredAtMs);
  return negotiation.agreements();
}

const flows = (all: readonly MediaAgreement[]): unknown[] =>
  all.map(({ fromMs, toMs, callerToCallee, calleeToCaller }) => [
    fromMs,
    toMs,
    callerToCallee.maySend,
    calleeToCaller.maySend,
  ]);

describe("Negotiation", () => {
  it("settles nothing by an offer alone", () => {
    expect(agreed([[1, "caller", "offer", [{}]]])).toEqual([]);
  });

  it("gives each direction the payload types its receiver takes", () => {
    const [audio] = agreed([
      [1, "caller", "offer", [{ formats: "0 8 18" }]],
      [2, "callee", "answer", [{ formats: "8" }]],
    ]);
    expect(audio).toMatchObject({ mediaType: "audio", mediaIndex: 0, fromMs: 2, isEarly: false });
    expect([...(audio?.callerToCallee.payloads.keys() ?? [])]).toEqual([8]);
    expect([...(audio?.calleeToCaller.payloads.keys() ?? [])]).toEqual([0, 8, 18]);
  });

  it("leaves out what was rejected", () => {
    const all = agreed([
      [1, "caller", "offer", [{}, { type: "video", formats: "96" }]],
      [2, "callee", "answer", [{}, { type: "video", formats: "96", port: 0 }]],
    ]);
    expect(all.map(({ mediaType }) => mediaType)).toEqual(["audio"]);
  });

  it.each([
    ["sendrecv", "sendrecv", true, true],
    ["sendonly", "recvonly", true, false],
    ["recvonly", "sendonly", false, true],
    ["inactive", "inactive", false, false],
    ["sendrecv", "recvonly", true, false],
  ])("takes %s answered by %s for who may send", (offer, answer, toCallee, toCaller) => {
    const all = agreed([
      [1, "caller", "offer", [{ direction: offer }]],
      [2, "callee", "answer", [{ direction: answer }]],
    ]);
    expect(flows(all)).toEqual([[2, undefined, toCallee, toCaller]]);
  });

  it("lets nobody send to 0.0.0.0, the hold of old", () => {
    const all = agreed([
      [1, "caller", "offer", [{ address: "0.0.0.0" }]],
      [2, "callee", "answer", [{}]],
    ]);
    expect(flows(all)).toEqual([[2, undefined, true, false]]);
  });

  it("follows a hold by either party and back", () => {
    const all = agreed([
      [1, "caller", "offer", [{}]],
      [2, "callee", "answer", [{}]],
      [10, "callee", "offer", [{ direction: "sendonly" }], 2],
      [11, "caller", "answer", [{ direction: "recvonly" }], 2],
      [20, "callee", "offer", [{}], 3],
      [21, "caller", "answer", [{}], 3],
    ]);
    expect(flows(all)).toEqual([
      [2, 11, true, true],
      [11, 21, false, true],
      [21, undefined, true, true],
    ]);
  });

  it("sees a hold whose sender never raises the version of its description", () => {
    const all = agreed([
      [1, "caller", "offer", [{}]],
      [2, "callee", "answer", [{}]],
      [10, "caller", "offer", [{ direction: "sendonly" }]],
      [11, "callee", "answer", [{ direction: "recvonly" }]],
    ]);
    expect(flows(all)).toEqual([
      [2, 11, true, true],
      [11, undefined, true, false],
    ]);
  });

  it("counts an answer once that comes in the 183, in the 200 and on another hop", () => {
    const all = agreed(
      [
        [1, "caller", "offer", [{}]],
        [2, "callee", "answer", [{}]],
        [3, "callee", "answer", [{}]],
        [9, "callee", "answer", [{}]],
      ],
      9,
    );
    expect(all.map(({ isEarly, fromMs, toMs }) => [isEarly, fromMs, toMs])).toEqual([
      [true, 2, 9],
      [false, 9, undefined],
    ]);
  });

  it("takes an answer that is the same as before as one to the new offer (RFC 3264 §8)", () => {
    const all = agreed([
      [1, "caller", "offer", [{}]],
      [2, "callee", "answer", [{ address: "192.0.2.2" }]],
      [5, "caller", "offer", [{ direction: "sendonly" }], 2],
      [6, "callee", "answer", [{ address: "192.0.2.2" }]],
      [7, "callee", "answer", [{ address: "192.0.2.2" }]],
      [8, "caller", "offer", [{ address: "0.0.0.0" }], 3],
      [9, "callee", "answer", [{ address: "192.0.2.2" }]],
    ]);
    expect(flows(all)).toEqual([
      [2, 6, true, true],
      [6, 9, true, false],
      [9, undefined, true, false],
    ]);
  });

  describe("with forks", () => {
    const OFFER = { by: "caller", isOffer: true, atMs: 1, session: sdp([{}]) } as const;
    const answer = (toTag: string, atMs: number, direction: string) => {
      const session = sdp([{ direction, address: "192.0.2.9" }]);
      return { by: "callee", isOffer: false, atMs, session, toTag } as const;
    };

    it("goes on with what was settled with the one that answered", () => {
      const negotiation = new Negotiation();
      negotiation.observe(OFFER, false);
      negotiation.observe(answer("b", 2, "sendrecv"), false);
      negotiation.observe(answer("c", 3, "inactive"), false);
      negotiation.answered(9, "b");
      expect(flows(negotiation.agreements())).toEqual([
        [2, 3, true, true],
        [3, 9, false, false],
        [9, undefined, true, true],
      ]);
      expect(negotiation.agreements().at(-1)).toMatchObject({ isEarly: false });
    });

    it("leaves out what another settles after that, unless the call goes on there", () => {
      const negotiation = new Negotiation();
      negotiation.observe(OFFER, false);
      negotiation.observe(answer("b", 2, "sendrecv"), false);
      negotiation.answered(2, "b");
      negotiation.observe(answer("c", 3, "inactive"), true, "b");
      negotiation.confirmed(4, "b");
      expect(flows(negotiation.agreements())).toEqual([[2, undefined, true, true]]);
      negotiation.confirmed(5, "c");
      expect(flows(negotiation.agreements())).toEqual([
        [2, 5, true, true],
        [5, undefined, false, false],
      ]);
    });

    it("goes on with what is known where that of the one that answered is not", () => {
      const negotiation = new Negotiation();
      negotiation.observe(OFFER, false);
      negotiation.observe(answer("b", 2, "sendrecv"), false);
      negotiation.answered(9, "c");
      expect(flows(negotiation.agreements())).toEqual([
        [2, 9, true, true],
        [9, undefined, true, true],
      ]);
    });
  });

  describe("with a proxy that has other codecs on its other side", () => {
    const said = (by: CallParty, isOffer: boolean, cseq: number, formats: string, port: number) =>
      ({ by, isOffer, cseq, atMs: cseq * 10, session: sdp([{ formats, port }]) }) as const;
    const types = (all: readonly MediaAgreement[]): unknown =>
      all
        .slice(-1)
        .map(({ callerToCallee, calleeToCaller }) =>
          [callerToCallee, calleeToCaller].map(({ payloads }) =>
            [...payloads.keys()].sort((a, b) => a - b),
          ),
        );
    /** Offer and answer as each of two hops has them. */
    const exchange = (
      cseq: number,
      [ofCaller, ofCallee]: readonly [string, string],
    ): ReturnType<typeof said>[] => [
      said("caller", true, cseq, ofCaller, 10),
      said("caller", true, cseq, ofCallee, 20),
      said("callee", false, cseq, ofCallee, 30),
      said("callee", false, cseq, ofCaller, 40),
    ];
    const settled = (steps: readonly ReturnType<typeof said>[]): unknown => {
      const negotiation = new Negotiation();
      for (const step of steps) negotiation.observe(step, true);
      return types(negotiation.agreements());
    };

    const bothWays = (one: readonly number[]): unknown => [[one, one]];

    it("gives each direction what its receiver takes on either hop", () => {
      const steps = exchange(1, ["0", "18"]);
      expect(settled(steps)).toEqual(bothWays([0, 18]));
      expect(settled(steps.flatMap((one) => [one, one]))).toEqual(bothWays([0, 18]));
    });

    it("does so for an offer that is made again with credentials", () => {
      const challenged = said("caller", true, 1, "0", 10);
      expect(settled([challenged, ...exchange(2, ["0", "18"])])).toEqual(bothWays([0, 18]));
    });

    it("forgets that with the next offer", () => {
      const all = settled([...exchange(1, ["0", "18"]), ...exchange(2, ["8", "9"])]);
      expect(all).toEqual(bothWays([8, 9]));
    });
  });

  it("takes an offer in the 200 with its answer in the ACK", () => {
    const all = agreed([
      [5, "callee", "offer", [{ formats: "0" }]],
      [6, "caller", "answer", [{ formats: "0" }]],
    ]);
    expect(flows(all)).toEqual([[6, undefined, true, true]]);
  });

  it("keeps the newest state of a call that toggles without end", () => {
    const negotiation = new Negotiation();
    for (let i = 1; i <= 2 * MAX_AGREEMENTS; i += 1) {
      const direction = i % 2 === 0 ? "inactive" : "sendrecv";
      const session = sdp([{ direction }], i);
      negotiation.observe({ by: "caller", isOffer: true, atMs: 2 * i, session }, true);
      negotiation.observe({ by: "callee", isOffer: false, atMs: 2 * i + 1, session }, true);
    }
    const all = negotiation.agreements();
    expect(all.length).toBe(MAX_AGREEMENTS + 1);
    expect(all.at(-1)).toMatchObject({
      fromMs: 4 * MAX_AGREEMENTS + 1,
      callerToCallee: { maySend: false },
    });
  });
});
