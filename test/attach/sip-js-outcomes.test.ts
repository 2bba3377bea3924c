import { Messager, SessionState, type Invitation } from "sip.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inviter, startPair, type Pair } from "./support/pair.js";
import { reaches, settle, type PlainHandler } from "./support/user-agents.js";

/** RFC 3261 §17.1.1.1: 64 T1. */
const TIMER_B_MS = 32_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function pass({ clock, atCaller, atCallee }: Pair, ms: number): void {
  clock.pass(ms);
  vi.advanceTimersByTime(ms);
  atCaller.tracker.advance(clock.nowMs());
  atCallee.tracker.advance(clock.nowMs());
}

const accept = (invitation: Invitation): void => void invitation.accept();

const reject =
  (statusCode: number, ...extraHeaders: string[]) =>
  (invitation: Invitation): void =>
    void invitation.reject({ statusCode, extraHeaders });

describe("a call through sip.js", () => {
  it("that is answered counts as 200 at both ends", async () => {
    const pair = await startPair(accept);
    const session = inviter(pair.caller);
    await session.invite();
    await reaches(session, SessionState.Established);
    await settle();
    expect(pair.atCaller.outcomes).toEqual(["200 response"]);
    expect(pair.atCallee.outcomes).toEqual(["200 response"]);
    expect(pair.atCaller.events[0]?.kind).toBe("call-started");
    expect(pair.atCaller.sessions).toHaveLength(2);
    expect(pair.atCaller.tap.counters.malformedSip).toBe(0);
    const [call] = pair.atCaller.events.flatMap((event) => ("call" in event ? [event.call] : []));
    expect(call?.direction).toBe("out");
    expect(call?.acknowledgedAtMs).toBeDefined();
  });

  it.each([
    { statusCode: 486, headers: [] },
    { statusCode: 603, headers: [] },
    { statusCode: 302, headers: ["Contact: <sip:carol@192.0.2.7>"] },
    { statusCode: 503, headers: [] },
  ])("that is refused counts as $statusCode at both ends", async ({ statusCode, headers }) => {
    const pair = await startPair(reject(statusCode, ...headers));
    const session = inviter(pair.caller);
    await session.invite();
    await reaches(session, SessionState.Terminated);
    await settle();
    pass(pair, TIMER_B_MS);
    expect(pair.atCaller.outcomes).toEqual([`${statusCode} response`]);
    expect(pair.atCallee.outcomes).toEqual([`${statusCode} response`]);
  });

  it("that is cancelled counts as 487, with the Reason of the CANCEL", async () => {
    const pair = await startPair(() => undefined);
    const session = inviter(pair.caller);
    await session.invite();
    await settle();
    await session.cancel({ statusCode: 200, reasonPhrase: "Call completed elsewhere" });
    await settle();
    for (const recorder of [pair.atCaller, pair.atCallee]) {
      expect(recorder.outcomes).toEqual(["487 response"]);
      const call = recorder.events.find((event) => event.kind === "outcome")?.call;
      expect(call?.isCancelled).toBe(true);
      expect(call?.cancelReasons).toMatchObject([{ protocol: "SIP", cause: 200 }]);
    }
  });

  it("whose CANCEL crosses the 200 counts as 200, cancelled, and hung up by the caller", async () => {
    const pair = await startPair(() => undefined);
    const session = inviter(pair.caller);
    await session.invite();
    await settle();
    // The 200 is under way when the CANCEL is sent.
    const answered = pair.invitations[0]?.accept();
    await Promise.resolve();
    const cancelled = session.cancel();
    await Promise.allSettled([answered, cancelled]);
    await settle();
    expect(pair.atCaller.outcomes).toEqual(["200 response"]);
    expect(pair.atCaller.byes).toEqual([expect.stringMatching(/^caller /)]);
    const call = pair.atCaller.events.find((event) => event.kind === "bye")?.call;
    expect(call).toMatchObject({ statusCode: 200, isCancelled: true });
  });

  it("that nobody answers counts as a timeout, and the stack's own timer B confirms it", async () => {
    const pair = await startPair(accept);
    pair.wire.drop = (text) => text.startsWith("INVITE ");
    const session = inviter(pair.caller);
    await session.invite();
    pass(pair, TIMER_B_MS);
    await reaches(session, SessionState.Terminated);
    expect(pair.atCaller.outcomes).toEqual(["- timeout"]);
    expect(pair.atCaller.timeouts).toEqual(["B INVITE"]);
    expect(pair.atCaller.tap.counters.stackTimers).toBe(1);
  });

  it("that the transport cannot send counts as a transport error", async () => {
    const pair = await startPair(accept);
    pair.wire.refuse = (text) => text.startsWith("INVITE ");
    const session = inviter(pair.caller);
    await session.invite().catch(() => undefined);
    await reaches(session, SessionState.Terminated);
    expect(pair.atCaller.outcomes).toEqual(["- transport-error"]);
    expect(pair.atCaller.tap.counters.sendFailures).toBe(1);
    expect(pair.atCaller.tap.counters.localAborts).toBe(0);
  });

  it("whose offer fails is a local abort, though nothing reached the wire", async () => {
    const pair = await startPair(accept, { describe: () => Promise.reject(new Error("no media")) });
    const session = inviter(pair.caller);
    await session.invite().catch(() => undefined);
    expect(session.state).toBe(SessionState.Terminated);
    expect(pair.wire.log).toEqual([]);
    expect(pair.atCaller.outcomes).toEqual(["- local-abort"]);
    expect(pair.atCaller.tap.counters.localAborts).toBe(1);
  });

  it("that is cancelled while candidates are gathered is a local abort", async () => {
    const pair = await startPair(accept, { describe: () => new Promise<string>(() => undefined) });
    const session = inviter(pair.caller);
    void session.invite();
    await session.cancel();
    expect(session.state).toBe(SessionState.Terminated);
    expect(pair.wire.log).toEqual([]);
    expect(pair.atCaller.outcomes).toEqual(["- local-abort"]);
    const call = pair.atCaller.events.find((event) => event.kind === "outcome")?.call;
    expect(call).toMatchObject({ callId: session.request.callId, direction: "out" });
  });
});

