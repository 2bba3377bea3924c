/**
 * `/metrics`: the recorder's families, and whatever else the host has in its registry.
 *
 * @module
 */

import { CONTENT_TYPES, type ExpositionFormat, expositionInSlices } from "../metrics/exposition.js";
import { isRegisteredFamily, type MetricsRegistry } from "../metrics/prometheus.js";
import type { Recorder } from "../metrics/recorder.js";
import { type Exchange, sendParts } from "./reply.js";

/** What is exposed. */
export interface ExposedMetrics {
  readonly recorder: Recorder;
  readonly registry: MetricsRegistry;
}

/** What a registry of prom-client can do besides taking metrics. */
interface ListingRegistry {
  getMetricsAsArray(): readonly { readonly name: string }[];
  getMetricsAsString(metric: { readonly name: string }): Promise<string>;
}

/** Answers a scrape. */
export async function sendMetrics(exchange: Exchange, exposed: ExposedMetrics): Promise<void> {
  const others = otherMetrics(exposed.registry);
  // Metrics of others come as prom-client writes them, which is not OpenMetrics.
  const format = others.length > 0 ? "prometheus" : formatFor(exchange.request.headers.accept);
  await sendParts(exchange, CONTENT_TYPES[format], parts(exposed, format, others));
}

async function* parts(
  { recorder, registry }: ExposedMetrics,
  format: ExpositionFormat,
  others: readonly { readonly name: string }[],
): AsyncGenerator<string> {
  yield* expositionInSlices(recorder, format);
  for (const metric of others) {
    yield `\n${await (registry as unknown as ListingRegistry).getMetricsAsString(metric)}\n`;
  }
}

function otherMetrics(registry: MetricsRegistry): readonly { readonly name: string }[] {
  if (!("getMetricsAsArray" in registry) || !("getMetricsAsString" in registry)) return [];
  const all = (registry as unknown as ListingRegistry).getMetricsAsArray();
  return all.filter((metric) => !isRegisteredFamily(metric));
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
