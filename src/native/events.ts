/**
 * Reads the event rows of a scan (`core/scanner.hpp`, Event) without copying the payloads.
 *
 * @module
 */

import { addressText } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import type { RtcpRecord } from "../rtcp/report.js";
import { recordFromRow, ROW_WIDTH } from "../rtcp/row.js";
import type { NativeEvents } from "./binding.js";

/** How a signalling message travelled. */
export type Transport = "udp" | "tcp" | "websocket";

interface EventBase {
  /** Index of the frame that completed it, from 0. */
  readonly frame: number;
  /** Epoch milliseconds with a fraction. */
  readonly atMs: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
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

/** The events of one scan, in file order. */
export function* readEvents(native: NativeEvents): Generator<CaptureEvent> {
  const view = new DataView(native.rows);
  for (let at = 0; at < native.rows.byteLength; at += EVENT_BYTES)
    yield readEvent(native, view, at);
}

function readEvent(native: NativeEvents, view: DataView, at: number): CaptureEvent {
  const offset = view.getUint32(at + 16, true);
  const kind = KINDS[view.getUint8(at + 36) - 1] ?? "sip";
  const isIpv6 = view.getUint8(at + 39) === 1;
  const base: EventBase = {
    frame: view.getFloat64(at, true),
    atMs: view.getFloat64(at + 8, true),
    source: endpoint(native, at + 40, isIpv6, view.getUint16(at + 32, true)),
    destination: endpoint(native, at + 56, isIpv6, view.getUint16(at + 34, true)),
    payload: native.bytes.subarray(offset, offset + view.getUint32(at + 20, true)),
    truncated: view.getUint8(at + 38) === 1,
  };
  if (kind === "rtcp") {
    const first = view.getUint32(at + 24, true);
    return { ...base, kind, records: records(native, base, first, view.getUint32(at + 28, true)) };
  }
  return { ...base, kind, transport: TRANSPORTS[view.getUint8(at + 37)] ?? "udp" };
}

function endpoint(native: NativeEvents, at: number, isIpv6: boolean, port: number): Endpoint {
  return { address: addressText(new Uint8Array(native.rows, at, 16), isIpv6), port };
}

function records(
  native: NativeEvents,
  { atMs, source, destination, payload }: EventBase,
  first: number,
  count: number,
): RtcpRecord[] {
  const origin = { atMs, path: { source, destination }, payload };
  const all: RtcpRecord[] = [];
  for (let row = first; row < first + count; row++) {
    const columns = native.records.subarray(row * ROW_WIDTH, (row + 1) * ROW_WIDTH);
    const record = recordFromRow(columns, origin);
    if (record !== undefined) all.push(record);
  }
  return all;
}
