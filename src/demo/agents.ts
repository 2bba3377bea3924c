/**
 * The two user agents of the demonstration: one calls, one is the media server that is called.
 *
 * @module
 */

import { Inviter, type Invitation, type Session, SessionState, UserAgent } from "sip.js";

import { UdpTransport } from "./udp-transport.js";
import { type MediaPlan, WeriftHandler } from "./werift-handler.js";

/** What the called side does, by the user it is called as. */
const BUSY = "busy";
const SLOW = "slow";

const CALLER_TONE_HZ = 440;
const SERVER_TONE_HZ = 330;

/** Whom a call is for. */
export type Callee = "clean" | "impaired" | typeof BUSY | typeof SLOW;

/** Both user agents, connected. */
export interface Agents {
  /** The one to attach a probe to. */
  readonly server: UserAgent;
  /** Calls; resolves when the INVITE is on its way. */
  call(callee: Callee, relay?: MediaPlan["relay"]): Promise<Inviter>;
  stop(): Promise<void>;
}

/** Starts both. */
export async function startAgents(): Promise<Agents> {
  const ports = { caller: 0, server: 0 };
  const plans = new WeakMap<Session, MediaPlan>();
  const agent = (
    name: keyof typeof ports,
    remotePort: () => number,
    onInvite?: (invitation: Invitation) => void,
  ): UserAgent =>
    new UserAgent({
      uri: uriOf(name),
      displayName: name,
      contactName: name,
      viaHost: "127.0.0.1",
      forceRport: true,
      logBuiltinEnabled: false,
      transportConstructor: UdpTransport,
      transportOptions: { remotePort },
      sessionDescriptionHandlerFactory: (session) =>
        new WeriftHandler(plans.get(session) ?? { toneHz: SERVER_TONE_HZ }),
      delegate: onInvite === undefined ? {} : { onInvite },
    });
  const caller = agent("caller", () => ports.server);
  const server = agent("server", () => ports.caller, answer);
  for (const [name, one] of [
    ["caller", caller],
    ["server", server],
  ] as const) {
    await one.start();
    ports[name] = (one.transport as unknown as UdpTransport).port;
    one.contact.uri.port = ports[name];
  }
  return {
    server,
    call: async (callee, relay) => {
      const target = uriOf("server");
      target.port = ports.server;
      // A user agent of sip.js takes calls to its own contact only; To may name anybody.
      const inviter = new Inviter(caller, target, { params: { toUri: uriOf(callee) } });
      plans.set(inviter, { toneHz: CALLER_TONE_HZ, relay });
      await inviter.invite();
      return inviter;
    },
    stop: async () => {
      await caller.stop();
      await server.stop();
    },
  };
}

/** Resolves when a session is in a state, or can never be. */
export async function reaches(session: Session, state: SessionState): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (session.state !== state && session.state !== SessionState.Terminated) return;
      session.stateChange.removeListener(look);
      resolve();
    };
    session.stateChange.addListener(look);
    look();
  });
}

function answer(invitation: Invitation): void {
  const { user } = invitation.request.to.uri;
  if (user === BUSY) void invitation.reject({ statusCode: 486 });
  else if (user === SLOW) void invitation.progress({ statusCode: 180 });
  else void invitation.progress().then(() => invitation.accept());
}

function uriOf(user: string): NonNullable<ReturnType<typeof UserAgent.makeURI>> {
  const uri = UserAgent.makeURI(`sip:${user}@127.0.0.1`);
  if (uri === undefined) throw new Error(`${user} makes no URI`);
  return uri;
}
