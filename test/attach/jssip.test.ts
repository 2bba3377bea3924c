import JsSIP from "jssip";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { attachJsSip } from "../../src/attach/jssip.js";
import type { SipAttachment } from "../../src/attach/sip-attachment.js";
import type { SipStackObserver } from "../../src/attach/sip-observer.js";
import type { JsSipUserAgent } from "../../src/attach/sip-ports.js";
import { JsSipExchange, JsSipSocket, SilentPeerConnection } from "./support/jssip-socket.js";
import { Recorder, TestClock } from "./support/recorder.js";
import { AUDIO_SDP, settle } from "./support/user-agents.js";

type UserAgent = InstanceType<typeof JsSIP.UA>;
type Session = ReturnType<UserAgent["call"]>;

const NO_MEDIA = { mediaConstraints: { audio: false, video: false } };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  SilentPeerConnection.sdp = AUDIO_SDP;
  const description = (from: { type: string; sdp: string }): object => ({ ...from });
  vi.stubGlobal("RTCPeerConnection", SilentPeerConnection);
  vi.stubGlobal("RTCSessionDescription", function (this: unknown, from: never) {
    return description(from);
  });
  vi.stubGlobal("window", { RTCPeerConnection: SilentPeerConnection });
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

interface Ends {
  readonly exchange: JsSipExchange;
  readonly caller: UserAgent;
  readonly callee: UserAgent;
  /** The callee's sessions. */
  readonly incoming: Session[];
}

async function start(options: { readonly isAnswering?: boolean } = {}): Promise<Ends> {
  const { isAnswering = true } = options;
  const exchange = new JsSipExchange();
  const incoming: Session[] = [];
  const agent = (name: string, peer: string): UserAgent => {
    const settings = {
      sockets: [new JsSipSocket(exchange, name, peer)],
      uri: `sip:${name}@127.0.0.1`,
      contact_uri: `sip:${name}@${name}.invalid;transport=ws`,
      register: false,
      session_timers: true,
      session_timers_refresh_method: "UPDATE",
    };
    return new JsSIP.UA(settings);
  };
  const caller = agent("alice", "bob");
  const callee = agent("bob", "alice");
  if (isAnswering) {
    callee.on(
      "newRTCSession",
      ({ session, originator }: { session: Session; originator: string }) => {
        if (originator !== "remote") return;
        incoming.push(session);
        session.answer(NO_MEDIA);
      },
    );
  }
  caller.start();
  callee.start();
  await settle(5);
  return { exchange, caller, callee, incoming };
}

function observe(userAgent: UserAgent, clock: TestClock): [Recorder, SipAttachment] {
  const recorder = new Recorder();
  return [recorder, attachJsSip(userAgent, recorder.tap, { nowMs: clock.nowMs })];
}

