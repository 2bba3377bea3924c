/**
 * What a probe's server answers, as a handler for any HTTP server of Node, Express or Fastify.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";

import type { CallReport } from "../call/call-report.js";
import type { CallObserver } from "../call/observer.js";
import { Access, type AccessOptions } from "./access.js";
import { CallFeed } from "./call-feed.js";
import { EventStreams, sendCall, sendCalls, sendLadder } from "./call-routes.js";
import {
  DEFAULT_CHECK_TIMEOUT_MS,
  type ReadinessCheck,
  sendHealth,
  sendReady,
} from "./health-routes.js";
import { type ExposedMetrics, sendMetrics } from "./metrics-route.js";
import { type Exchange, sendText } from "./reply.js";

/** What is served: a probe, or whatever else follows calls and counts them. */
export interface ServedCalls extends ExposedMetrics {
  /** Every open call as it stands. */
  snapshot(): { readonly calls: readonly CallReport[] };
  /** Tells of calls from now on; what is returned ends that. */
  addSink(sink: CallObserver): () => void;
}

/** What a probe's handler is told. */
export interface HandlerOptions extends AccessOptions {
  /** Looked at by `/ready`, by name. @default none: ready when the process answers */
  readonly checks?: Readonly<Record<string, ReadinessCheck>>;
  /** After which a check counts as failed, in milliseconds. @default 2000 */
  readonly checkTimeoutMs?: number;
  /**
   * After which an answer to `/metrics` is cut off, in milliseconds; sooner where Prometheus says that
   * it waits less. @default 30000
   */
  readonly scrapeTimeoutMs?: number;
  /** Whether `/metrics` is there; without it that is a 404. Asked for each request. @default true */
  readonly isMetricsEnabled?: boolean | (() => boolean);
  /** The page that `/` gives. @default none; of `serveProbe` that which was built */
  readonly page?: () => string | undefined;
  /** What paths begin with, as `/probe`. @default nothing */
  readonly prefix?: string;
}

/** Answers a request of a probe's. */
export interface ProbeHandler {
  /**
   * Answers what is the probe's; everything else goes to `next`, or is a 404 without one. It fits as
   * a request listener and as middleware of Express.
   */
  (request: IncomingMessage, response: ServerResponse, next?: () => void): void;
  /** From now on `/ready` says 503: no new calls are wanted here. */
  readonly drain: () => void;
  /** Ends streams of events, and lets go of the probe. */
  readonly close: () => void;
}

type Answer = (exchange: Exchange, id: string) => unknown;

interface Route {
  readonly isPublic: boolean;
  /** Calls name their callers. */
  readonly isOfCalls?: true;
  readonly answer: Answer;
}

/**
 * Makes a handler.
 *
 * @throws {RangeError} If a network of `allow` is none, or a timeout is not above 0.
 */
export function probeHandler(probe: ServedCalls, options: HandlerOptions = {}): ProbeHandler {
  const { checkTimeoutMs = DEFAULT_CHECK_TIMEOUT_MS, prefix = "" } = options;
  requireAbove0({ checkTimeoutMs, scrapeTimeoutMs: options.scrapeTimeoutMs });
  const access = new Access(options);
  const feed = new CallFeed(() => probe.snapshot().calls);
  const removeFeed = probe.addSink(feed);
  const events = new EventStreams(feed);
  let isDraining = false;
  const routes = routesOf({
    probe,
    options,
    feed,
    events,
    readiness: {
      checks: options.checks ?? {},
      timeoutMs: checkTimeoutMs,
      isDraining: () => isDraining,
      nowMs: () => performance.now(),
    },
  });
  const handle = (request: IncomingMessage, response: ServerResponse, next?: () => void): void => {
    const { path, query } = targetOf(request);
    const found = path.startsWith(prefix) ? routes(path.slice(prefix.length)) : undefined;
    const exchange: Exchange = { request, response, query };
    if (found === undefined) {
      if (next !== undefined) next();
      else sendText(exchange, 404, "There is nothing here.");
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      sendText(exchange, 405, "Only GET and HEAD are answered here.", { Allow: "GET, HEAD" });
      return;
    }
    const refusal = found.route.isPublic ? undefined : access.refusal(request);
    if (refusal !== undefined) {
      const { status, challenge } = refusal;
      const why = status === 401 ? "Credentials are needed." : "This address may not ask.";
      sendText(
        exchange,
        status,
        why,
        challenge === undefined ? {} : { "WWW-Authenticate": challenge },
      );
      return;
    }
    const name = found.route.isOfCalls === true ? access.foreignName(request) : undefined;
    if (name !== undefined) {
      const why =
        `Calls are not told to who asks for ${name}. Ask for localhost or the address, as a proxy can by ` +
        "the Host it sets; or give the name in hosts.";
      sendText(exchange, 403, why);
      return;
    }
    void answer(exchange, found.route.answer, found.id);
  };
  return Object.assign(handle, {
    drain: () => {
      isDraining = true;
    },
    close: () => {
      removeFeed();
      events.close();
    },
  });
}

