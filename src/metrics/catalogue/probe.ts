/**
 * Families about the probe itself.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** How the probe and its process are doing. */
export const PROBE_FAMILIES = {
  voiceserver_scrape_timestamp_seconds: {
    type: "gauge",
    help: "When these numbers were read.",
    unit: "seconds",
    labels: [],
    series: "seen",
    origin: "voiceserver",
    when: "Set at each scrape, to whole seconds since 1970.",
  },
  mediaprobe_build_info: {
    type: "gauge",
    help: "Always 1; the label says which version it is.",
    unit: "none",
    labels: [["version", "version"]],
    series: "seen",
    origin: "mediaprobe",
    when: "From the start.",
  },
  mediaprobe_event_loop_delay_seconds: {
    type: "gauge",
    help: "How late timers of this process were since the last scrape.",
    unit: "seconds",
    labels: [["stat", "delay-stat"]],
    series: "seen",
    origin: "mediaprobe",
    when: "Set at each scrape. Jitter that a probe measures live, packet by packet, has this in it: read the two side by side.",
    formula: "What `perf_hooks.monitorEventLoopDelay` recorded less its resolution of 20 ms.",
  },
  mediaprobe_polls_total: {
    type: "counter",
    help: "Polls of attached stacks by kind.",
    unit: "events",
    labels: [["kind", "poll-kind"]],
    series: "all",
    origin: "mediaprobe",
    when: "Each poll; `full` asks the stack for all of its statistics.",
  },
  mediaprobe_poll_problems_total: {
    type: "counter",
    help: "Polls of attached stacks that did not go as they should.",
    unit: "events",
    labels: [["problem", "poll-problem"]],
    series: "all",
    origin: "mediaprobe",
    when: "`timeout`: it took too long; `failure`: it threw; `deferred`: too many were in flight; `skipped-slot`: the process stood still meanwhile.",
  },
  mediaprobe_table_entries: {
    type: "gauge",
    help: "How much of a bounded table is in use.",
    unit: "none",
    labels: [["table", "probe-part"]],
    series: "seen",
    origin: "mediaprobe",
    when: "Set at each scrape.",
  },
  mediaprobe_table_limit: {
    type: "gauge",
    help: "How much a bounded table can hold.",
    unit: "none",
    labels: [["table", "probe-part"]],
    series: "seen",
    origin: "mediaprobe",
    when: "Set at each scrape.",
  },
  mediaprobe_evictions_total: {
    type: "counter",
    help: "Entries given up because a table was full.",
    unit: "events",
    labels: [["table", "probe-part"]],
    series: "seen",
    origin: "mediaprobe",
    when: "Each entry. What it was about is reported as far as it was known.",
  },
  mediaprobe_sink_drops_total: {
    type: "counter",
    help: "What a sink was told and could not keep.",
    unit: "events",
    labels: [["sink", "probe-part"]],
    series: "seen",
    origin: "mediaprobe",
    when: "Each record or message dropped.",
  },
  mediaprobe_faults_total: {
    type: "counter",
    help: "Errors caught where the probe meets code of others: stacks, sinks, callbacks.",
    unit: "events",
    labels: [["part", "probe-part"]],
    series: "seen",
    origin: "mediaprobe",
    when: "Each error. None of them reached the host.",
  },
} as const satisfies Catalogue;
