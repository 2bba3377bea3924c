/**
 * A metric family as data. The recorder, the exposition, the reference and every check against
 * dashboards read the same declarations.
 *
 * @module
 */

import type { LabelValue, LabelValuesName } from "./label-values.js";

/** A label and the list of its values. */
export type FamilyLabel = readonly [name: string, values: LabelValuesName];

/** Where a family comes from. */
export type FamilyOrigin =
  /** Ours. */
  | "mediaprobe"
  /** The SIP metrics of a voice server, with names and values as they are scraped today. */
  | "voiceserver"
  /** The metrics of Voxray, a voice pipeline server, likewise. */
  | "voxray"
  /** The metrics of a speech gateway in front of StreamKit, likewise. */
  | "speech-gateway"
  /** The instruments of LiveKit Agents, as Prometheus has them. */
  | "livekit";

/** Base units (Prometheus) but for families of other systems. */
export type FamilyUnit =
  | "seconds"
  | "milliseconds"
  | "ratio"
  | "bytes"
  | "packets"
  | "score"
  | "calls"
  | "requests"
  | "responses"
  | "handshakes"
  | "connections"
  | "sessions"
  | "messages"
  | "jobs"
  | "tokens"
  | "characters"
  | "events"
  | "none";

/** Samples outside are not taken, but counted in `metrics_ignored_samples_total`. */
export interface AcceptedRange {
  /** @default 0 */
  readonly min?: number;
  /** @default any finite number */
  readonly max?: number;
  /** The smallest value itself is out. */
  readonly excludesMin?: boolean;
}

interface FamilyFacts {
  /** One sentence for the exposition. */
  readonly help: string;
  readonly unit: FamilyUnit;
  /** In the order in which values are given. A label without a value is not exposed. */
  readonly labels: readonly FamilyLabel[];
  /** `all` are there from the start at 0, so that `rate()` sees the first event; else when seen. */
  readonly series: "all" | "seen";
  readonly origin: FamilyOrigin;
  /** For the reference: what is counted when. */
  readonly when: string;
  /** For the reference, where `when` does not say all of it: how the number is arrived at. */
  readonly formula?: string;
  /**
   * How many series there can be at most, whatever its labels would allow. Updates of further ones
   * are not taken, but counted in `metrics_refused_updates_total`.
   *
   * @default 10000
   */
  readonly seriesLimit?: number;
}

/** A number that only grows. */
export interface CounterFamily extends FamilyFacts {
  readonly type: "counter";
}

/** A number that goes up and down. */
export interface GaugeFamily extends FamilyFacts {
  readonly type: "gauge";
}

/** Exact quantiles of the newest samples, and count and sum of all. */
export interface SummaryFamily extends FamilyFacts {
  readonly type: "summary";
  /** How many of the newest samples the quantiles are taken from. @default 2048 */
  readonly window?: number;
  readonly accepts?: AcceptedRange;
}

/** How many samples were at most so large. */
export interface HistogramFamily extends FamilyFacts {
  readonly type: "histogram";
  /** Upper edges, ascending; the last one, +Inf, is understood. */
  readonly buckets: readonly number[];
  readonly accepts?: AcceptedRange;
}

/** A family without its name, which is the key in its catalogue. */
export type Family = CounterFamily | GaugeFamily | SummaryFamily | HistogramFamily;

/** Families by name. */
export type Catalogue = Readonly<Record<string, Family>>;

/** Families that stand together in the reference, and what is said of all of them. */
export type Chapter = readonly [title: string, about: string, families: Catalogue];

/** Names of a catalogue's families of one type. */
export type FamilyName<C extends Catalogue, Type extends Family["type"]> = {
  [Name in keyof C & string]: Type extends C[Name]["type"] ? Name : never;
}[keyof C & string];

/** One value for each label, in order. */
export type LabelTuple<Labels extends readonly FamilyLabel[]> = {
  [Index in keyof Labels]: LabelValue<Labels[Index][1]>;
};

/** One value for each label, by name. */
export type LabelRecord<Labels extends readonly FamilyLabel[]> = {
  readonly [Label in Labels[number] as Label[0]]: LabelValue<Label[1]>;
};
