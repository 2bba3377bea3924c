import { Inviter, UserAgent, type Invitation } from "sip.js";
import { attachSipJs } from "../../../src/attach/sip-js.js";
import type { SipAttachment } from "../../../src/attach/sip-attachment.js";
import { Wire } from "./memory-transport.js";
import { Recorder, TestClock } from "./recorder.js";
import { memoryAgent, type AgentOptions } from "./user-agents.js";

/** Two user agents that can call one another, each with a recorder attached. */
export interface Pair {
  readonly wire: Wire;
  readonly clock: TestClock;
  readonly caller: UserAgent;
  readonly callee: UserAgent;
  readonly atCaller: Recorder;
  readonly atCallee: Recorder;
  readonly attachments: readonly SipAttachment[];
  /** The callee's sessions, in order. */
  readonly invitations: readonly Invitation[];
}

/** Makes a pair and starts it. */
export async function startPair(
  answer: (invitation: Invitation) => void,
  callerOptions: AgentOptions = {},
): Promise<Pair> {
  const wire = new Wire();
  const clock = new TestClock();
  const invitations: Invitation[] = [];
  const caller = memoryAgent(wire, "alice", "bob", callerOptions);
  const callee = memoryAgent(wire, "bob", "alice", {
    onInvite: (invitation) => {
      invitations.push(invitation);
      answer(invitation);
    },
  });
  const [atCaller, atCallee] = [new Recorder(), new Recorder()];
  const attachments = [
    attachSipJs(caller, atCaller.tap, { nowMs: clock.nowMs }),
    attachSipJs(callee, atCallee.tap, { nowMs: clock.nowMs }),
  ];
  await caller.start();
  await callee.start();
  return { wire, clock, caller, callee, atCaller, atCallee, attachments, invitations };
}

/** A session of a user agent that calls the other one, not yet invited. */
export function inviter(from: UserAgent, name = "bob"): Inviter {
  const target = UserAgent.makeURI(`sip:${name}@127.0.0.1`);
  if (target === undefined) throw new Error("no URI");
  return new Inviter(from, target);
}
