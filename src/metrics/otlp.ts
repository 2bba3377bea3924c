/**
 * Metrics over OTLP/HTTP. OpenTelemetry is loaded when it is asked for, and not otherwise.
 *
 * @module
 */

import { OpenTelemetryMissingError } from "../errors.js";
import type { Catalogue } from "./family.js";
import { catalogueProducer, type Temporality } from "./otlp-catalogue.js";
import { exportUrl, otlpEnvironment, type OtlpProtocol } from "./otlp-environment.js";
import { GenAiInstruments } from "./otlp-gen-ai.js";
import { LiveKitInstruments } from "./otlp-livekit.js";
import type { Attributes, MeterProviderPort } from "./otlp-ports.js";
import type { Recorder } from "./recorder.js";

/** Header fields, or what gives them before each export: a token that is renewed. */
export type OtlpHeaders =
  Readonly<Record<string, string>> | (() => Attributes | Promise<Attributes>);

/** Where and how to export. What is not given is taken from the variables `OTEL_*`, then by default. */
export interface OtlpOptions {
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Its counters, gauges and histograms are exported. @default none */
  readonly recorder?: Recorder<Catalogue>;
  /** With its path. @default "http://localhost:4318/v1/metrics" */
  readonly url?: string;
  /** If giving them fails, those of the last time are used. */
  readonly headers?: OtlpHeaders;
  /** gRPC is not spoken, whatever the variables say. @default "http/protobuf" */
  readonly protocol?: OtlpProtocol;
  /** Of all but up-down-counters, which are always cumulative. @default "delta" */
  readonly temporality?: Temporality;
  /** Between exports, at least 1. @default 30000 */
  readonly intervalMs?: number;
  /** Of one export, retries included; not above the interval. @default 10000 */
  readonly timeoutMs?: number;
  /** Histograms `lk.agents.*` with exponential buckets. @default false */
  readonly exponentialHistograms?: boolean;
  /** Of the resource; `service.name` is "mediaprobe" unless one is given. */
  readonly resource?: Attributes;
  /**
   * Makes the instruments `lk.agents.*` instead of one of ours.
   *
   * @default the one that is set for the process, if any
   */
  readonly meterProvider?: MeterProviderPort;
}

/** An export that goes on until it is closed. */
export interface OtlpExport {
  /** The instruments `lk.agents.*`: an output for a `VoicePipeline`. */
  readonly liveKit: LiveKitInstruments;
  /** The instruments `gen_ai.client.*`: another output, for who wants them. */
  readonly genAi: GenAiInstruments;
  /** How many exports failed after their retries. */
  readonly failedExports: number;
  /** Exports now. Fulfilled also where that fails. */
  flush(): Promise<void>;
  /** Exports for the last time. Fulfilled also where that fails. */
  close(): Promise<void>;
}

/**
 * Begins to export. The instruments `lk.agents.*` go to the host's meter provider if there is one;
 * a recorder's families always go their own way, as a producer beside a reader of ours. A host that
 * wants them in its own reader hands it a `catalogueProducer` instead, and gives no recorder here.
 *
 * @throws {OpenTelemetryMissingError} If the packages are not installed.
 * @throws {RangeError} If an option is outside its range.
 */
export async function startOtlpExport(options: OtlpOptions): Promise<OtlpExport> {
  const { intervalMs, timeoutMs, protocol, temporality } = otlpEnvironment(options);
  const url = options.url === undefined ? {} : { url: exportUrl(options.url) };
  const [api, sdk, resources, base] = await loadSdk();
  const global = api.metrics.getMeterProvider();
  const isSet = global.getMeter("mediaprobe") !== api.createNoopMeter();
  const host = options.meterProvider ?? (isSet ? global : undefined);
  if (host !== undefined && options.recorder === undefined) return hostExport(host);

  const { OTLPMetricExporter } = await loadExporter(protocol);
  const headers = options.headers === undefined ? undefined : headersFactory(options.headers);
  const isExponential = options.exponentialHistograms === true;
  const exporter = new OTLPMetricExporter({
    ...url,
    ...(headers === undefined ? {} : { headers }),
    timeoutMillis: timeoutMs,
    compression: base.CompressionAlgorithm.GZIP,
    temporalityPreference:
      temporality === "delta"
        ? sdk.AggregationTemporality.DELTA
        : sdk.AggregationTemporality.CUMULATIVE,
    aggregationPreference: (instrument) =>
      isExponential && instrument === sdk.InstrumentType.HISTOGRAM
        ? { type: sdk.AggregationType.EXPONENTIAL_HISTOGRAM }
        : { type: sdk.AggregationType.DEFAULT },
  });
  let failedExports = 0;
  const send = exporter.export.bind(exporter);
  exporter.export = (metrics, told) => {
    send(metrics, (result) => {
      if (result.error !== undefined) failedExports += 1;
      told(result);
    });
  };
  const { recorder, nowMs } = options;
  const provider = new sdk.MeterProvider({
    resource: resources
      .resourceFromAttributes({ "service.name": "mediaprobe" })
      .merge(resources.detectResources({ detectors: [resources.envDetector] }))
      .merge(resources.resourceFromAttributes({ ...options.resource })),
    readers: [
      new sdk.PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: intervalMs,
        exportTimeoutMillis: timeoutMs,
        metricProducers:
          recorder === undefined ? [] : [catalogueProducer(recorder, { nowMs, temporality })],
      }),
    ],
  });
  let closing: Promise<void> | undefined;
  return {
    liveKit: new LiveKitInstruments(host ?? provider),
    genAi: new GenAiInstruments(host ?? provider),
    get failedExports() {
      return failedExports;
    },
    flush: () => settled(provider.forceFlush()),
    close: () => (closing ??= settled(provider.shutdown())),
  };
}

/** Everything goes to the host's provider, which the host closes. */
function hostExport(host: MeterProviderPort): OtlpExport {
  const flush = (): Promise<void> => {
    const { forceFlush } = host as { forceFlush?: () => Promise<void> };
    return forceFlush === undefined ? Promise.resolve() : settled(forceFlush.call(host));
  };
  return {
    liveKit: new LiveKitInstruments(host),
    genAi: new GenAiInstruments(host),
    failedExports: 0,
    flush,
    close: flush,
  };
}

/** Never fails, as OpenTelemetry wants it. */
function headersFactory(headers: OtlpHeaders): () => Promise<Record<string, string>> {
  let last: Record<string, string> = {};
  return async () => {
    try {
      last = { ...(typeof headers === "function" ? await headers() : headers) };
    } catch {
      // The receiver answers 401 at worst, and that is counted.
    }
    return last;
  };
}

// A package that is not there ends the build of a bundler, unless its very import handles that.

function loadSdk() {
  return Promise.all([
    import("@opentelemetry/api").catch(missing),
    import("@opentelemetry/sdk-metrics").catch(missing),
    import("@opentelemetry/resources").catch(missing),
    import("@opentelemetry/otlp-exporter-base").catch(missing),
  ]);
}

function loadExporter(protocol: OtlpProtocol) {
  return protocol === "http/json"
    ? import("@opentelemetry/exporter-metrics-otlp-http").catch(missing)
    : import("@opentelemetry/exporter-metrics-otlp-proto").catch(missing);
}

function missing(cause: unknown): never {
  throw new OpenTelemetryMissingError(cause);
}

async function settled(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    // Counted by the exporter; nobody waits for more than the end of it.
  }
}
