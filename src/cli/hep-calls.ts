/**
 * The calls that capture agents tell of, counted, masked where that is asked for, and as a server
 * and sinks take them.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { CallObserver } from "../call/observer.js";
import { PollWheel } from "../attach/poll-wheel.js";
import { HepSource, type HepSourceOptions } from "../hep/in.js";
import { CallMetrics } from "../metrics/call-metrics.js";
import { ProbeMetrics } from "../metrics/probe-metrics.js";
import { type MetricsRegistry, register } from "../metrics/prometheus.js";
import { Recorder } from "../metrics/recorder.js";
import { MaskedCalls } from "../privacy/masked-calls.js";
import type { Privacy } from "../privacy/privacy.js";
import { Guard } from "../probe/guarded.js";
import { Listeners } from "../probe/listeners.js";
import { OpenCalls } from "../probe/open-calls.js";
import { Sinks } from "../probe/sinks.js";
import type { ServedCalls } from "../server/handler.js";

/** How often open calls are told of. */
const INTERVAL_MS = 5000;

/** How agents are followed. */
export interface HepCallsOptions extends Omit<HepSourceOptions, "observer"> {
  readonly privacy?: Privacy | undefined;
  /** Epoch milliseconds, as the clock of this machine has it. */
  readonly epochMs: () => number;
  /** Of the package. */
  readonly version: string;
  /** Is told what a sink threw. */
  readonly onError: (error: unknown) => void;
  /** Is told of updates of metrics that do not fit. */
  readonly onWarning: (message: string) => void;
}

/** Follows the calls of agents as a probe follows those of its host. */
export class HepCalls implements ServedCalls {
  readonly source: HepSource;
  readonly recorder: Recorder;
  readonly registry: MetricsRegistry;
  readonly #listeners: Listeners;
  readonly #sinks: Sinks;
  readonly #masked: MaskedCalls | undefined;
  readonly #self: ProbeMetrics;

  /** @throws {RangeError} If one of the local networks is none. */
  constructor({ privacy, onError, onWarning, epochMs, version, ...options }: HepCallsOptions) {
    this.recorder = new Recorder(undefined, { onWarning });
    this.registry = register(this.recorder);
    const guard = new Guard(onError);
    this.#masked = privacy && new MaskedCalls(privacy);
    this.#sinks = new Sinks(guard, this.#masked);
    this.#sinks.add(new CallMetrics(this.recorder));
    const wheel = new PollWheel({ clock: options.nowMs, periodMs: INTERVAL_MS });
    this.#listeners = new Listeners(guard);
    const open = new OpenCalls({
      sinks: this.#sinks,
      listeners: this.#listeners,
      wheel,
      nowMs: epochMs,
      masked: this.#masked,
    });
    const observer = open.observer((call) => this.source.reportOf(call));
    this.source = new HepSource({ ...options, observer });
    this.#self = new ProbeMetrics(this.recorder, {
      clock: epochMs,
      version,
      counters: () => ({
        tables: {
          calls: { entries: this.source.openCalls },
          "hep-agents": { evicted: this.source.counters.evictedAgents },
        },
        sinkDrops: this.#sinks.dropped(),
        faults: { probe: guard.faults },
      }),
    });
  }

  /** Keeps its own figures no more. */
  close(): void {
    this.#self.close();
  }

  snapshot(): { readonly calls: readonly CallReport[] } {
    const calls = this.source.snapshot();
    const masked = this.#masked;
    return { calls: masked === undefined ? calls : calls.map((call) => masked.report(call)) };
  }

  on(name: "call" | "end", listener: (call: CallReport) => void): () => void {
    return this.#listeners.add(name, listener);
  }

  addSink(sink: CallObserver): () => void {
    return this.#sinks.add(sink);
  }
}
