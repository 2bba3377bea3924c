import { describe, expect, it } from "vitest";
import { IceCredentialIndex, MAX_CREDENTIALS } from "../../src/attach/ice-credentials.js";
import type { StackMessage } from "../../src/attach/sip-observer.js";
import { MAX_PATHS, MAX_SILENT_CALLS } from "../../src/attach/sip-tap.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { parseSdp } from "../../src/sdp/session.js";
import { Recorder } from "./support/recorder.js";

interface Lines {
  readonly first: string;
  readonly via: string;
  readonly callId?: string;
  readonly extra?: readonly string[];
}

function text({ first, via, callId = "c", extra = [] }: Lines): string {
  return [
    first,
    `Via: SIP/2.0/${via}`,
    "Max-Forwards: 70",
    "From: <sip:a@example.org>;tag=1",
    "To: <sip:b@example.org>",
    `Call-ID: ${callId}`,
    "CSeq: 1 INVITE",
    ...extra,
    "",
    "",
  ].join("\r\n");
}

function seen(...messages: Omit<StackMessage, "atMs">[]): [source: Endpoint, to: Endpoint][] {
  const recorder = new Recorder();
  for (const message of messages) recorder.tap.message({ ...message, atMs: 1000 });
  return recorder.seen.map(({ source, destination }) => [source, destination]);
}

const at = (address: string, port: number): Endpoint => ({ address, port });
const INVITE = "INVITE sip:b@192.0.2.9 SIP/2.0";

describe("where a message goes", () => {
  it.each([
    { via: "UDP 192.0.2.1:5071;branch=z9hG4bKa", local: at("192.0.2.1", 5071) },
    { via: "UDP 192.0.2.1;branch=z9hG4bKa", local: at("192.0.2.1", 5060) },
    { via: "TLS 192.0.2.1;branch=z9hG4bKa", local: at("192.0.2.1", 5061) },
    { via: "WSS [2001:DB8::0:1];branch=z9hG4bKa", local: at("2001:db8::1", 443) },
    { via: "WS abc.invalid;branch=z9hG4bKa", local: at("abc.invalid", 0) },
  ])("is told by the Via of what goes out: $via", ({ via, local }) => {
    const [path] = seen({ direction: "out", text: text({ first: INVITE, via }) });
    expect(path).toEqual([local, at("192.0.2.9", 5060)]);
  });

  it.each([
    { first: INVITE, extra: [], remote: at("192.0.2.9", 5060) },
    {
      first: INVITE,
      extra: ["Route: <sip:proxy.example:5080;lr>, <sip:next;lr>"],
      remote: at("proxy.example", 5080),
    },
    { first: "INVITE sips:b@[2001:db8::2] SIP/2.0", extra: [], remote: at("2001:db8::2", 5061) },
    { first: "INVITE sip:example.org SIP/2.0", extra: [], remote: at("example.org", 0) },
    { first: "INVITE tel:+123 SIP/2.0", extra: [], remote: at("", 0) },
  ])("is the topmost Route, else the Request-URI: $remote.address", ({ first, extra, remote }) => {
    const via = "UDP 192.0.2.1;branch=z9hG4bKa";
    const [path] = seen({ direction: "out", text: text({ first, via, extra }) });
    expect(path?.[1]).toEqual(remote);
  });

  it.each([
    { via: "UDP 10.0.0.1:5071;branch=z9hG4bKa", remote: at("10.0.0.1", 5071) },
    {
      via: "UDP 10.0.0.1:5071;branch=z9hG4bKa;received=192.0.2.7;rport=1024",
      remote: at("192.0.2.7", 1024),
    },
    { via: "UDP host.example;branch=z9hG4bKa;received=192.0.2.7", remote: at("192.0.2.7", 5060) },
  ])("is back where a request came from: $remote.address", ({ via, remote }) => {
    const incoming = { direction: "in", text: text({ first: INVITE, via }) } as const;
    const answer = { direction: "out", text: text({ first: "SIP/2.0 200 OK", via }) } as const;
    expect(seen(incoming, answer)).toEqual([
      [remote, at("192.0.2.9", 5060)],
      [at("192.0.2.9", 5060), remote],
    ]);
  });

  it("is the way of its request for a response", () => {
    const via = "WS abc.invalid;branch=z9hG4bKa";
    const remote = at("198.51.100.7", 443);
    const [, answer] = seen(
      { direction: "out", text: text({ first: INVITE, via }), remote },
      { direction: "in", text: text({ first: "SIP/2.0 486 Busy", via }) },
    );
    expect(answer).toEqual([remote, at("abc.invalid", 0)]);
  });

  it("is what the transport says, where it does", () => {
    const via = "UDP 10.0.0.1;branch=z9hG4bKa";
    const [local, remote] = [at("192.0.2.20", 5062), at("192.0.2.30", 5064)];
    const [path] = seen({ direction: "in", text: text({ first: INVITE, via }), local, remote });
    expect(path).toEqual([remote, local]);
  });

  it("is unknown where nothing tells, and the message counts all the same", () => {
    const recorder = new Recorder();
    const first = "SIP/2.0 200 OK";
    const bytes = Buffer.from(text({ first, via: "bad" }));
    recorder.tap.message({ direction: "in", text: bytes, atMs: 1 });
    expect(recorder.seen[0]).toMatchObject({
      source: at("", 0),
      destination: at("", 0),
      transport: "udp",
    });
  });

  it("is remembered for so many requests only", () => {
    const recorder = new Recorder();
    const invite = (branch: number): string =>
      text({ first: INVITE, via: `UDP 192.0.2.1;branch=z9hG4bK${branch}` });
    for (let branch = 0; branch <= MAX_PATHS; branch++) {
      recorder.tap.message({ direction: "out", text: invite(branch), atMs: branch });
    }
    const answer = (branch: number): Endpoint | undefined => {
      const via = `UDP 192.0.2.1;branch=z9hG4bK${branch}`;
      const answered = text({ first: "SIP/2.0 486 Busy", via });
      recorder.tap.message({ direction: "in", text: answered, atMs: 9000 });
      return recorder.seen.at(-1)?.source;
    };
    expect(answer(MAX_PATHS)).toEqual(at("192.0.2.9", 5060));
    expect(answer(0)).toEqual(at("", 0));
  });
});

