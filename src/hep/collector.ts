/**
 * Where HEP packets are sent to.
 *
 * @module
 */

/** How packets get there. */
export type CollectorTransport = "udp" | "tcp" | "tls";

/** A collector's address. */
export interface Collector {
  readonly transport: CollectorTransport;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** The port that collectors listen on unless another one is named. */
export const DEFAULT_HEP_PORT = 9060;

/**
 * Reads `udp://host:port`, `tcp://…` or `tls://…`; the port is 9060 unless named.
 *
 * @throws {RangeError} If it is none of these.
 */
export function parseCollector(text: string): Collector {
  const [, transport, bracketed, plain, port] =
    /^(udp|tcp|tls):\/\/(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? DEFAULT_HEP_PORT : Number(port);
  if (transport === undefined || host === undefined || number < 1 || number > 65_535) {
    throw new RangeError(
      `${JSON.stringify(text)} names no collector; write udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT`,
    );
  }
  return { transport: transport.toLowerCase() as CollectorTransport, host, port: number };
}
