/**
 * HTTP requests to the host application, of node:http, Express or Fastify.
 *
 * @module
 */

import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { callExemplar } from "../call-exemplar.js";
import type { HistogramSeries } from "../histogram.js";
import { HOST_LABEL_VALUES } from "../host-label-values.js";
import type { LabelValue } from "../label-values.js";
import type { Recorder } from "../recorder.js";
import { Exchange, type Listener } from "./exchange.js";
import { errorClass, httpCode, httpMethod, NO_ROUTE, RouteNames } from "./http-labels.js";
import { watchTimeouts } from "./server-timeouts.js";
import { watchUpgrade } from "./upgrade.js";
import { runWatched } from "./watched-run.js";

/** How requests are recorded. */
export interface HttpMetricsOptions {
  /** Milliseconds that never go back. */
  readonly nowMs: () => number;
  /**
   * Names of routes by path, at most 64 names: `{ "/health": "health", "/calls/:id": "call" }`. A last
   * segment `*` stands for any rest. Requests of no route are counted as `other`. Of Fastify a route
   * without a name here is counted by its path.
   */
  readonly routes: Readonly<Record<string, string>>;
  /** Has OpenMetrics name a call beside the durations of requests. @default none */
  readonly exemplars?: HttpExemplars;
}

/** Which call a request was about, so that from a slow one its record can be found. */
export interface HttpExemplars {
  /**
   * Asked once a request, at its end. Of an id above 120 characters, or with control characters, there is
   * no exemplar.
   */
  readonly callIdOf: (request: IncomingMessage) => string | undefined;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** Answers a request to upgrade. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

/** What is used of a request of Fastify. */
export interface FastifyRequestPort {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** A request that is not over. */
interface Open {
  readonly method: ReturnType<typeof httpMethod>;
  readonly route: string;
}

/** A request that was answered, or given up. */
interface Answered extends Open {
  readonly request: IncomingMessage;
}

/** The most usual methods: with each route they are there from the start at 0. */
const USUAL_METHODS = ["GET", "POST"] as const;

/**
 * Feeds the families `http_*`. Handlers keep their own request and response; whatever way a request
 * ends, it leaves the gauge it entered.
 *
 * @example
 * ```ts
 * const http = new HttpMetrics(recorder, {
 *   nowMs,
 *   routes: { "/health": "health", "/calls/:id": "call", "/ws": "websocket" },
 * });
 * const server = createServer(http.handler(listener));
 * server.on("upgrade", http.upgradeHandler(onUpgrade));
 * http.watch(server);
 * ```
 */
export class HttpMetrics {
  readonly #nowMs: () => number;
  readonly #routes: RouteNames;
  readonly #requests;
  readonly #durations;
  readonly #active;
  readonly #errors;
  readonly #timeouts;
  readonly #timeoutCauses;
  readonly #exemplars: HttpExemplars | undefined;
  readonly #asked = new WeakMap<IncomingMessage, Open>();
  /** The newest of a connection, which is all that a server names. */
  readonly #open = new WeakMap<Duplex, Open>();

