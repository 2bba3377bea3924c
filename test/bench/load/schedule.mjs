/**
 * Puts frames into order of time. Time goes by in slices: what is planned for a slice may arrive in
 * a later one but never in an earlier one.
 *
 * @module
 */

const INDEX_RANGE = 1 << 22;

/** Frames that were planned and not yet written. */
export class Schedule {
  constructor() {
    this.count = 0;
    this.#grow(1 << 16);
  }

  #grow(capacity) {
    const grown = (Type, old) => {
      const array = new Type(capacity);
      if (old) array.set(old.subarray(0, this.count));
      return array;
    };
    this.atUs = grown(Float64Array, this.atUs);
    this.kind = grown(Uint8Array, this.kind);
    this.owner = grown(Int32Array, this.owner);
    this.number = grown(Int32Array, this.number);
  }

  /** Plans a frame; of two at the same microsecond, the one planned first goes first. */
  add(atUs, kind, owner, number) {
    if (this.count === this.atUs.length) this.#grow(this.count * 2);
    const i = this.count++;
    this.atUs[i] = atUs;
    this.kind[i] = kind;
    this.owner[i] = owner;
    this.number[i] = number;
  }

  /**
   * Hands over all frames before `endUs`, in order, and keeps the others.
   *
   * @param {(atUs: number, kind: number, owner: number, number: number) => void} write
   */
  drain(startUs, endUs, write) {
    const { count, atUs } = this;
    if (count >= INDEX_RANGE) {
      throw new RangeError(
        `${count} frames in one slice; there must be fewer than ${INDEX_RANGE}.`,
      );
    }
    // Time and position in one number: typed arrays sort numbers without a comparator.
    const keys = new Float64Array(count);
    let due = 0;
    for (let i = 0; i < count; ++i) {
      if (atUs[i] < endUs) keys[due++] = (atUs[i] - startUs) * INDEX_RANGE + i;
    }
    const order = keys.subarray(0, due).sort();
    for (const key of order) {
      const i = key % INDEX_RANGE;
      write(atUs[i], this.kind[i], this.owner[i], this.number[i]);
    }
    let kept = 0;
    for (let i = 0; i < count; ++i) {
      if (atUs[i] < endUs) continue;
      atUs[kept] = atUs[i];
      this.kind[kept] = this.kind[i];
      this.owner[kept] = this.owner[i];
      this.number[kept++] = this.number[i];
    }
    this.count = kept;
  }
}
