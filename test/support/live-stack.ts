/**
 * The signalling of a user agent's calls, for tests that are about what goes with it.
 *
 * @module
 */

import type { CallReport } from "../../src/call/call-report.js";
import { LiveCalls } from "../../src/call/live-calls.js";
import type { MediaFinder } from "../../src/call/live-media.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { parseSdp } from "../../src/sdp/session.js";
import { scanSipMessage } from "../../src/sip/message.js";

const LOCAL: Endpoint = { address: "192.0.2.1", port: 5060 };
const REMOTE: Endpoint = { address: "198.51.100.2", port: 5060 };

/** What the local side offers. */
export const OFFER =
  "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
  "a=ice-ufrag:loca\r\na=ice-pwd:0123456789012345678901\r\nm=audio 40000 RTP/AVP 0\r\n";
/** What the remote side answers. */
export const ANSWER = OFFER.replaceAll("192.0.2.1", "198.51.100.2").replace("loca", "remo");

/** The local user agent calls; what it says goes out. */
export class LiveStack {
  readonly told: CallReport[] = [];
  readonly calls: LiveCalls;

  constructor(finder?: MediaFinder, maxCalls?: number) {
    this.calls = new LiveCalls({
      observationPoint: "agent",
      attachedAtMs: 0,
      observer: { onCall: (report) => this.told.push(report) },
      ...(finder !== undefined && { finder }),
      maxCalls,
    });
  }

  say(atMs: number, callId: string, start: string, cseq: string, sdp = ""): void {
    const isOut = !start.startsWith("SIP/2.0");
    const method = cseq.split(" ")[1] ?? "";
    const hasToTag = !isOut || method !== "INVITE";
    const text =
      `${start}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${callId}${cseq.replace(" ", "")}\r\n` +
      `From: <sip:a@example.org>;tag=a\r\nTo: <sip:b@example.org>${hasToTag ? ";tag=b" : ""}\r\n` +
      `Call-ID: ${callId}\r\nCSeq: ${cseq}\r\nMax-Forwards: 70\r\n` +
      (sdp === "" ? "" : "Content-Type: application/sdp\r\n") +
      `Content-Length: ${String(sdp.length)}\r\n\r\n${sdp}`;
    const message = scanSipMessage(text);
    const session = sdp === "" ? undefined : parseSdp(sdp);
    if (typeof message === "string" || typeof session === "string") throw new Error("unreadable");
    this.calls.onMessage(
      {
        message,
        atMs,
        source: isOut ? LOCAL : REMOTE,
        destination: isOut ? REMOTE : LOCAL,
        transport: "udp",
        direction: isOut ? "out" : "in",
        hasDescription: session !== undefined,
      },
      session === undefined ? [] : [session],
    );
  }

  invite(atMs: number, callId: string, offer = OFFER): void {
    this.say(atMs, callId, "INVITE sip:b@example.org SIP/2.0", "1 INVITE", offer);
  }

  answer(atMs: number, callId: string, answer = ANSWER): void {
    this.say(atMs, callId, "SIP/2.0 200 OK", "1 INVITE", answer);
    this.say(atMs + 1, callId, "ACK sip:b@example.org SIP/2.0", "1 ACK");
  }

  bye(atMs: number, callId: string): void {
    this.say(atMs, callId, "BYE sip:b@example.org SIP/2.0", "2 BYE");
    this.say(atMs + 1, callId, "SIP/2.0 200 OK", "2 BYE");
  }
}