describe("a call that is up", () => {
  async function answered(): Promise<Pair & { session: ReturnType<typeof inviter> }> {
    const pair = await startPair(accept);
    const session = inviter(pair.caller);
    await session.invite();
    await reaches(session, SessionState.Established);
    await settle();
    return { ...pair, session };
  }

  it.each([
    { by: "caller", reason: "Q.850;cause=16", reasonClass: "normal" },
    {
      by: "callee",
      reason: 'SIP;cause=408;text="Session expired", Q.850;cause=102',
      reasonClass: "timer-expired",
    },
  ])("and is hung up by the $by is so at both ends", async ({ by, reason, reasonClass }) => {
    const pair = await answered();
    const session = by === "caller" ? pair.session : pair.invitations[0];
    await session?.bye({ requestOptions: { extraHeaders: [`Reason: ${reason}`] } });
    await settle();
    expect(pair.atCaller.byes).toEqual(pair.atCallee.byes);
    expect(pair.atCaller.byes).toEqual([`${by} ${reasonClass}`]);
    const call = pair.atCallee.events.find((event) => event.kind === "bye")?.call;
    expect(call?.reasons[0]).toMatchObject({ protocol: reason.split(";")[0] });
    expect(call?.byeAnsweredAtMs).toBeDefined();
  });

  it("tells of the BYE before the stack closes the media, at both ends", async () => {
    const pair = await answered();
    const isClosed: boolean[] = [];
    for (const recorder of [pair.atCaller, pair.atCallee]) {
      recorder.onEvent = (event) => {
        const [binding] = recorder.bindings;
        const { peerConnection } = binding as { peerConnection: PlainHandler["peerConnection"] };
        if (event.kind === "bye") isClosed.push(peerConnection.isClosed);
      };
    }
    await pair.session.bye();
    await settle();
    expect(isClosed).toEqual([false, false]);
    expect(pair.atCaller.bindings[0]?.peerConnection).toEqual({ isClosed: true });
  });

  it("binds the peer connection of the handler that the factory made", async () => {
    const pair = await answered();
    const { callId, fromTag } = pair.session.request;
    for (const recorder of [pair.atCaller, pair.atCallee]) {
      expect(recorder.bindings).toMatchObject([{ callId, fromTag }]);
    }
    const handler = pair.session.sessionDescriptionHandler as unknown as PlainHandler;
    expect(pair.atCaller.bindings[0]?.peerConnection).toBe(handler.peerConnection);
  });

  it.each([
    { title: "is accepted", refuse: undefined, codes: [200, 200] },
    { title: "is refused with 488", refuse: 488, codes: [200, 488] },
  ])("stays up when a re-INVITE $title", async ({ refuse, codes }) => {
    const pair = await answered();
    const [invitation] = pair.invitations;
    if (refuse !== undefined && invitation !== undefined) {
      const handler = invitation.sessionDescriptionHandler as unknown as PlainHandler;
      handler.setDescription = () => Promise.reject(new Error("not this one"));
    }
    await pair.session.invite();
    await settle();
    const finals = pair.atCallee.events.flatMap((event) =>
      event.kind === "invite-response" && event.statusCode >= 200 ? [event.statusCode] : [],
    );
    expect(finals).toEqual(codes);
    expect(pair.atCaller.outcomes).toEqual(["200 response"]);
    expect(pair.atCaller.byes).toEqual([]);
  });

  it("counts one hangup where both ends send a BYE at once", async () => {
    const pair = await answered();
    await Promise.all([pair.session.bye(), pair.invitations[0]?.bye()]);
    await settle();
    expect(pair.atCaller.byes).toHaveLength(1);
    const call = pair.atCaller.events.find((event) => event.kind === "bye")?.call;
    expect(call?.isByeGlare).toBe(true);
  });

  it("outlives its transport, whose loss is told", async () => {
    const pair = await answered();
    (pair.caller.transport as unknown as { break(): void }).break();
    expect(pair.session.state).toBe(SessionState.Established);
    expect(pair.atCaller.transportLosses).toHaveLength(1);
    expect(pair.atCaller.events.map(({ kind }) => kind)).not.toContain("call-ended");
  });

  it("is hung up when its user agent stops gracefully", async () => {
    const pair = await answered();
    const stopped = pair.caller.stop();
    await settle();
    await stopped;
    expect(pair.atCaller.byes).toEqual([expect.stringMatching(/^caller /)]);
    expect(pair.atCaller.transportLosses).toEqual([]);
    const call = pair.atCaller.events.find((event) => event.kind === "bye")?.call;
    expect(call?.isAbandoned).not.toBe(true);
  });

  it("is abandoned when its user agent stops without a word", async () => {
    const pair = await answered();
    Object.assign(pair.caller.configuration, { gracefulShutdown: false });
    await pair.caller.stop();
    expect(pair.session.state).toBe(SessionState.Established);
    const ended = pair.atCaller.events.find((event) => event.kind === "call-ended");
    expect(ended?.call).toMatchObject({ isAbandoned: true, statusCode: 200 });
  });
});

