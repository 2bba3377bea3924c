import type { SessionState } from "sip.js";
import { UserAgent, type Invitation, type Session, type UserAgentOptions } from "sip.js";
import { MemoryTransport, Wire } from "./memory-transport.js";

export const AUDIO_SDP = [
  "v=0",
  "o=- 1 1 IN IP4 192.0.2.1",
  "s=-",
  "c=IN IP4 192.0.2.1",
  "t=0 0",
  "m=audio 40000 RTP/AVP 0",
  "a=rtpmap:0 PCMU/8000",
  "",
].join("\r\n");

/** A session description handler without media: what it was asked for, and whether it is closed. */
export class PlainHandler {
  readonly peerConnection = { isClosed: false };
  readonly #describe: () => Promise<string>;

  constructor(describe: () => Promise<string>) {
    this.#describe = describe;
  }

  async getDescription(): Promise<{ body: string; contentType: string }> {
    return { body: await this.#describe(), contentType: "application/sdp" };
  }

  setDescription(): Promise<void> {
    return Promise.resolve();
  }

  hasDescription(contentType: string): boolean {
    return contentType === "application/sdp";
  }

  sendDtmf(): boolean {
    return false;
  }

  close(): void {
    this.peerConnection.isClosed = true;
  }
}

/** How to make a user agent that differs from the plain one. */
export interface AgentOptions extends Partial<UserAgentOptions> {
  /** Gives a local description. */
  readonly describe?: () => Promise<string>;
  readonly onInvite?: (invitation: Invitation) => void;
}

/** A sip.js user agent that makes no sound and prints nothing. */
export function userAgent(name: string, options: AgentOptions): UserAgent {
  const { describe = () => Promise.resolve(AUDIO_SDP), onInvite, ...rest } = options;
  const uri = UserAgent.makeURI(`sip:${name}@127.0.0.1`);
  if (uri === undefined) throw new Error("no URI");
  return new UserAgent({
    uri,
    contactName: name,
    viaHost: "127.0.0.1",
    logBuiltinEnabled: false,
    gracefulShutdown: true,
    sessionDescriptionHandlerFactory: () => new PlainHandler(describe),
    delegate: onInvite === undefined ? {} : { onInvite },
    ...rest,
  });
}

/** A user agent at one end of a {@link Wire}. */
export function memoryAgent(
  wire: Wire,
  name: string,
  peer: string,
  options: AgentOptions = {},
): UserAgent {
  return userAgent(name, {
    transportConstructor: MemoryTransport,
    transportOptions: { wire, name, peer },
    ...options,
  });
}

/** Two started user agents on a wire of their own; the callee takes every call. */
export async function answeringPair(): Promise<{ caller: UserAgent; callee: UserAgent }> {
  const wire = new Wire();
  const caller = memoryAgent(wire, "alice", "bob");
  const callee = memoryAgent(wire, "bob", "alice", {
    onInvite: (invitation) => void invitation.accept(),
  });
  await caller.start();
  await callee.start();
  return { caller, callee };
}

/** Comes when a session is in a state. */
export function reaches(session: Session, state: SessionState): Promise<void> {
  if (session.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    const listener = (now: SessionState): void => {
      if (now !== state) return;
      session.stateChange.removeListener(listener);
      resolve();
    };
    session.stateChange.addListener(listener);
  });
}

/** Lets everything run that needs no time: messages on a {@link Wire} and their consequences. */
export async function settle(turns = 40): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
