/** What is kept of a message for as long as a call lasts must not keep the message. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";

import { parseSdp } from "../../src/sdp/session.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { sdpBodies } from "../../src/sip/sdp-bodies.js";

const MESSAGES = 200;
const MESSAGE_BYTES = 250_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapUsedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function invite(index: number): Buffer {
  // Line feeds alone: where there are none to take out, the lines are parts of the message.
  const body = [
    "v=0",
    "m=audio 5004 RTP/AVP 96",
    "c=IN IP6 2001:db8:85a3::8a2e:370:7334",
    "a=rtpmap:96 x-unregistered-codec/48000",
    "a=fmtp:96 some-parameter-of-some-length=1",
    "a=ice-ufrag:ufrag-of-some-length",
    "a=ice-pwd:password-of-some-length",
    "a=fingerprint:sha-256 00:01:02:03:04:05:06:07",
    "",
  ].join("\n");
  return Buffer.from(
    [
      "INVITE sip:bob@example.com SIP/2.0",
      `Via: SIP/2.0/UDP host-number-${index}.example.com:5060;branch=z9hG4bK-branch-${index}`,
      `From: <sip:alice@example.com>;tag=tag-of-alice-${index}`,
      `To: <sip:bob@example.com>;tag=tag-of-bob-${index}`,
      `Call-ID: call-number-${index}@example.com`,
      "CSeq: 1 INVITE",
      `X-Filler: ${"x".repeat(MESSAGE_BYTES)}`,
      "Content-Type: application/sdp",
      "",
      body,
    ].join("\r\n"),
  );
}

function keepable(index: number): unknown {
  const message = scanSipMessage(invite(index));
  if (typeof message === "string") throw new Error(message);
  const { callId, cseq, fromTag, toTag, topVia } = message;
  const [sdp = ""] = sdpBodies(message);
  return { callId, cseq, fromTag, toTag, topVia, session: parseSdp(sdp) };
}

it("identifiers and session descriptions do not keep alive the message they are from", () => {
  const before = heapUsedBytes();
  const kept = Array.from({ length: MESSAGES }, (_, i) => keepable(i));
  const grownBytes = heapUsedBytes() - before;
  expect(kept).toHaveLength(MESSAGES);
  expect(grownBytes).toBeLessThan((MESSAGES * MESSAGE_BYTES) / 10);
});
