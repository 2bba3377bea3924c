/**
 * What the probe says of itself at each scrape.
 *
 * @module
 */

import { monitorEventLoopDelay } from "node:perf_hooks";

import { CopiedCounters } from "./copied-counter.js";
import type { Recorder } from "./recorder.js";

/** Totals since the probe began, by the names of its parts. What is not known is left out. */
export interface ProbeFigures {
  readonly polls?:
    | {
        readonly cheap: number;
        readonly full: number;
        readonly timeouts: number;
        readonly failures: number;
        readonly deferred: number;
        readonly skippedSlots: number;
        /** Epoch milliseconds. */
        readonly lastAtMs?: number | undefined;
      }
    | undefined;
  /** Bounded tables by name. */
  readonly tables?:
    | Readonly<
        Record<
          string,
          {
            readonly entries?: number | undefined;
            readonly limit?: number | undefined;
            readonly evicted?: number | undefined;
          }
        >
      >
    | undefined;
  /** What sinks could not keep, by sink. */
  readonly sinkDrops?: Readonly<Record<string, number>> | undefined;
  /** Errors of others that were caught, by where. */
  readonly faults?: Readonly<Record<string, number>> | undefined;
}

/** Where a probe's own figures come from. */
export interface ProbeMetricsOptions {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Of the package. */
  readonly version: string;
  /** Asked at each scrape. */
  readonly counters: () => ProbeFigures;
}

const RESOLUTION_MS = 20;
const NS_PER_SECOND = 1e9;

/** Keeps the families about the probe itself up to date, until it is closed. */
export class ProbeMetrics {
  readonly #options: ProbeMetricsOptions;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #copied = new CopiedCounters();
  readonly #buildInfo;
  readonly #timestamp;
  readonly #scrapes;
  readonly #lastPoll;
  readonly #delays;
  readonly #polls;
  readonly #pollProblems;
  readonly #entries;
  readonly #limits;
  readonly #evictions;
  readonly #sinkDrops;
  readonly #faults;
  readonly #stopCollecting: () => void;
  readonly #stopTiming: () => void;

  constructor(recorder: Recorder, options: ProbeMetricsOptions) {
    this.#options = options;
    this.#timestamp = recorder.gauge("voiceserver_scrape_timestamp_seconds");
    this.#scrapes = recorder.histogram("mediaprobe_scrape_duration_seconds").at();
    this.#lastPoll = recorder.gauge("mediaprobe_last_poll_timestamp_seconds");
    this.#delays = recorder.gauge("mediaprobe_event_loop_delay_seconds");
    this.#polls = recorder.counter("mediaprobe_polls_total");
    this.#pollProblems = recorder.counter("mediaprobe_poll_problems_total");
    this.#entries = recorder.gauge("mediaprobe_table_entries");
    this.#limits = recorder.gauge("mediaprobe_table_limit");
    this.#evictions = recorder.counter("mediaprobe_evictions_total");
    this.#sinkDrops = recorder.counter("mediaprobe_sink_drops_total");
    this.#faults = recorder.counter("mediaprobe_faults_total");
    this.#buildInfo = recorder.gauge("mediaprobe_build_info").at(options.version);
    this.#buildInfo.set(1);
    this.#delay.enable();
    this.#stopCollecting = recorder.onCollect(() => {
      this.#collect();
    });
    this.#stopTiming = recorder.onExposition(() => this.#time());
  }

  /** Stops watching the event loop. What was recorded stays. */
  close(): void {
    this.#stopCollecting();
    this.#stopTiming();
    this.#delay.disable();
  }

  #time(): () => void {
    const { clock } = this.#options;
    const fromMs = clock();
    return () => {
      this.#scrapes.observe((clock() - fromMs) / 1000);
    };
  }

  #collect(): void {
    // A host may set its numbers back.
    this.#buildInfo.set(1);
    this.#timestamp.at().set(Math.floor(this.#options.clock() / 1000));
    this.#collectDelay();
    const { polls, tables = {}, sinkDrops = {}, faults = {} } = this.#options.counters();
    this.#copied.copy(this.#polls.at("cheap"), polls?.cheap);
    this.#copied.copy(this.#polls.at("full"), polls?.full);
    this.#copied.copy(this.#pollProblems.at("timeout"), polls?.timeouts);
    this.#copied.copy(this.#pollProblems.at("failure"), polls?.failures);
    this.#copied.copy(this.#pollProblems.at("deferred"), polls?.deferred);
    this.#copied.copy(this.#pollProblems.at("skipped-slot"), polls?.skippedSlots);
    if (polls?.lastAtMs !== undefined) this.#lastPoll.at().set(polls.lastAtMs / 1000);
    for (const [table, { entries, limit, evicted }] of Object.entries(tables)) {
      if (entries !== undefined) this.#entries.at(table).set(entries);
      if (limit !== undefined) this.#limits.at(table).set(limit);
      if (evicted !== undefined) this.#copied.copy(this.#evictions.at(table), evicted);
    }
    for (const [sink, drops] of Object.entries(sinkDrops)) {
      this.#copied.copy(this.#sinkDrops.at(sink), drops);
    }
    for (const [part, count] of Object.entries(faults)) {
      this.#copied.copy(this.#faults.at(part), count);
    }
  }

  /** The monitor records how long a timer took, its own period included. */
  #collectDelay(): void {
    const delay = this.#delay;
    if (delay.count > 0) {
      const seconds = (ns: number): number =>
        Math.max(0, ns / NS_PER_SECOND - RESOLUTION_MS / 1000);
      this.#delays.at("mean").set(seconds(delay.mean));
      this.#delays.at("p50").set(seconds(delay.percentile(50)));
      this.#delays.at("p99").set(seconds(delay.percentile(99)));
      this.#delays.at("max").set(seconds(delay.max));
    }
    delay.reset();
  }
}
