/**
 * Which bucket of a histogram a sample belongs to, found from the first bits of the number.
 *
 * @module
 */

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
/** The word with sign, exponent and the first bits of the fraction. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Exponent and four bits of the fraction are left: an octave of positive numbers is in 16 parts. */
const SHIFT = 16;
const PARTS = 2 ** (31 - SHIFT);

/** Many families have the same edges. */
const MADE = new Map<string, BucketIndex>();

/** Where the search for a bucket begins: for nearly all samples that is where it ends, too. */
export class BucketIndex {
  /** Ascending, +Inf last. */
  readonly #edges: Float64Array;
  /** For each part the bucket of the smallest number in it. */
  readonly #starts: Uint8Array;

  /** The one for these edges: ascending, without +Inf, and at most 255. */
  static for(edges: Float64Array): BucketIndex {
    const key = edges.join();
    const made = MADE.get(key) ?? new BucketIndex(edges);
    MADE.set(key, made);
    return made;
  }

  private constructor(edges: Float64Array) {
    this.#edges = Float64Array.from([...edges, Infinity]);
    this.#starts = new Uint8Array(PARTS);
    let bucket = 0;
    for (let part = 0; part < PARTS; part += 1) {
      words[1 - HIGH] = 0;
      words[HIGH] = part << SHIFT;
      while ((number[0] ?? 0) > (this.#edges[bucket] ?? Infinity)) bucket += 1;
      this.#starts[part] = bucket;
    }
  }

  /** The first bucket whose edge is not below `value`, which must be a number. */
  of(value: number): number {
    number[0] = value;
    // A negative number is in no part.
    let bucket = this.#starts[(words[HIGH] ?? 0) >>> SHIFT] ?? 0;
    while (value > (this.#edges[bucket] ?? Infinity)) bucket += 1;
    return bucket;
  }
}
