/**
 * A small pseudo-random generator, so that the same seed writes the same capture on every machine.
 *
 * @module
 */

/** Spreads the bits of a 32-bit number, so that seeds 1 and 2 do not start alike. */
function mix(value) {
  let mixed = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 16)) | 0;
}

/** Marsaglia's xorshift with 128 bits of state (Journal of Statistical Software 8(14), 2003). */
export class Random {
  /** @param {number} seed Any 32-bit number. */
  constructor(seed) {
    this.x = mix(seed + 0x9e3779b9);
    this.y = mix(seed + 0x3c6ef372);
    this.z = mix(seed + 0xdaa66d2b);
    this.w = mix(seed + 0x78dde6e4) | 1;
  }

  /** From 0 to 2^32 - 1. */
  uint32() {
    const t = this.x ^ (this.x << 11);
    this.x = this.y;
    this.y = this.z;
    this.z = this.w;
    this.w = this.w ^ (this.w >>> 19) ^ (t ^ (t >>> 8));
    return this.w >>> 0;
  }

  /** From 0 up to, but not including, 1. */
  ratio() {
    return this.uint32() / 0x100000000;
  }

  /** A whole number of the range, both ends included. */
  integer(low, high) {
    return low + Math.floor(this.ratio() * (high - low + 1));
  }

  /**
   * Nearly normal with mean 0 and deviation 1, never beyond ±3.47: the sum of four uniform numbers.
   * Plain arithmetic, because `Math.log` and `Math.cos` may differ between engines.
   */
  normal() {
    const a = this.uint32();
    const b = this.uint32();
    const sum = (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff);
    return (sum / 65536 - 2) * 1.7320508075688772;
  }

  /** Lower-case hexadecimal digits. */
  hex(digits) {
    let text = "";
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, "0");
    return text.slice(0, digits);
  }
}
