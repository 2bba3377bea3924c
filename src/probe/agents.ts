/**
 * The user agents that a probe is attached to, and what is left of those that it was.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { AgentHandle } from "./handles.js";
import { SipAgent, type SipAgentContext, type SipAgentOptions } from "./sip-agents.js";
import { agentStates, AgentTotals, type ProbeCounters, type ProbeSnapshot } from "./snapshot.js";

/** What agents are given by their probe. */
export interface AgentsContext extends SipAgentContext {
  /** A user agent has become one of the probe's. */
  readonly onAttached: (agent: SipAgent) => void;
  /** It is not followed any more; with a Call-ID, that call of it is not. */
  readonly onDetached: (agent: SipAgent, callId?: string) => void;
}

/** The counters of a probe that are of its agents. */
type AgentCounters = Pick<
  ProbeCounters,
  "agentCalls" | "agentCallsLimit" | "signalling" | "evictedCalls" | "droppedBindings"
>;

/** Each user agent once. */
export class Agents {
  readonly #context: AgentsContext;
  readonly #agents = new Map<object, SipAgent>();
  /** Of agents that were detached. */
  readonly #gone = new AgentTotals();
  #isClosed = false;

  constructor(context: AgentsContext) {
    this.#context = context;
  }

  get all(): Iterable<SipAgent> {
    return this.#agents.values();
  }

  /** Follows every call of a user agent. */
  attach(userAgent: object, options: SipAgentOptions): AgentHandle {
    const { stack, capabilities } = this.#new(userAgent, undefined, options);
    const detach = (): void => {
      this.#detach(userAgent);
    };
    return { stack, capabilities, detach };
  }

  /** Follows one dialog of a user agent, beside those that are followed already. */
  attachDialog(userAgent: object, callId: string, options: SipAgentOptions): AgentHandle {
    const known = this.#agents.get(userAgent);
    const agent =
      known === undefined || known.isClosed
        ? this.#new(userAgent, new Set([callId]), options)
        : known;
    agent.follow(callId);
    const detach = (): void => {
      if (agent.leave(callId, this.#context.nowMs())) this.#context.onDetached(agent, callId);
      if (agent.isIdle && this.#agents.get(userAgent) === agent) this.#detach(userAgent);
    };
    const { stack, capabilities } = agent;
    return { stack, capabilities, detach };
  }

  /** Lets timers of calls run. */
  advance(atMs: number): void {
    for (const agent of this.all) agent.advance(atMs);
  }

  /** What is open is told as abandoned. Nothing is attached any more. */
  detachAll(): void {
    this.#isClosed = true;
    for (const userAgent of [...this.#agents.keys()]) this.#detach(userAgent);
  }

  /** Every open call as it stands. */
  snapshot(): CallReport[] {
    return Array.from(this.all, ({ calls }) => calls.snapshot()).flat();
  }

  states(): ProbeSnapshot["agents"] {
    return agentStates(this.all);
  }

  /** Of all agents there are and were. */
  counters(): AgentCounters {
    const agents = [...this.all];
    return {
      agentCalls: agents.reduce((sum, { calls }) => sum + calls.size, 0),
      agentCallsLimit: agents.reduce((sum, { calls }) => sum + calls.limit, 0),
      ...this.#gone.with(agents),
    };
  }

  #new(userAgent: object, only: Set<string> | undefined, options: SipAgentOptions): SipAgent {
    const agent = new SipAgent(userAgent, only, options, this.#context);
    this.#agents.set(userAgent, agent);
    // Who was told of a call that was up already may have closed the probe.
    if (this.#isClosed) this.#detach(userAgent);
    else this.#context.onAttached(agent);
    return agent;
  }

  #detach(userAgent: object): void {
    const agent = this.#agents.get(userAgent);
    // Who hears that its calls are over may detach it in turn.
    if (agent === undefined || agent.isClosed) return;
    agent.close(this.#context.nowMs());
    if (this.#agents.get(userAgent) === agent) this.#agents.delete(userAgent);
    this.#gone.add(agent);
    this.#context.onDetached(agent);
  }
}
