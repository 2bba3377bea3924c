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
  /** The payload as ISO 8859-1, one character a byte, as long as {@link EventBase.payload} is valid. */
  readonly latin1: string;
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

/** What a row says of any event, and where the event's payload is. */
interface Base extends Place {
  readonly bytes: Buffer;
  readonly frame: number;
  readonly atMs: number;
  readonly path: Path;
  readonly truncated: boolean;
}

/** Of most events the payload is never looked at as such: a view of it is made when asked for. */
abstract class Row implements EventBase, Base {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  readonly frame: number;
  readonly atMs: number;
  readonly path: Path;
  readonly truncated: boolean;

  constructor(base: Base) {
    this.bytes = base.bytes;
    this.from = base.from;
    this.to = base.to;
    this.frame = base.frame;
    this.atMs = base.atMs;
    this.path = base.path;
    this.truncated = base.truncated;
  }

  get payload(): Uint8Array {
    const { bytes, from, to } = this;
    return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);
  }
}

class SignallingRow extends Row implements SignallingEvent {
  readonly kind: SignallingEvent["kind"];
  readonly transport: Transport;

  constructor(kind: SignallingEvent["kind"], transport: Transport, base: Base) {
    super(base);
    this.kind = kind;
    this.transport = transport;
  }

  get latin1(): string {
    return this.bytes.toString("latin1", this.from, this.to);
  }
}

/** Records, too, are read when asked for. */
class RtcpRow extends Row implements RtcpEvent {
  readonly kind = "rtcp";
  readonly recordCount: number;
  readonly #records: Float64Array;
  readonly #firstRecord: number;

  constructor(records: Float64Array, firstRecord: number, recordCount: number, base: Base) {
    super(base);
    this.recordCount = recordCount;
    this.#records = records;
    this.#firstRecord = firstRecord;
  }

  record(index: number): RtcpRecord | undefined {
    const at = (this.#firstRecord + index) * ROW_WIDTH;
    return recordAt(this.#records, at, this, this);
  }
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
    const { buffer, byteOffset, length } = native.bytes;
    const bytes = Buffer.from(buffer, byteOffset, length);
    for (let index = 0; index < native.count; index++) {
      yield this.#event(native.records, rows, bytes, index);
    }
  }

  /** Offsets are those of the row, in units of what is read. */
  #event(records: Float64Array, rows: Rows, bytes: Buffer, index: number): CaptureEvent {
    const doubles = index * (EVENT_BYTES / 8);
    const words = index * (EVENT_BYTES / 4);
    const shorts = index * (EVENT_BYTES / 2);
    const first = index * EVENT_BYTES;
    const word = (offset: number): number => rows.words[words + offset] ?? 0;
    const frame = rows.doubles[doubles] ?? 0;
    const atMs = rows.doubles[doubles + 1] ?? 0;
    const from = word(4);
    const to = from + word(5);
    const kind = KINDS[(rows.bytes[first + 36] ?? 0) - 1] ?? "sip";
    const truncated = rows.bytes[first + 38] === 1;
    const isIpv6 = rows.bytes[first + 39] === 1;
    const path = this.#paths.path(
      rows.words,
      words + 10,
      isIpv6,
      rows.shorts[shorts + 16] ?? 0,
      rows.shorts[shorts + 17] ?? 0,
    );
    const base = { frame, atMs, path, truncated, bytes, from, to };
    if (kind === "rtcp") return new RtcpRow(records, word(6), word(7), base);
    return new SignallingRow(kind, TRANSPORTS[rows.bytes[first + 37] ?? 0] ?? "udp", base);
  }
}
