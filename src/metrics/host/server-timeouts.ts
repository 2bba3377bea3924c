/**
 * When an HTTP server gives up on a request, and what it answers then.
 *
 * @module
 */

import type { Server } from "node:http";
import type { Duplex } from "node:stream";

import { watchFirstCall } from "./first-call.js";
import { statusOf } from "./status-line.js";
import { watchEvents } from "./watch-events.js";

/** What a server answered that gave up on a request, for its time or its form, by connection. */
const GIVEN_UP_WITH = new WeakMap<Duplex, number>();

/**
 * Calls back for each connection that the server gives up because it was idle, or because a header or
 * body did not come in time (`timeout`, `headersTimeout`, `requestTimeout`).
 *
 * It also notes how the server answers what it gives up, a request that is malformed amid its body
 * included.
 *
 * @returns How to stop.
 */
export function watchTimeouts(
  server: Pick<Server, "emit">,
  onTimeout: (socket: Duplex, isOfRequest: boolean) => void,
): () => void {
  return watchEvents(server, (name, args) => {
    if (name === "timeout") onTimeout(args[0] as Duplex, false);
    if (name !== "clientError") return;
    const socket = args[1] as Duplex;
    // Of a connection that is lost nobody hears what a host may write to it still.
    if (socket.writable) watchAnswer(socket);
    if (isRequestTimeout(args[0])) onTimeout(socket, true);
  });
}

/**
 * The status that a server gave up on a request with, if it is watched and did: Node, or a listener of
 * the host's, writes it to the connection, past the response.
 */
export function givenUpWith(socket: Duplex): number | undefined {
  return GIVEN_UP_WITH.get(socket);
}

function watchAnswer(socket: Duplex): void {
  watchFirstCall(socket, ["write", "end"], ([chunk]) => {
    const status = statusOf(chunk);
    if (status !== undefined && status >= 400) GIVEN_UP_WITH.set(socket, status);
  });
}

function isRequestTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_HTTP_REQUEST_TIMEOUT";
}
