/**
 * What the command line says of HEP, and the sink that it asks for.
 *
 * @module
 */

import { parseCollector } from "../hep/collector.js";
import type { HepSink } from "../hep/out.js";
import { MAX_AGENT_ID } from "../hep/packet.js";
import { type Given, single } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** Everything may wait in memory: a report is not given up because a collector is slow. */
const MAX_QUEUE_BYTES = 256 * 1024 * 1024;
/** How long a collector that is away is waited for at the end. */
const LAST_WAIT_MS = 25_000;

/** Where calls are sent to. */
export interface HepTarget {
  readonly collector: string;
  readonly agentId?: number;
  readonly authenticationKey?: string;
}

/** @throws {UsageError} If it cannot be understood. */
export function hepTarget(given: Given): HepTarget | undefined {
  const collector = single(given, "hep-to");
  const id = single(given, "hep-id");
  const key = single(given, "hep-key");
  if (collector === undefined) {
    if (id !== undefined) throw new UsageError("--hep-id needs --hep-to: it is a sender's number");
    return undefined;
  }
  try {
    parseCollector(collector);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--hep-to ${error.message}`);
  }
  const agentId = id === undefined ? undefined : agentNumber(id);
  return {
    collector,
    ...(agentId !== undefined && { agentId }),
    ...(key !== undefined && { authenticationKey: key }),
  };
}

function agentNumber(written: string): number {
  const value = /^\d{1,10}$/.test(written) ? Number(written) : NaN;
  if (value <= MAX_AGENT_ID) return value;
  throw new UsageError(`--hep-id ${written}: it must be a whole number from 0 to ${MAX_AGENT_ID}`);
}

/** A sink of which the end is waited for. */
export interface HepSending {
  readonly observer: HepSink;
  /**
   * Resolves when everything is sent, at the latest after half a minute; to a sentence if not all could
   * be.
   *
   * @param onWait - Is told what is waited for, if something is.
   */
  finish(onWait: (sentence: string) => void): Promise<string | undefined>;
}

/**
 * Begins to send.
 *
 * @param lastWaitMs - How long a collector that is away is waited for, once a flush was not enough.
 */
export async function beginSending(
  target: HepTarget,
  lastWaitMs = LAST_WAIT_MS,
): Promise<HepSending> {
  const { HepSink } = await import("../hep/out.js");
  const sink = new HepSink({ ...target, maxQueueBytes: MAX_QUEUE_BYTES });
  return {
    observer: sink,
    finish: async (onWait) => {
      await sink.flush();
      if (sink.counters.queuedBytes > 0) {
        onWait(
          `${target.collector} has not taken all; waiting ${String(lastWaitMs / 1000)} s more for it`,
        );
      }
      await sink.close(lastWaitMs);
      const { sent, dropped, tooLong, failures, connections } = sink.counters;
      const lost = dropped + tooLong;
      if (lost === 0) return undefined;
      const why = connections === 0 && failures > 0 ? ": no connection came up" : "";
      return `${lost} of ${sent + lost} HEP packets could not be sent to ${target.collector}${why}`;
    },
  };
}
