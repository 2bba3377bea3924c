/**
 * An HTTP server of a probe's own.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { readPage } from "../report/page-template.js";
import { isLoopback } from "./access.js";
import { type HandlerOptions, probeHandler, type ServedCalls } from "./handler.js";

/** The port for a probe's metrics unless another is set. */
export const DEFAULT_PORT = 9464;

/** How a probe is served. */
export interface ServeOptions extends HandlerOptions {
  /** 0 takes any free one. @default 9464 */
  readonly port?: number;
  /** An address of this machine. @default 127.0.0.1 */
  readonly host?: string;
  /** Takes any free port where that one is taken. @default false */
  readonly moveFromBusyPort?: boolean;
  /** Lets everybody ask whom the network lets through. @default false */
  readonly isOpenToAll?: boolean;
}

/** A server that runs. */
export interface ProbeServer {
  readonly port: number;
  /** Where it is, as `http://127.0.0.1:9464`. */
  readonly url: string;
  /** From now on `/ready` says 503. */
  drain(): void;
  /** Ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves `/metrics`, `/health`, `/ready`, `/calls`, `/events` and the page.
 *
 * @throws {Error} If the address is not loopback and neither credentials nor `allow` are given, or the
 *   port is taken.
 */
export async function serveProbe(
  probe: ServedCalls,
  options: ServeOptions = {},
): Promise<ProbeServer> {
  const { host = "127.0.0.1", port = DEFAULT_PORT } = options;
  requireGuarded(host, options);
  const page = options.page ?? (await builtPage());
  const hosts = options.hosts ?? (isReadByPages(host, options) ? [] : undefined);
  const handler = probeHandler(probe, { ...options, page, ...(hosts && { hosts }) });
  const server = createServer(handler);
  try {
    await listen(server, host, port, options.moveFromBusyPort ?? false);
  } catch (error) {
    handler.close();
    throw error;
  }
  const { address, family, port: real } = server.address() as AddressInfo;
  return {
    port: real,
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${real}`,
    drain: handler.drain,
    close: async () => {
      handler.close();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

/** Where the page was not built all else is served. */
async function builtPage(): Promise<() => string | undefined> {
  const html = await readPage().catch(() => undefined);
  return () => html;
}

function requireGuarded(host: string, options: ServeOptions): void {
  const { bearerToken, basic, allow, isOpenToAll } = options;
  const isGuarded = bearerToken !== undefined || basic !== undefined || allow !== undefined;
  if (isLoopback(host) || isGuarded || isOpenToAll === true) return;
  throw new Error(
    `host is ${host}, which others can reach, and calls name their callers. Give bearerToken, basic ` +
      "or allow; or isOpenToAll: true, if the network guards it.",
  );
}

/** What a browser of this machine may read without asking anybody, a page of any web site may read, too. */
function isReadByPages(host: string, { bearerToken, basic }: ServeOptions): boolean {
  return isLoopback(host) && bearerToken === undefined && basic === undefined;
}

async function listen(server: Server, host: string, port: number, mayMove: boolean): Promise<void> {
  try {
    await listenOn(server, host, port);
  } catch (error) {
    const isBusy = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!isBusy) throw error;
    if (!mayMove) {
      throw new Error(
        `Port ${port} of ${host} is taken (EADDRINUSE). Give another port, 0 for any that is free, ` +
          "or moveFromBusyPort: true.",
        { cause: error },
      );
    }
    await listenOn(server, host, 0);
  }
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
