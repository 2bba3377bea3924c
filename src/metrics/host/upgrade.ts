/**
 * One request to upgrade a connection, and the life of that connection.
 *
 * @module
 */

import type { Duplex } from "node:stream";

import { watchFirstCall } from "./first-call.js";
import { onSocketClose } from "./socket-close.js";
import { CLIENT_CLOSED_REQUEST, statusOf } from "./status-line.js";

/** What is told of an upgrade, each once. */
export interface UpgradeEvents {
  /** It was answered, or its client went (499) or its listener threw (500) before. */
  onAnswer(statusCode: number): void;
  /** The connection is over. */
  onEnd(): void;
}

/** An upgrade that is watched. */
export interface WatchedUpgrade {
  /** It was answered already. */
  answer(statusCode: number): void;
  /** Its listener threw. */
  fail(): void;
}

/**
 * Watches the answer to an upgrade, which goes to the connection as bytes. Only the first of them are
 * looked at: `write` and `end` of the connection are its own again before they are sent on.
 */
export function watchUpgrade(socket: Duplex, events: UpgradeEvents): WatchedUpgrade {
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
    answer(statusOf(bytes) ?? 0);
  });
  onSocketClose(socket, () => {
    end(CLIENT_CLOSED_REQUEST);
  });
  return {
    answer,
    fail: () => {
      end(500);
    },
  };
}
