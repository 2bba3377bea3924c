/**
 * Reads the event rows of a scan (`core/scanner.hpp`, Event) without copying the payloads.
 *
 * @module
 */

import type { Path, RtcpRecord } from "../rtcp/report.js";
import { type Place, recordAt, ROW_WIDTH } from "../rtcp/row.js";
import type { NativeEvents } from "./binding.js";
import { PathTable } from "./path-table.js";

/** How a signalling message travelled. */
export type Transport = "udp" | "tcp" | "websocket";

interface EventBase {
  /** Index of the frame that completed it, from 0. */
  readonly frame: number;
  /** Epoch milliseconds with a fraction. */
  readonly atMs: number;
  /** Mostly the same object for the same path. */
  readonly path: Path;
  /** Valid until the events of the next scan are taken, which writes over it; copy what is kept. */
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
  /** How many records it is made of. */
  readonly recordCount: number;
  /**
   * Reads one of its records, as long as {@link RtcpEvent.payload} is valid.
   *
   * @param index - From 0 to below {@link RtcpEvent.recordCount}.
   * @returns `undefined` for a kind that this version does not know.
   */
  record(index: number): RtcpRecord | undefined;
}

export type CaptureEvent = SignallingEvent | RtcpEvent;

const EVENT_BYTES = 72;
const KINDS = ["sip", "stun", "dtls", "rtcp"] as const;
const TRANSPORTS: readonly Transport[] = ["udp", "tcp", "websocket"];

/**
 * Most RTCP is never looked at but for its records, and those not at once: a view of its bytes and its
 * records are made when asked for.
 */
class RtcpRow implements RtcpEvent {
  readonly kind = "rtcp";
  readonly frame: number;
  readonly atMs: number;
  readonly path: Path;
  readonly truncated: boolean;
  readonly recordCount: number;
  readonly #native: NativeEvents;
  readonly #place: Place;
  readonly #firstRecord: number;

  constructor(
    native: NativeEvents,
    place: Place,
    { frame, atMs, path, truncated }: Omit<EventBase, "payload">,
    firstRecord: number,
    recordCount: number,
  ) {
    this.frame = frame;
    this.atMs = atMs;
    this.path = path;
    this.truncated = truncated;
    this.recordCount = recordCount;
    this.#native = native;
    this.#place = place;
    this.#firstRecord = firstRecord;
  }

  get payload(): Uint8Array {
    return payloadAt(this.#place);
  }

  record(index: number): RtcpRecord | undefined {
    const at = (this.#firstRecord + index) * ROW_WIDTH;
    return recordAt(this.#native.records, at, this, this.#place);
  }
}

function payloadAt({ bytes, from, to }: Place): Uint8Array {
  return bytes.subarray(from, to);
}

/** The same rows as numbers of every width that is in them. */
interface Rows {
  readonly memory: ArrayBuffer;
  readonly doubles: Float64Array;
  readonly words: Uint32Array;
  readonly shorts: Uint16Array;
  readonly bytes: Uint8Array;
}

function rowsIn(memory: ArrayBuffer): Rows {
  return {
    memory,
    doubles: new Float64Array(memory),
    words: new Uint32Array(memory),
    shorts: new Uint16Array(memory),
    bytes: new Uint8Array(memory),
  };
}

/** Reads the events of scan after scan. */
export class EventReader {
  readonly #paths = new PathTable();
  #rows = rowsIn(new ArrayBuffer(0));

  /** The events of one scan, in file order. */
  *read(native: NativeEvents): Generator<CaptureEvent> {
    if (this.#rows.memory !== native.rows) this.#rows = rowsIn(native.rows);
    const rows = this.#rows;
    for (let index = 0; index < native.count; index++) yield this.#event(native, rows, index);
  }

  /** Offsets are those of the row, in units of what is read. */
  #event(native: NativeEvents, rows: Rows, index: number): CaptureEvent {
    const doubles = index * (EVENT_BYTES / 8);
    const words = index * (EVENT_BYTES / 4);
    const shorts = index * (EVENT_BYTES / 2);
    const bytes = index * EVENT_BYTES;
    const word = (offset: number): number => rows.words[words + offset] ?? 0;
    const frame = rows.doubles[doubles] ?? 0;
    const atMs = rows.doubles[doubles + 1] ?? 0;
    const from = word(4);
    const place = { bytes: native.bytes, from, to: from + word(5) };
    const kind = KINDS[(rows.bytes[bytes + 36] ?? 0) - 1] ?? "sip";
    const truncated = rows.bytes[bytes + 38] === 1;
    const isIpv6 = rows.bytes[bytes + 39] === 1;
    const path = this.#paths.path(
      rows.words,
      words + 10,
      isIpv6,
      rows.shorts[shorts + 16] ?? 0,
      rows.shorts[shorts + 17] ?? 0,
    );
    if (kind === "rtcp") {
      return new RtcpRow(native, place, { frame, atMs, path, truncated }, word(6), word(7));
    }
    const transport = TRANSPORTS[rows.bytes[bytes + 37] ?? 0] ?? "udp";
    return { kind, transport, frame, atMs, path, payload: payloadAt(place), truncated };
  }
}
