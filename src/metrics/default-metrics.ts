/**
 * One set of metrics for the whole process, for hosts that need no more.
 *
 * @module
 */

import { MetricRegistry } from "./metric-registry.js";
import { Recorder } from "./recorder.js";
import { VoiceServerMetrics } from "./voiceserver-metrics.js";

/** A recorder and the two ways to update it by hand. */
export interface DefaultMetrics {
  readonly recorder: Recorder;
  readonly helpers: VoiceServerMetrics;
  readonly registry: MetricRegistry;
}

let made: DefaultMetrics | undefined;

/**
 * The same for every caller, made at the first call. What does not fit is said as a warning of the
 * process, once for each family and label.
 */
export function defaultMetrics(): DefaultMetrics {
  if (made === undefined) {
    const recorder = new Recorder(undefined, {
      onWarning: (message) => {
        process.emitWarning(message, "MediaprobeMetricsWarning");
      },
    });
    const helpers = new VoiceServerMetrics(recorder);
    made = { recorder, helpers, registry: new MetricRegistry(recorder) };
  }
  return made;
}