describe("what is no SIP", () => {
  it("is counted, keep-alives excepted", () => {
    const recorder = new Recorder();
    for (const bad of ["\r\n\r\n", "", "GET / HTTP/1.1\r\n\r\n", "\0\xff"]) {
      recorder.tap.message({ direction: "in", text: bad, atMs: 1 });
      recorder.tap.sendFailed({ text: bad, error: undefined, atMs: 1 });
    }
    expect(recorder.tap.counters).toMatchObject({ malformedSip: 2, messages: 0, sendFailures: 0 });
  });

  it("and no SDP where it should be is counted", () => {
    const recorder = new Recorder();
    const extra = ["Content-Type: application/sdp"];
    const via = "UDP 192.0.2.1;branch=z9hG4bKa";
    const invite = `${text({ first: INVITE, via, extra })}nonsense`;
    recorder.tap.message({ direction: "out", text: invite, atMs: 1 });
    expect(recorder.tap.counters.malformedSdp).toBe(1);
    expect(recorder.seen[0]?.hasDescription).toBe(false);
  });
});

describe("a session that never reaches the wire", () => {
  const session = { fromTag: "1", isCaller: true, atMs: 5 } as const;

  it("is a local abort once it ends, and once only", () => {
    const recorder = new Recorder();
    for (const state of ["initial", "terminating", "terminated", "terminated"] as const) {
      recorder.tap.sessionState({ ...session, callId: "c", state });
    }
    expect(recorder.outcomes).toEqual(["- local-abort"]);
  });

  it("is given up when the stack stops", () => {
    const recorder = new Recorder();
    recorder.tap.sessionState({ ...session, callId: "c", state: "initial" });
    recorder.tap.stopped({ atMs: 6 });
    expect(recorder.outcomes).toEqual(["- local-abort"]);
  });

  it("is none if a message of it was seen, or if the call came in", () => {
    const recorder = new Recorder();
    const via = "UDP 192.0.2.1;branch=z9hG4bKa";
    recorder.tap.sessionState({ ...session, callId: "c", state: "initial" });
    recorder.tap.message({ direction: "out", text: text({ first: INVITE, via }), atMs: 5 });
    recorder.tap.sessionState({ ...session, callId: "c", state: "terminated" });
    const incoming = { ...session, callId: "d", isCaller: false };
    recorder.tap.sessionState({ ...incoming, state: "initial" });
    recorder.tap.sessionState({ ...incoming, state: "terminated" });
    expect(recorder.tap.counters.localAborts).toBe(0);
  });

  it("is watched for among so many only", () => {
    const recorder = new Recorder();
    for (let call = 0; call <= MAX_SILENT_CALLS; call++) {
      recorder.tap.sessionState({ ...session, callId: String(call), state: "initial" });
    }
    recorder.tap.stopped({ atMs: 6 });
    expect(recorder.tap.counters.localAborts).toBe(MAX_SILENT_CALLS);
  });
});

