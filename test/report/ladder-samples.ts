/** A call's messages as text, and the ladder that they make. */

import type { CallReport } from "../../src/call/call-report.js";
import { type Ladder, ladderOf, type LadderFacts } from "../../src/call/ladder.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { at, call } from "./samples.js";

export const ALICE: Endpoint = { address: "10.0.1.1", port: 5060 };
export const BOB: Endpoint = { address: "10.0.2.2", port: 5060 };
export const PROXY: Endpoint = { address: "10.0.3.3", port: 5060 };

const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 10.0.1.1",
  "s=-",
  "c=IN IP4 10.0.1.1",
  "t=0 0",
  "m=audio 40000 RTP/AVP 0 8 101",
  "a=rtpmap:101 telephone-event/8000",
  "",
].join("\r\n");

/** How a message is to differ from a plain one. */
export interface Written {
  readonly again?: boolean;
  readonly sdp?: boolean;
  readonly fields?: readonly string[];
  /** Of a response. */
  readonly method?: string;
  /** A session description other than the usual one. */
  readonly body?: string;
}

/** One message, so many seconds after the samples begin: a start line says which. */
export function said(
  seconds: number,
  [source, destination]: readonly [Endpoint, Endpoint],
  startLine: string,
  { again = false, sdp = false, fields = [], method, body = sdp ? SDP : "" }: Written = {},
): LadderFacts["messages"][number] {
  const cseq = method ?? startLine.split(" ")[0] ?? "";
  const text = [
    startLine,
    "Via: SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bK776asdhds",
    "Max-Forwards: 70",
    "From: <sip:alice@atlanta.example.com>;tag=1928301774",
    "To: <sip:bob@biloxi.example.com>",
    "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
    `CSeq: 1 ${cseq}`,
    ...fields,
    ...(body !== "" ? ["Content-Type: application/sdp"] : []),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
  const message = scanSipMessage(text);
  if (typeof message === "string") throw new Error(message);
  const atMs = Date.parse(at(seconds));
  return { seen: { message, atMs, source, destination }, isRetransmission: again };
}

const THERE = [ALICE, BOB] as const;
const BACK = [BOB, ALICE] as const;

/** What {@link call} says in words, message by message. */
export const MESSAGES: LadderFacts["messages"] = [
  said(-3.4, THERE, "INVITE sip:bob@biloxi.example.com SIP/2.0", { sdp: true }),
  said(-2.9, THERE, "INVITE sip:bob@biloxi.example.com SIP/2.0", { sdp: true, again: true }),
  said(-2.895, BACK, "SIP/2.0 100 Trying", { method: "INVITE" }),
  said(-2.2, BACK, "SIP/2.0 180 Ringing", { method: "INVITE" }),
  said(0, BACK, "SIP/2.0 200 OK", { method: "INVITE", sdp: true }),
  said(0.002, THERE, "ACK sip:bob@biloxi.example.com SIP/2.0"),
  said(10, BACK, "BYE sip:alice@atlanta.example.com SIP/2.0", {
    fields: ['Reason: Q.850;cause=16;text="Normal call clearing"', "User-Agent: Linphone/5.2"],
  }),
  said(10.004, THERE, "SIP/2.0 200 OK", { method: "BYE" }),
];

/** The ladder of {@link call}. */
export function ladder(facts: Partial<LadderFacts> = {}, report: Partial<CallReport> = {}): Ladder {
  return ladderOf({ call: call(report), messages: MESSAGES, handshakes: [], ...facts });
}
