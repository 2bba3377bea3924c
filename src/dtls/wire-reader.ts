/**
 * Reads the presentation language of TLS (RFC 8446 §3) front to back.
 *
 * @module
 */

const NOTHING = new Uint8Array(0);

/**
 * A place in bytes that are read once. A read past the end gives zeros or nothing and is remembered:
 * look at {@link WireReader.isShort} before anything that was read is believed.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #isShort = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Something was read that is not there. */
  get isShort(): boolean {
    return this.#isShort;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#uint(1);
  }

  uint16(): number {
    return this.#uint(2);
  }

  uint24(): number {
    return this.#uint(3);
  }

  /** The next bytes, not copied. */
  take(length: number): Uint8Array {
    if (length > this.remaining) {
      this.#fail();
      return NOTHING;
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #uint(size: 1 | 2 | 3): number {
    if (size > this.remaining) {
      this.#fail();
      return 0;
    }
    let value = 0;
    for (let i = 0; i < size; i += 1) value = value * 256 + (this.#bytes[this.#at + i] ?? 0);
    this.#at += size;
    return value;
  }

  #fail(): void {
    this.#isShort = true;
    this.#at = this.#bytes.length;
  }
}
