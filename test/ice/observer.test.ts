import { describe, expect, it } from "vitest";

import { IceObserver, MAX_REQUESTS, type StunDatagram } from "../../src/ice/observer.js";
import { STUN_METHOD } from "../../src/ice/stun.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { attribute, stunMessage, transaction, xorAddress } from "./build.js";

const ALICE = { address: "192.0.2.1", port: 40000 } as const;
const BOB = { address: "198.51.100.2", port: 50000 } as const;
const STUN_SERVER = { address: "203.0.113.3", port: 3478 } as const;
const T0 = 1_760_000_000_000;

interface Check {
  readonly from?: Endpoint;
  readonly to?: Endpoint;
  readonly username?: string;
  readonly nominate?: boolean;
}

function username(text: string): Uint8Array {
  return attribute(0x0006, [...Buffer.from(text)]);
}

/** A connectivity check; Alice's fragment is `alic`, Bob's is `bobb`. */
function check(atMs: number, id: number, fields: Check = {}): StunDatagram {
  const { from = ALICE, to = from === ALICE ? BOB : ALICE, nominate = false } = fields;
  const text = fields.username ?? (from === ALICE ? "bobb:alic" : "alic:bobb");
  const attributes = [
    username(text),
    attribute(0x0024, [0x6e, 0, 1, 0xff]),
    ...(nominate ? [attribute(0x0025, [])] : []),
  ];
  return {
    source: from,
    destination: to,
    atMs: T0 + atMs,
    payload: stunMessage(STUN_METHOD.binding, "request", transaction(id), ...attributes),
  };
}

/** The answer to the check with that number from Alice, or from `to`. */
function answer(atMs: number, id: number, to: Endpoint = ALICE, errorCode?: number): StunDatagram {
  const attributes =
    errorCode === undefined
      ? [xorAddress(0x0020, to.address, to.port)]
      : [attribute(0x0009, [0, 0, Math.floor(errorCode / 100), errorCode % 100])];
  const kind = errorCode === undefined ? "success" : "error";
  return {
    source: to === ALICE ? BOB : ALICE,
    destination: to,
    atMs: T0 + atMs,
    payload: stunMessage(STUN_METHOD.binding, kind, transaction(id), ...attributes),
  };
}

function observed(...datagrams: readonly StunDatagram[]): IceObserver {
  const observer = new IceObserver();
  for (const datagram of datagrams) observer.observe(datagram);
  return observer;
}

describe("pairs", () => {
  it("gather the checks of both directions (RFC 8445 §7.2.2)", () => {
    const observer = observed(
      check(0, 1),
      check(5, 2, { from: BOB }),
      answer(6, 2, BOB),
      answer(10, 1),
      check(50, 3, { nominate: true }),
      answer(62, 3),
    );
    expect(observer.pairs()).toEqual([
      {
        source: ALICE,
        destination: BOB,
        sourceUfrag: "alic",
        destinationUfrag: "bobb",
        firstCheckAtMs: T0,
        succeededAtMs: T0 + 6,
        nominatedAtMs: T0 + 62,
        lastSuccessAtMs: T0 + 62,
        lastMessageAtMs: T0 + 62,
        checks: 3,
        responses: 3,
        errors: 0,
        roleConflicts: 0,
      },
    ]);
    expect(observer.mappings()).toEqual([]);
  });

  it("have no success without an answer", () => {
    const [pair] = observed(check(0, 1), check(100, 2)).pairs();
    expect(pair).toMatchObject({ checks: 2, responses: 0 });
    expect(pair?.succeededAtMs).toBeUndefined();
  });

  it("count a request that came again once, and its answers too (RFC 8489 §6.3.1)", () => {
    const [pair] = observed(
      check(0, 1),
      check(500, 1),
      answer(510, 1),
      answer(511, 1),
      check(512, 1),
    ).pairs();
    expect(pair).toMatchObject({ checks: 1, responses: 1, succeededAtMs: T0 + 510 });
  });

  it("are kept up by consent checks (RFC 7675)", () => {
    const [pair] = observed(check(0, 1), answer(9, 1), check(5000, 2), answer(5009, 2)).pairs();
    expect(pair).toMatchObject({ succeededAtMs: T0 + 9, lastSuccessAtMs: T0 + 5009 });
  });

  it("are others after an ICE restart: other fragments between the same endpoints", () => {
    const restarted = check(9000, 2, { username: "bob2:ali2" });
    const pairs = observed(check(0, 1), answer(9, 1), restarted, answer(9009, 2)).pairs();
    expect(pairs).toMatchObject([
      { sourceUfrag: "alic", lastSuccessAtMs: T0 + 9 },
      { sourceUfrag: "ali2", destinationUfrag: "bob2", succeededAtMs: T0 + 9009 },
    ]);
  });

  it("tell a role conflict from other errors (RFC 8445 §7.2.5.1)", () => {
    const [pair] = observed(
      check(0, 1),
      answer(9, 1, ALICE, 487),
      check(20, 2),
      answer(29, 2, ALICE, 401),
      check(40, 3),
      answer(49, 3),
    ).pairs();
    expect(pair).toMatchObject({ errors: 2, roleConflicts: 1, responses: 1 });
  });

  it("are not nominated by an answer to another check", () => {
    const [pair] = observed(check(0, 1, { nominate: true }), check(5, 2), answer(9, 2)).pairs();
    expect(pair?.nominatedAtMs).toBeUndefined();
  });

  it("keep to the order of their first checks, and each object is kept up to date", () => {
    const observer = observed(check(0, 1), check(1, 2, { to: STUN_SERVER }));
    const before = observer.pairs();
    observer.observe(answer(9, 1));
    expect(before.map(({ destination }) => destination)).toEqual([BOB, STUN_SERVER]);
    expect(observer.pairs()).toEqual(before);
    expect(before[0]?.responses).toBe(1);
  });
});

