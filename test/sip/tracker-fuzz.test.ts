/** Hostile and random signalling: nothing is thrown, tables stay bounded, what is told makes sense. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";

import type { SeenMessage, SipCall, SipEvent } from "../../src/sip/call.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { SipTracker } from "../../src/sip/tracker.js";
import { mutated } from "../sdp/mutation.js";
import { generator } from "../sdp/random.js";
import { INVALID_MESSAGES, LAYER_MESSAGES } from "./torture-messages-invalid.js";
import { VALID_MESSAGES } from "./torture-messages.js";

type Random = (limit: number) => number;

const TORTURE = [...VALID_MESSAGES, ...INVALID_MESSAGES, ...LAYER_MESSAGES];
const MAX_CALLS = 40;
const MAX_TRANSACTIONS = 200;

/** `expect` in a loop of thousands costs more than what it checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Checks what must hold of any events in any order. */
class Witness {
  readonly #stages = new Map<SipCall, { hasOutcome: boolean; hasBye: boolean; isOver: boolean }>();
  ended = 0;

  get started(): number {
    return this.#stages.size;
  }

  see(event: SipEvent): void {
    const { call } = event;
    must(Number.isFinite(event.atMs), "every event has its time");
    if (call === undefined) return;
    if (event.kind === "call-started") {
      must(!this.#stages.has(call), "a call starts once");
      this.#stages.set(call, { hasOutcome: false, hasBye: false, isOver: false });
    }
    const stage = this.#stages.get(call);
    must(stage !== undefined, "a call starts before anything else is told of it");
    if (stage === undefined) return;
    must(!stage.isOver, "nothing is told after the end");
    if (event.kind === "outcome") {
      must(!stage.hasOutcome, "one outcome a call");
      must(call.via !== undefined, "an outcome says how");
      const isResponse = call.via === "response";
      const hasCode = call.statusCode !== undefined;
      must(hasCode !== (call.isAnswerUnseen || !isResponse), "a code is a seen response's");
      stage.hasOutcome = true;
    } else if (event.kind === "bye") {
      must(!stage.hasBye, "one hang-up a call");
      must(call.endedBy === event.by, "the call knows who hung up");
      stage.hasBye = true;
    } else if (event.kind === "call-ended") {
      stage.isOver = true;
      this.ended += 1;
      this.#checkRecord(call);
    }
  }

  #checkRecord(call: SipCall): void {
    must(call.attempts >= 1, "a call has an attempt");
    must(call.messages >= call.retransmissions, "retransmissions are messages");
    must(call.forkTags.length <= 64 && call.hops.length <= 32, "lists are bounded");
    must(!call.forkTags.includes(call.calleeTag ?? ""), "the call's dialog is no fork");
    must((call.progressAtMs ?? 0) <= (call.ringingAtMs ?? Infinity), "ringing is progress");
    const { statusCode = 0, answeredAtMs, isAnswerUnseen, wasConfirmed } = call;
    const isAnswer = (statusCode >= 200 && statusCode < 300) || isAnswerUnseen;
    must((answeredAtMs !== undefined) === isAnswer, "2xx is an answer");
    must(wasConfirmed || answeredAtMs === undefined, "an answer confirms the dialog");
    must(!isAnswerUnseen || call.via === "response", "an unseen answer is a response");
  }
}

const METHODS = [
  "INVITE",
  "ACK",
  "BYE",
  "CANCEL",
  "UPDATE",
  "PRACK",
  "INFO",
  "REGISTER",
  "OPTIONS",
  "NOTIFY",
  "X",
];
const CODES = [100, 180, 183, 200, 202, 302, 401, 407, 408, 422, 481, 486, 487, 503, 603];
const FIELDS = [
  "Session-Expires: 90;refresher=uac",
  "Session-Expires: 90;refresher=uas",
  "Min-SE: 120",
  "Reason: Q.850;cause=16",
  "RSeq: 1",
  "RAck: 1 1 INVITE",
  "Identity: a.b.c;info=<x>",
  "P-Asserted-Identity: <tel:+1;verstat=No-TN-Validation>",
  "Session-ID: 0123456789abcdef0123456789abcdef",
];

