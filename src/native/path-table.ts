/**
 * Paths as objects, made once for each of the few that signalling takes.
 *
 * @module
 */

import { addressText } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import type { Path } from "../rtcp/report.js";

/** Bytes of a path in an event row: source and destination address, sixteen each. */
const ADDRESS_BYTES = 16;

const FIRST_SLOTS = 4096;
/** Paths beyond half of these begin to take each other's places. */
const MAX_SLOTS = 262_144;
/** Places that are looked at for one path; whoever chooses addresses cannot make it more. */
const MAX_PROBES = 16;
/** Ports, family, and eight words of addresses. */
const KEY_WORDS = 10;

/**
 * Remembers paths by their numbers: a key made of text would have to be written, hashed and compared
 * for every event. Bounded; what it has no room for takes the place of another.
 */
export class PathTable {
  #keys = new Uint32Array(FIRST_SLOTS * KEY_WORDS);
  #paths = new Array<Path | undefined>(FIRST_SLOTS).fill(undefined);
  #size = 0;
  readonly #key = new Uint32Array(KEY_WORDS);

  /**
   * The path between two addresses that lie one behind the other; mostly the same object for the same
   * path.
   *
   * @param words - Where the addresses are, as words.
   * @param at - Index of the source address's first word.
   */
  path(
    words: Uint32Array,
    at: number,
    isIpv6: boolean,
    sourcePort: number,
    destinationPort: number,
  ): Path {
    const key = this.#key;
    key[0] = (sourcePort << 16) | destinationPort;
    key[1] = isIpv6 ? 1 : 0;
    for (let word = 0; word < 8; word++) key[2 + word] = words[at + word] ?? 0;
    const slot = this.#slotOf(key);
    const known = this.#paths[slot];
    if (known !== undefined && this.#holds(key, slot)) return known;
    const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4, 2 * ADDRESS_BYTES);
    const path = {
      source: endpoint(bytes, 0, isIpv6, sourcePort),
      destination: endpoint(bytes, ADDRESS_BYTES, isIpv6, destinationPort),
    };
    if (this.#size >= this.#paths.length / 2 && this.#paths.length < MAX_SLOTS) this.#grow();
    this.#put(key, path);
    return path;
  }

  #put(key: Uint32Array, path: Path): void {
    const slot = this.#slotOf(key);
    if (this.#paths[slot] === undefined) this.#size += 1;
    this.#keys.set(key, slot * KEY_WORDS);
    this.#paths[slot] = path;
  }

  #grow(): void {
    const [keys, paths] = [this.#keys, this.#paths];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#paths = new Array<Path | undefined>(paths.length * 2).fill(undefined);
    this.#size = 0;
    for (const [slot, path] of paths.entries()) {
      const from = slot * KEY_WORDS;
      if (path !== undefined) this.#put(keys.subarray(from, from + KEY_WORDS), path);
    }
  }

  /** Where the key is, else an empty place for it, else the place that it takes over. */
  #slotOf(key: Uint32Array): number {
    const last = this.#paths.length - 1;
    const hash = hashOf(key);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = (hash + probe) & last;
      if (this.#paths[slot] === undefined || this.#holds(key, slot)) return slot;
    }
    return hash & last;
  }

  #holds(key: Uint32Array, slot: number): boolean {
    const from = slot * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#keys[from + word] !== key[word]) return false;
    }
    return true;
  }
}

function hashOf(key: Uint32Array): number {
  let hash = 0;
  for (let word = 0; word < KEY_WORDS; word++) {
    hash = Math.imul(hash ^ (key[word] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function endpoint(bytes: Uint8Array, at: number, isIpv6: boolean, port: number): Endpoint {
  return { address: addressText(bytes, isIpv6, at), port };
}
