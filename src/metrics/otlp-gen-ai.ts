/**
 * What a client of language models measures, as the semantic conventions of OpenTelemetry for generative
 * AI name it, status "development". That these are of version 1.41, and the edges of the two histograms
 * of chunks, are unverified. The instruments `gen_ai.server.*` are for who runs a model, and there is no
 * operation for speech: both are left out.
 *
 * @module
 */

import type {
  LlmDone,
  LlmFirstToken,
  LlmTokenGap,
  Usage,
  VoiceEvent,
  VoiceEventFacts,
  VoiceOutput,
} from "./host/voice-events.js";
import type { Attributes, MeterPort, MeterProviderPort } from "./otlp-ports.js";

/** The name of the meter. */
export const GEN_AI_METER = "mediaprobe-gen-ai";

/** Edges that the conventions give, in seconds and in tokens. */
const DURATION_EDGES = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
const TOKEN_EDGES = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
  67_108_864,
];

/** What the conventions call the error of which nothing more is known. */
const OTHER_ERROR = "_OTHER";

type Histogram = ReturnType<MeterPort["createHistogram"]>;

/**
 * Feeds `gen_ai.client.*` from the events of a pipeline's language models, each when it happens. The
 * conventions require a provider: without one that attribute is left out.
 */
export class GenAiInstruments implements VoiceOutput {
  readonly #duration: Histogram;
  readonly #tokens: Histogram;
  readonly #firstChunk: Histogram;
  readonly #chunkGap: Histogram;
  #ignoredSamples = 0;

  constructor(provider: MeterProviderPort) {
    const meter = provider.getMeter(GEN_AI_METER);
    const seconds = (name: string, description: string): Histogram =>
      meter.createHistogram(`gen_ai.client.operation.${name}`, {
        description,
        unit: "s",
        advice: { explicitBucketBoundaries: DURATION_EDGES },
      });
    this.#duration = seconds("duration", "GenAI operation duration.");
    this.#firstChunk = seconds("time_to_first_chunk", "Time to receive the first chunk.");
    this.#chunkGap = seconds("time_per_output_chunk", "Time per output chunk.");
    this.#tokens = meter.createHistogram("gen_ai.client.token.usage", {
      description: "Number of input and output tokens used.",
      unit: "{token}",
      advice: { explicitBucketBoundaries: TOKEN_EDGES },
    });
  }

  /** How many numbers were not taken: negative or not finite. */
  get ignoredSamples(): number {
    return this.#ignoredSamples;
  }

  onVoiceEvent(event: VoiceEvent): void {
    if (event.kind === "llm.done") this.#onDone(event);
    else if (event.kind === "llm.firstToken") this.#onFirstChunk(event);
    else if (event.kind === "llm.tokenGap") this.#onGaps(event);
    else if (event.kind === "usage") {
      this.#onUsage(event, "input", event.llmInputTokens);
      this.#onUsage(event, "output", event.llmOutputTokens);
    }
  }

  #onDone(event: LlmDone): void {
    const { seconds, status, errorType = OTHER_ERROR } = event;
    const error = status === "error" ? { "error.type": errorType } : {};
    this.#record(this.#duration, seconds, { ...attributesOf(event), ...error });
  }

  #onFirstChunk(event: LlmFirstToken): void {
    if (event.status === "error") return;
    this.#record(this.#firstChunk, event.seconds, attributesOf(event));
  }

  #onGaps(event: LlmTokenGap): void {
    const { seconds } = event;
    const attributes = attributesOf(event);
    for (const gap of typeof seconds === "number" ? [seconds] : Array.from(seconds)) {
      this.#record(this.#chunkGap, gap, attributes);
    }
  }

  #onUsage(event: Usage, type: "input" | "output", tokens: number | undefined): void {
    if (tokens === undefined || tokens === 0) return;
    this.#record(this.#tokens, tokens, { ...attributesOf(event), "gen_ai.token.type": type });
  }

  #record(histogram: Histogram, value: number, attributes: Attributes): void {
    // A NaN would make a data point without samples.
    if (value >= 0 && value < Infinity) histogram.record(value, attributes);
    else this.#ignoredSamples += 1;
  }
}

function attributesOf({ model = "", provider = "" }: VoiceEventFacts): Attributes {
  return {
    "gen_ai.operation.name": "chat",
    ...(provider !== "" && { "gen_ai.provider.name": provider }),
    ...(model !== "" && { "gen_ai.request.model": model }),
  };
}
