/**
 * What the environment says of an export, where its options do not.
 *
 * @module
 */

import type { Temporality } from "./otlp-catalogue.js";

/** Encodings of OTLP over HTTP. */
export type OtlpProtocol = "http/protobuf" | "http/json";

const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 10_000;
/** Beyond, a timer fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** How an export is to be made. */
export interface OtlpSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly protocol: OtlpProtocol;
  readonly temporality: Temporality;
}

/**
 * Options, then the variables `OTEL_*`, then defaults. A variable with a value that is none is as if it
 * were not set, as OpenTelemetry wants it.
 *
 * @throws {RangeError} If an option is outside its range.
 */
export function otlpEnvironment(
  options: Partial<OtlpSettings>,
  environment: Readonly<Partial<Record<string, string>>> = process.env,
): OtlpSettings {
  const intervalMs = positive("intervalMs", options.intervalMs, [
    environment["OTEL_METRIC_EXPORT_INTERVAL"],
    DEFAULT_INTERVAL_MS,
  ]);
  const timeoutMs = positive("timeoutMs", options.timeoutMs, [
    environment["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT"],
    environment["OTEL_EXPORTER_OTLP_TIMEOUT"],
    environment["OTEL_METRIC_EXPORT_TIMEOUT"],
    DEFAULT_TIMEOUT_MS,
  ]);
  const protocol =
    environment["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] ??
    environment["OTEL_EXPORTER_OTLP_PROTOCOL"];
  const temporality =
    environment["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"]?.toLowerCase();
  return {
    intervalMs,
    timeoutMs: Math.min(timeoutMs, intervalMs),
    protocol: options.protocol ?? (protocol === "http/json" ? protocol : "http/protobuf"),
    temporality: options.temporality ?? (temporality === "cumulative" ? temporality : "delta"),
  };
}

/**
 * A URL that metrics can go to.
 *
 * @throws {RangeError} If it is none.
 */
export function exportUrl(url: string): string {
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  throw new RangeError(
    `url is "${url}"; it must be a whole one with its path, as "http://localhost:4318/v1/metrics"`,
  );
}

function positive(
  name: string,
  option: number | undefined,
  fallbacks: readonly (string | number | undefined)[],
): number {
  if (option !== undefined) {
    if (option >= 1 && option <= LONGEST_MS) return option;
    throw new RangeError(`${name} is ${option}; it must be from 1 to ${LONGEST_MS} milliseconds`);
  }
  return fallbacks.map(Number).find((value) => value >= 1 && value <= LONGEST_MS) ?? LONGEST_MS;
}
