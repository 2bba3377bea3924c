import type { Inviter } from "sip.js";
import { SessionState, type Invitation, type Session, type UserAgent } from "sip.js";
import { describe, expect, it } from "vitest";
import { attachSipJs } from "../../src/attach/sip-js.js";
import type { SipJsSession, SipJsUserAgent } from "../../src/attach/sip-ports.js";
import { SipTap } from "../../src/attach/sip-tap.js";
import { expectNothingKept } from "./support/heap.js";
import { Wire, type MemoryTransport } from "./support/memory-transport.js";
import { inviter, startPair } from "./support/pair.js";
import { Recorder, TestClock } from "./support/recorder.js";
import { memoryAgent, reaches, settle } from "./support/user-agents.js";

const accept = (invitation: Invitation): void => void invitation.accept();
const { nowMs } = new TestClock();

/** How many listen to an emitter of sip.js itself. */
function listenerCount(emitter: object): number {
  return (Reflect.get(emitter, "listeners") as unknown[]).length;
}

/** What an attachment could have left in a user agent. */
function traces(userAgent: UserAgent, sessions: readonly Session[] = []): unknown[] {
  const { transport, configuration } = userAgent;
  const loggers = userAgent.getLoggerFactory();
  const objects = [userAgent, transport, configuration, loggers, userAgent.userAgentCore];
  return [
    ...objects.map((object) => Reflect.ownKeys(object).join()),
    Object.getOwnPropertyDescriptor(transport, "onMessage"),
    Object.getOwnPropertyDescriptor(transport, "onDisconnect"),
    Object.getOwnPropertyDescriptor(configuration, "sessionDescriptionHandlerFactory"),
    Reflect.get(transport, "send"),
    loggers.connector,
    (transport as unknown as MemoryTransport).stateChange.size,
    listenerCount(userAgent.stateChange),
    ...sessions.map(({ stateChange }) => listenerCount(stateChange)),
  ];
}

async function callUp(): Promise<{
  readonly caller: UserAgent;
  readonly callee: UserAgent;
  readonly session: Inviter;
  readonly invitation: Invitation;
}> {
  const wire = new Wire();
  let invitation: Invitation | undefined;
  const caller = memoryAgent(wire, "alice", "bob");
  const callee = memoryAgent(wire, "bob", "alice", {
    onInvite: (incoming) => {
      invitation = incoming;
      accept(incoming);
    },
  });
  await caller.start();
  await callee.start();
  const session = inviter(caller);
  await session.invite();
  await reaches(session, SessionState.Established);
  await settle();
  if (invitation === undefined) throw new Error("no invitation");
  return { caller, callee, session, invitation };
}

describe("detach", () => {
  it("leaves every object of the stack as it was found, a call being up", async () => {
    const { caller, session } = await callUp();
    const before = traces(caller, [session]);
    const attachment = attachSipJs(caller, new Recorder().tap, { nowMs });
    expect(traces(caller, [session])).not.toEqual(before);
    attachment.detach();
    expect(traces(caller, [session])).toEqual(before);
    expect(Object.hasOwn(caller.transport, "send")).toBe(false);
    attachment.detach();
    expect(traces(caller, [session])).toEqual(before);
  });

  it("lets go of the sessions that were made while attached", async () => {
    const pair = await startPair(accept);
    const session = inviter(pair.caller);
    const before = listenerCount(session.stateChange);
    await session.invite();
    expect(listenerCount(session.stateChange)).toBe(before + 1);
    pair.attachments[0]?.detach();
    expect(listenerCount(session.stateChange)).toBe(before);
    const seen = pair.atCaller.seen.length;
    await settle();
    expect(session.state).toBe(SessionState.Established);
    expect(pair.atCaller.seen).toHaveLength(seen);
  });

  it("keeps what somebody else has put on top, and is silent below it", async () => {
    const { caller, session } = await callUp();
    const recorder = new Recorder();
    const attachment = attachSipJs(caller, recorder.tap, { nowMs });
    const sent: string[] = [];
    const below = caller.transport.send.bind(caller.transport);
    const onTop = (message: string): Promise<void> => {
      sent.push(message);
      return below(message);
    };
    caller.transport.send = onTop;
    attachment.detach();
    expect(Reflect.get(caller.transport, "send")).toBe(onTop);
    await session.bye();
    await settle();
    expect(sent.length).toBeGreaterThan(0);
    expect(recorder.seen).toEqual([]);
  });

  it("releases sessions when they end, and all of them when the user agent stops", async () => {
    const pair = await startPair(accept);
    const session = inviter(pair.caller);
    await session.invite();
    await settle();
    await session.bye();
    expect(listenerCount(session.stateChange)).toBe(0);
    const second = inviter(pair.caller);
    await second.invite();
    await settle();
    Object.assign(pair.caller.configuration, { gracefulShutdown: false });
    await pair.caller.stop();
    expect(listenerCount(second.stateChange)).toBe(0);
  });
});

