/**
 * Brings packets to a collector without ever keeping anybody waiting: they queue up to a limit while
 * it is slow or away, and beyond it are dropped and counted.
 *
 * @module
 */

import type { ConnectionOptions } from "node:tls";

import type { Collector } from "./collector.js";
import { openWire, type Wire } from "./wire.js";

/** How long after a failure the next attempt follows; it doubles up to the most. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
/** How long flushing waits at most. */
export const FLUSH_LIMIT_MS = 5_000;

/** What became of packets. */
export interface LinkCounters {
  /** The system took them; over UDP that says nothing of their arrival. */
  readonly sent: number;
  /** Given up: the queue was full, the connection broke, or it was closed. */
  readonly dropped: number;
  /** Connections that broke or never came up, and refusals that a datagram was answered with. */
  readonly failures: number;
  /** Connections that came up. */
  readonly connections: number;
  readonly queuedBytes: number;
}

/** How a link is to be. */
export interface LinkOptions {
  readonly collector: Collector;
  readonly tls?: ConnectionOptions | undefined;
  /** Bytes that may wait. */
  readonly maxQueueBytes: number;
}

/** A way to one collector. It does not keep the process alive, but while it is flushed. */
export class HepLink {
  readonly #options: LinkOptions;
  #queue: Uint8Array[] = [];
  #head = 0;
  /** Of what waits and of what is handed over but not taken yet. */
  #bytes = 0;
  #inFlight = 0;
  #wire: Wire | undefined;
  /** Counts connections: what an earlier one still says is of no interest. */
  #generation = 0;
  #isReady = false;
  #hasRoom = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  readonly #idle = new Set<() => void>();
  #sent = 0;
  #dropped = 0;
  #failures = 0;
  #connections = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get counters(): LinkCounters {
    return {
      sent: this.#sent,
      dropped: this.#dropped,
      failures: this.#failures,
      connections: this.#connections,
      queuedBytes: this.#bytes,
    };
  }

  /** Takes a packet, which must not be changed any more. Never waits, never throws. */
  send(packet: Uint8Array): void {
    if (this.#isClosed || this.#bytes + packet.length > this.#options.maxQueueBytes) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(packet);
    this.#bytes += packet.length;
    this.#pump();
  }

  /** Resolves when nothing waits any more, at the latest after `limitMs`. */
  async flush(limitMs = FLUSH_LIMIT_MS): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        clearTimeout(limit);
        this.#idle.delete(settle);
        resolve();
      };
      const limit = setTimeout(settle, limitMs);
      this.#idle.add(settle);
    });
  }

  /** Flushes and closes; what could not be sent by then is dropped. */
  async close(limitMs = FLUSH_LIMIT_MS): Promise<void> {
    await this.flush(limitMs);
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#dropped += this.#queue.length - this.#head + this.#inFlight;
    this.#queue = [];
    this.#head = 0;
    this.#inFlight = 0;
    this.#bytes = 0;
    this.#generation += 1;
    this.#wire?.end();
    this.#wire = undefined;
  }

  get #isIdle(): boolean {
    return this.#inFlight === 0 && this.#head === this.#queue.length;
  }

  #pump(): void {
    if (this.#wire === undefined) {
      if (this.#retry === undefined && !this.#isClosed) this.#connect();
      return;
    }
    const generation = this.#generation;
    while (this.#isReady && this.#hasRoom && this.#head < this.#queue.length) {
      const packet = this.#next();
      this.#inFlight += 1;
      this.#hasRoom = this.#wire.write(packet, (isTaken) => {
        if (generation === this.#generation) this.#written(packet, isTaken);
      });
    }
  }

  #next(): Uint8Array {
    const packet = this.#queue[this.#head] ?? new Uint8Array();
    this.#head += 1;
    if (this.#head === this.#queue.length || this.#head >= COMPACT_FROM) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return packet;
  }

  #written(packet: Uint8Array, isTaken: boolean): void {
    if (isTaken) this.#sent += 1;
    else this.#dropped += 1;
    this.#inFlight -= 1;
    this.#bytes -= packet.length;
    // It works: the next failure is a new one.
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#isIdle) for (const settle of [...this.#idle]) settle();
  }

  #connect(): void {
    this.#generation += 1;
    const generation = this.#generation;
    const ifCurrent = (act: () => void) => (): void => {
      if (generation === this.#generation) act();
    };
    const { collector, tls } = this.#options;
    this.#wire = openWire(collector, tls, {
      onReady: ifCurrent(() => {
        this.#connections += 1;
        this.#isReady = true;
        this.#hasRoom = true;
        this.#pump();
      }),
      onDrain: ifCurrent(() => {
        this.#hasRoom = true;
        this.#pump();
      }),
      onRefused: ifCurrent(() => {
        this.#failures += 1;
      }),
      onGone: ifCurrent(() => {
        this.#gone();
      }),
    });
  }

  /** What was handed over and not taken is lost; the rest waits for the next connection. */
  #gone(): void {
    this.#failures += 1;
    this.#dropped += this.#inFlight;
    this.#inFlight = 0;
    this.#bytes = this.#queue.reduce(
      (sum, { length }, index) => sum + (index < this.#head ? 0 : length),
      0,
    );
    this.#generation += 1;
    this.#wire = undefined;
    this.#isReady = false;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (!this.#isIdle) this.#pump();
    }, this.#retryMs);
    this.#retry.unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    if (this.#isIdle) for (const settle of [...this.#idle]) settle();
  }
}

/** Taken packets are kept until there are so many: moving the rest each time would cost more. */
const COMPACT_FROM = 1024;
