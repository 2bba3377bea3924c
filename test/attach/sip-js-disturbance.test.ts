import { Messager, SessionState, type Invitation, type Session, type UserAgent } from "sip.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AttachOptions } from "../../src/attach/sip-attachment.js";
import { attachSipJs, type AttachSipJsOptions } from "../../src/attach/sip-js.js";
import type { SipStackObserver } from "../../src/attach/sip-observer.js";
import { Wire, type MemoryTransport } from "./support/memory-transport.js";
import { inviter } from "./support/pair.js";
import { Recorder, TestClock } from "./support/recorder.js";
import {
  memoryAgent,
  settle,
  type AgentOptions,
  type PlainHandler,
} from "./support/user-agents.js";

const TIMER_B_MS = 32_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** sip.js draws its tags and branches from Math.random: the same draws make the same messages. */
function seedRandom(): void {
  let state = 42;
  vi.spyOn(Math, "random").mockImplementation(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
}

interface Scene {
  readonly wire: Wire;
  readonly caller: UserAgent;
  readonly callee: UserAgent;
  readonly session: ReturnType<typeof inviter>;
  readonly invitation: () => Invitation | undefined;
}

interface Scenario {
  readonly title: string;
  readonly answer: (invitation: Invitation) => void;
  readonly caller?: AgentOptions;
  readonly play: (scene: Scene) => Promise<unknown>;
}

const accept = (invitation: Invitation): void => void invitation.accept();

async function call({ session }: Scene): Promise<void> {
  await session.invite();
  await settle();
}

const SCENARIOS: readonly Scenario[] = [
  {
    title: "a call with re-INVITEs both ways, hung up by the caller",
    answer: accept,
    play: async (scene) => {
      await call(scene);
      await scene.session.invite();
      await settle();
      await scene.invitation()?.invite();
      await settle();
      await scene.session.bye();
    },
  },
  {
    title: "a call hung up by the callee with a Reason",
    answer: accept,
    play: async (scene) => {
      await call(scene);
      const extraHeaders = ["Reason: Q.850;cause=16"];
      await scene.invitation()?.bye({ requestOptions: { extraHeaders } });
    },
  },
  {
    title: "a refused call",
    answer: (invitation) => void invitation.reject({ statusCode: 486 }),
    play: call,
  },
  {
    title: "a cancelled call",
    answer: () => undefined,
    play: async (scene) => {
      await call(scene);
      await scene.session.cancel();
    },
  },
  {
    title: "a call without an offer",
    answer: accept,
    caller: { describe: () => Promise.reject(new Error("no media")) },
    play: (scene) => scene.session.invite(),
  },
  {
    title: "a call that cannot be sent",
    answer: accept,
    play: (scene) => {
      scene.wire.refuse = () => true;
      return call(scene);
    },
  },
  {
    title: "an ACK that cannot be sent",
    answer: accept,
    play: async (scene) => {
      scene.wire.refuse = (text) => text.startsWith("ACK ");
      await call(scene);
      vi.advanceTimersByTime(TIMER_B_MS);
    },
  },
  {
    title: "a call that nobody hears",
    answer: accept,
    play: async (scene) => {
      scene.wire.drop = () => true;
      await call(scene);
      vi.advanceTimersByTime(TIMER_B_MS);
    },
  },
  {
    title: "messages that sip.js throws at",
    answer: accept,
    play: async (scene) => {
      await call(scene);
      scene.wire.deliver("alice", "SIP/2.0 200 OK\r\nVia: x\r\nCSeq: bad\r\n\r\n");
      scene.wire.deliver("alice", "\r\n\r\n");
      scene.wire.deliver("bob", "no SIP at all");
      await new Messager(scene.caller, scene.session.request.ruri, "hello").message();
    },
  },
  {
    title: "a transport that breaks",
    answer: accept,
    play: async (scene) => {
      await call(scene);
      (scene.callee.transport as unknown as MemoryTransport).break();
      await scene.invitation()?.bye();
    },
  },
  {
    title: "a graceful stop and a stop without a word",
    answer: accept,
    play: async (scene) => {
      await call(scene);
      const stopped = scene.caller.stop();
      await settle();
      await stopped;
      Object.assign(scene.callee.configuration, { gracefulShutdown: false });
      await scene.callee.stop();
    },
  },
];

/** Everything that can be seen of two user agents from outside while they play a scenario. */
async function trace(
  { answer, caller: callerOptions, play }: Scenario,
  attach: (userAgent: UserAgent) => void,
): Promise<string[]> {
  seedRandom();
  const wire = new Wire();
  let invitation: Invitation | undefined;
  const watch = (name: string, session: Session): void => {
    session.stateChange.addListener((state) => {
      const handler = session.sessionDescriptionHandler as unknown as PlainHandler | undefined;
      wire.log.push(`${name} ${state} ${String(handler?.peerConnection.isClosed)}`);
    });
  };
  const caller = memoryAgent(wire, "alice", "bob", callerOptions);
  const callee = memoryAgent(wire, "bob", "alice", {
    onInvite: (incoming) => {
      invitation = incoming;
      watch("bob", incoming);
      answer(incoming);
    },
  });
  for (const [name, agent] of Object.entries({ caller, callee })) {
    attach(agent);
    agent.stateChange.addListener((state) => wire.log.push(`${name} ${state}`));
    agent.transport.stateChange.addListener((state) => wire.log.push(`${name} wire ${state}`));
  }
  await caller.start();
  await callee.start();
  const session = inviter(caller);
  watch("alice", session);
  const scene = { wire, caller, callee, session, invitation: () => invitation };
  await play(scene).catch((error: unknown) => wire.log.push(`failed ${String(error)}`));
  await settle();
  vi.clearAllTimers();
  vi.restoreAllMocks();
  return [...wire.log, ...wire.thrown];
}

const fail = (): never => {
  throw new Error("the probe is broken");
};

const failLater = (): Promise<never> => Promise.reject(new Error("the probe is broken"));

function broken(how: () => unknown): SipStackObserver {
  const observer = new Proxy({}, { get: () => how });
  return observer as SipStackObserver;
}

const clock = (): Pick<AttachOptions, "nowMs"> => ({ nowMs: new TestClock().nowMs });

const PROBES: readonly {
  readonly title: string;
  readonly observer: () => SipStackObserver;
  readonly options: () => AttachSipJsOptions;
}[] = [
  { title: "a working probe", observer: () => new Recorder().tap, options: clock },
  {
    title: "a probe whose every callback throws",
    observer: () => broken(fail),
    options: () => ({ ...clock(), onError: fail, getPeerConnection: fail }),
  },
  {
    title: "a probe whose every callback rejects",
    observer: () => broken(failLater),
    options: () => ({ ...clock(), onError: Reflect.get(broken(failLater), "any") as () => void }),
  },
  {
    title: "a probe without a working clock",
    observer: () => new Recorder().tap,
    options: () => ({ nowMs: fail }),
  },
];

describe.each(SCENARIOS)("$title", (scenario) => {
  it.each(PROBES)("is the same with $title", async ({ observer, options }) => {
    const without = await trace(scenario, () => undefined);
    expect(without.length).toBeGreaterThan(5);
    expect(await trace(scenario, () => undefined)).toEqual(without);
    const probed = await trace(scenario, (userAgent) => {
      attachSipJs(userAgent, observer(), options());
    });
    expect(probed).toEqual(without);
  });
});

it("reports what the observer throws", async () => {
  const wire = new Wire();
  const errors: unknown[] = [];
  const agent = memoryAgent(wire, "alice", "bob");
  attachSipJs(agent, broken(fail), {
    ...clock(),
    onError: (error) => errors.push(error),
  });
  await agent.start();
  const session = inviter(agent);
  await session.invite();
  expect(errors.length).toBeGreaterThan(2);
  expect(session.state).toBe(SessionState.Establishing);
});
