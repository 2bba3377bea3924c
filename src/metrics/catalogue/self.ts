/**
 * Families about the metrics themselves: what was handed in and is not in any other.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** Every recorder has these, whatever its catalogue. */
export const SELF_FAMILIES = {
  metrics_unknown_value_total: {
    type: "counter",
    help: "Updates with a label value that the family does not know.",
    unit: "events",
    labels: [
      ["metric", "metric-name"],
      ["key", "label-name"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Each such update. It was counted under the value `other`.",
  },
  voiceserver_metrics_unknown_label_total: {
    type: "counter",
    help: "Labels left out of an update because the family does not have them.",
    unit: "events",
    labels: [
      ["metric", "metric-name"],
      ["key", "label-name"],
    ],
    series: "seen",
    origin: "voiceserver",
    when: "Each label left out of each update.",
  },
  metrics_ignored_samples_total: {
    type: "counter",
    help: "Numbers that a family does not take: negative, not finite, or outside its range.",
    unit: "events",
    labels: [
      ["metric", "metric-name"],
      ["reason", "ignored-reason"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Each such number. Adding 0 to a counter is none.",
  },
  metrics_refused_updates_total: {
    type: "counter",
    help: "Updates that no series could take.",
    unit: "events",
    labels: [
      ["metric", "metric-name"],
      ["reason", "refused-reason"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Each such update: `series-limit` where the family has as many series as it may have, 10,000 unless it says otherwise; through the generic registry also `family-limit`, `frozen` where the name was not known when it was frozen, `name` where it is no metric name, and `type` where the name is that of a family of another type.",
  },
  voiceserver_metrics_observe_dropped_total: {
    type: "counter",
    help: "Samples handed in to be taken later for which there was no room.",
    unit: "events",
    labels: [["metric", "metric-name"]],
    series: "seen",
    origin: "voiceserver",
    when: "Each sample that `observeAsync` could not keep.",
  },
} as const satisfies Catalogue;
