/**
 * `/metrics`: the recorder's families, and whatever else the host has in its registry.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";

import { CONTENT_TYPES, type ExpositionFormat, expositionInSlices } from "../metrics/exposition.js";
import {
  defaultLabelsOf,
  isRegisteredFamily,
  type MetricsRegistry,
} from "../metrics/prometheus.js";
import type { Recorder } from "../metrics/recorder.js";
import { escapedLabelValue } from "../metrics/series.js";
import { type Exchange, sendParts } from "./reply.js";

/** What is exposed. */
export interface ExposedMetrics {
  readonly recorder: Recorder;
  readonly registry: MetricsRegistry;
}

/** A metric of prom-client as rows. */
interface Rows {
  readonly name: string;
  readonly type: string;
}

/** A metric of prom-client. Some classes have rows that are quicker to write. */
interface ListedMetric {
  get?(): Promise<Rows>;
  getForPromString?(): Promise<Rows>;
}

/** What a registry of prom-client can do besides taking metrics. */
interface ListingRegistry extends MetricsRegistry {
  getMetricsAsArray(): readonly ListedMetric[];
  getMetricsAsString(metric: ListedMetric): Promise<string>;
}

/** In milliseconds: a scrape that takes longer is cut off. */
export const DEFAULT_SCRAPE_TIMEOUT_MS = 30_000;

/** The name that a line of either format begins with, and its labels. */
const LINE_START = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*)\})?(?= )/gm;

/** A timer of more goes off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Answers a scrape.
 *
 * @param timeoutMs When it is cut off, unless Prometheus says that it will not wait that long.
 */
export async function sendMetrics(
  exchange: Exchange,
  exposed: ExposedMetrics,
  timeoutMs = DEFAULT_SCRAPE_TIMEOUT_MS,
): Promise<void> {
  const { request, response } = exchange;
  // The status is sent by then: that the answer is no whole one shows by how it ends.
  const delayMs = Math.min(timeoutMs, patienceMs(request), MAX_TIMER_MS);
  const timer = setTimeout(() => response.destroy(), delayMs);
  timer.unref();
  response.once("close", () => {
    clearTimeout(timer);
  });
  const others = otherMetrics(exposed.registry);
  // prom-client cannot write metrics of others in a format that their registry is not set to.
  const format = others.length > 0 ? "prometheus" : formatFor(request.headers.accept);
  await sendParts(exchange, CONTENT_TYPES[format], parts(exposed, format, others));
}

async function* parts(
  { recorder, registry }: ExposedMetrics,
  format: ExpositionFormat,
  others: readonly ListedMetric[],
): AsyncGenerator<string> {
  const defaults = Object.entries(defaultLabelsOf(registry) ?? {});
  for await (const slice of expositionInSlices(recorder, format)) {
    yield defaults.length === 0 ? slice : withLabels(slice, defaults);
  }
  if (!isListing(registry)) return;
  for (const metric of others) yield `\n${await textOf(metric, registry)}\n`;
}

/** Lines with a host's default labels before their own, as a registry has those of the probe. */
function withLabels(lines: string, labels: readonly (readonly [string, unknown])[]): string {
  const pairs = labels.map(
    ([name, value]) => [name, `${name}="${escapedLabelValue(String(value))}"`] as const,
  );
  return lines.replace(LINE_START, (_, name: string, own: string | undefined = "") => {
    const has = (label: string): boolean => `,${own}`.includes(`,${label}="`);
    const missing = pairs.filter(([label]) => !has(label)).map(([, pair]) => pair);
    return `${name}{${[...missing, ...(own === "" ? [] : [own])].join(",")}}`;
  });
}

function otherMetrics(registry: MetricsRegistry): readonly ListedMetric[] {
  if (!isListing(registry)) return [];
  return registry.getMetricsAsArray().filter((metric) => !isRegisteredFamily(metric));
}

function isListing(registry: MetricsRegistry): registry is ListingRegistry {
  return "getMetricsAsArray" in registry && "getMetricsAsString" in registry;
}

/** In the text format of Prometheus, whatever the host has its registry write itself. */
function textOf(metric: ListedMetric, registry: ListingRegistry): Promise<string> {
  const { prometheus } = CONTENT_TYPES;
  if (registry.contentType === prometheus) return registry.getMetricsAsString(metric);
  // The same registry, with its default labels, but for what its format adds: exemplars and endings.
  const inText = Object.create(registry, {
    contentType: { value: prometheus },
  }) as ListingRegistry;
  return inText.getMetricsAsString({ getForPromString: () => namedRows(metric) });
}

/** For OpenMetrics prom-client takes the ending off a counter's name, and leaves it off. */
async function namedRows(metric: ListedMetric): Promise<Rows> {
  const rows = await (metric.getForPromString ?? metric.get)?.call(metric);
  if (rows === undefined) throw new TypeError("A metric of the registry has no rows");
  return rows.type === "counter"
    ? { ...rows, name: `${rows.name.replace(/_total$/, "")}_total` }
    : rows;
}

/** How long whoever asks waits for the answer. */
function patienceMs({ headers }: IncomingMessage): number {
  const seconds = Number(headers["x-prometheus-scrape-timeout-seconds"]);
  return seconds > 0 ? seconds * 1000 : Infinity;
}

/** OpenMetrics where it is named and weighs no less than the other (RFC 9110 §12.5.1). */
function formatFor(accept = ""): ExpositionFormat {
  const weight = (type: string): number => {
    const range = accept.split(",").find((one) => one.trim().toLowerCase().startsWith(type));
    if (range === undefined) return 0;
    const quality = /;\s*q=([\d.]+)/i.exec(range)?.[1];
    return quality === undefined ? 1 : Number(quality);
  };
  const openMetrics = weight("application/openmetrics-text");
  return openMetrics > 0 && openMetrics >= weight("text/plain") ? "openmetrics" : "prometheus";
}
