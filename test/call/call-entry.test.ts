import { describe, expect, it } from "vitest";

import { CallEntry } from "../../src/call/call-entry.js";
import type { PayloadTypeReport } from "../../src/call/report.js";
import { parseSdp } from "../../src/sdp/session.js";
import { sipCall } from "./sip-calls.js";

const sdp = (address: string, group: string): string =>
  [
    "v=0",
    `o=- 1 1 IN IP4 ${address}`,
    "s=-",
    `c=IN IP4 ${address}`,
    "t=0 0",
    group,
    "m=audio 40000 RTP/SAVPF 111",
    "a=mid:0",
    "a=rtpmap:111 opus/48000/2",
    "m=video 40000 RTP/SAVPF 96 97",
    "a=mid:1",
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:97 rtx/90000",
    "",
  ].join("\r\n");

function entryOf(group: string, hasAnswer = true): CallEntry {
  const entry = new CallEntry(sipCall());
  for (const by of hasAnswer ? (["caller", "callee"] as const) : (["caller"] as const)) {
    const session = parseSdp(sdp(by === "caller" ? "192.0.2.1" : "198.51.100.2", group));
    if (typeof session === "string") throw new Error(session);
    entry.describe({ by, isOffer: by === "caller", atMs: 0, session });
  }
  return entry;
}

const BUNDLE = "a=group:BUNDLE 0 1";
const OPUS = { payloadType: 111, packets: 9, codec: "opus", kind: "audio" } as const;
const VP8 = { payloadType: 96, packets: 9, codec: "VP8", kind: "video" } as const;
const RTX = { payloadType: 97, packets: 9, codec: "rtx", kind: "retransmission" } as const;

describe("the section of a stream in a bundle", () => {
  it.each<readonly [name: string, type: PayloadTypeReport, mediaType: string | undefined]>([
    ["audio", OPUS, "audio"],
    ["video", VP8, "video"],
    ["what repairs video", RTX, "video"],
    ["of no section", { payloadType: 100, packets: 9 }, undefined],
  ])("is told by its payload type: %s", (_, type, mediaType) => {
    expect(entryOf(BUNDLE).mediaTypeOf("caller-to-callee", [type])).toBe(mediaType);
  });

  it("is told by its codec where nothing is agreed", () => {
    expect(entryOf(BUNDLE, false).mediaTypeOf("caller-to-callee", [VP8])).toBe("video");
    expect(entryOf(BUNDLE, false).mediaTypeOf("caller-to-callee", [OPUS])).toBeUndefined();
  });

  it("is not asked for where sections have endpoints of their own", () => {
    expect(entryOf("a=group:LS 0 1").mediaTypeOf("caller-to-callee", [VP8])).toBeUndefined();
  });
});

describe("whether media is encrypted", () => {
  const described = (offer: string, answer?: string): CallEntry => {
    const entry = new CallEntry(sipCall());
    for (const [by, text] of [["caller", offer] as const, ["callee", answer] as const]) {
      const session = text === undefined ? undefined : parseSdp(`${HEAD}${text}`);
      if (session === undefined || typeof session === "string") continue;
      entry.describe({ by, isOffer: by === "caller", atMs: 0, session });
    }
    return entry;
  };
  const HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
  const PLAIN = "m=audio 40000 RTP/AVP 0\r\n";
  const KEYED = `${PLAIN}a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:k\r\n`;
  const SECURE = KEYED.replace("AVP", "SAVP");

  it.each([
    ["in the clear", PLAIN, PLAIN, false],
    ["with keys of both", SECURE, SECURE, true],
    ["where SRTP is offered (RFC 8643) and taken", KEYED, KEYED, true],
    ["where SRTP is offered and declined", KEYED, PLAIN, false],
    ["where SRTP is offered and the answer was not seen", KEYED, undefined, true],
    ["where SRTP is demanded", SECURE, PLAIN, true],
  ])("%s", (_, offer, answer, isSecure) => {
    expect(described(offer, answer).isSecure).toBe(isSecure);
  });
});
