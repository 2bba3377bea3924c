import { describe, expect, it } from "vitest";

import {
  type Ladder,
  type LadderFacts,
  ladderOf,
  MAX_LADDER_TEXT,
  MAX_MESSAGE_TEXT,
  MAX_PARTICIPANTS,
  MAX_STEPS,
  type MessageStep,
} from "../../src/call/ladder.js";
import { ALICE, BOB, ladder, MESSAGES, PROXY, said } from "../report/ladder-samples.js";
import { at, call, stream } from "../report/samples.js";

const INVITE = "INVITE sip:bob@biloxi.example.com SIP/2.0";

const messagesOf = ({ steps }: Ladder): MessageStep[] =>
  steps.filter((step) => step.kind === "message");

/** Who is who, by address. */
const who = ({ participants }: Ladder): string[] =>
  participants.map(({ endpoint, party = "-" }) => `${endpoint.address}:${endpoint.port} ${party}`);

const ends = ({ steps }: Ladder, kind: string): string[] =>
  steps.flatMap((step) => (step.kind === kind ? `${step.from} → ${step.to}` : []));

describe("the steps", () => {
  it("are messages, handshakes and streams in order of time", () => {
    const handshakes: LadderFacts["handshakes"] = [
      {
        association: { client: BOB, server: ALICE, startedAtMs: Date.parse(at(0.001)) },
        handshake: { result: "ok", retransmissions: 0 },
      },
    ];
    const { steps, omittedSteps } = ladder({ handshakes });
    expect(steps.map(({ kind }) => kind)).toEqual([
      ...["message", "message", "message", "message", "message", "media", "media"],
      ...["dtls", "message", "message", "message"],
    ]);
    expect(steps.map(({ atMs }) => atMs)).toEqual(
      steps.map(({ atMs }) => atMs).sort((a, b) => a - b),
    );
    expect(omittedSteps).toBe(0);
  });

  it("name a request by its method, a response by its status and method, and both by their SDP", () => {
    expect(messagesOf(ladder()).map(({ label }) => label)).toEqual([
      "INVITE (SDP)",
      "INVITE (SDP)",
      "100 Trying (INVITE)",
      "180 Ringing (INVITE)",
      "200 OK (INVITE, SDP)",
      "ACK",
      "BYE",
      "200 OK (BYE)",
    ]);
  });

  it("tell codecs and reasons once, not again with every retransmission", () => {
    expect(messagesOf(ladder()).map(({ notes }) => notes)).toEqual([
      ["audio: PCMU, PCMA, telephone-event"],
      [],
      [],
      [],
      ["audio: PCMU, PCMA, telephone-event"],
      [],
      ['Reason: Q.850;cause=16;text="Normal call clearing"'],
      [],
    ]);
    expect(messagesOf(ladder()).map(({ isRetransmission }) => isRetransmission)).toEqual([
      ...[false, true, false, false, false, false, false, false],
    ]);
  });

  it("cut what a peer wrote without end", () => {
    const long = said(0, [ALICE, BOB], `SIP/2.0 500 ${"x".repeat(5000)}`, {
      method: "BYE",
      fields: [`Reason: ${"y".repeat(5000)}`, ...Array.from({ length: 50 }, () => "Reason: z")],
    });
    const [step] = messagesOf(ladder({ messages: [long] }));
    expect(step?.label).toMatch(/^500 x{196}… \(BYE\)$/);
    expect(step?.notes).toHaveLength(8);
    expect(step?.notes[0]).toMatch(/^Reason: y{192}…$/);
  });

  it("are bounded, and those left out are counted", () => {
    const many = Array.from({ length: MAX_STEPS + 5 }, (_, index) =>
      said(index / 1000, [ALICE, BOB], "OPTIONS sip:x SIP/2.0"),
    );
    const { steps, omittedSteps } = ladder({ messages: many }, { streams: [] });
    expect(steps).toHaveLength(MAX_STEPS);
    expect(omittedSteps).toBe(5);
  });
});

