/**
 * The metrics that an analysis moves.
 *
 * @module
 */

import type { CallObserver } from "../../src/call/observer.js";
import { CallMetrics } from "../../src/metrics/call-metrics.js";
import { exposition } from "../../src/metrics/exposition.js";
import { Recorder } from "../../src/metrics/recorder.js";

/** An observer for an analysis, and the lines of its exposition that are not zero afterwards. */
export function recordedMetrics(): {
  readonly observer: CallObserver;
  readonly nonZeroLines: () => string[];
} {
  const recorder = new Recorder();
  return {
    observer: new CallMetrics(recorder),
    nonZeroLines: () =>
      exposition(recorder)
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#") && !line.endsWith(" 0")),
  };
}
