import { describe, expect, it } from "vitest";

import { parseStun, STUN_METHOD, type StunMessage } from "../../src/ice/stun.js";
import { bytesOf } from "../support/packets.js";
import {
  attribute,
  COOKIE,
  hex,
  integrity,
  messageType,
  stunMessage,
  transaction,
  xorAddress,
} from "./build.js";

const PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt"; // RFC 5769 §2
const ID = "b7e7a701bc34d686fa87dfae";

const REQUEST = hex(
  "0001 0058", // Binding request, length
  "2112a442", // magic cookie
  ID,
  "8022 0010 5354554e 20746573 7420636c 69656e74", // SOFTWARE
  "0024 0004 6e0001ff", // PRIORITY
  "8029 0008 932ff9b1 51263b36", // ICE-CONTROLLED
  "0006 0009 6576746a 3a683676 59202020", // USERNAME with padding that is not zero
  "0008 0014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2", // MESSAGE-INTEGRITY
  "8028 0004 e57a3bcf", // FINGERPRINT
);

const IPV4_RESPONSE = hex(
  "0101 003c 2112a442",
  ID,
  "8022 000b 74657374 20766563 746f7220", // SOFTWARE
  "0020 0008 0001a147 e112a643", // XOR-MAPPED-ADDRESS
  "0008 0014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7",
  "8028 0004 c07d4c96",
);

const IPV6_RESPONSE = hex(
  "0101 0048 2112a442",
  ID,
  "8022 000b 74657374 20766563 746f7220",
  "0020 0014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9",
  "0008 0014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41",
  "8028 0004 c8fb0b4c",
);

function parsed(bytes: Uint8Array): StunMessage {
  const message = parseStun(bytes);
  if (message === "not-stun") throw new Error(message);
  return message;
}

describe("the test vectors of RFC 5769", () => {
  it.each([REQUEST, IPV4_RESPONSE, IPV6_RESPONSE])("are here as they are there", (bytes) => {
    const { has, needs } = integrity(bytes, PASSWORD);
    expect(has).toBe(needs);
  });

  it("are read: a connectivity check (§2.1)", () => {
    expect(parsed(REQUEST)).toEqual({
      class: "request",
      method: STUN_METHOD.binding,
      transactionId: ID,
      isClassic: false,
      username: "evtj:h6vY",
      priority: 0x6e0001ff,
      iceRole: "controlled",
      hasRealm: false,
      useCandidate: false,
    });
  });

  it.each([
    { section: "2.2", bytes: IPV4_RESPONSE, address: "192.0.2.1" },
    { section: "2.3", bytes: IPV6_RESPONSE, address: "2001:db8:1234:5678:11:2233:4455:6677" },
  ])("are read: a mapped address (§$section)", ({ bytes, address }) => {
    const message = parsed(bytes);
    expect(message.class).toBe("success");
    expect(message.mappedAddress).toEqual({ address, port: 32853 });
  });
});

