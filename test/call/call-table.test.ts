import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { CallTable } from "../../src/call/call-table.js";
import type { Observation } from "../../src/call/findings.js";
import type { CallObserver } from "../../src/call/observer.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { parseSdp } from "../../src/sdp/session.js";
import type { SipEvent } from "../../src/sip/call.js";
import { scanSipMessage } from "../../src/sip/message.js";

const ALICE: Endpoint = { address: "192.0.2.1", port: 5060 };
const BOB: Endpoint = { address: "198.51.100.2", port: 5060 };

const OBSERVATION: Observation = {
  kind: "capture",
  fromMs: 0,
  toMs: 100_000,
  hasMedia: true,
  hasCutPackets: false,
  gaps: [],
  isSideAssumed: false,
  hasEncryptedSignalling: false,
};

interface Said {
  readonly callId: string;
  readonly start: string;
  readonly cseq?: string;
  readonly toTag?: string;
  readonly extra?: readonly string[];
  readonly sdp?: string;
}

/** Lets alice say something to bob, or bob to alice if it is a response. */
function say(
  table: CallTable,
  atMs: number,
  { callId, start, cseq = "1 INVITE", toTag, extra = [], sdp = "" }: Said,
): void {
  const text = [
    start,
    `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${callId}${cseq.replace(" ", "")}`,
    "Max-Forwards: 70",
    "From: <sip:alice@example.org>;tag=a",
    `To: <sip:bob@example.org>${toTag === undefined ? "" : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    ...extra,
    ...(sdp === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${String(sdp.length)}`,
    "",
    sdp,
  ].join("\r\n");
  const message = scanSipMessage(Buffer.from(text, "latin1"));
  if (typeof message === "string") throw new Error(message);
  const session = sdp === "" ? undefined : parseSdp(sdp);
  const isResponse = start.startsWith("SIP/2.0");
  table.observeSip(
    {
      message,
      atMs,
      source: isResponse ? BOB : ALICE,
      destination: isResponse ? ALICE : BOB,
      transport: "udp",
      hasDescription: session !== undefined,
    },
    session === undefined || typeof session === "string" ? [] : [session],
  );
}

const invite = (callId: string, said: Partial<Said> = {}): Said => ({
  callId,
  start: "INVITE sip:bob@example.org SIP/2.0",
  ...said,
});

const ok = (callId: string, said: Partial<Said> = {}): Said => ({
  callId,
  start: "SIP/2.0 200 OK",
  toTag: "b",
  ...said,
});

