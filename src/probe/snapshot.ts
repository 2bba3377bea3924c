/**
 * How a probe stands: its open calls, what it is attached to, and what it has counted of itself.
 *
 * @module
 */

import type { PollCounters } from "../attach/poll-wheel.js";
import type { SipCapabilities } from "../attach/sip-attachment.js";
import { nothingTapped, type SipTapCounters } from "../attach/sip-tap.js";
import type { CallReport } from "../call/call-report.js";
import type { PeerConnectionState } from "../call/connection.js";
import type { LiveEngineCounters } from "../native/live-engine.js";
import type { ConnectionHandle } from "./connection.js";
import type { Connections } from "./connections.js";
import type { IdentityCounters } from "./identities.js";
import type { SipAgent, SipStack } from "./sip-agents.js";

/** What a probe has counted of itself. */
export interface ProbeCounters {
  readonly openCalls: number;
  /** Of those, the ones of attached user agents, and how many these may have: `maxCalls` each. */
  readonly agentCalls: number;
  readonly agentCallsLimit: number;
  /** Calls given up for newer ones, and media bound to calls that never came. */
  readonly evictedCalls: number;
  readonly droppedBindings: number;
  /** Media endpoints of descriptions that fit several attached sockets, and went to none. */
  readonly ambiguousEndpoints: number;
  /** What sinks could not keep, by their names. */
  readonly sinkDrops: Readonly<Record<string, number>>;
  /** Of all user agents together. */
  readonly signalling: Readonly<SipTapCounters>;
  readonly polls: PollCounters;
  /** Absent without the addon. */
  readonly engine?: LiveEngineCounters;
  readonly identities: IdentityCounters;
  /** How often a listener, a sink or a hook of the probe threw. */
  readonly faults: number;
}

/** How everything stands. */
export interface ProbeSnapshot {
  /** Every open call. */
  readonly calls: readonly CallReport[];
  readonly agents: readonly {
    readonly stack: SipStack;
    readonly openCalls: number;
    readonly capabilities: SipCapabilities;
  }[];
  /** Attached `node:dgram` sockets. */
  readonly rtpSockets: number;
  readonly connections: readonly {
    readonly id: string;
    readonly callId?: string;
    readonly state: PeerConnectionState;
    readonly capabilities: ConnectionHandle["capabilities"];
  }[];
  readonly counters: ProbeCounters;
}

/** What all agents have counted, those that are gone included. */
export class AgentTotals {
  readonly #signalling = nothingTapped();
  #evictedCalls = 0;
  #droppedBindings = 0;

  add({ counters, calls }: SipAgent): void {
    for (const name of Object.keys(counters) as (keyof SipTapCounters)[]) {
      this.#signalling[name] += counters[name];
    }
    this.#evictedCalls += calls.evicted;
    this.#droppedBindings += calls.droppedBindings;
  }

  /** The same, and then of agents that are still there. */
  with(
    agents: Iterable<SipAgent>,
  ): Pick<ProbeCounters, "signalling" | "evictedCalls" | "droppedBindings"> {
    const all = new AgentTotals();
    all.#take(this);
    for (const agent of agents) all.add(agent);
    return {
      signalling: all.#signalling,
      evictedCalls: all.#evictedCalls,
      droppedBindings: all.#droppedBindings,
    };
  }

  #take(other: AgentTotals): void {
    Object.assign(this.#signalling, other.#signalling);
    this.#evictedCalls = other.#evictedCalls;
    this.#droppedBindings = other.#droppedBindings;
  }
}

/** What a probe's agents look like. */
export function agentStates(agents: Iterable<SipAgent>): ProbeSnapshot["agents"] {
  return Array.from(agents, ({ stack, capabilities, calls }) => ({
    stack,
    capabilities,
    openCalls: calls.size,
  }));
}

/** What a probe's connections look like. */
export function connectionStates({ all }: Connections): ProbeSnapshot["connections"] {
  return Array.from(all, ({ id, callId, state, capabilities }) => ({
    id,
    ...(callId !== undefined && { callId }),
    state,
    capabilities,
  }));
}
