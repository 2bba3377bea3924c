/**
 * What is used of OpenTelemetry. The real types fit; who does without it needs none of them.
 *
 * @module
 */

/** Labels, as OpenTelemetry calls them. */
export type Attributes = Readonly<Record<string, string>>;

/** How an instrument is made. */
export interface InstrumentOptions {
  description?: string;
  unit?: string;
  advice?: { explicitBucketBoundaries?: number[] };
}

/** What is used of a meter. */
export interface MeterPort {
  createHistogram(
    name: string,
    options?: InstrumentOptions,
  ): { record(value: number, attributes?: Attributes): void };
  createCounter(
    name: string,
    options?: InstrumentOptions,
  ): { add(value: number, attributes?: Attributes): void };
}

/** What is used of a meter provider. */
export interface MeterProviderPort {
  getMeter(name: string, version?: string): MeterPort;
}
