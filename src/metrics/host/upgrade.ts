/**
 * One request to upgrade a connection, and the life of that connection.
 *
 * @module
 */

import type { Duplex } from "node:stream";

import { CLIENT_CLOSED_REQUEST, STATUS_LINE } from "./exchange.js";
import { watchFirstCall } from "./first-call.js";

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
  const unwatch = watchFirstCall(socket, ["write", "end"], ([bytes]) => {
    answer(Number(STATUS_LINE.exec(textOf(bytes))?.[1] ?? 0));
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

function textOf(chunk: unknown): string {
  if (typeof chunk === "string") return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(0, 16)).toString("latin1") : "";
}
