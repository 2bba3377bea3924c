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
import { requireSoundPolicies, type LabelPolicies, type OpenLabelName } from "./label-policy.js";
import { RemarkCounters, type OnWarning } from "./remarks.js";
import { SeriesTable, type ExposedTable, type Remarks } from "./series-table.js";
import type { Series } from "./series.js";
import { requireSoundFamily } from "./sound-family.js";
import { requireSoundAge, SUMMARY_WIDTH, type SummaryAge, SummarySeries } from "./summary.js";

/** The series of one family by their label values. */
export interface SeriesByLabels<S extends Series, Labels extends readonly FamilyLabel[]> {
  /** By values in the order of the family's labels. */
  at(...values: LabelTuple<Labels>): S;
  /** By label names. */
  with(labels: LabelRecord<Labels>): S;
}

/** What a host may have otherwise than the catalogue says. */
export interface RecorderOptions {
  /** For labels whose values are not known beforehand: how many there may be, or which. */
  readonly labels?: LabelPolicies;
  /** Upper edges of histograms by family name, ascending and finite. */
  readonly buckets?: Readonly<Record<string, readonly number[]>>;
  /**
   * From when on the quantiles of summaries leave a sample out.
   *
   * @default they are of the newest samples, however old
   */
  readonly summaries?: SummaryAge;
  /** Is told of label keys and values that do not fit, once for each family and key. */
  readonly onWarning?: OnWarning;
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
  /** For families that are added later. */
  readonly summaryAge: SummaryAge | undefined;
  readonly #tables = new Map<string, SeriesTable>();
  readonly #remarks: RemarkCounters;
  readonly #collectors = new Set<() => void>();
  readonly #expositions = new Set<() => () => void>();
  /** Those of the catalogue and those that were added, in order of names. */
  #exposed: readonly ExposedTable[] = [];
  /** What families and their lines are called. */
  readonly #names: Set<string>;
  readonly #onTable = new Set<(table: ExposedTable) => void>();

  /**
   * @param catalogue All families there are, unless others are given.
   * @throws {RangeError} If a family of the catalogue or an option is not sound.
   */
  constructor(catalogue?: C, options: RecorderOptions = {}) {
    const { labels = {}, buckets = {}, summaries, onWarning } = options;
    requireSoundPolicies(labels);
    if (summaries !== undefined) requireSoundAge(summaries);
    this.summaryAge = summaries;
    const families: Catalogue = { ...(catalogue ?? CATALOGUE), ...SELF_FAMILIES };
    for (const name of Object.keys(buckets)) {
      if (families[name]?.type !== "histogram") {
        throw new RangeError(`buckets are given for "${name}", which is no histogram`);
      }
    }
    this.#remarks = new RemarkCounters(onWarning);
    for (const name of Object.keys(families).sort()) {
      const declared = families[name];
      if (declared === undefined) continue;
      requireSoundFamily(name, declared);
      const edges = buckets[name];
      const family =
        declared.type === "histogram" && edges !== undefined
          ? { ...declared, buckets: edges }
          : declared;
      this.#tables.set(name, tableOf(name, family, this.#remarks, options));
    }
    this.#remarks.countIn(this.#tables);
    this.#exposed = [...this.#tables.values()];
    this.#names = new Set(this.#exposed.flatMap(exposedNames));
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
  get tables(): readonly ExposedTable[] {
    return this.#exposed;
  }

  /** A family of the catalogue, whatever its type. */
  tableOf(name: string): SeriesTable | undefined {
    return this.#tables.get(name);
  }

  /** Counts what could not be recorded. */
  get remarks(): RemarkCounters {
    return this.#remarks;
  }

  /** Gives up the series with a value that came and may go, of every family that has the list. */
  forget(list: OpenLabelName, value: string): void {
    for (const table of this.#tables.values()) table.forget(list, value);
  }

  /**
   * Has a family exposed that is in no catalogue.
   *
   * @throws {RangeError} If one of its names is in use.
   */
  add(table: ExposedTable): void {
    const names = exposedNames(table);
    const taken = names.find((name) => this.#names.has(name));
    if (taken !== undefined) throw new RangeError(`The name "${taken}" is in use already`);
    for (const name of names) this.#names.add(name);
    const inOrder = [...this.#exposed, table];
    this.#exposed = inOrder.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const listener of this.#onTable) listener(table);
  }

  /** Tells of families that are added later. @returns What ends it. */
  onTable(listener: (table: ExposedTable) => void): () => void {
    this.#onTable.add(listener);
    return () => this.#onTable.delete(listener);
  }

  /**
   * Has something done whenever the numbers are about to be read, such as to set gauges. What it throws
   * is ignored.
   *
   * @returns What ends it.
   */
  onCollect(collector: () => void): () => void {
    this.#collectors.add(collector);
    return () => this.#collectors.delete(collector);
  }

  /**
   * Has something done whenever everything is about to be read as text, and what that returns when it was
   * read to its end. What either throws is ignored.
   *
   * @returns What ends it.
   */
  onExposition(begin: () => () => void): () => void {
    this.#expositions.add(begin);
    return () => this.#expositions.delete(begin);
  }

  /** Brings everything up to date. @returns What is to be called when all of it was read. */
  beginExposition(): () => void {
    const ends: (() => void)[] = [];
    for (const begin of this.#expositions) ignoringFaults(() => void ends.push(begin()));
    this.collect();
    return () => {
      for (const end of ends) ignoringFaults(end);
    };
  }

  /** Has everything brought up to date. */
  collect(): void {
    for (const collector of this.#collectors) ignoringFaults(collector);
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

/** Whoever reads the numbers has not to do with it. */
function ignoringFaults(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
}

/** Everything a family is called, in either format: no two families may share one of these. */
function exposedNames({ name, family }: ExposedTable): string[] {
  switch (family.type) {
    case "counter":
      return [name, name.replace(/_total$/, "")];
    case "gauge":
      return [name];
    case "summary":
      return [name, `${name}_sum`, `${name}_count`];
    case "histogram":
      return [name, `${name}_sum`, `${name}_count`, `${name}_bucket`];
  }
}

function tableOf(
  name: string,
  family: Family,
  remarks: Remarks,
  { labels, summaries }: RecorderOptions,
): SeriesTable {
  const of = <S extends Series>(
    width: number,
    make: (...row: ConstructorParameters<typeof CounterSeries>) => S,
  ): SeriesTable<S> => new SeriesTable(name, family, width, make, remarks, labels);
  switch (family.type) {
    case "counter":
      return of(1, (...row) => new CounterSeries(...row));
    case "gauge":
      return of(1, (...row) => new GaugeSeries(...row));
    case "summary":
      return of(
        SUMMARY_WIDTH,
        (...row) => new SummarySeries({ ...family, age: summaries }, ...row),
      );
    case "histogram": {
      const shape = new HistogramShape(name, family);
      return of(shape.width, (...row) => new HistogramSeries(shape, ...row));
    }
  }
}