describe("the call of a peer connection", () => {
  const sdp = (ufrag: string, pwd: string): string =>
    [
      "v=0",
      "o=- 1 1 IN IP4 192.0.2.1",
      "s=-",
      "t=0 0",
      "m=audio 9 UDP/TLS/RTP/SAVPF 0",
      "c=IN IP4 0.0.0.0",
      `a=ice-ufrag:${ufrag}`,
      `a=ice-pwd:${pwd}`,
      "",
    ].join("\r\n");
  const send = (
    recorder: Recorder,
    callId: string,
    direction: "in" | "out",
    body: string,
  ): void => {
    const extra = ["Content-Type: application/sdp"];
    const via = `UDP 192.0.2.1;branch=z9hG4bK${callId}`;
    const invite = text({ first: INVITE, via, callId, extra }) + body;
    recorder.tap.message({ direction, text: invite, atMs: 1 });
  };
  const PASSWORD = "0123456789abcdef012345";

  it("is the one whose description with its ICE credentials was sent", () => {
    const recorder = new Recorder();
    send(recorder, "one", "out", sdp("abcd", PASSWORD));
    send(recorder, "two", "out", sdp("abcd", `${PASSWORD}6`));
    send(recorder, "three", "in", sdp("wxyz", PASSWORD));
    const callIdOf = (usernameFragment: string, password: string): string | undefined =>
      recorder.tap.callIdOf({ usernameFragment, password });
    expect(callIdOf("abcd", PASSWORD)).toBe("one");
    expect(callIdOf("abcd", `${PASSWORD}6`)).toBe("two");
    expect(callIdOf("abcd", "another")).toBeUndefined();
    expect(callIdOf("wxyz", PASSWORD)).toBeUndefined();
  });

  it("is remembered for so many descriptions only", () => {
    const index = new IceCredentialIndex();
    for (let call = 0; call <= MAX_CREDENTIALS; call++) {
      const session = parseSdp(sdp(`u${call}`, PASSWORD));
      if (typeof session !== "string") index.note(String(call), session);
    }
    const callIdOf = (call: number): string | undefined =>
      index.callIdOf({ usernameFragment: `u${call}`, password: PASSWORD });
    expect(callIdOf(0)).toBeUndefined();
    expect(callIdOf(1)).toBe("1");
    expect(callIdOf(MAX_CREDENTIALS)).toBe(String(MAX_CREDENTIALS));
  });

  it("is bound by the application itself where it says so", () => {
    const recorder = new Recorder();
    const peerConnection = {};
    recorder.tap.bindMedia({ callId: "one", peerConnection, atMs: 1 });
    expect(recorder.bindings[0]?.peerConnection).toBe(peerConnection);
  });
});