describe("the participants", () => {
  it("stand in the order in which they appear, the parties known by their endpoints", () => {
    const messages = [
      said(0, [ALICE, PROXY], INVITE),
      said(0.1, [PROXY, BOB], INVITE),
      said(0.2, [BOB, PROXY], "SIP/2.0 200 OK", { method: "INVITE" }),
    ];
    const hops = [
      { source: ALICE, destination: PROXY, invitedAt: at(0) },
      { source: PROXY, destination: BOB, invitedAt: at(0) },
    ];
    const one = ladder({ messages }, { hops });
    expect(who(one)).toEqual(["10.0.1.1:5060 caller", "10.0.3.3:5060 -", "10.0.2.2:5060 callee"]);
    expect(ends(one, "message")).toEqual(["0 → 1", "1 → 2", "2 → 1"]);
    expect(ends(one, "media")).toEqual(["0 → 2", "2 → 0"]);
  });

  it("take the callee from the hop whose answer came first, else from the last", () => {
    const other = { address: "10.0.2.9", port: 5060 };
    const hops = [
      { source: ALICE, destination: PROXY, invitedAt: at(0), statusCode: 200 },
      { source: PROXY, destination: BOB, invitedAt: at(0), statusCode: 200 },
      { source: PROXY, destination: other, invitedAt: at(0), statusCode: 200 },
    ];
    const invites = [
      said(0, [ALICE, PROXY], INVITE),
      said(0, [PROXY, BOB], INVITE),
      said(0, [PROXY, other], INVITE),
    ];
    const answers = [
      said(1, [BOB, PROXY], "SIP/2.0 180 Ringing", { method: "INVITE" }),
      said(2, [BOB, PROXY], "SIP/2.0 200 OK", { method: "INVITE" }),
      said(2.1, [PROXY, ALICE], "SIP/2.0 200 OK", { method: "INVITE" }),
      said(2.2, [other, PROXY], "SIP/2.0 200 OK", { method: "INVITE" }),
    ];
    const callee = (messages: LadderFacts["messages"]): string | undefined =>
      who(ladder({ messages }, { hops })).find((one) => one.endsWith("callee"));
    expect(callee([...invites, ...answers])).toBe("10.0.2.2:5060 callee");
    expect(callee(invites)).toBe("10.0.2.9:5060 callee");
  });

  it("are the parties on one address by the direction of the media", () => {
    const [a, b] = [5060, 5070].map((port) => ({ address: "127.0.0.1", port }));
    if (a === undefined || b === undefined) throw new Error("no ports");
    const [mediaA, mediaB] = [
      { address: "127.0.0.1", port: 6000 },
      { address: "127.0.0.1", port: 7000 },
    ];
    const one = ladder(
      {
        messages: [said(-1, [a, b], INVITE)],
        handshakes: [
          {
            association: { client: mediaB, server: mediaA, startedAtMs: Date.parse(at(0)) },
            handshake: { result: "ok", retransmissions: 0 },
          },
        ],
      },
      {
        caller: { endpoint: a },
        callee: { endpoint: b },
        streams: [
          stream({ source: mediaA, destination: mediaB, direction: "caller-to-callee" }),
          stream({ source: mediaB, destination: mediaA, direction: "callee-to-caller" }),
        ],
      },
    );
    expect(who(one)).toEqual(["127.0.0.1:5060 caller", "127.0.0.1:5070 callee"]);
    expect(ends(one, "media")).toEqual(["0 → 1", "1 → 0"]);
    expect(ends(one, "dtls")).toEqual(["1 → 0"]);
  });

  it("include those who only send media, one for each address", () => {
    const relay = { address: "10.0.9.9", port: 30000 };
    const streams = [
      stream({ source: { address: "10.0.1.1", port: 4000 }, destination: relay }),
      stream({
        source: { ...relay, port: 30002 },
        destination: { address: "10.0.1.1", port: 4000 },
      }),
    ];
    const one = ladder({}, { streams });
    expect(who(one).slice(2)).toEqual(["10.0.9.9:30000 -"]);
    expect(ends(one, "media")).toEqual(["0 → 2", "2 → 0"]);
  });

  it("are called what they call themselves, not what they pass on", () => {
    const fields = ["Via: SIP/2.0/UDP 10.0.9.9;branch=z9hG4bK2", "User-Agent: a phone"];
    const messages = [
      said(0, [PROXY, BOB], INVITE, { fields }),
      said(1, [BOB, PROXY], "BYE sip:x SIP/2.0", { fields: ["User-Agent: Linphone"] }),
    ];
    expect(ladder({ messages }, { caller: {}, streams: [] }).participants).toEqual([
      { endpoint: PROXY },
      { endpoint: BOB, party: "callee", userAgent: "Linphone" },
    ]);
  });

  it("are bounded, and the steps of further ones counted", () => {
    const messages = Array.from({ length: MAX_PARTICIPANTS + 4 }, (_, index) =>
      said(index, [ALICE, { address: "10.0.7.7", port: index + 1 }], "OPTIONS sip:x SIP/2.0"),
    );
    const one = ladder({ messages }, { streams: [] });
    expect(one.participants).toHaveLength(MAX_PARTICIPANTS);
    expect(one.omittedSteps).toBe(5);
  });
});

describe("session descriptions", () => {
  const noted = (body: string): readonly string[] => {
    const first = said(0, [ALICE, BOB], INVITE, { body });
    return messagesOf(ladder({ messages: [first] }))[0]?.notes ?? [];
  };

  it("are noted by section: rejected ones, directions, formats without a name", () => {
    const lines = [
      "v=0",
      "c=IN IP4 10.0.1.1",
      "m=audio 4000 RTP/AVP 0 96 97",
      "a=rtpmap:97 opus/48000/2",
      "a=sendonly",
      "m=video 0 RTP/AVP 31",
      "m=image 4002 udptl t38",
      "",
    ];
    expect(noted(lines.join("\r\n"))).toEqual([
      "audio: PCMU, 96, opus; sendonly",
      "video: rejected",
      "image: t38",
    ]);
  });

  it("are not noted beyond eight sections of eight formats", () => {
    const formats = Array.from({ length: 20 }, (_, index) => String(96 + index)).join(" ");
    const section = `m=audio 4000 RTP/AVP ${formats}\r\n`;
    const notes = noted(`v=0\r\nc=IN IP4 10.0.1.1\r\n${section.repeat(30)}`);
    expect(notes).toHaveLength(8);
    expect(notes[0]).toBe("audio: 96, 97, 98, 99, 100, 101, 102, 103 and 12 more");
  });
});

