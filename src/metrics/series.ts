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
  protected readonly offset: number;
  protected readonly labels: LabelPairs;
  #heads: readonly Head[] | undefined;

  constructor(cells: Cells, offset: number, labels: LabelPairs) {
    this.cells = cells;
    this.offset = offset;
    this.labels = labels;
  }

  /** Its lines now, each with its end. */
  text(): string {
    const heads = (this.#heads ??= this.makeHeads());
    const values = this.values();
    let text = "";
    for (let i = 0; i < heads.length; i += 1) {
      const value = values[i] ?? Number.NaN;
      if (!Number.isNaN(value)) text += `${heads[i]?.text ?? ""} ${value}\n`;
    }
    return text;
  }

  /** The same as data. */
  samples(): Sample[] {
    const heads = (this.#heads ??= this.makeHeads());
    const values = [...this.values()];
    return heads
      .map((head, i) => ({ ...head, value: values[i] ?? Number.NaN }))
      .filter(({ value }) => !Number.isNaN(value));
  }

  /** The names of its lines. */
  protected abstract makeHeads(): Head[];

  /** One number for each head; what is not a number has no line. Valid until the next call. */
  protected abstract values(): ArrayLike<number> & Iterable<number>;

  protected head(suffix = "", extra: LabelPairs = []): Head {
    const pairs = [...this.labels, ...extra];
    const name = `${this.cells.name}${suffix}`;
    const inside = pairs.map(([key, value]) => `${key}="${escapedLabelValue(value)}"`).join(",");
    return {
      name,
      labels: Object.fromEntries(pairs),
      text: inside === "" ? name : `${name}{${inside}}`,
    };
  }
}

/** A label value as the text format has it between quotes. */
export function escapedLabelValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

/** A help text as the text format has it. */
export function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
