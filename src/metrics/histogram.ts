/**
 * How many samples were at most so large.
 *
 * @module
 */

import { Accepted } from "./accepted.js";
import { BucketIndex } from "./bucket-index.js";
import type { HistogramFamily } from "./family.js";
import { Series, type Cells, type Exemplar, type Head, type LabelPairs } from "./series.js";

/** More would be a mistake, and cost each series as many numbers. */
const MAX_EDGES = 255;

/** Where in a row the counts begin: the sum is before them, in a place that needs no looking up. */
const FIRST_COUNT = 1;

/** What the series of one histogram family share. */
export class HistogramShape {
  /** Ascending, without +Inf. */
  readonly edges: Float64Array;
  readonly index: BucketIndex;
  readonly accepted: Accepted;
  /** The sum of all samples, then a count for each bucket and for +Inf. */
  readonly width: number;
  /** The numbers of one series as exposed: counts up to each edge, sum, count. */
  readonly scratch: Float64Array;

  /** @throws {RangeError} If the edges do not ascend, or are too many. */
  constructor(name: string, { buckets, accepts }: HistogramFamily) {
    this.edges = Float64Array.from(buckets);
    this.edges.forEach((edge, i) => {
      if (!(edge > (this.edges[i - 1] ?? -Infinity) && edge < Infinity)) {
        throw new RangeError(`${name} has the edge ${edge}; edges must ascend and be finite`);
      }
    });
    if (this.edges.length > MAX_EDGES) {
      throw new RangeError(`${name} has ${this.edges.length} edges; at most ${MAX_EDGES}`);
    }
    this.index = BucketIndex.for(this.edges);
    this.accepted = new Accepted(accepts);
    this.width = FIRST_COUNT + this.edges.length + 1;
    this.scratch = new Float64Array(this.edges.length + 3);
  }
}

/** One series of a histogram family. */
export class HistogramSeries extends Series {
  readonly #shape: HistogramShape;
  /** Both also of the shape: each step on the way to them would cost every sample. */
  readonly #accepted: Accepted;
  readonly #index: BucketIndex;
  #exemplars: (Exemplar | undefined)[] = [];

  constructor(shape: HistogramShape, cells: Cells, offset: number, labels: LabelPairs) {
    super(cells, offset, labels);
    this.#shape = shape;
    this.#accepted = shape.accepted;
    this.#index = shape.index;
  }

  /**
   * Takes a sample; one outside the family's range is only noted.
   *
   * @param times How many samples it stands for, 1 or more.
   */
  observe(value: number, times?: number): void {
    if (!this.#accepted.has(value) || (times !== undefined && !isCount(times))) {
      this.cells.ignore(value);
      return;
    }
    const { offset } = this;
    const count = offset + FIRST_COUNT + this.#index.of(value);
    const { cells } = this.cells;
    // Without a product where there is none, which is nearly always: it costs.
    if (times === undefined) {
      cells[count] = (cells[count] ?? 0) + 1;
      cells[offset] = (cells[offset] ?? 0) + value;
    } else {
      cells[count] = (cells[count] ?? 0) + times;
      cells[offset] = (cells[offset] ?? 0) + value * times;
    }
  }

  /** Has OpenMetrics show what a sample that it has taken was of, until another falls in its bucket. */
  exemplify(exemplar: Exemplar): void {
    if (!this.#accepted.has(exemplar.value)) return;
    this.#exemplars[this.#index.of(exemplar.value)] = exemplar;
  }

  override forgetExemplars(): void {
    this.#exemplars = [];
  }

  /** How many samples it has taken. */
  get count(): number {
    return this.values()[this.#shape.edges.length + 2] ?? 0;
  }

  protected override get exemplars(): readonly (Exemplar | undefined)[] {
    return this.#exemplars;
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
      total += cells[this.offset + FIRST_COUNT + bucket] ?? 0;
      scratch[bucket] = total;
    }
    scratch[buckets] = cells[this.offset] ?? 0;
    scratch[buckets + 1] = total;
    return scratch;
  }
}

function isCount(times: number): boolean {
  return Number.isFinite(times) && times >= 1;
}
