/**
 * Networks by address and prefix length, as CIDR writes them (RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * @module
 */

import { addressBytes } from "./address.js";

/** A set of networks to hold addresses against. */
export class NetworkSet {
  readonly #networks: readonly Network[];

  private constructor(networks: readonly Network[]) {
    this.#networks = networks;
  }

  /**
   * @param texts `10.0.0.0/8`, `2001:db8::/32`, or an address alone.
   * @throws {RangeError} If one is no network.
   */
  static of(texts: readonly string[]): NetworkSet {
    return new NetworkSet(texts.map(network));
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0;
  }

  /** Whether one of the networks holds the address. A text that is no IP address is in none. */
  holds(address: string): boolean {
    const parsed = addressBytes(address);
    if (parsed === undefined) return false;
    return this.#networks.some(
      ({ bytes, isIpv6, prefixBits }) =>
        isIpv6 === parsed.isIpv6 && hasPrefix(parsed.bytes, bytes, prefixBits),
    );
  }
}

interface Network {
  readonly bytes: Uint8Array;
  readonly isIpv6: boolean;
  readonly prefixBits: number;
}

function network(text: string): Network {
  const [address = "", length, ...rest] = text.split("/");
  const parsed = addressBytes(address);
  const bits = parsed?.isIpv6 === true ? 128 : 32;
  const prefixBits = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (parsed === undefined || rest.length > 0 || prefixBits < 0 || prefixBits > bits) {
    throw new RangeError(
      `${JSON.stringify(text)} is no network; write an address and a prefix length, as in 10.0.0.0/8`,
    );
  }
  return { ...parsed, prefixBits };
}

function hasPrefix(address: Uint8Array, prefix: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i += 1) if (address[i] !== prefix[i]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((address[whole] ?? 0) & mask) === ((prefix[whole] ?? 0) & mask);
}
