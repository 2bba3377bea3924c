/**
 * Shows the DTLS and STUN of a capture to the observers, as the engine hands it out.
 *
 * @module
 */

import { closeSync, openSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import { DtlsObserver } from "../../src/dtls/observer.js";
import { IceObserver, type StunDatagram } from "../../src/ice/observer.js";
import { Engine } from "../../src/native/engine.js";
import { fixtureCapture } from "../support/fixtures.js";

/** What was found in a capture. */
export interface ObservedCapture {
  readonly dtls: DtlsObserver;
  readonly ice: IceObserver;
  /** Every STUN message. */
  readonly stun: readonly StunDatagram[];
  /** When the last event was. */
  readonly lastAtMs: number;
}

/** The capture of a fixture, unpacked. */
export function fixtureBytes(name: string): Buffer {
  const path = fixtureCapture(name);
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** Reads an uncompressed capture to its end. */
export async function observeCapture(path: string): Promise<ObservedCapture> {
  const engine = new Engine();
  const descriptor = openSync(path, "r");
  try {
    engine.addFile(descriptor);
    return await scanned(engine);
  } finally {
    closeSync(descriptor);
  }
}

/** As {@link observeCapture}, of a capture in memory. */
export async function observeBytes(bytes: Uint8Array): Promise<ObservedCapture> {
  const engine = new Engine();
  const input = engine.addFeed();
  engine.feed(input, bytes);
  return scanned(engine, input);
}

async function scanned(engine: Engine, input?: number): Promise<ObservedCapture> {
  const dtls = new DtlsObserver();
  const ice = new IceObserver();
  const stun: StunDatagram[] = [];
  let lastAtMs = 0;
  for (;;) {
    const pause = await engine.scan();
    for (const { kind, path, atMs, payload, truncated } of engine.takeEvents()) {
      lastAtMs = Math.max(lastAtMs, atMs);
      const datagram = { ...path, atMs, payload };
      if (kind === "dtls") dtls.observe({ ...datagram, isTruncated: truncated });
      if (kind !== "stun") continue;
      ice.observe(datagram);
      stun.push({ ...datagram, payload: Uint8Array.from(payload) });
    }
    if (pause === "hungry" && input !== undefined) engine.endFeed(input);
    if (pause === "ended") return { dtls, ice, stun, lastAtMs };
  }
}
