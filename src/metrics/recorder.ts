/**
 * Where numbers are recorded: the series of every family of a catalogue.
 *
 * @module
 */

import { CATALOGUE, type ProbeCatalogue } from "./catalogue.js";
import { SELF_FAMILIES } from "./catalogue/self.js";
import { CounterSeries } from "./counter.js";
import type {
  Catalogue,
  Family,
  FamilyLabel,
  FamilyName,
  LabelRecord,
  LabelTuple,
} from "./family.js";
import { GaugeSeries } from "./gauge.js";
import { HistogramSeries, HistogramShape } from "./histogram.js";
import { SeriesTable, type IgnoredReason, type Remarks } from "./series-table.js";
import type { Series } from "./series.js";
import { requireSoundFamily } from "./sound-family.js";
import { SUMMARY_WIDTH, SummarySeries } from "./summary.js";

/** The series of one family by their label values. */
export interface SeriesByLabels<S extends Series, Labels extends readonly FamilyLabel[]> {
  /** By values in the order of the family's labels. */
  at(...values: LabelTuple<Labels>): S;
  /** By label names. */
  with(labels: LabelRecord<Labels>): S;
}

/**
 * Records into the families of a catalogue. Updates never throw and allocate nothing: what cannot be
 * taken is counted in the families about the metrics themselves, which every recorder has.
 *
 * @example
 * ```ts
 * const recorder = new Recorder();
 * const byes = recorder.counter("sip_bye_total");
 * byes.at("inbound", "remote", "normal").inc();
 * ```
 */
export class Recorder<C extends Catalogue = ProbeCatalogue> {
  readonly #tables = new Map<string, SeriesTable>();

  /** @throws {RangeError} If a family of the catalogue is not sound. */
  constructor(catalogue?: C) {
    const families: Catalogue = { ...(catalogue ?? CATALOGUE), ...SELF_FAMILIES };
    const remarks = new RemarkCounters();
    for (const name of Object.keys(families).sort()) {
      const family = families[name];
      if (family === undefined) continue;
      requireSoundFamily(name, family);
      this.#tables.set(name, tableOf(name, family, remarks));
    }
    remarks.countIn(this.#tables);
  }

  counter<Name extends FamilyName<C, "counter">>(
    name: Name,
  ): SeriesByLabels<CounterSeries, C[Name]["labels"]> {
    return this.#table(name, "counter");
  }

  gauge<Name extends FamilyName<C, "gauge">>(
    name: Name,
  ): SeriesByLabels<GaugeSeries, C[Name]["labels"]> {
    return this.#table(name, "gauge");
  }

  histogram<Name extends FamilyName<C, "histogram">>(
    name: Name,
  ): SeriesByLabels<HistogramSeries, C[Name]["labels"]> {
    return this.#table(name, "histogram");
  }

  summary<Name extends FamilyName<C, "summary">>(
    name: Name,
  ): SeriesByLabels<SummarySeries, C[Name]["labels"]> {
    return this.#table(name, "summary");
  }

  /** All families in order of their names. */
  get tables(): Iterable<SeriesTable> {
    return this.#tables.values();
  }

  #table<S extends Series, Labels extends readonly FamilyLabel[]>(
    name: string,
    type: Family["type"],
  ): SeriesByLabels<S, Labels> {
    const table = this.#tables.get(name);
    if (table?.family.type !== type) {
      throw new RangeError(`"${name}" is not a ${type} of this recorder's catalogue`);
    }
    // What a table makes follows from its family's type, and its labels are those of the family.
    return table as unknown as SeriesByLabels<S, Labels>;
  }
}

function tableOf(name: string, family: Family, remarks: Remarks): SeriesTable {
  switch (family.type) {
    case "counter":
      return new SeriesTable(name, family, 1, (...row) => new CounterSeries(...row), remarks);
    case "gauge":
      return new SeriesTable(name, family, 1, (...row) => new GaugeSeries(...row), remarks);
    case "summary": {
      const make = (...row: ConstructorParameters<typeof CounterSeries>): SummarySeries =>
        new SummarySeries(family, ...row);
      return new SeriesTable(name, family, SUMMARY_WIDTH, make, remarks);
    }
    case "histogram": {
      const shape = new HistogramShape(name, family);
      const make = (...row: ConstructorParameters<typeof CounterSeries>): HistogramSeries =>
        new HistogramSeries(shape, ...row);
      return new SeriesTable(name, family, shape.width, make, remarks);
    }
  }
}

/** Counts remarks in families that are themselves tables, and so come after them. */
class RemarkCounters implements Remarks {
  #tables: ReadonlyMap<string, SeriesTable> = new Map();

  countIn(tables: ReadonlyMap<string, SeriesTable>): void {
    this.#tables = tables;
  }

  unknownValue(metric: string, key: string): void {
    this.#count("metrics_unknown_value_total", metric, key);
  }

  unknownLabel(metric: string, key: string): void {
    this.#count("voiceserver_metrics_unknown_label_total", metric, key);
  }

  ignoredSample(metric: string, reason: IgnoredReason): void {
    this.#count("metrics_ignored_samples_total", metric, reason);
  }

  #count(family: keyof typeof SELF_FAMILIES, metric: string, detail: string): void {
    const series = this.#tables.get(family)?.at(metric, detail);
    if (series instanceof CounterSeries) series.inc();
  }
}
