/**
 * What the user agents of a probe are joined to: its connections, and those who are told of calls.
 *
 * @module
 */

import { Agents, type AgentsContext } from "./agents.js";
import type { Connections } from "./connections.js";
import type { OpenCalls } from "./open-calls.js";
import type { ProbeLog } from "./probe-log.js";
import type { SipAgent } from "./sip-agents.js";

/** What agents are joined to. */
export interface AgentSurroundings extends Pick<AgentsContext, "calls" | "nowMs" | "onError"> {
  readonly open: OpenCalls;
  readonly connections: Connections;
  readonly log: ProbeLog | undefined;
  /** There is something to follow now. */
  readonly onActive: () => void;
}

/** The user agents of a probe, none yet. */
export function agentsOf(surroundings: AgentSurroundings): Agents {
  const { calls, nowMs, onError, connections, log, onActive } = surroundings;
  return new Agents({
    calls,
    nowMs,
    onError,
    observerOf: (agent) => observerOf(agent, surroundings),
    bindMedia: (source, { callId, fromTag, peerConnection }) => {
      if (typeof peerConnection !== "object" || peerConnection === null) return;
      onActive();
      connections.attach(peerConnection, undefined, { source, callId, fromTag });
    },
    onDetached: (agent, callId) => {
      connections.release(agent, callId);
    },
    onAttached: ({ stack, capabilities }) => {
      log?.attached(stack, capabilities.missing);
      onActive();
    },
  });
}

function observerOf(
  agent: SipAgent,
  { open, connections }: AgentSurroundings,
): ReturnType<OpenCalls["observer"]> {
  const observer = open.observer((call) => agent.calls.reportOf(call));
  return {
    ...observer,
    onSipEvent: (event, context) => {
      if (event.kind === "call-started") connections.callStarted(agent, event.call);
      if (event.kind === "bye") connections.callHungUp(agent, event.call);
      observer.onSipEvent?.(event, context);
    },
    onCall: (report, details) => {
      observer.onCall?.(report, details);
      connections.callTold(agent, details.call);
    },
  };
}
