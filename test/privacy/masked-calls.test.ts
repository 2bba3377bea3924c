import { describe, expect, it } from "vitest";

import type { CallObserver, CallRtcp } from "../../src/call/observer.js";
import { MaskedCalls } from "../../src/privacy/masked-calls.js";
import { Privacy } from "../../src/privacy/privacy.js";
import type { SeenMessage } from "../../src/sip/call.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { call } from "../report/samples.js";

const CALL_ID = "12155550121-1@pbx.example";
const PATH = {
  source: { address: "192.0.2.1", port: 5060 },
  destination: { address: "192.0.2.2", port: 5060 },
};

function seen(text: string): SeenMessage {
  const message = scanSipMessage(text);
  if (typeof message === "string") throw new Error(message);
  return { message, atMs: 0, ...PATH, transport: "udp", hasDescription: false };
}

function request(from: string): SeenMessage {
  const lines = [
    "OPTIONS sip:a.example SIP/2.0",
    `From: <sip:${from}@a.example>;tag=1`,
    "To: <sip:+442079460123@b.example>",
    `Call-ID: ${CALL_ID}`,
    "CSeq: 1 OPTIONS",
  ];
  return seen(`${lines.join("\r\n")}\r\n\r\n`);
}

interface Masked {
  readonly calls: MaskedCalls;
  readonly observer: CallObserver;
  readonly told: { readonly messages: SeenMessage[]; readonly rtcp: CallRtcp[] };
}

function masked(): Masked {
  const told: Masked["told"] = { messages: [], rtcp: [] };
  const calls = new MaskedCalls(new Privacy({ mode: "redact" }));
  const observer = calls.before({
    onMessage: (message) => told.messages.push(message),
    onRtcp: (rtcp) => told.rtcp.push(rtcp),
  });
  return { calls, told, observer };
}

describe("MaskedCalls", () => {
  it("gives a call one Call-ID in messages, RTCP, connections and its record", () => {
    const { calls, told, observer } = masked();
    observer.onMessage?.(request("+12155550121"));
    const cname = "sip:+12155550121@a.example";
    observer.onRtcp?.({
      callId: CALL_ID,
      atMs: 0,
      path: PATH,
      records: [{ kind: "cname", atMs: 0, path: PATH, senderSsrc: 1, ssrc: 1, cname }],
    } as unknown as CallRtcp);
    expect(told.messages[0]?.message.callId).toBe("redacted-1@pbx.example");
    expect(told.messages[0]?.message.text).not.toContain("2155550121");
    expect(told.rtcp[0]).toMatchObject({
      callId: "redacted-1@pbx.example",
      path: PATH,
      records: [{ cname: "sip:redacted@a.example" }],
    });
    expect(calls.connection({ callId: CALL_ID }).callId).toBe("redacted-1@pbx.example");
    expect(calls.connection({ connectionId: "1" })).toEqual({ connectionId: "1" });
    const report = calls.report({ ...call(), callId: CALL_ID });
    expect(report.callId).toBe("redacted-1@pbx.example");
  });

  it("masks what a connection's streams call their sources, whosever call it is", () => {
    const { calls } = masked();
    const reported = { cname: "+12155550121@phone.example" };
    const sample = { inbound: [{ ssrc: 1, unrouted: false, reported }] };
    expect(calls.connection({ connectionId: "1", sample })).toEqual({
      connectionId: "1",
      sample: {
        inbound: [{ ssrc: 1, unrouted: false, reported: { cname: "redacted@phone.example" } }],
      },
    });
  });

  it("masks nothing that nobody asks for", () => {
    const { observer } = masked();
    expect(Object.keys(observer).sort()).toEqual(["onMessage", "onRtcp"]);
  });

  it("changes nothing of what it is given", () => {
    const { observer } = masked();
    const message = request("+12155550121");
    const before = message.message.text;
    observer.onMessage?.(message);
    expect(message.message.text).toBe(before);
  });
});