describe("60,000 times attached and detached", () => {
  it("a user agent has no listener more and the heap does not grow", async () => {
    const { caller, session } = await callUp();
    const before = traces(caller, [session]);
    const handles = process.getActiveResourcesInfo().length;
    const ignore = (): void => undefined;
    const tap = new SipTap({
      onMessage: ignore,
      sendFailed: ignore,
      localAbort: ignore,
      abandonAll: ignore,
      adopt: ignore,
    });
    expectNothingKept(5000, () => {
      attachSipJs(caller, tap, { nowMs }).detach();
    });
    expect(traces(caller, [session])).toEqual(before);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles);
  }, 180_000);
});

describe("a probe that comes late", () => {
  it("adopts the dialog and tells who hangs up and why", async () => {
    const { caller, callee, session } = await callUp();
    const [atCaller, atCallee] = [new Recorder(), new Recorder()];
    attachSipJs(caller, atCaller.tap, { nowMs });
    attachSipJs(callee, atCallee.tap, { nowMs });
    expect(atCaller.tap.counters.adoptedDialogs).toBe(1);
    expect(atCaller.bindings).toMatchObject([{ callId: session.request.callId }]);
    expect(atCallee.bindings).toMatchObject([{ fromTag: session.request.fromTag }]);
    const extraHeaders = ["Reason: Q.850;cause=16"];
    await session.bye({ requestOptions: { extraHeaders } });
    await settle();
    for (const recorder of [atCaller, atCallee]) {
      expect(recorder.byes).toEqual(["caller normal"]);
      const call = recorder.events.find((event) => event.kind === "bye")?.call;
      expect(call).toMatchObject({ hasInvite: false, reasons: [{ protocol: "Q.850", cause: 16 }] });
    }
    expect(atCaller.tap.counters.localAborts).toBe(0);
  });

  it("does not take an early dialog for a call that is up", async () => {
    const pair = await startPair((invitation) => void invitation.progress());
    const session = inviter(pair.caller);
    await session.invite();
    await settle();
    pair.attachments[0]?.detach();
    const late = new Recorder();
    attachSipJs(pair.caller, late.tap, { nowMs });
    expect(late.tap.counters).toMatchObject({ adoptedDialogs: 0, earlyDialogs: 1 });
    expect(late.events).toEqual([]);
    await pair.invitations[0]?.reject({ statusCode: 480 });
    await settle();
    expect(session.state).toBe(SessionState.Terminated);
    expect(late.tap.counters.localAborts).toBe(0);
  });
});

describe("attaching", () => {
  it("a second time is refused until the first is detached", () => {
    const agent = memoryAgent(new Wire(), "alice", "bob");
    const attachment = attachSipJs(agent, new Recorder().tap, { nowMs });
    expect(() => attachSipJs(agent, new Recorder().tap, { nowMs })).toThrow(/attached.*detach\(\)/);
    attachment.detach();
    attachSipJs(agent, new Recorder().tap, { nowMs }).detach();
  });

  it("refuses what is no user agent, no observer or no clock", () => {
    const agent = memoryAgent(new Wire(), "alice", "bob");
    const { tap } = new Recorder();
    expect(() => attachSipJs(null as unknown as SipJsUserAgent, tap, { nowMs })).toThrow(
      "the stack is null",
    );
    expect(() => attachSipJs(agent, undefined as never, { nowMs })).toThrow("the observer");
    expect(() => attachSipJs(agent, tap, {} as never)).toThrow("nowMs");
    attachSipJs(agent, tap, { nowMs }).detach();
  });

  it("finds every hook in the sip.js that is installed", () => {
    const agent = memoryAgent(new Wire(), "alice", "bob");
    const { capabilities } = attachSipJs(agent, new Recorder().tap, { nowMs });
    expect(capabilities.missing).toEqual([]);
    expect(capabilities.isPartialView).toBe(false);
    expect(capabilities.present).toContain("media-binding");
  });

  it("lists what a stack lacks and throws at nothing", () => {
    const bare = attachSipJs({}, new Recorder().tap, { nowMs });
    expect(bare.capabilities.present).toEqual([]);
    expect(bare.capabilities.missing).toHaveLength(10);
    bare.detach();
    const frozen = {
      transport: Object.freeze({ send: () => undefined, onMessage: () => undefined }),
    };
    const attachment = attachSipJs(frozen, new Recorder().tap, { nowMs });
    expect(attachment.capabilities.missing).toContain("sent-messages");
    attachment.detach();
    const agent = memoryAgent(new Wire(), "alice", "bob");
    Reflect.set(agent, "_userAgentCore", undefined);
    const partial = attachSipJs(agent, new Recorder().tap, { nowMs });
    expect(partial.capabilities.missing).toEqual(["existing-dialogs"]);
  });

  it("takes the real classes of sip.js without a cast", () => {
    const port = (userAgent: UserAgent): SipJsUserAgent => userAgent;
    const sessionPort = (session: Session): SipJsSession => session;
    expect([port, sessionPort]).toHaveLength(2);
  });
});

describe("media that is bound", () => {
  it("is found by a function of the application's own", async () => {
    const { caller, session } = await callUp();
    const recorder = new Recorder();
    const own = {};
    attachSipJs(caller, recorder.tap, { nowMs, getPeerConnection: () => own });
    expect(recorder.bindings[0]?.peerConnection).toBe(own);
    expect(recorder.bindings[0]?.callId).toBe(session.request.callId);
  });
});
