/**
 * What a host may choose about its probe.
 *
 * @module
 */

import { LOG_LEVELS, type LogPort } from "../logs/log-port.js";
import type { CallMetricsOptions } from "../metrics/call-metrics.js";
import type { ConnectionMetricsOptions } from "../metrics/connection-metrics.js";
import type { MetricsRegistry } from "../metrics/prometheus.js";
import type { Recorder } from "../metrics/recorder.js";
import type { LiveEngineOptions } from "../native/live-engine.js";
import type { PrivacyOptions } from "../privacy/pseudonyms.js";
import type { CodecTable } from "../quality/codec-impairment.js";
import type { ProbeStirOptions } from "./identities.js";
import { type OptionNames, requireKnown } from "./known-options.js";
import type { ProbeSink } from "./sinks.js";

/** What a probe counts of calls. */
export interface ProbeMetricsChoice extends CallMetricsOptions, ConnectionMetricsOptions {
  /**
   * Shows what calls in progress sound like (`rtp_live_*`). Each call's record is then made anew once
   * an `intervalMs`, which takes a millisecond or two of the processor for each of its streams. Where
   * something else asks for that already, as a server with its page does, it costs no more.
   *
   * @default false
   */
  readonly liveQuality?: boolean;
}

/** How a probe is made. */
export interface ProbeOptions {
  /** A prom-client registry that gets the probe's families. @default one of the probe's own */
  readonly registry?: MetricsRegistry;
  /** Where the families' numbers are kept. @default one of the probe's own */
  readonly recorder?: Recorder;
  /** What of a call counts, and how much. `false` records no metrics at all. */
  readonly metrics?: ProbeMetricsChoice | false;
  /** Names this probe in records. @default "live" */
  readonly observationPoint?: string;
  /** Who else is told of calls. Closed with the probe. */
  readonly sinks?: readonly ProbeSink[];
  /**
   * Masks whom calls name in all that the probe tells: to sinks, listeners, its server's pages.
   * @default nothing is masked
   */
  readonly privacy?: PrivacyOptions;
  /** How often open calls are told of, in milliseconds. From 100. @default 5000 */
  readonly intervalMs?: number;
  /** How often each connection's statistics are read, in milliseconds. From 100. @default 1000 */
  readonly pollIntervalMs?: number;
  /** Of which one in so many is a whole getStats, the others cheap collectors. @default 60 */
  readonly fullPollEvery?: number;
  /** Of the statistics on packets. */
  readonly engine?: LiveEngineOptions;
  /** Codec rows that replace or extend the built-in ones. */
  readonly codecs?: CodecTable;
  /** What callers' identities are verified with. */
  readonly stir?: ProbeStirOptions;
  /** Open calls of one user agent; beyond it the oldest is given up for each new one. @default 65536 */
  readonly maxCalls?: number;
  /** RFC 3261 §17.1.1.1, in milliseconds. @default 500 */
  readonly t1Ms?: number;
  /** Epoch milliseconds that never go back. @default the process's monotonic clock */
  readonly clock?: () => number;
  /**
   * Gets a line when a call begins and one when it is over, and what is wrong with calls and with the
   * probe itself. `createLogger` makes one; pino and the console fit, too.
   *
   * @default nothing is written
   */
  readonly log?: LogPort;
  /** Is told what a listener, a sink or a hook of the probe threw. The host never sees it. */
  readonly onError?: (error: unknown) => void;
}

const MIN_PERIOD_MS = 100;

const PROBE_OPTIONS: OptionNames<ProbeOptions> = {
  registry: true,
  recorder: true,
  metrics: true,
  log: true,
  observationPoint: true,
  sinks: true,
  privacy: true,
  intervalMs: true,
  pollIntervalMs: true,
  fullPollEvery: true,
  engine: true,
  codecs: true,
  stir: true,
  maxCalls: true,
  t1Ms: true,
  clock: true,
  onError: true,
};

const METRICS_OPTIONS: OptionNames<ProbeMetricsChoice> = {
  directions: true,
  exemplars: true,
  intervalSeconds: true,
  sessionLabel: true,
  liveQuality: true,
};

const ENGINE_OPTIONS: OptionNames<LiveEngineOptions> = {
  fixedBufferMs: true,
  adaptiveBufferMinMs: true,
  adaptiveBufferMaxMs: true,
  intervalMs: true,
  intervalsKept: true,
  maxStreams: true,
  ringPackets: true,
  maxFlows: true,
  maxStreamsPerFlow: true,
  defaultPayloads: true,
};

const STIR_OPTIONS: OptionNames<ProbeStirOptions> = {
  certificates: true,
  trust: true,
  maxAgeSeconds: true,
  countryCode: true,
  fetch: true,
  maxWaiting: true,
};

const PRIVACY_OPTIONS: OptionNames<Extract<PrivacyOptions, { mode: "hash" }>> = {
  mode: true,
  key: true,
};

/**
 * @throws {RangeError | TypeError} If an option is outside its range or of the wrong type, or there is
 *   none of that name.
 */
export function requireSound(options: ProbeOptions): void {
  requireKnown("createProbe", options, PROBE_OPTIONS);
  const { metrics, engine, stir, privacy } = options;
  if (metrics !== undefined && metrics !== false) {
    requireKnown("metrics", metrics, METRICS_OPTIONS);
  }
  if (engine !== undefined) requireKnown("engine", engine, ENGINE_OPTIONS);
  if (stir !== undefined) requireKnown("stir", stir, STIR_OPTIONS);
  if (privacy !== undefined) requireKnown("privacy", privacy, PRIVACY_OPTIONS);
  for (const name of ["intervalMs", "pollIntervalMs"] as const) {
    const value = options[name];
    if (value === undefined || (value >= MIN_PERIOD_MS && value < Infinity)) continue;
    throw new RangeError(`${name} is ${value}; it must be ${MIN_PERIOD_MS} milliseconds or more`);
  }
  for (const name of ["clock", "onError"] as const) {
    const value: unknown = options[name];
    if (value === undefined || typeof value === "function") continue;
    throw new TypeError(`${name} is ${typeof value}; it must be a function`);
  }
  const log: Partial<LogPort> | undefined = options.log;
  const missing = log && LOG_LEVELS.find((level) => typeof log[level] !== "function");
  if (missing !== undefined) {
    throw new TypeError(`log has no function "${missing}"; give one that createLogger() made`);
  }
}
