/**
 * The instruments of LiveKit agents in OpenTelemetry, with their names, units and attributes.
 *
 * @module
 */

import {
  LIVEKIT_FAMILIES,
  LIVEKIT_INSTRUMENTS,
  type LiveKitInstrument,
} from "./catalogue/livekit.js";
import type { Family } from "./family.js";
import { measureLiveKit, type LiveKitSink } from "./host/livekit-measures.js";
import type { VoiceEvent, VoiceEventFacts, VoiceOutput } from "./host/voice-events.js";
import type { Attributes, MeterPort, MeterProviderPort } from "./otlp-ports.js";

/** The name of the meter. */
export const LIVEKIT_METER = "livekit-agents";

/** What the instruments have besides. */
export interface LiveKitInstrumentsOptions {
  /**
   * Asked at each measurement for attributes of the job it belongs to, as `room_id` and `job_id`: a
   * process outlives its jobs, so its resource cannot name them. Each value makes a series of its own.
   *
   * @default none
   */
  readonly jobAttributes?: () => Attributes;
}

type Measure = (value: number, attributes: Attributes) => void;

/**
 * Feeds the nineteen instruments `lk.agents.*`, each event when it happens. The edges of histograms are
 * advice: a view of the provider goes before it.
 */
export class LiveKitInstruments implements VoiceOutput, LiveKitSink {
  readonly #measures = new Map<LiveKitInstrument, Measure>();
  readonly #jobAttributes: (() => Attributes) | undefined;
  #ignoredSamples = 0;

  constructor(provider: MeterProviderPort, options: LiveKitInstrumentsOptions = {}) {
    this.#jobAttributes = options.jobAttributes;
    const meter = provider.getMeter(LIVEKIT_METER);
    for (const [name, family] of Object.entries(LIVEKIT_INSTRUMENTS)) {
      const instrument = name as LiveKitInstrument;
      this.#measures.set(instrument, measureOf(meter, instrument, LIVEKIT_FAMILIES[family]));
    }
  }

  onVoiceEvent(event: VoiceEvent): void {
    measureLiveKit(event, this);
  }

  measure(
    instrument: LiveKitInstrument,
    value: number,
    { model, provider }: VoiceEventFacts,
    reused?: boolean,
  ): void {
    // A NaN would make a data point without samples.
    if (!(value >= 0 && value < Infinity)) {
      this.#ignoredSamples += 1;
      return;
    }
    const attributes: Record<string, string> = { ...this.#jobAttributes?.() };
    if (model !== undefined && model !== "") attributes["model_name"] = model;
    if (provider !== undefined && provider !== "") attributes["model_provider"] = provider;
    if (reused !== undefined) attributes["connection_reused"] = reused ? "true" : "false";
    this.#measures.get(instrument)?.(value, attributes);
  }

  /** How many numbers were not taken: negative or not finite. */
  get ignoredSamples(): number {
    return this.#ignoredSamples;
  }
}

function measureOf(meter: MeterPort, name: LiveKitInstrument, family: Family): Measure {
  const facts = {
    description: family.help.replace(/\.$/, ""),
    ...(family.unit === "seconds" ? { unit: "s" } : {}),
  };
  if (family.type === "histogram") {
    const advice = { explicitBucketBoundaries: [...family.buckets] };
    const histogram = meter.createHistogram(name, { ...facts, advice });
    return (value, attributes) => {
      histogram.record(value, attributes);
    };
  }
  const counter = meter.createCounter(name, facts);
  return (value, attributes) => {
    counter.add(value, attributes);
  };
}