function requireAbove0(timeouts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(timeouts)) {
    if (value === undefined || value > 0) continue;
    throw new RangeError(`${name} is ${value}; it must be above 0`);
  }
}

async function answer(exchange: Exchange, act: Answer, id: string): Promise<void> {
  try {
    await act(exchange, id);
  } catch (error) {
    const { response } = exchange;
    if (response.headersSent) response.destroy();
    else {
      const why = error instanceof Error ? error.message : String(error);
      sendText(exchange, 500, `The answer could not be made: ${why}`);
    }
  }
}

interface RouteContext {
  readonly probe: ServedCalls;
  readonly options: HandlerOptions;
  readonly feed: CallFeed;
  readonly events: EventStreams;
  readonly readiness: Parameters<typeof sendReady>[1];
}

type FindRoute = (path: string) => { readonly route: Route; readonly id: string } | undefined;

function routesOf({ probe, options, feed, events, readiness }: RouteContext): FindRoute {
  const health: Route = { isPublic: true, answer: sendHealth };
  const ready: Route = {
    isPublic: true,
    answer: (exchange) => sendReady(exchange, readiness),
  };
  const fixed = new Map<string, Route>([
    ...["/health", "/healthz", "/api/v1/health"].map((path) => [path, health] as const),
    ...["/ready", "/readyz", "/api/v1/ready"].map((path) => [path, ready] as const),
    [
      "/calls",
      {
        isPublic: false,
        isOfCalls: true,
        answer: (exchange) => {
          sendCalls(exchange, feed);
        },
      },
    ],
    [
      "/events",
      {
        isPublic: false,
        isOfCalls: true,
        answer: (exchange) => {
          events.send(exchange);
        },
      },
    ],
  ]);
  const metrics: Route = {
    isPublic: false,
    answer: (exchange) => sendMetrics(exchange, probe, options.scrapeTimeoutMs),
  };
  const page: Route = {
    isPublic: false,
    isOfCalls: true,
    answer: (exchange) => {
      sendPage(exchange, options.page?.());
    },
  };
  const call: Route = {
    isPublic: false,
    isOfCalls: true,
    answer: (exchange, id) => {
      sendCall(exchange, feed, id);
    },
  };
  const ladder: Route = {
    isPublic: false,
    isOfCalls: true,
    answer: (exchange, id) => {
      sendLadder(exchange, feed, id);
    },
  };
  return (path) => {
    const route = fixed.get(path);
    if (route !== undefined) return { route, id: "" };
    if (path === "/metrics") return isEnabled(options) ? { route: metrics, id: "" } : undefined;
    if (path === "/" || path === "") {
      return options.page === undefined ? undefined : { route: page, id: "" };
    }
    const [, encoded, rest] = /^\/calls\/([^/]+)(\/ladder)?$/.exec(path) ?? [];
    const id = encoded === undefined ? undefined : decoded(encoded);
    if (id === undefined) return undefined;
    return { route: rest === undefined ? call : ladder, id };
  };
}

function isEnabled({ isMetricsEnabled = true }: HandlerOptions): boolean {
  return typeof isMetricsEnabled === "function" ? isMetricsEnabled() : isMetricsEnabled;
}

function sendPage(exchange: Exchange, html: string | undefined): void {
  const { request, response } = exchange;
  if (html === undefined) {
    sendText(exchange, 404, "The page was not built: run npm run build.");
    return;
  }
  response.writeHead(200, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(html),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
  });
  response.end(request.method === "HEAD" ? undefined : html);
}

/** Where a request wants to go. */
interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * As it was written: other ways to write a path, as `//host/metrics`, must not lead past what a host or a
 * proxy guards it with. A Fastify or Express router may have cut it; what was asked for first counts.
 */
function targetOf(request: IncomingMessage): Target {
  const original: unknown = Reflect.get(request, "originalUrl");
  const written = typeof original === "string" ? original : (request.url ?? "/");
  // A proxy may ask for the whole URL (RFC 9112 §3.2.2).
  const [, path = "", query] =
    /^(?:https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(written) ?? [];
  return { path, query: new URLSearchParams(query) };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
