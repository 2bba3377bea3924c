/**
 * How late this process is. What it measures of others comes late by as much, so that a bound on it
 * that is to hold on a busy machine too has to allow for it.
 *
 * @module
 */

import { monitorEventLoopDelay } from "node:perf_hooks";

import { atEnd } from "./werift-pair.js";

/** The longest delay of the event loop since the call, in seconds, whenever it is asked for. */
export function hostDelay(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  atEnd(() => {
    histogram.disable();
  });
  return () => histogram.max / 1e9;
}
