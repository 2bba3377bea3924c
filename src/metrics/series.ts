/**
 * One series of a family, and what all kinds have in common.
 *
 * @module
 */

/** What goes before the number on a line of the text format. */
export interface Head {
  readonly name: string;
  /** In the order of exposition: by name, `le` or `quantile` last. */
  readonly labels: Readonly<Record<string, string>>;
  /** `name{key="value"}` */
  readonly text: string;
}

/** A number as it is exposed. */
export interface Sample extends Head {
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
}

/** What stands for a measurement beside a number: OpenMetrics only. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since 1970. */
  readonly atSeconds: number;
}

/** Where a series keeps its numbers. The array is another one after the table has grown. */
export interface Cells {
  readonly name: string;
  cells: Float64Array;
  /** Notes a number that is not taken. */
  ignore(value: number): void;
}

/** Label pairs of a series in the order of exposition. */
export type LabelPairs = readonly (readonly [name: string, value: string])[];

/** A series: where its numbers are and what its lines are called. */
export abstract class Series {
  protected readonly cells: Cells;
  /** The first of its cells. */
  protected offset: number;
  protected readonly labels: LabelPairs;
  #heads: readonly Head[] | undefined;
  #isRetired = false;

  constructor(cells: Cells, offset: number, labels: LabelPairs) {
    this.cells = cells;
    this.offset = offset;
    this.labels = labels;
  }

  /** Its lines now, each with its end. */
  text(isOpenMetrics = false): string {
    let text = "";
    this.eachLine((head, value, exemplar) => {
      const beside = isOpenMetrics && exemplar !== undefined ? exemplarText(exemplar) : "";
      text += `${head.text} ${value}${beside}\n`;
    });
    return text;
  }

  /** The same as data. */
  samples(): Sample[] {
    const samples: Sample[] = [];
    this.eachLine((head, value, exemplar) => samples.push({ ...head, value, exemplar }));
    return samples;
  }

  /** Tells of each of its lines what it is called, its number, and what stands beside it. */
  eachLine(tell: (head: Head, value: number, exemplar: Exemplar | undefined) => void): void {
    if (this.#isRetired) return;
    const { heads, exemplars } = this;
    const values = this.values();
    for (const [i, head] of heads.entries()) {
      const value = values[i] ?? Number.NaN;
      if (!Number.isNaN(value)) tell(head, value, exemplars[i]);
    }
  }

  /** Whether it is no longer exposed. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Makes later updates go to a row that is not exposed: its own is another's from now on. */
  retire(offset: number): void {
    this.offset = offset;
    this.#isRetired = true;
  }

  /** Has nothing stand beside its numbers any more: they were set back. */
  forgetExemplars(): void {
    return;
  }

  /** The names of its lines. */
  protected abstract makeHeads(): Head[];

  /** One number for each head; what is not a number has no line. Valid until the next call. */
  protected abstract values(): ArrayLike<number> & Iterable<number>;

  /** What stands beside the numbers, in the order of the heads. */
  protected get exemplars(): readonly (Exemplar | undefined)[] {
    return [];
  }

  protected get heads(): readonly Head[] {
    return (this.#heads ??= this.makeHeads());
  }

  protected head(suffix = "", extra: LabelPairs = []): Head {
    const pairs = [...this.labels, ...extra];
    const name = `${this.cells.name}${suffix}`;
    const inside = pairsText(pairs);
    return {
      name,
      labels: Object.fromEntries(pairs),
      text: inside === "" ? name : `${name}{${inside}}`,
    };
  }
}

/** A series that is one number. */
export abstract class NumberSeries extends Series {
  #start: string | undefined;

  get value(): number {
    return this.cells.cells[this.offset] ?? 0;
  }

  override text(): string {
    const { value } = this;
    if (this.isRetired || Number.isNaN(value)) return "";
    this.#start ??= `${this.heads[0]?.text ?? ""} `;
    return `${this.#start}${value}\n`;
  }

  protected override makeHeads(): Head[] {
    return [this.head()];
  }

  protected override values(): number[] {
    return [this.value];
  }
}

function exemplarText({ labels, value, atSeconds }: Exemplar): string {
  return ` # {${pairsText(Object.entries(labels))}} ${value} ${atSeconds}`;
}

function pairsText(pairs: LabelPairs): string {
  return pairs.map(([key, value]) => `${key}="${escapedLabelValue(value)}"`).join(",");
}

/** A label value as either format has it between quotes. */
export function escapedLabelValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

/** A help text as the text format of Prometheus has it. */
export function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
