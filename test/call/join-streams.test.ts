import { describe, expect, it } from "vitest";

import type { CallEntry } from "../../src/call/call-entry.js";
import { joinStreams } from "../../src/call/join-streams.js";
import { MediaIndex, type Traffic } from "../../src/call/media-index.js";
import { describedCall } from "./sip-calls.js";

const CALLER = "192.0.2.1 40000";
const CALLEE = "198.51.100.2 50000";
const NAT = "203.0.113.9 61000";
const RELAY = "198.51.100.7 30000";

function stream(from: string, to: string, fromMs = 1000, toMs = 59_000): Traffic {
  const endpoint = (text: string): Traffic["source"] => {
    const [address = "", port = ""] = text.split(" ");
    return { address, port: Number(port) };
  };
  return { source: endpoint(from), destination: endpoint(to), fromMs, toMs };
}

/** Which call each stream joins, by its Call-ID, and which way it flows. */
function joined(
  entries: readonly CallEntry[],
  streams: readonly Traffic[],
): (string | undefined)[] {
  const index = new MediaIndex();
  for (const entry of entries) index.add(entry);
  const work = joinStreams(index, streams);
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value.map((claim) => claim && `${claim.entry.call.callId} ${claim.flow}`);
}

describe("joinStreams", () => {
  it("knows a stream by both its ends", () => {
    const call = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "a" });
    expect(joined([call], [stream(CALLER, CALLEE), stream(CALLEE, CALLER)])).toEqual([
      "a caller-to-callee",
      "a callee-to-caller",
    ]);
  });

  it("joins early media, of which only the caller's description tells", () => {
    const call = describedCall({ caller: CALLER }, { callId: "a" });
    expect(joined([call], [stream(CALLEE, CALLER, 200, 900)])).toEqual(["a callee-to-caller"]);
  });

  it("leaves alone what no description names", () => {
    const call = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "a" });
    expect(joined([call], [stream(NAT, RELAY)])).toEqual([undefined]);
  });

  it("learns where a party behind a NAT is from what it sends, whichever stream came first", () => {
    const streams = [stream(CALLEE, NAT), stream(NAT, CALLEE)];
    const call = (): CallEntry =>
      describedCall({ caller: "10.0.0.5 40000", callee: CALLEE }, { callId: "a" });
    expect(joined([call()], streams)).toEqual(["a callee-to-caller", "a caller-to-callee"]);
    expect(joined([call()], streams.toReversed())).toEqual([
      "a caller-to-callee",
      "a callee-to-caller",
    ]);
  });

  it("takes a stream by its sender alone where nothing of it goes elsewhere", () => {
    const call = describedCall({ caller: "10.0.0.5 40000", callee: CALLEE }, { callId: "a" });
    expect(joined([call], [stream(CALLEE, NAT)])).toEqual(["a callee-to-caller"]);
  });

  it("takes all that one sender sends there, and what comes of its other ports", () => {
    const call = describedCall({ caller: CALLER }, { callId: "a" });
    const video = "192.0.2.1 40002";
    const [address = "", port = ""] = video.split(" ");
    const endpoint = { address, port: Number(port) };
    call.learn({ party: "caller", endpoint, mediaType: "video", source: "description" });
    const again = stream(CALLER, CALLEE, 30_000);
    const streams = [stream(CALLER, CALLEE), again, stream(video, NAT), stream(CALLER, RELAY)];
    const is = "a caller-to-callee";
    expect(joined([call], streams)).toEqual([is, is, is, undefined]);
  });

  it("does not take one that goes elsewhere than its call's media: the port serves others too", () => {
    const call = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "a" });
    expect(joined([call], [stream(CALLEE, CALLER), stream(CALLEE, NAT)])).toEqual([
      "a callee-to-caller",
      undefined,
    ]);
  });

  it("tells calls apart that use the same ports one after the other", () => {
    const first = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "a" });
    const second = describedCall(
      { caller: CALLER, callee: CALLEE },
      { callId: "b", invitedAtMs: 61_000, answeredAtMs: 62_000, endedAtMs: 90_000 },
    );
    const streams = [stream(CALLER, CALLEE), stream(CALLER, CALLEE, 62_100, 90_050)];
    expect(joined([first, second], streams)).toEqual(["a caller-to-callee", "b caller-to-callee"]);
    expect([first.sharesStream, second.sharesStream]).toEqual([false, false]);
  });

  it("gives a stream that two calls share at the same time to one, and marks both", () => {
    const first = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "a" });
    const second = describedCall(
      { caller: CALLER, callee: CALLEE },
      { callId: "b", invitedAtMs: 500, endedAtMs: 30_000 },
    );
    expect(joined([first, second], [stream(CALLER, CALLEE)])).toEqual(["a caller-to-callee"]);
    expect([first.sharesStream, second.sharesStream]).toEqual([true, true]);
  });

  it("joins media that goes on after the BYE, but not for ever", () => {
    const call = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "a" });
    expect(
      joined(
        [call],
        [stream(CALLER, CALLEE, 62_000, 70_000), stream(CALLER, CALLEE, 120_000, 130_000)],
      ),
    ).toEqual(["a caller-to-callee", undefined]);
  });

  it("prefers the call that names both ends to one that names one", () => {
    const other = describedCall({ callee: CALLEE }, { callId: "b" });
    const call = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "a" });
    expect(joined([other, call], [stream(CALLER, CALLEE)])).toEqual(["a caller-to-callee"]);
  });

  it("tells thousands of calls apart that have one port, one after another, whichever came first", () => {
    const ordered = Array.from({ length: 20_000 }, (_, number) => number);
    const shuffled = ordered.toSorted((a, b) => ((a * 7919) % 20_011) - ((b * 7919) % 20_011));
    const calls = shuffled.map((number) => {
      const invitedAtMs = number * 1000;
      const facts = { callId: String(number), invitedAtMs, endedAtMs: invitedAtMs + 900 };
      return describedCall({ caller: CALLER, callee: CALLEE }, facts);
    });
    const streams = ordered.map((number) =>
      stream(CALLER, CALLEE, number * 1000 + 100, number * 1000 + 800),
    );
    // Were each stream held against each call this would take minutes.
    expect(joined(calls, streams)).toEqual(
      ordered.map((number) => `${String(number)} caller-to-callee`),
    );
  });

  it("has a call that goes on for what comes long after its INVITE, whatever began since", () => {
    const going = describedCall({ caller: CALLER, callee: CALLEE }, { callId: "open" });
    delete (going.call as { endedAtMs?: number }).endedAtMs;
    const others = [1, 2, 3].map((number) =>
      describedCall(
        { caller: CALLER, callee: CALLEE },
        {
          callId: String(number),
          invitedAtMs: number * 100_000,
          endedAtMs: number * 100_000 + 900,
        },
      ),
    );
    expect(joined([going, ...others], [stream(CALLER, CALLEE, 900_000, 950_000)])).toEqual([
      "open caller-to-callee",
    ]);
  });
});
