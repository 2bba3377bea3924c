import { describe, expect, it } from "vitest";

import { MAX_LINKS } from "../../src/call/call-links.js";
import { Conversations, MAX_CALLS_OVER, MAX_LEGS } from "../../src/call/conversations.js";
import type { SipCall } from "../../src/sip/call.js";

const call = (callId: string, said: Partial<SipCall> = {}): SipCall =>
  ({ callId, ...said }) as SipCall;

describe("legs of one conversation", () => {
  it("are named as long as one of them is open, and of those over the newest", () => {
    const conversations = new Conversations();
    const open = call("open", { sessionId: "s" });
    const first = call("first", { sessionId: "s" });
    for (const one of [open, first]) conversations.note(one);
    conversations.ended(first);
    expect(conversations.of(open)).toEqual(["first"]);
    for (let i = 0; i < MAX_CALLS_OVER; i += 1) {
      const other = call(`over-${i}`, { sessionId: `other-${i}` });
      conversations.note(other);
      conversations.ended(other);
    }
    expect(conversations.of(open)).toEqual([]);
    expect(conversations.of(first)).toEqual(["open"]);
  });

  it("may be one call that two user agents see: it stays with the other one", () => {
    const conversations = new Conversations();
    const leg = call("leg", { linkedCallId: "shared" });
    const [here, there] = [call("shared", { sessionId: "s" }), call("shared", { sessionId: "s" })];
    for (const one of [leg, here, there, here]) conversations.note(one);
    conversations.ended(here);
    expect(conversations.of(there)).toEqual(["leg"]);
    expect(conversations.of(leg)).toEqual(["shared"]);
  });

  it("are bounded, whoever gives all of his calls one Session-ID", () => {
    const conversations = new Conversations();
    const calls = Array.from({ length: 1000 }, (_, i) => call(`call-${i}`, { sessionId: "s" }));
    for (const one of calls) conversations.note(one);
    expect(conversations.of(call("another", { sessionId: "s" }))).toHaveLength(MAX_LEGS);
  });

  it("are those that somebody said, until too many were said since", () => {
    const conversations = new Conversations();
    conversations.link("b", "a");
    conversations.link("a", "b");
    conversations.link("a", "a");
    expect(conversations.of(call("a"))).toEqual(["b"]);
    expect(conversations.of(call("b"))).toEqual(["a"]);
    for (let i = 0; i < MAX_LINKS; i += 1) conversations.link(`c${i}`, `d${i}`);
    expect(conversations.of(call("a"))).toEqual([]);
    expect(conversations.of(call("d7"))).toEqual(["c7"]);
  });
});
