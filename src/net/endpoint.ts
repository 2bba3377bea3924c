/**
 * Where packets come from and go to.
 *
 * @module
 */

/** A transport address. IPv6 in the form of RFC 5952, without brackets or zone. */
export interface Endpoint {
  readonly address: string;
  /** From 0 to 65535. */
  readonly port: number;
}

/** A string that two endpoints share only if they are the same. */
export function endpointKey(endpoint: Endpoint): string {
  return endpoint.address.includes(":")
    ? `[${endpoint.address}]:${String(endpoint.port)}`
    : `${endpoint.address}:${String(endpoint.port)}`;
}