/** A message of few names and numbers, so that most have to do with one another. */
function randomText(random: Random): string {
  const pick = (words: readonly string[]) => words[random(words.length)] ?? "";
  const method = pick(METHODS);
  const isRequest = random(2) === 0;
  const tag = () => (random(3) === 0 ? "" : `;tag=${pick(["a", "b", "c"])}`);
  const hosts = Array.from({ length: 1 + random(3) }, () => pick(["h", "i", "j"]));
  return [
    isRequest ? `${method} sip:x SIP/2.0` : `SIP/2.0 ${CODES[random(CODES.length)] ?? 200} Y`,
    ...hosts.map((host) => `Via: SIP/2.0/UDP ${host};branch=z${random(4)}`),
    `From: <sip:a>${tag()}`,
    `To: <sip:b>${tag()}`,
    `Call-ID: ${random(12)}`,
    `CSeq: ${1 + random(4)} ${random(20) === 0 ? "INVITE" : method}`,
    ...(random(3) === 0 ? [pick(FIELDS)] : []),
    "",
    "",
  ].join("\r\n");
}

function endpoint(random: Random) {
  return { address: `192.0.2.${random(4)}`, port: 5060 };
}

function seen(text: string, atMs: number, random: Random): SeenMessage | undefined {
  const message = scanSipMessage(Buffer.from(text, "latin1"));
  if (typeof message === "string") return undefined;
  return {
    message,
    atMs,
    source: endpoint(random),
    destination: endpoint(random),
    transport: random(3) === 0 ? "tcp" : "udp",
    ...(random(20) === 0
      ? { direction: random(2) === 0 ? ("in" as const) : ("out" as const) }
      : {}),
    hasDescription: random(3) === 0,
    ...(random(50) === 0 ? { isTruncated: true } : {}),
  };
}

function feed(texts: (random: Random) => string, seed: number, count: number): void {
  const random = generator(seed);
  const witness = new Witness();
  const tracker = new SipTracker({
    onEvent: (event) => {
      witness.see(event);
    },
    maxCalls: MAX_CALLS,
    maxTransactions: MAX_TRANSACTIONS,
  });
  let now = 0;
  for (let i = 0; i < count; i += 1) {
    now += random(100) === 0 ? random(40_000) : random(500);
    const message = seen(texts(random), now - random(2000), random);
    if (message === undefined) continue;
    tracker.observe(message);
    if (random(300) === 0) tracker.noteGap(now);
    if (random(300) === 0) tracker.sendFailed({ message: message.message, atMs: now });
    if (random(500) === 0)
      tracker.localAbort({ callId: String(random(12)), localTag: "a", atMs: now });
    if (random(900) === 0) tracker.abandonAll(now);
    const { openCalls, openTransactions } = tracker.counters;
    must(openCalls <= MAX_CALLS && openTransactions <= MAX_TRANSACTIONS, "tables are bounded");
  }
  tracker.finish(now);
  must(witness.started === witness.ended, "every call that started ended");
  must(witness.started > 10, "the input makes calls");
}

describe("signalling at random", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("keeps the tracker's promises, seed %d", (seed) => {
    feed(randomText, seed, 3000);
  });

  it.each([1, 2, 3])("mutated keeps them too, seed %d", (seed) => {
    feed((random) => mutated(randomText(random), random), seed, 1500);
  });

  it.each([1, 2])("of torture messages (RFC 4475), mutated, keeps them too, seed %d", (seed) => {
    feed((random) => mutated(TORTURE[random(TORTURE.length)]?.text ?? "", random), seed, 1500);
  });
});

describe("the torture messages of RFC 4475", () => {
  it.each(TORTURE)("$name are tracked as far as they can be", ({ text }) => {
    const witness = new Witness();
    const tracker = new SipTracker({
      onEvent: (event) => {
        witness.see(event);
      },
    });
    const message = seen(text, 0, generator(1));
    if (message !== undefined)
      for (let i = 0; i < 3; i += 1) tracker.observe({ ...message, atMs: i });
    tracker.finish(100_000);
    expect(witness.ended).toBe(witness.started);
  });
});

