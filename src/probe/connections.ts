/**
 * All peer connections of a probe.
 *
 * @module
 */

import type { SipCall } from "../sip/call.js";
import {
  type CallSource,
  Connection,
  type ConnectionsContext,
  type DialogBinding,
} from "./connection.js";

/** All connections of one probe. */
export class Connections {
  readonly #context: ConnectionsContext;
  readonly #all = new Map<object, Connection>();
  #isClosed = false;

  constructor(context: ConnectionsContext) {
    this.#context = context;
  }

  get all(): Iterable<Connection> {
    return this.#all.values();
  }

  /**
   * Attaches, or gives what is attached.
   *
   * @param binding The dialog whose stack made the connection, where that is known.
   * @throws As the adapter does for what it cannot attach to.
   */
  attach(pc: object, callId?: string, binding?: DialogBinding): Connection {
    const known = this.#of(pc, binding);
    if (known !== undefined) {
      if (binding === undefined) known.hold();
      else known.bind(binding.source, binding);
      if (callId !== undefined) known.name(callId);
      return known;
    }
    const connection = new Connection(pc, { callId, binding }, this.#context, () => {
      this.#all.delete(pc);
    });
    if (!connection.isOver) this.#all.set(pc, connection);
    // Who was told that it is up may have closed the probe.
    if (this.#isClosed) connection.detach();
    return connection;
  }

  /** A call has begun that connections may have been attached for. */
  callStarted(source: CallSource, { callId }: SipCall): void {
    for (const connection of this.#all.values()) {
      if (connection.namedCallId === callId) connection.bind(source, { callId });
    }
  }

  /** A call was hung up. What was attached for it alone may come to be another's. */
  callHungUp(source: CallSource, { callId }: SipCall): void {
    for (const connection of this.#onlyOf(source, callId)) connection.hungUp();
  }

  /** A call was told, and is over. */
  callTold(source: CallSource, { callId }: SipCall): void {
    for (const connection of this.#onlyOf(source, callId)) connection.callTold();
  }

  /** A user agent, or one call of it, is not followed any more: nor is what was attached for it alone. */
  release(source: CallSource, callId?: string): void {
    for (const connection of this.#onlyOf(source, callId)) connection.detach();
  }

  #onlyOf(source: CallSource, callId?: string): Connection[] {
    const found: Connection[] = [];
    for (const connection of this.#all.values()) {
      if (connection.isOnlyOf(source, callId)) found.push(connection);
    }
    return found;
  }

  /** What is attached; not where it was for a call that is over, and its stack has it for another. */
  #of(pc: object, binding: DialogBinding | undefined): Connection | undefined {
    const known = this.#all.get(pc);
    const isForAnother =
      known?.isHungUp === true && binding !== undefined && binding.callId !== known.callId;
    if (!isForAnother) return known;
    known.detach();
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#all.values()]) connection.detach();
  }
}
