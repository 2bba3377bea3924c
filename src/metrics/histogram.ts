/**
 * How many samples were at most so large.
 *
 * @module
 */

import { Accepted } from "./accepted.js";
import type { HistogramFamily } from "./family.js";
import { Series, type Cells, type Head, type LabelPairs } from "./series.js";

/** What the series of one histogram family share. */
export class HistogramShape {
  /** Ascending, without +Inf. */
  readonly edges: Float64Array;
  readonly accepted: Accepted;
  /** A count for each bucket and for +Inf, then the sum of all samples. */
  readonly width: number;
  /** The numbers of one series as exposed: counts up to each edge, sum, count. */
  readonly scratch: Float64Array;

  /** @throws {RangeError} If the edges do not ascend. */
  constructor(name: string, { buckets, accepts }: HistogramFamily) {
    this.edges = Float64Array.from(buckets);
    this.edges.forEach((edge, i) => {
      if (!(edge > (this.edges[i - 1] ?? -Infinity) && edge < Infinity)) {
        throw new RangeError(`${name} has the edge ${edge}; edges must ascend and be finite`);
      }
    });
    this.accepted = new Accepted(accepts);
    this.width = this.edges.length + 2;
    this.scratch = new Float64Array(this.edges.length + 3);
  }
}

/** One series of a histogram family. */
export class HistogramSeries extends Series {
  readonly #shape: HistogramShape;

  constructor(shape: HistogramShape, cells: Cells, offset: number, labels: LabelPairs) {
    super(cells, offset, labels);
    this.#shape = shape;
  }

  /**
   * Takes a sample; one outside the family's range is only noted.
   *
   * @param times How many samples it stands for, 1 or more.
   */
  observe(value: number, times = 1): void {
    const { edges, accepted } = this.#shape;
    if (!accepted.has(value) || !(Number.isFinite(times) && times >= 1)) {
      this.cells.ignore(value);
      return;
    }
    // One after the other: most samples are small, and there are few edges.
    let bucket = 0;
    while (bucket < edges.length && value > (edges[bucket] ?? Infinity)) bucket += 1;
    const { cells } = this.cells;
    const count = this.offset + bucket;
    const sum = this.offset + edges.length + 1;
    cells[count] = (cells[count] ?? 0) + times;
    cells[sum] = (cells[sum] ?? 0) + value * times;
  }

  /** How many samples it has taken. */
  get count(): number {
    return this.values()[this.#shape.edges.length + 2] ?? 0;
  }

  protected override makeHeads(): Head[] {
    const edges = [...Array.from(this.#shape.edges, String), "+Inf"];
    return [
      ...edges.map((edge) => this.head("_bucket", [["le", edge]])),
      this.head("_sum"),
      this.head("_count"),
    ];
  }

  protected override values(): Float64Array {
    const { edges, scratch } = this.#shape;
    const { cells } = this.cells;
    const buckets = edges.length + 1;
    let total = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      total += cells[this.offset + bucket] ?? 0;
      scratch[bucket] = total;
    }
    scratch[buckets] = cells[this.offset + buckets] ?? 0;
    scratch[buckets + 1] = total;
    return scratch;
  }
}
