/** What a call's messages say of who calls whom, and who vouches for it. */
import { describe, expect, it } from "vitest";

import type { SipCall } from "../../src/sip/call.js";
import { climb } from "./ladder.js";

function callOf(...ladder: readonly string[]): SipCall {
  const [call] = climb(ladder).calls;
  if (call === undefined) throw new Error("no call");
  return call;
}

describe("the parties", () => {
  it("are named by the first INVITE; the callee's product by its answer", () => {
    const call = callOf(
      "0  A>B INVITE 1 [User-Agent: Phone/1]",
      "10 B>A 100 INVITE 1 [Server: Proxy/2]",
      "20 B>A 180 INVITE 1 to=b [Server: Desk/3]",
    );
    expect(call.caller).toEqual({
      uri: "sip:alice@example.com",
      displayName: "Alice",
      endpoint: { address: "192.0.2.65", port: 5060 },
      userAgent: "Phone/1",
    });
    expect(call.callee).toEqual({
      uri: "sip:bob@example.com",
      endpoint: { address: "192.0.2.66", port: 5060 },
      userAgent: "Desk/3",
    });
  });
});

describe("the session's identifier", () => {
  const uuid = "0123456789abcdef0123456789abcdef";
  const other = "f".repeat(32);
  const none = "0".repeat(32);

  it.each([
    ["the caller's own (RFC 7989)", [`0 A>B INVITE 1 [Session-ID: ${uuid};remote=${none}]`]],
    ["without a remote one (RFC 7329)", [`0 A>B INVITE 1 [Session-ID: ${uuid}]`]],
    ["in lower case", [`0 A>B INVITE 1 [Session-ID: ${uuid.toUpperCase()}]`]],
    [
      "the remote one of the answer",
      ["0 A>B INVITE 1", `10 B>A 200 INVITE 1 to=b [Session-ID: ${other};remote=${uuid}]`],
    ],
  ])("is %s", (_, ladder) => {
    expect(callOf(...ladder).sessionId).toBe(uuid);
  });

  it.each([`${none};remote=${none}`, "abc", `${uuid}0`])("is none in %s", (value) => {
    expect(callOf(`0 A>B INVITE 1 [Session-ID: ${value}]`)).not.toHaveProperty("sessionId");
  });
});

describe("another leg", () => {
  it.each(["X-Call-ID", "X-CID", "X-Original-Call-ID", "x-callid"])("is named by %s", (name) => {
    expect(callOf(`0 A>B INVITE 1 [${name}: leg-7@example.com]`).linkedCallId).toBe(
      "leg-7@example.com",
    );
  });

  it.each(["Replaces", "Join", "Target-Dialog"])("is named by %s, with tags behind", (name) => {
    const invite = `0 A>B INVITE 1 [${name}: leg-7@example.com ;to-tag=a;from-tag=b]`;
    expect(callOf(invite).linkedCallId).toBe("leg-7@example.com");
  });

  it("is not the call itself", () => {
    expect(callOf("0 A>B INVITE 1 [X-Call-ID: call-1@example.com]")).not.toHaveProperty(
      "linkedCallId",
    );
  });
});

describe("who vouches for the caller", () => {
  it("is kept as written, each Identity for itself, in both forms of its name (RFC 8224)", () => {
    const call = callOf(
      "0 A>B INVITE 1 [Identity: aa.bb.cc;info=<https://x.example/a,b>;ppt=shaken] [y: dd..ee;info=<https://y>, ff..gg;info=<https://z>]",
    );
    expect(call.vouching).toMatchObject({
      identities: [
        "aa.bb.cc;info=<https://x.example/a,b>;ppt=shaken",
        "dd..ee;info=<https://y>",
        "ff..gg;info=<https://z>",
      ],
    });
  });

  it("is found on the hop or attempt that first says it", () => {
    const call = callOf(
      "0  A>P INVITE 1",
      "1  P>B INVITE 1 via=P,A [Identity: aa.bb.cc;info=<https://x>]",
      "2  B>C INVITE 1 via=B,P,A [Identity: no.no.no;info=<https://x>] [P-Asserted-Identity: <tel:+1;verstat=TN-Validation-Passed>]",
    );
    expect(call.vouching).toEqual({
      identities: ["aa.bb.cc;info=<https://x>"],
      request: {
        atMs: 1,
        fromUri: "sip:alice@example.com",
        toUri: "sip:bob@example.com",
        requestUri: "sip:bob@example.com",
        assertedUris: [],
      },
      verstat: "TN-Validation-Passed",
    });
  });

  it("keeps what the INVITE with the Identity says of the caller, and of when", () => {
    const call = callOf(
      '5 A>B INVITE 1 [Identity: aa.bb.cc;info=<https://x>] [Date: Thu, 01 Jan 1970 00:00:00 GMT] [P-Asserted-Identity: <tel:+1>] [P-Asserted-Identity: "A" <sip:a@x>]',
    );
    expect(call.vouching.request).toMatchObject({
      atMs: 5,
      assertedUris: ["tel:+1", "sip:a@x"],
      date: "Thu, 01 Jan 1970 00:00:00 GMT",
    });
  });

  it("keeps the Reasons of answers that concern the caller (RFC 9410), on whichever hop", () => {
    const call = callOf(
      "0 A>P INVITE 1",
      "1 P>B INVITE 1 via=P,A [Identity: aa.bb.cc;info=<https://x>]",
      '2 B>P 183 INVITE 1 to=b via=P,A [Reason: STIR;cause=436;text="Bad Identity Info"]',
      "3 B>P 200 INVITE 1 to=b via=P,A [Reason: Q.850;cause=16]",
    );
    expect(call.vouching.responseReasons).toEqual([
      { protocol: "STIR", cause: 436, text: "Bad Identity Info" },
    ]);
  });

  it("forgets what was answered to an attempt when the next one is made", () => {
    const call = callOf(
      "0 A>B INVITE 1",
      "1 B>A 428 INVITE 1 to=x [Reason: STIR;cause=428]",
      "2 A>B ACK 1 fail to=x",
      "3 A>B INVITE 2 [Identity: aa.bb.cc;info=<https://x>]",
      "4 B>A 200 INVITE 2 to=b",
    );
    expect(call.vouching.identities).toHaveLength(1);
    expect(call.vouching).not.toHaveProperty("responseReasons");
  });

  it.each([
    [
      "<sip:+12155551212;verstat=TN-Validation-Passed@example.com;user=phone>",
      "TN-Validation-Passed",
    ],
    ["<sip:+12155551212@example.com;verstat=TN-Validation-Failed>", "TN-Validation-Failed"],
    ["<tel:+12155551212;verstat=No-TN-Validation>", "No-TN-Validation"],
    ["<sip:+12155551212%3Bverstat%3DTN-Validation-Passed@example.com>", "TN-Validation-Passed"],
    ["<sip:1@a>, <tel:+1;verstat=TN-Validation-Passed>", "TN-Validation-Passed"],
    ['";verstat=TN-Validation-Passed" <sip:1@a>', undefined],
  ])("has the verstat of P-Asserted-Identity %s", (value, verstat) => {
    expect(callOf(`0 A>B INVITE 1 [P-Asserted-Identity: ${value}]`).vouching.verstat).toBe(verstat);
  });
});
