/**
 * What a probe says of itself at each scrape.
 *
 * @module
 */

import { createRequire } from "node:module";

import { type ProbeFigures, ProbeMetrics } from "../metrics/probe-metrics.js";
import type { Recorder } from "../metrics/recorder.js";
import type { ProbeCounters } from "./snapshot.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** Keeps the families about the probe up to date at each scrape until it is closed. */
export function selfMetrics(
  recorder: Recorder,
  clock: () => number,
  counters: () => ProbeCounters,
): ProbeMetrics {
  return new ProbeMetrics(recorder, { clock, version, counters: () => figuresOf(counters()) });
}

function figuresOf(counters: ProbeCounters): ProbeFigures {
  const { polls, engine, identities, agentCalls, evictedCalls, droppedBindings } = counters;
  return {
    polls,
    tables: {
      calls: { entries: agentCalls, limit: counters.agentCallsLimit, evicted: evictedCalls },
      "early-media-bindings": { evicted: droppedBindings },
      "stir-queue": {
        entries: identities.waiting,
        limit: identities.limit,
        evicted: identities.refused,
      },
      ...(engine !== undefined && {
        "media-flows": { evicted: engine.refusedFlows },
        "media-streams": { evicted: engine.evictedStreams + engine.refused },
        "payload-maps": { evicted: engine.refusedPayloadMaps },
      }),
    },
    sinkDrops: counters.sinkDrops,
    faults: { probe: counters.faults },
  };
}