describe("parseStun", () => {
  it.each([
    { type: 0x0001, method: 0x001, kind: "request" },
    { type: 0x0111, method: 0x001, kind: "error" },
    { type: 0x0017, method: 0x007, kind: "indication" },
    { type: 0x0109, method: 0x009, kind: "success" },
    { type: 0x3eef, method: 0xfff, kind: "request" },
  ] as const)(
    "tells method and class apart in $type (RFC 8489 figure 3)",
    ({ type, method, kind }) => {
      expect(messageType(method, kind)).toBe(type);
      expect(parsed(stunMessage(method, kind, transaction(1)))).toMatchObject({
        method,
        class: kind,
      });
    },
  );

  it("reads what TURN answers (RFC 8656 §18)", () => {
    const message = stunMessage(
      STUN_METHOD.allocate,
      "success",
      transaction(1),
      xorAddress(0x0016, "198.51.100.9", 49152),
      xorAddress(0x0020, "203.0.113.7", 5000),
      xorAddress(0x0012, "192.0.2.8", 6000),
      attribute(0x000c, [0x40, 0x01, 0, 0]),
      attribute(0x0014, [...Buffer.from("example.org")]),
    );
    expect(parsed(message)).toMatchObject({
      relayedAddress: { address: "198.51.100.9", port: 49152 },
      mappedAddress: { address: "203.0.113.7", port: 5000 },
      peerAddress: { address: "192.0.2.8", port: 6000 },
      channelNumber: 0x4001,
      hasRealm: true,
    });
  });

  it.each([
    { value: [0, 0, 4, 87], code: 487 },
    { value: [0, 0, 4, 1, 0x55, 0x6e], code: 401 },
    { value: [0, 0, 6, 99], code: 699 },
    { value: [0, 0, 2, 0], code: undefined },
    { value: [0, 0, 7, 0], code: undefined },
    { value: [0, 0, 4, 100], code: undefined },
    { value: [0, 0, 4], code: undefined },
  ])("reads ERROR-CODE $value as $code (RFC 8489 §14.8)", ({ value, code }) => {
    const message = stunMessage(1, "error", transaction(1), attribute(0x0009, value));
    expect(parsed(message).errorCode).toBe(code);
  });

  it("reads the plain address of RFC 3489, and its longer transaction identifier", () => {
    const bytes = hex(
      "0101 000c", // Binding response
      "000102030405060708090a0b0c0d0e0f", // no magic cookie
      "0001 0008 0001 1f90 c0000205", // MAPPED-ADDRESS
    );
    expect(parsed(bytes)).toMatchObject({
      isClassic: true,
      transactionId: "000102030405060708090a0b0c0d0e0f",
      mappedAddress: { address: "192.0.2.5", port: 8080 },
    });
  });

  it("believes XOR-MAPPED-ADDRESS before MAPPED-ADDRESS, which a router may have changed", () => {
    const plain = attribute(0x0001, [0, 1, 0x1f, 0x90, 10, 0, 0, 1]);
    const masked = xorAddress(0x0020, "203.0.113.7", 5000);
    const message = stunMessage(1, "success", transaction(1), plain, masked);
    expect(parsed(message).mappedAddress?.address).toBe("203.0.113.7");
  });

  it("reads the first of two attributes, and none behind the integrity (RFC 8489 §14, §14.5)", () => {
    const message = stunMessage(
      1,
      "request",
      transaction(1),
      attribute(0x0006, [...Buffer.from("a:b")]),
      attribute(0x0006, [...Buffer.from("c:d")]),
      attribute(0x0008, new Uint8Array(20)),
      attribute(0x0025, []),
    );
    expect(parsed(message)).toMatchObject({ username: "a:b", useCandidate: false });
  });

  it("reads USE-CANDIDATE and ICE-CONTROLLING (RFC 8445 §16.1)", () => {
    const message = stunMessage(
      1,
      "request",
      transaction(1),
      attribute(0x0025, []),
      attribute(0x802a, new Uint8Array(8)),
    );
    expect(parsed(message)).toMatchObject({ useCandidate: true, iceRole: "controlling" });
  });

  it.each([
    { what: "an address of an unknown family", value: [0, 3, 1, 2, 1, 2, 3, 4] },
    { what: "half an address", value: [0, 1, 1, 2] },
    {
      what: "an IPv4 address as long as one of IPv6",
      value: [0, 1, ...new Array<number>(18).fill(1)],
    },
  ])("does not take $what", ({ value }) => {
    const message = stunMessage(1, "success", transaction(1), attribute(0x0020, value));
    expect(parsed(message).mappedAddress).toBeUndefined();
  });

  it.each([
    { what: "nothing", bytes: [] },
    { what: "less than a header", bytes: new Array<number>(19).fill(0) },
    { what: "RTP", bytes: [0x80, ...new Array<number>(30).fill(0)] },
  ])("does not take $what for STUN", ({ bytes }) => {
    expect(parseStun(Uint8Array.from(bytes))).toBe("not-stun");
  });

  it("says what is damaged and reads what comes before", () => {
    const cut = parsed(REQUEST.subarray(0, 70));
    expect(cut).toMatchObject({ damage: "truncated", priority: 0x6e0001ff, iceRole: "controlled" });
    const long = stunMessage(1, "request", transaction(1), hex("0024 0004 6e0001ff 0006 00ff 61"));
    const padded = bytesOf(long.subarray(0, 2), [0, 16], COOKIE, long.subarray(8), [0, 0, 0]);
    expect(parsed(padded)).toMatchObject({ damage: "attribute", priority: 0x6e0001ff });
    expect(parsed(bytesOf(REQUEST, [0, 0, 0, 0])).damage).toBe("length");
    expect(parsed(hex("0001 0003 2112a442", ID, "000000")).damage).toBe("length");
  });
});