  /** @throws {RangeError} If a path of a route does not begin with `/`, or there are too many names. */
  constructor(recorder: Recorder, { nowMs, routes, exemplars }: HttpMetricsOptions) {
    this.#nowMs = nowMs;
    this.#routes = new RouteNames(routes);
    this.#requests = recorder.counter("http_requests_total");
    this.#durations = recorder.histogram("http_request_duration_seconds");
    this.#active = recorder.gauge("http_active_connections");
    this.#errors = recorder.counter("http_errors_total");
    this.#timeouts = recorder.counter("http_timeout_total");
    this.#timeoutCauses = recorder.counter("http_timeouts_by_cause_total");
    this.#exemplars = exemplars;
    for (const route of this.#routes.all) this.#begin(route);
  }

  /** The same listener, counted. */
  handler(listener: Listener): RequestListener {
    return (request, response) =>
      this.#exchange(request, response, this.#routes.ofUrl(request.url)).run(listener);
  }

  /** The same listener for `upgrade` events, counted. */
  upgradeHandler(listener: UpgradeListener): UpgradeListener {
    return (request, socket, head) => {
      const method = httpMethod(request.method);
      const route = this.#routes.ofUrl(request.url);
      const startMs = this.#nowMs();
      this.#change(route, 1);
      const upgrade = watchUpgrade(socket, {
        onAnswer: (statusCode) => {
          const seconds = (this.#nowMs() - startMs) / 1000;
          this.#count({ method, route, request }, statusCode, seconds);
        },
        onEnd: () => {
          this.#change(route, -1);
        },
      });
      return runWatched(
        () => listener(request, socket, head),
        () => {
          upgrade.fail();
        },
      );
    };
  }

  /** For `app.use()` of Express, before everything that shall be counted. */
  middleware(): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
    return (request, response, next) => {
      const { originalUrl } = request as { originalUrl?: string };
      this.#exchange(request, response, this.#routes.ofExpressUrl(originalUrl ?? request.url));
      next();
    };
  }

  /** For `addHook("onRequest")` of Fastify, before the routes that shall be counted. */
  hook(): (
    request: FastifyRequestPort,
    reply: { readonly raw: ServerResponse },
    done: () => void,
  ) => void {
    return (request, reply, done) => {
      this.#exchange(request.raw, reply.raw, this.#routes.ofTemplate(request.routeOptions.url));
      done();
    };
  }

  /**
   * Counts the timeouts of a server, and has requests that it gives up by itself counted by its answer: 408
   * of one that is late, 400 of one that is malformed amid its body. Returns how to stop.
   */
  watch(server: Pick<Server, "emit">): () => void {
    return watchTimeouts(server, (socket, isOfRequest) => {
      const open = this.#open.get(socket);
      // A connection kept alive is idle between requests, and none of them has waited.
      if (open === undefined && !isOfRequest) return;
      if (open === undefined) this.#timedOut({ method: "other", route: NO_ROUTE }, "header");
      else this.#timedOut(open, isOfRequest ? "body" : "response");
    });
  }

  /** Counts a request that the application itself gave up. */
  recordTimeout(request: IncomingMessage): void {
    this.#timedOut(
      this.#asked.get(request) ?? {
        method: httpMethod(request.method),
        route: this.#routes.ofUrl(request.url),
      },
      "handler",
    );
  }

  #exchange(request: IncomingMessage, response: ServerResponse, route: string): Exchange {
    const method = httpMethod(request.method);
    const open: Open = { method, route };
    this.#asked.set(request, open);
    this.#open.set(request.socket, open);
    this.#change(route, 1);
    return new Exchange(request, response, this.#nowMs, {
      onEnd: ({ statusCode, phase, seconds }) => {
        if (this.#open.get(request.socket) === open) this.#open.delete(request.socket);
        this.#count({ method, route, request }, statusCode, seconds);
        if (phase !== "complete") this.#errors.at(method, route, "aborted").inc();
      },
      onLeave: () => {
        this.#change(route, -1);
      },
    });
  }

  #count({ method, route, request }: Answered, statusCode: number, seconds: number): void {
    const error = errorClass(statusCode);
    const status = error === undefined ? "success" : "error";
    const code = httpCode(statusCode);
    this.#requests.at(method, route, code, "", "http", "ingress", status, "").inc();
    const durations = this.#durations.at(method, route, code, "", "http", "ingress", status, "");
    durations.observe(seconds);
    this.#exemplify(durations, request, seconds);
    if (error !== undefined) this.#errors.at(method, route, error).inc();
  }

  /** Whatever the host's function does: a request is counted already, and goes on. */
  #exemplify(durations: HistogramSeries, request: IncomingMessage, seconds: number): void {
    if (this.#exemplars === undefined) return;
    const { callIdOf, clock } = this.#exemplars;
    try {
      const exemplar = callExemplar(callIdOf(request), seconds, clock());
      if (exemplar !== undefined) durations.exemplify(exemplar);
    } catch {
      // Without an exemplar then.
    }
  }

  #timedOut({ method, route }: Open, cause: LabelValue<"http-timeout">): void {
    this.#timeouts.at(method, route).inc();
    this.#timeoutCauses.at(route, cause).inc();
    this.#errors.at(method, route, "timeout").inc();
  }

  #change(route: string, by: number): void {
    this.#active.at(route, "http", "ingress", "", "").count(by);
  }

  /** What can be counted of a route is there from the start, so that `rate()` sees the first. */
  #begin(route: string): void {
    this.#change(route, 0);
    for (const cause of HOST_LABEL_VALUES["http-timeout"]) this.#timeoutCauses.at(route, cause);
    for (const method of USUAL_METHODS) {
      this.#timeouts.at(method, route);
      for (const type of ["4xx", "5xx", "timeout", "aborted"] as const) {
        this.#errors.at(method, route, type);
      }
    }
  }
}