describe("floods", () => {
  const flood = (text: (i: number) => string, count = 10_000) => {
    const tracker = new SipTracker({
      onEvent: () => undefined,
      maxCalls: 1000,
      maxTransactions: 1000,
    });
    const random = generator(1);
    for (let i = 0; i < count; i += 1) {
      const message = seen(text(i), i, random);
      if (message !== undefined) tracker.observe(message);
    }
    return tracker.counters;
  };
  const lines = (start: string, callId: string, branch: string, fromTag: string, cseq: string) =>
    `${start}\r\nVia: SIP/2.0/UDP h;branch=${branch}\r\nFrom: <sip:a>;tag=${fromTag}\r\nTo: <sip:b>\r\nCall-ID: ${callId}\r\nCSeq: ${cseq}\r\n\r\n`;
  const invite = "INVITE sip:x SIP/2.0";

  // A step that is not constant would take minutes, and the time limit is seconds.
  it.each([
    ["of new calls", (i: number) => lines(invite, `c${i}`, `b${i}`, "a", "1 INVITE")],
    [
      "of new callers of one Call-ID",
      (i: number) => lines(invite, "c", `b${i}`, `t${i}`, "1 INVITE"),
    ],
    ["of branches of one call", (i: number) => lines(invite, "c", `b${i}`, "a", "1 INVITE")],
    ["of attempts of one call", (i: number) => lines(invite, "c", `b${i}`, "a", `${i} INVITE`)],
    ["of retransmissions", () => lines(invite, "c", "b", "a", "1 INVITE")],
    [
      "of orphaned responses",
      (i: number) => lines("SIP/2.0 180 x", `c${i}`, `b${i}`, "a", "1 INVITE"),
    ],
    [
      "of To tags of one call",
      (i: number) =>
        lines("SIP/2.0 180 x", "c", "b", "a", "1 INVITE").replace("<sip:b>", `<sip:b>;tag=${i}`),
    ],
    [
      "of requests in one dialog",
      (i: number) =>
        lines("INFO sip:x SIP/2.0", "c", `b${i}`, "a", `${i} INFO`).replace(
          "<sip:b>",
          "<sip:b>;tag=b",
        ),
    ],
    [
      "of other requests",
      (i: number) => lines("OPTIONS sip:x SIP/2.0", `c${i}`, `b${i}`, "a", "1 OPTIONS"),
    ],
  ])("%s cost no more by the message", { timeout: 10_000 }, (_, text) => {
    const { openCalls, openTransactions } = flood(text);
    expect(openCalls).toBeLessThanOrEqual(1000);
    expect(openTransactions).toBeLessThanOrEqual(1000);
  });
});

describe("what is kept of a call", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const CALLS = 100;
  const MESSAGE_BYTES = 250_000;

  const text = (start: string, i: number, method: string, cseq: number, isAnswer: boolean) =>
    [
      start,
      `Via: SIP/2.0/UDP host-number-${i}.example.com:5060;branch=z9hG4bK-branch-${i}-${cseq}-${method}`,
      `From: "The caller of number ${i}" <sip:alice-number-${i}@example.com>;tag=tag-of-alice-${i}`,
      `To: "The callee of number ${i}" <sip:bob-number-${i}@example.com>${isAnswer ? `;tag=tag-of-bob-${i}` : ""}`,
      `Call-ID: call-number-${i}@example.com`,
      `CSeq: ${cseq} ${method}`,
      `User-Agent: a product of some length, number ${i}`,
      `Reason: X.SomeProtocol;cause=16;text="a text of some length, number ${i}"`,
      `Identity: header-of-some-length.payload-of-some-length.signature-${i};info=<https://x>`,
      `P-Asserted-Identity: <tel:+1;verstat=TN-Validation-Passed-${i}>`,
      `Session-ID: ${String(i).padStart(32, "a")}`,
      `X-Call-ID: the-call-id-of-another-leg-${i}`,
      `X-Filler: ${"x".repeat(MESSAGE_BYTES)}`,
      "",
      "",
    ].join("\r\n");

  it("does not keep its messages alive", () => {
    const kept: SipCall[] = [];
    const tracker = new SipTracker({
      onEvent: (event) => {
        if (event.kind === "call-started") kept.push(event.call);
      },
    });
    const random = generator(1);
    const observe = (line: string) => {
      const message = seen(line, 0, random);
      if (message !== undefined) tracker.observe(message);
    };
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CALLS; i += 1) {
      observe(text("INVITE sip:b SIP/2.0", i, "INVITE", 1, false));
      observe(text("SIP/2.0 180 Ringing", i, "INVITE", 1, true));
      observe(text("SIP/2.0 200 OK", i, "INVITE", 1, true));
      observe(text("BYE sip:b SIP/2.0", i, "BYE", 2, true));
    }
    collectGarbage();
    const grownBytes = process.memoryUsage().heapUsed - before;
    expect(kept).toHaveLength(CALLS);
    expect(kept[0]).toMatchObject({ sessionId: "0".padStart(32, "a"), endedBy: "caller" });
    expect(grownBytes).toBeLessThan((CALLS * MESSAGE_BYTES) / 10);
  });
});