describe("responses", () => {
  it("that answer nothing seen, or come from elsewhere, are counted (RFC 8445 §7.2.5.2.1)", () => {
    const elsewhere = { ...answer(9, 1), source: STUN_SERVER };
    const reflected = { ...answer(9, 1), source: ALICE, destination: BOB };
    const observer = observed(check(0, 1), elsewhere, reflected, answer(9, 7));
    expect(observer.counters.unmatchedResponses).toBe(3);
    expect(observer.pairs()).toMatchObject([{ checks: 1, responses: 0 }]);
  });

  it("are not waited for longer than a transaction lasts (RFC 8489 §6.2.1)", () => {
    const observer = observed(check(0, 1), check(39_501, 2), answer(39_502, 1));
    expect(observer.counters).toMatchObject({ unmatchedResponses: 1, evictedRequests: 0 });
  });
});

describe("mappings", () => {
  const ask = (method: number, id: number, ...attributes: Uint8Array[]): StunDatagram => ({
    source: ALICE,
    destination: STUN_SERVER,
    atMs: T0,
    payload: stunMessage(method, "request", transaction(id), ...attributes),
  });
  const tell = (method: number, id: number, ...attributes: Uint8Array[]): StunDatagram => ({
    source: STUN_SERVER,
    destination: ALICE,
    atMs: T0 + 30,
    payload: stunMessage(method, "success", transaction(id), ...attributes),
  });
  const reflexive = xorAddress(0x0020, "203.0.113.99", 61000);
  const relayed = xorAddress(0x0016, "203.0.113.3", 49152);

  it("are what a STUN server says (RFC 8489 §2)", () => {
    const observer = observed(ask(1, 1), tell(1, 1, reflexive), ask(1, 2), tell(1, 2, reflexive));
    expect(observer.mappings()).toEqual([
      {
        from: ALICE,
        server: STUN_SERVER,
        mapped: { address: "203.0.113.99", port: 61000 },
        kind: "server-reflexive",
        atMs: T0 + 30,
      },
    ]);
    expect(observer.pairs()).toEqual([]);
  });

  it("are what a TURN server allocates, whatever its user is called (RFC 8656 §7)", () => {
    const { allocate } = STUN_METHOD;
    const realm = attribute(0x0014, [...Buffer.from("example.org")]);
    const observer = observed(
      ask(allocate, 1, username("1760003600:alice"), realm),
      tell(allocate, 1, relayed, reflexive),
      ask(STUN_METHOD.binding, 2, username("1760003600:alice"), realm),
    );
    expect(observer.mappings().map(({ kind, mapped }) => [kind, mapped.port])).toEqual([
      ["server-reflexive", 61000],
      ["relayed", 49152],
    ]);
    expect(observer.pairs()).toEqual([]);
  });
});

describe("bounds", () => {
  it("let go of the pair that was longest unused", () => {
    const observer = new IceObserver({ maxPairs: 2 });
    const to = (port: number): Endpoint => ({ ...BOB, port });
    for (const [id, port] of [1, 2, 1, 3].entries())
      observer.observe(check(id, id, { to: to(port) }));
    expect(observer.pairs().map(({ destination }) => destination.port)).toEqual([1, 3]);
    expect(observer.counters.evictedPairs).toBe(1);
  });

  it("forget the oldest of too many requests", () => {
    const observer = new IceObserver();
    for (let id = 0; id <= MAX_REQUESTS; id += 1) observer.observe(check(0, id));
    observer.observe(answer(1, 0));
    observer.observe(answer(1, 1));
    expect(observer.counters).toMatchObject({ evictedRequests: 1, unmatchedResponses: 1 });
    expect(observer.pairs()).toMatchObject([{ checks: MAX_REQUESTS + 1, responses: 1 }]);
  });

  it("count what is no STUN or damaged", () => {
    const whole = check(0, 1);
    const observer = observed(
      { ...whole, payload: Uint8Array.of(0, 1, 2) },
      { ...whole, payload: whole.payload.subarray(0, 36) },
    );
    expect(observer.counters.malformed).toMatchObject({ "not-stun": 1, truncated: 1 });
    expect(observer.counters.messages).toBe(2);
  });

  it.each([0, 0.5, Number.NaN, 2 ** 21])("refuse room for %d pairs", (maxPairs) => {
    expect(() => new IceObserver({ maxPairs })).toThrow(RangeError);
  });

  it.each(["abc", ":abc", "abc:", ""])("make no pair of the user name %j", (text) => {
    expect(observed(check(0, 1, { username: text })).pairs()).toEqual([]);
  });
});
