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

const SLOTS = 16_384;
/** Places that are looked at for one path; whoever chooses addresses cannot make it more. */
const MAX_PROBES = 8;
/** Ports, family, and eight words of addresses. */
const KEY_WORDS = 10;

/**
 * Remembers paths by their numbers: a key made of text would have to be written, hashed and compared
 * for every event. Bounded; what it has no room for takes the place of another.
 */
export class PathTable {
  readonly #keys = new Uint32Array(SLOTS * KEY_WORDS);
  readonly #paths = new Array<Path | undefined>(SLOTS).fill(undefined);
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
    const slot = this.#slotOf(hashOf(key));
    const known = this.#paths[slot];
    if (known !== undefined && this.#holdsKey(slot)) return known;
    const bytes = new Uint8Array(words.buffer, words.byteOffset + at * 4, 2 * ADDRESS_BYTES);
    const path = {
      source: endpoint(bytes, 0, isIpv6, sourcePort),
      destination: endpoint(bytes, ADDRESS_BYTES, isIpv6, destinationPort),
    };
    this.#keys.set(key, slot * KEY_WORDS);
    this.#paths[slot] = path;
    return path;
  }

  /** Where the key is, else an empty place for it, else the place that it takes over. */
  #slotOf(hash: number): number {
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = (hash + probe) & (SLOTS - 1);
      if (this.#paths[slot] === undefined || this.#holdsKey(slot)) return slot;
    }
    return hash & (SLOTS - 1);
  }

  #holdsKey(slot: number): boolean {
    const from = slot * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#keys[from + word] !== this.#key[word]) return false;
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