/** Runs work that is done in pieces to its end. */
function finish<Result>(work: Generator<undefined, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

function reports(table: CallTable): CallReport[] {
  return [...table.entries].map((entry) => table.report(entry, [], OBSERVATION));
}

const audio = (address: string, extra = ""): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\n` +
  `m=audio 40000 RTP/AVP 0\r\n${extra}`;

describe("CallTable", () => {
  it("knows no disconnect delay of a BYE of which only the answer was seen", () => {
    const table = new CallTable({ observationPoint: "tap" });
    say(table, 0, invite("one"));
    say(table, 1000, ok("one"));
    say(table, 9000, ok("one", { cseq: "2 BYE" }));
    finish(table.finish(10_000));
    expect(reports(table)[0]).toMatchObject({
      outcome: { endedBy: "caller" },
      timings: { setupSeconds: 1, durationSeconds: 8 },
    });
    expect(reports(table)[0]?.timings).not.toHaveProperty("disconnectDelaySeconds");
  });

  it("does not miss the media of a call whose descriptions were not seen: it may be there", () => {
    const table = new CallTable({ observationPoint: "tap" });
    const start = "BYE sip:bob@example.org SIP/2.0";
    say(table, 9000, { callId: "late", start, cseq: "2 BYE", toTag: "b" });
    say(table, 9500, invite("whole", { sdp: audio(ALICE.address) }));
    finish(table.finish(10_000));
    const missing = reports(table).map(
      ({ confidence }) => confidence.find(({ kind }) => kind === "no-media-captured")?.detail,
    );
    expect(missing).toEqual([
      expect.stringMatching(/^Nothing that was seen of the call names its media/),
      expect.stringMatching(/^The capture holds no RTP of the addresses/),
    ]);
  });

  it("gives up the oldest call beyond its limit, and reports it as given up", () => {
    const told: CallReport[] = [];
    const observer: CallObserver = { onCall: (report) => told.push(report) };
    const table = new CallTable({ observationPoint: "tap", observer, maxCalls: 2 });
    for (const [index, callId] of ["one", "two", "three"].entries()) {
      say(table, index * 10, invite(callId));
    }
    expect(
      told.map(({ callId, confidence }) => [callId, confidence.map(({ kind }) => kind)]),
    ).toEqual([["one", expect.arrayContaining(["call-evicted"])]]);
    expect(table.evicted).toBe(1);
    finish(table.finish(1000));
    expect(reports(table).map(({ callId }) => callId)).toEqual(["two", "three"]);
  });

  it("links legs by their Session-ID, and by a header that names another Call-ID", () => {
    const table = new CallTable({ observationPoint: "tap" });
    const session = ["Session-ID: 0123456789abcdef0123456789abcdef"];
    say(table, 0, invite("leg-a", { extra: session }));
    say(table, 5, invite("leg-b", { extra: session }));
    say(table, 9, invite("leg-c", { extra: ["X-Call-ID: leg-a"] }));
    say(table, 12, invite("other"));
    finish(table.finish(1000));
    expect(
      Object.fromEntries(
        reports(table).map(({ callId, linkedCallIds }) => [callId, linkedCallIds]),
      ),
    ).toEqual({
      "leg-a": ["leg-b", "leg-c"],
      "leg-b": ["leg-a"],
      "leg-c": ["leg-a"],
      other: undefined,
    });
  });

  it("is WebRTC where a leg has DTLS-SRTP and ICE, and SIP where it has one of them", () => {
    const dtls = "a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\n";
    const ice = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";
    const table = new CallTable({ observationPoint: "tap" });
    for (const [callId, extra] of [
      ["plain", ""],
      ["dtls", dtls],
      ["ice", ice],
      ["both", dtls + ice],
    ] as const) {
      say(table, 0, invite(callId, { sdp: audio("192.0.2.1", extra) }));
    }
    finish(table.finish(1000));
    expect(
      Object.fromEntries(reports(table).map(({ callId, transport }) => [callId, transport])),
    ).toEqual({ plain: "sip", dtls: "sip", ice: "sip", both: "webrtc" });
  });

  it("tells observers of events with what is known of the call by then", () => {
    const told: string[] = [];
    const observer: CallObserver = {
      onSipEvent: (event: SipEvent, context) => {
        if (event.call === undefined || event.kind === "message") return;
        told.push(`${event.kind} ${context.localPartyOf(event.call)}`);
      },
    };
    const table = new CallTable({ observationPoint: "tap", observer });
    say(table, 0, invite("one", { sdp: audio("192.0.2.1") }));
    say(table, 100, ok("one", { sdp: audio("198.51.100.2") }));
    expect(told).toEqual([
      "call-started callee",
      "description callee",
      "description callee",
      "invite-response callee",
      "outcome callee",
    ]);
  });

  it("brings a stream to the call whose descriptions name its ends", () => {
    const table = new CallTable({ observationPoint: "tap" });
    say(table, 0, invite("one", { sdp: audio("192.0.2.1") }));
    say(table, 100, ok("one", { sdp: audio("198.51.100.2") }));
    finish(table.finish(1000));
    const media = (address: string): Endpoint => ({ address, port: 40_000 });
    const claims = finish(
      table.join([
        { source: media("192.0.2.1"), destination: media("198.51.100.2"), fromMs: 120, toMs: 900 },
        { source: media("192.0.2.9"), destination: media("192.0.2.8"), fromMs: 120, toMs: 900 },
      ]),
    );
    expect(claims.map((claim) => claim && [claim.entry.call.callId, claim.flow])).toEqual([
      ["one", "caller-to-callee"],
      undefined,
    ]);
  });
});
