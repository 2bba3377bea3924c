/**
 * The end of a connection, for all that is under way on it.
 *
 * @module
 */

import type { Duplex } from "node:stream";

const WAITING = new WeakMap<Duplex, Set<() => void>>();

/**
 * Calls back when a connection is closed. However many requests a client sends at once, the connection
 * has one listener more: of many, Node warns the host.
 *
 * @returns How to stop before that.
 */
export function onSocketClose(socket: Duplex, listener: () => void): () => void {
  const waiting = WAITING.get(socket) ?? watched(socket);
  waiting.add(listener);
  return () => {
    waiting.delete(listener);
  };
}

function watched(socket: Duplex): Set<() => void> {
  const waiting = new Set<() => void>();
  WAITING.set(socket, waiting);
  socket.once("close", () => {
    WAITING.delete(socket);
    for (const listener of [...waiting]) listener();
  });
  return waiting;
}
