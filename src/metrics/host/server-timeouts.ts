/**
 * When an HTTP server gives up on a request.
 *
 * @module
 */

import type { Server } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Calls back for each connection that the server gives up because it was idle, or because a header or
 * body did not come in time (`timeout`, `headersTimeout`, `requestTimeout`).
 *
 * It listens beside the server's events: a listener proper would take over what Node does by itself.
 *
 * @returns How to stop.
 */
export function watchTimeouts(
  server: Pick<Server, "emit">,
  onTimeout: (socket: Duplex, isOfRequest: boolean) => void,
): () => void {
  const own = Object.getOwnPropertyDescriptor(server, "emit");
  const emit = server.emit.bind(server) as (name: string, ...args: unknown[]) => boolean;
  const watched = (name: string, ...args: unknown[]): boolean => {
    if (name === "timeout") onTimeout(args[0] as Duplex, false);
    if (name === "clientError" && isRequestTimeout(args[0])) onTimeout(args[1] as Duplex, true);
    return emit(name, ...args);
  };
  Object.defineProperty(server, "emit", { value: watched, configurable: true, writable: true });
  return () => {
    if (server.emit !== (watched as typeof server.emit)) return;
    if (own === undefined) Reflect.deleteProperty(server, "emit");
    else Object.defineProperty(server, "emit", own);
  };
}

function isRequestTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_HTTP_REQUEST_TIMEOUT";
}
