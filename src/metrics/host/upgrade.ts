/**
 * One request to upgrade a connection, and the life of that connection.
 *
 * @module
 */

import type { Duplex } from "node:stream";

import { CLIENT_CLOSED_REQUEST, STATUS_LINE } from "./exchange.js";

/** What is told of an upgrade, each once. */
export interface UpgradeEvents {
  /** It was answered, or its client went (499) or its listener threw (500) before. */
  onAnswer(statusCode: number): void;
  /** The connection is over. */
  onEnd(): void;
}

/**
 * Watches the answer to an upgrade, which goes to the connection as bytes. Only the first of them are
 * looked at: `write` and `end` of the connection are its own again before they are sent on.
 */
export function watchUpgrade(socket: Duplex, events: UpgradeEvents): { fail(): void } {
  let isAnswered = false;
  let isOver = false;
  const answer = (statusCode: number): void => {
    if (isAnswered) return;
    isAnswered = true;
    unwatch();
    events.onAnswer(statusCode);
  };
  const end = (statusCode: number): void => {
    answer(statusCode);
    if (isOver) return;
    isOver = true;
    events.onEnd();
  };
  const unwatch = watchFirstBytes(socket, (bytes) => {
    answer(Number(STATUS_LINE.exec(bytes)?.[1] ?? 0));
  });
  socket.once("close", () => {
    end(CLIENT_CLOSED_REQUEST);
  });
  return {
    fail: () => {
      end(500);
    },
  };
}

/** Calls back before the first bytes are sent. Returns how to stop that. */
function watchFirstBytes(socket: Duplex, onBytes: (bytes: string) => void): () => void {
  const restores = (["write", "end"] as const).map((name) => {
    const own = Object.getOwnPropertyDescriptor(socket, name);
    const send = socket[name].bind(socket) as (...args: unknown[]) => unknown;
    const watched = (...args: unknown[]): unknown => {
      unwatch();
      onBytes(textOf(args[0]));
      return send(...args);
    };
    Object.defineProperty(socket, name, { value: watched, configurable: true, writable: true });
    return (): void => {
      // Whoever has put theirs on top since keeps it; ours then only passes on.
      if (socket[name] !== watched) return;
      if (own === undefined) Reflect.deleteProperty(socket, name);
      else Object.defineProperty(socket, name, own);
    };
  });
  const unwatch = (): void => {
    for (const restore of restores) restore();
  };
  return unwatch;
}

function textOf(chunk: unknown): string {
  if (typeof chunk === "string") return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(0, 16)).toString("latin1") : "";
}