it("carries the record and the damage of the capture", () => {
  const damage = { reason: "truncated", offset: 1, sentence: "Cut short." };
  const report = call();
  expect(ladderOf({ call: report, messages: MESSAGES, handshakes: [], damage })).toMatchObject({
    call: report,
    damage,
  });
  expect(ladder()).not.toHaveProperty("damage");
});

describe("what a step holds", () => {
  it("is the message as it was sent, up to a bound", () => {
    const [invite] = messagesOf(ladder());
    expect(invite?.text).toMatch(/^INVITE sip:bob@biloxi\.example\.com SIP\/2\.0\r\nVia: /);
    const body = "é".repeat(MAX_MESSAGE_TEXT);
    const [long] = messagesOf(ladder({ messages: [said(0, [ALICE, BOB], INVITE, { body })] }));
    expect(long?.text).toHaveLength(MAX_MESSAGE_TEXT + 1);
    expect(long?.text?.endsWith("éé…")).toBe(true);
  });

  it("is no text any more once all of them are too long", () => {
    const body = "x".repeat(MAX_LADDER_TEXT / 16);
    const many = Array.from({ length: 20 }, (_, index) =>
      said(index, [ALICE, BOB], INVITE, { body }),
    );
    const texts = messagesOf(ladder({ messages: many }, { streams: [] })).map(({ text }) => text);
    expect(texts.slice(0, 16).every((text) => text !== undefined)).toBe(true);
    expect(texts.slice(17).every((text) => text === undefined)).toBe(true);
  });

  it("is the search for a path, where its first check was seen", () => {
    const checks = { source: BOB, destination: ALICE, firstCheckAtMs: Date.parse(at(0.0005)) };
    const ice = { result: "ok", durationSeconds: 0.02 } as const;
    const { steps } = ladder({ checks }, { ice });
    expect(steps.find(({ kind }) => kind === "ice")).toMatchObject({ from: 1, to: 0, ice });
    expect(ends(ladder({ checks }), "ice")).toEqual([]);
  });

  it("is that search between the parties where nobody saw its packets", () => {
    const ice = { result: "ok", startedAt: at(0.0005), selectedAt: at(0.02) } as const;
    const live = { ice, localParty: "callee" } as const;
    const [step] = ladder({}, live).steps.filter(({ kind }) => kind === "ice");
    expect(step).toMatchObject({ from: 1, to: 0, atMs: Date.parse(ice.startedAt), ice });

    const { selectedAt } = ice;
    const late = { ...live, ice: { result: "ok", selectedAt } } as const;
    const [found] = ladder({}, late).steps.filter(({ kind }) => kind === "ice");
    expect(found?.atMs).toBe(Date.parse(selectedAt));
    expect(ends(ladder({}, { ...live, ice: { result: "ok" } }), "ice")).toEqual([]);
  });

  it("is placed at the media of a call without signalling", () => {
    const startedAt = at(0.0005);
    const handshake = { result: "ok", startedAt, clientParty: "caller" } as const;
    const ice = { result: "ok", startedAt } as const;
    const drawn = ladder(
      { messages: [], handshakes: [{ handshake }] },
      { ice, localParty: "callee", streams: [stream({ direction: "caller-to-callee" })] },
    );
    expect(who(drawn)).toEqual(["10.0.1.1:40000 -", "10.0.2.2:50002 -"]);
    expect(ends(drawn, "ice")).toEqual(["1 → 0"]);
    expect(ends(drawn, "dtls")).toEqual(["0 → 1"]);
  });

  it("is who vouches for the caller, at who receives the INVITE that says so", () => {
    const stir = { result: "failed", reason: "stale" } as const;
    const vouched = said(0, [ALICE, PROXY], INVITE, {
      fields: ["Identity: a.b.c;info=<https://x>"],
    });
    const one = ladder({ messages: [vouched] }, { security: { stir } });
    expect(one.steps.find(({ kind }) => kind === "stir")).toMatchObject({ from: 1, to: 1, stir });
    expect(ends(ladder({}, { security: { stir } }), "stir")).toEqual([]);
  });

  it("is a handshake between the parties where nobody saw its packets", () => {
    const startedAt = at(0.001);
    const handshake = {
      result: "ok",
      retransmissions: 0,
      startedAt,
      clientParty: "callee",
    } as const;
    expect(ends(ladder({ handshakes: [{ handshake }] }), "dtls")).toEqual(["1 → 0"]);
  });
});
