/**
 * Real calls on loopback, watched by a probe that is served: what a newcomer looks at first.
 *
 * @module
 */

import type { LogPort } from "../logs/log-port.js";
import type { Probe } from "../probe.js";
import { createProbe } from "../probe.js";
import { type ProbeServer, serveProbe } from "../server/server.js";
import { startAgents } from "./agents.js";
import { placeCalls } from "./scenario.js";

/** How the demonstration is run. */
export interface DemoOptions {
  readonly port: number;
  /** Gets a line for each call. @default nothing is written */
  readonly log?: LogPort;
}

/** A demonstration that runs. */
export interface Demo {
  readonly probe: Probe;
  readonly server: ProbeServer;
  /** Hangs up, and ends everything but the probe and its server. */
  stop(): Promise<void>;
}

/** Starts it. The port moves to a free one where it is taken. */
export async function startDemo({ port, log }: DemoOptions): Promise<Demo> {
  const agents = await startAgents();
  const probe = createProbe({
    observationPoint: "demo",
    intervalMs: 1000,
    // The page asks for each call once an interval anyway.
    metrics: { liveQuality: true },
    ...(log && { log }),
  });
  probe.attachUserAgent(agents.server);
  const server = await serveProbe(probe, { port, moveFromBusyPort: true });
  const end = new AbortController();
  const calls = placeCalls({ agents, signal: end.signal, random: Math.random });
  return {
    probe,
    server,
    stop: async () => {
      end.abort();
      await calls;
      await agents.stop();
    },
  };
}
