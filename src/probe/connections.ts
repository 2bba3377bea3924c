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
  /** By the Call-IDs that they were bound to or attached for. */
  readonly #byCallId = new Map<string, Set<Connection>>();
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
    const connection = new Connection(pc, { callId, binding }, this.#context, {
      isOf: (one, ofCallId) => {
        this.#note(one, ofCallId);
      },
      isOver: (one) => {
        this.#all.delete(pc);
        this.#forget(one);
      },
    });
    if (connection.isOver) this.#forget(connection);
    else this.#all.set(pc, connection);
    // Who was told that it is up may have closed the probe.
    if (this.#isClosed) connection.detach();
    return connection;
  }

  /** A call has begun that connections may have been attached for. */
  callStarted(source: CallSource, { callId }: SipCall): void {
    for (const connection of this.#with(callId)) {
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
    const candidates = callId === undefined ? [...this.#all.values()] : this.#with(callId);
    return candidates.filter((connection) => connection.isOnlyOf(source, callId));
  }

  #with(callId: string): Connection[] {
    return [...(this.#byCallId.get(callId) ?? [])];
  }

  #note(connection: Connection, callId: string): void {
    const known = this.#byCallId.get(callId);
    if (known === undefined) this.#byCallId.set(callId, new Set([connection]));
    else known.add(connection);
  }

  #forget(connection: Connection): void {
    for (const callId of connection.callIds) {
      const known = this.#byCallId.get(callId);
      known?.delete(connection);
      if (known?.size === 0) this.#byCallId.delete(callId);
    }
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
