/**
 * Reads the event rows of a scan (`core/scanner.hpp`, Event) without copying the payloads.
 *
 * @module
 */

import { addressText } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import type { Path, RtcpRecord } from "../rtcp/report.js";
import { recordFromRow, ROW_WIDTH } from "../rtcp/row.js";
import type { NativeEvents } from "./binding.js";

/** How a signalling message travelled. */
export type Transport = "udp" | "tcp" | "websocket";

interface EventBase {
  /** Index of the frame that completed it, from 0. */
  readonly frame: number;
  /** Epoch milliseconds with a fraction. */
  readonly atMs: number;
  /** Mostly the same object for the same path. */
  readonly path: Path;
  /** Valid until the next scan; copy what is kept. */
  readonly payload: Uint8Array;
  /** Bytes are missing: a snap length, or segments that were never captured. */
  readonly truncated: boolean;
}

/** A whole SIP message, STUN message or DTLS datagram. */
export interface SignallingEvent extends EventBase {
  readonly kind: "sip" | "stun" | "dtls";
  readonly transport: Transport;
}

/** An RTCP datagram and what it states. */
export interface RtcpEvent extends EventBase {
  readonly kind: "rtcp";
  readonly records: readonly RtcpRecord[];
}

export type CaptureEvent = SignallingEvent | RtcpEvent;

const EVENT_BYTES = 72;
const KINDS = ["sip", "stun", "dtls", "rtcp"] as const;
const TRANSPORTS: readonly Transport[] = ["udp", "tcp", "websocket"];

/** Paths that are remembered; the few that signalling takes come again and again. */
const MAX_PATHS = 8192;

/** Reads the events of scan after scan. */
export class EventReader {
  readonly #paths = new Map<string, Path>();

  /** The events of one scan, in file order. */
  *read(native: NativeEvents): Generator<CaptureEvent> {
    const rows = Buffer.from(native.rows);
    for (let at = 0; at < rows.length; at += EVENT_BYTES) yield this.#event(native, rows, at);
  }

  #event(native: NativeEvents, rows: Buffer, at: number): CaptureEvent {
    const offset = rows.readUInt32LE(at + 16);
    const kind = KINDS[(rows[at + 36] ?? 0) - 1] ?? "sip";
    const base: EventBase = {
      frame: rows.readDoubleLE(at),
      atMs: rows.readDoubleLE(at + 8),
      path: this.#path(rows, at),
      payload: native.bytes.subarray(offset, offset + rows.readUInt32LE(at + 20)),
      truncated: rows[at + 38] === 1,
    };
    if (kind === "rtcp") {
      const first = rows.readUInt32LE(at + 24);
      return { ...base, kind, records: records(native, base, first, rows.readUInt32LE(at + 28)) };
    }
    return { ...base, kind, transport: TRANSPORTS[rows[at + 37] ?? 0] ?? "udp" };
  }

  #path(rows: Buffer, at: number): Path {
    // Ports, kind, transport, flags and addresses lie side by side: their bytes are the key.
    const key = rows.toString("latin1", at + 32, at + EVENT_BYTES);
    let path = this.#paths.get(key);
    if (path === undefined) {
      const isIpv6 = rows[at + 39] === 1;
      path = {
        source: endpoint(rows, at + 40, isIpv6, at + 32),
        destination: endpoint(rows, at + 56, isIpv6, at + 34),
      };
      if (this.#paths.size >= MAX_PATHS) this.#paths.clear();
      this.#paths.set(key, path);
    }
    return path;
  }
}

function endpoint(rows: Buffer, addressAt: number, isIpv6: boolean, portAt: number): Endpoint {
  const address = addressText(rows.subarray(addressAt, addressAt + 16), isIpv6);
  return { address, port: rows.readUInt16LE(portAt) };
}

/** Rows are read one at a time: a view on each would be most of the work. */
const row = new Float64Array(ROW_WIDTH);

function records(
  native: NativeEvents,
  { atMs, path, payload }: EventBase,
  first: number,
  count: number,
): RtcpRecord[] {
  const origin = { atMs, path, payload };
  const all: RtcpRecord[] = [];
  for (let from = first * ROW_WIDTH; from < (first + count) * ROW_WIDTH; from += ROW_WIDTH) {
    for (let column = 0; column < ROW_WIDTH; column++) {
      row[column] = native.records[from + column] ?? Number.NaN;
    }
    const record = recordFromRow(row, origin);
    if (record !== undefined) all.push(record);
  }
  return all;
}
