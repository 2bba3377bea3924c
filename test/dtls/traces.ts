/**
 * Handshakes between openssl 3.0.19 s_client and s_server, recorded on loopback by the UDP relay
 * between them: time in seconds, direction, datagram in hex, whether the relay dropped it.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import type { DtlsDatagram } from "../../src/dtls/observer.js";

export const CLIENT = { address: "192.0.2.1", port: 40000 } as const;
export const SERVER = { address: "198.51.100.2", port: 5061 } as const;

/** When a trace's clock began, in epoch milliseconds. */
export const BEGAN_AT_MS = 1_760_000_000_000;

/** The datagrams of one trace, those included that never arrived. */
export function trace(name: string): DtlsDatagram[] {
  const text = readFileSync(new URL(`traces/${name}.json`, import.meta.url), "utf8");
  const rows = JSON.parse(text) as [number, "C>S" | "S>C", string, boolean][];
  return rows.map(([seconds, direction, hex]) => ({
    source: direction === "C>S" ? CLIENT : SERVER,
    destination: direction === "C>S" ? SERVER : CLIENT,
    atMs: BEGAN_AT_MS + seconds * 1000,
    payload: Buffer.from(hex, "hex"),
  }));
}