/** JsSIP draws its tags and branches from Math.random. */
function seedRandom(): void {
  let state = 42;
  vi.spyOn(Math, "random").mockImplementation(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
}

async function pass(clock: TestClock, ms: number): Promise<void> {
  clock.pass(ms);
  vi.advanceTimersByTime(ms);
  await settle();
}

describe("a call through JsSIP", () => {
  it("is seen at both ends with its refreshes, its media and who hung up", async () => {
    const clock = new TestClock();
    const { caller, callee, incoming } = await start();
    const [atCaller] = observe(caller, clock);
    const [atCallee] = observe(callee, clock);
    const session = caller.call("sip:bob@127.0.0.1", { ...NO_MEDIA, sessionTimersExpires: 90 });
    await settle();
    expect(session.isEstablished()).toBe(true);
    expect(atCaller.bindings).toHaveLength(1);
    expect(atCaller.bindings[0]?.peerConnection).toBe(session.connection);
    expect(atCallee.bindings[0]?.peerConnection).toBe(incoming[0]?.connection);
    // RFC 4028 §7.2: the refresher sends its refresh when half the interval is gone.
    await pass(clock, 45_000);
    await pass(clock, 45_000);
    const isClosed: boolean[] = [];
    atCallee.onEvent = ({ kind }) => {
      const connection = incoming[0]?.connection as unknown as SilentPeerConnection;
      if (kind === "bye") isClosed.push(connection.isClosed);
    };
    incoming[0]?.terminate({ extraHeaders: ["Reason: Q.850;cause=16"] });
    await settle();
    for (const recorder of [atCaller, atCallee]) {
      expect(recorder.outcomes).toEqual(["200 response"]);
      expect(recorder.byes).toEqual(["callee normal"]);
      const refreshes = recorder.events.flatMap((event) =>
        event.kind === "session-refresh" ? [event.refresh] : [],
      );
      expect(refreshes.length).toBeGreaterThanOrEqual(2);
      for (const refresh of refreshes) {
        expect(refresh).toMatchObject({ method: "UPDATE", result: "ok", statusCode: 200 });
      }
      const call = recorder.events.find((event) => event.kind === "bye")?.call;
      expect(call?.sessionTimer).toMatchObject({ intervalSeconds: 90, isExpired: false });
    }
    expect(isClosed).toEqual([false]);
  });

  it("names the server as the far end, and the host of its own Via as the near one", async () => {
    const clock = new TestClock();
    const { caller } = await start();
    const [recorder] = observe(caller, clock);
    caller.call("sip:bob@127.0.0.1", NO_MEDIA);
    await settle();
    const near = new Set(
      recorder.seen.map(({ direction, source, destination }) =>
        direction === "out" ? source.address : destination.address,
      ),
    );
    expect([...near]).toEqual([expect.stringMatching(/\.invalid$/)]);
    expect(recorder.seen[0]?.destination).toEqual({ address: "198.51.100.7", port: 8080 });
    expect(new Set(recorder.seen.map(({ transport }) => transport))).toEqual(
      new Set(["websocket"]),
    );
  });

  it("is still answered by JsSIP itself where the application takes no calls", async () => {
    const clock = new TestClock();
    const { caller, callee } = await start({ isAnswering: false });
    const [atCaller] = observe(caller, clock);
    const [atCallee] = observe(callee, clock);
    caller.call("sip:bob@127.0.0.1", NO_MEDIA);
    await settle();
    await pass(clock, 32_000);
    atCaller.tracker.advance(clock.nowMs());
    expect(atCaller.outcomes).toEqual(["405 response"]);
    expect(atCallee.outcomes).toEqual(["405 response"]);
  });

  it("that JsSIP cannot send counts as a transport error", async () => {
    const clock = new TestClock();
    const { caller } = await start();
    const [recorder] = observe(caller, clock);
    Reflect.set(Reflect.get(caller, "transport") as object, "status", 2);
    caller.call("sip:bob@127.0.0.1", NO_MEDIA);
    await settle();
    expect(recorder.outcomes).toEqual(["- transport-error"]);
  });

  it("whose offer fails is a local abort", async () => {
    const clock = new TestClock();
    const { caller, exchange } = await start();
    const [recorder] = observe(caller, clock);
    vi.spyOn(SilentPeerConnection.prototype, "createOffer").mockRejectedValue(new Error("no"));
    caller.call("sip:bob@127.0.0.1", NO_MEDIA);
    await settle();
    expect(exchange.log).toEqual([]);
    expect(recorder.outcomes).toEqual(["- local-abort"]);
  });

  it("is adopted by a probe that comes late, and abandoned when its user agent is closed", async () => {
    const clock = new TestClock();
    const { caller } = await start();
    const session = caller.call("sip:bob@127.0.0.1", NO_MEDIA);
    await settle();
    const [recorder, attachment] = observe(caller, clock);
    expect(recorder.tap.counters).toMatchObject({ adoptedDialogs: 1, earlyDialogs: 0 });
    expect(recorder.bindings[0]?.peerConnection).toBe(session.connection);
    attachment.takeUp("another");
    attachment.takeUp(recorder.bindings[0]?.callId ?? "");
    expect(recorder.tap.counters).toMatchObject({ adoptedDialogs: 2, earlyDialogs: 0 });
    expect(recorder.bindings.map(({ peerConnection }) => peerConnection)).toEqual([
      session.connection,
      session.connection,
    ]);
    caller.stop();
    await pass(clock, 2000);
    expect(recorder.byes).toEqual([expect.stringMatching(/^caller /)]);
    expect(recorder.transportLosses).toEqual([]);
    expect(recorder.events.map(({ kind }) => kind)).toContain("call-ended");
  });
});

describe("attached to JsSIP", () => {
  it("a probe tells of a connection that is lost", async () => {
    const clock = new TestClock();
    const { caller } = await start();
    const [recorder] = observe(caller, clock);
    const transport = Reflect.get(caller, "transport") as { socket: JsSipSocket };
    transport.socket.ondisconnect(true);
    expect(recorder.transportLosses).toHaveLength(1);
    expect(recorder.transportReturns).toBe(0);
    await pass(clock, 60_000);
    expect(recorder.transportReturns).toBe(1);
    expect(recorder.events).toEqual([]);
  });

  it("a probe has every hook, and takes each out again", async () => {
    const clock = new TestClock();
    const { caller } = await start();
    const session = caller.call("sip:bob@127.0.0.1", NO_MEDIA);
    await settle();
    const traces = (): unknown[] => {
      const transport = Reflect.get(caller, "transport") as object;
      return [
        Reflect.ownKeys(caller).map(String),
        Reflect.ownKeys(transport).map(String),
        Object.getOwnPropertyDescriptor(transport, "ondata"),
        Object.getOwnPropertyDescriptor(transport, "ondisconnect"),
        Object.hasOwn(transport, "send"),
        ...["peerconnection", "failed", "ended", "accepted"].map((name) =>
          session.listenerCount(name),
        ),
        caller.eventNames(),
      ];
    };
    const before = traces();
    const [, attachment] = observe(caller, clock);
    expect(attachment.capabilities).toMatchObject({
      missing: ["stack-timers"],
      isPartialView: false,
    });
    expect(() => observe(caller, clock)).toThrow("attached already");
    attachment.detach();
    expect(traces()).toEqual(before);
    const late = observe(caller, clock)[1];
    session.terminate();
    await settle();
    late.detach();
    expect(session.listenerCount("ended")).toBe(0);
  });

  it("a probe whose every callback throws changes no message and no state", async () => {
    const play = async (attach: (userAgent: UserAgent) => void): Promise<string[]> => {
      seedRandom();
      const { exchange, caller, callee, incoming } = await start();
      attach(caller);
      attach(callee);
      const session = caller.call("sip:bob@127.0.0.1", NO_MEDIA);
      for (const name of ["progress", "accepted", "confirmed", "ended", "failed"]) {
        session.on(name as "ended", () => exchange.log.push(name));
      }
      await settle();
      await pass(new TestClock(), 45_000);
      incoming[0]?.terminate();
      await settle();
      const refused = caller.call("sip:bob@127.0.0.1", NO_MEDIA);
      refused.terminate();
      await settle();
      vi.restoreAllMocks();
      return exchange.log;
    };
    const fail = (): never => {
      throw new Error("the probe is broken");
    };
    const broken = new Proxy({}, { get: () => fail }) as SipStackObserver;
    const without = await play(() => undefined);
    const { nowMs } = new TestClock();
    const probed = await play((userAgent) => {
      attachJsSip(userAgent, broken, { nowMs, onError: fail });
    });
    expect(without.length).toBeGreaterThan(8);
    expect(probed).toEqual(without);
  });

  it("takes the real class without a cast", () => {
    const port = (userAgent: UserAgent): JsSipUserAgent => userAgent;
    expect(port).toBeDefined();
  });
});