describe("what sip.js does not tell", () => {
  it("is that the ACK never came: timer H and a BYE by the callee", async () => {
    const pair = await startPair(accept);
    pair.wire.drop = (text) => text.startsWith("ACK ");
    const session = inviter(pair.caller);
    await session.invite();
    await settle();
    pass(pair, TIMER_B_MS);
    await settle();
    expect(pair.atCallee.timeouts).toEqual(["H INVITE"]);
    expect(pair.atCallee.byes).toEqual([expect.stringMatching(/^callee /)]);
  });

  it("is that its transport took no answer to an INVITE: no ACK came of what was never sent", async () => {
    const pair = await startPair(accept);
    pair.wire.refuse = (text) => text.startsWith("SIP/2.0 200 ");
    const session = inviter(pair.caller);
    await session.invite();
    await settle();
    pass(pair, TIMER_B_MS);
    await settle();
    const call = pair.atCallee.events.find(({ kind }) => kind === "call-started")?.call;
    expect(call?.answersNotSent).toBe(11);
  });

  it("is that a request other than INVITE got no answer: timer F", async () => {
    const pair = await startPair(accept);
    pair.wire.drop = () => true;
    await new Messager(pair.caller, inviter(pair.caller).request.ruri, "hello").message();
    pass(pair, TIMER_B_MS);
    expect(pair.atCaller.timeouts).toEqual(["F MESSAGE"]);
    expect(pair.atCaller.tap.counters.stackTimers).toBe(1);
  });

  it("is that it took an exception to its transport", async () => {
    const pair = await startPair(accept);
    const bad = "SIP/2.0 200 OK\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKx\r\nCSeq: bad\r\n\r\n";
    pair.wire.deliver("alice", bad);
    expect(pair.wire.thrown).toHaveLength(1);
    expect(pair.atCaller.tap.counters.stackFaults).toBe(1);
    expect(pair.atCaller.tracker.counters.unidentified).toBe(1);
  });

  it("is what it drops: a response through two Vias still counts", async () => {
    const pair = await startPair(reject(486));
    pair.wire.rewrite = (text) =>
      text.startsWith("SIP/2.0 486")
        ? text.replace("\r\nTo:", "\r\nVia: SIP/2.0/WS b;branch=z9hG4bKb\r\nTo:")
        : text;
    const session = inviter(pair.caller);
    await session.invite();
    await settle();
    expect(session.state).toBe(SessionState.Establishing);
    expect(pair.atCaller.outcomes).toEqual(["486 response"]);
  });
});
