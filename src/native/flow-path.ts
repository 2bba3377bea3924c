/**
 * The path of a live flow as the addon takes it.
 *
 * @module
 */

import { type AddressBytes, addressBytes } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";

const MAX_PORT = 0xffff;

/** Where the packets of a flow come from and go to. */
export interface FlowPath {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/**
 * Both addresses, 16 bytes each. An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is unmapped.
 *
 * @throws {RangeError} If an address is no IP address, both are not of one family, or a port is
 *   outside 0 to 65,535.
 */
export function packedPath({ source, destination }: FlowPath): {
  readonly addresses: Uint8Array;
  readonly isIpv6: boolean;
} {
  const from = checkedAddress("source", source);
  const to = checkedAddress("destination", destination);
  if (from.isIpv6 !== to.isIpv6) {
    throw new RangeError(
      `source is ${source.address} and destination ${destination.address}; ` +
        "both must be IPv4 or both IPv6",
    );
  }
  const addresses = new Uint8Array(32);
  addresses.set(from.bytes);
  addresses.set(to.bytes, 16);
  return { addresses, isIpv6: from.isIpv6 };
}

function checkedAddress(name: string, { address, port }: Endpoint): AddressBytes {
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new RangeError(`${name} port is ${String(port)}; it must be from 0 to 65535`);
  }
  const given = addressBytes(address);
  if (given === undefined) {
    throw new RangeError(
      `${name} address is ${address}; it must be an IPv4 or IPv6 address without a zone`,
    );
  }
  const { bytes, isIpv6 } = given;
  const isMapped = isIpv6 && bytes.every((byte, at) => at > 11 || byte === (at < 10 ? 0 : 0xff));
  if (!isMapped) return given;
  const ipv4 = new Uint8Array(16);
  ipv4.set(bytes.subarray(12));
  return { bytes: ipv4, isIpv6: false };
}
