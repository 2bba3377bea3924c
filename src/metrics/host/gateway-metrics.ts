/**
 * Requests to a speech gateway and to the services behind it.
 *
 * @module
 */

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import type { LabelValue } from "../label-values.js";
import type { Recorder } from "../recorder.js";
import { Exchange, type Listener } from "./exchange.js";
import { gatewayMethod, httpCode } from "./http-labels.js";
import { failureOf, outcomeOf, statusOfAnswer, statusThrown } from "./upstream-outcome.js";

/** What a gateway offers. */
export type GatewayEndpoint = LabelValue<"gateway-endpoint">;

/** Why a gateway turns a request down. */
export type GatewayRejection = LabelValue<"gateway-rejection">;

/** What is used of a response: of fetch and axios, or of Node, got and undici. */
export type UpstreamResponse =
  { readonly status: number } | { readonly statusCode?: number | undefined };

/** With which status a gateway turns a request down. */
export const REJECTION_STATUS: Readonly<Record<GatewayRejection, number>> = {
  too_large: 413,
  bad_content_type: 415,
  upstream_error: 502,
};

/** Request header field that tells the service behind a gateway for which endpoint it works. */
export const SERVICE_HEADER = "X-StreamKit-Service";

/** Feeds the families `gateway_*`. */
export class GatewayMetrics {
  readonly #nowMs: () => number;
  readonly #requests;
  readonly #durations;
  readonly #firstByte;
  readonly #inFlight;
  readonly #upstream;
  readonly #upstreamResults;
  readonly #rejected;
  readonly #aborted;
  readonly #queueWait;
  readonly #limit;

  /** @param nowMs Milliseconds that never go back. */
  constructor(recorder: Recorder, { nowMs }: { readonly nowMs: () => number }) {
    this.#nowMs = nowMs;
    this.#requests = recorder.counter("gateway_requests_total");
    this.#durations = recorder.histogram("gateway_request_duration_seconds");
    this.#firstByte = recorder.histogram("gateway_time_to_first_byte_seconds");
    this.#inFlight = recorder.gauge("gateway_inflight_requests");
    this.#upstream = recorder.histogram("gateway_upstream_duration_seconds");
    this.#upstreamResults = recorder.counter("gateway_upstream_results_total");
    this.#rejected = recorder.counter("gateway_rejected_total");
    this.#aborted = recorder.counter("gateway_aborted_total");
    this.#queueWait = recorder.histogram("gateway_queue_wait_seconds");
    this.#limit = recorder.gauge("gateway_concurrency_limit");
  }

  /** The same listener, counted. */
  handler(endpoint: GatewayEndpoint, listener: Listener): RequestListener {
    return (request, response) => this.#exchange(endpoint, request, response).run(listener);
  }

  /** For a route of Express. */
  middleware(
    endpoint: GatewayEndpoint,
  ): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
    return (request, response, next) => {
      this.#exchange(endpoint, request, response);
      next();
    };
  }

  /** For `onRequest` of a route of Fastify. */
  hook(
    endpoint: GatewayEndpoint,
  ): (
    request: { readonly raw: IncomingMessage },
    reply: { readonly raw: ServerResponse },
    done: () => void,
  ) => void {
    return (request, reply, done) => {
      this.#exchange(endpoint, request.raw, reply.raw);
      done();
    };
  }

  /**
   * Counts a request that the gateway itself turns down, where that is decided: a status that only
   * passes through is not a rejection.
   *
   * @returns The status to answer with.
   */
  recordRejection(endpoint: GatewayEndpoint, reason: GatewayRejection): number {
    this.#rejected.at(endpoint, reason).inc();
    return REJECTION_STATUS[reason];
  }

  /**
   * Times a request to the service behind, until its promise is settled: for `fetch` that is the header
   * of the response. An answer that the client throws, as axios does from 400 on, is one too.
   */
  async upstream<Response extends UpstreamResponse>(
    endpoint: GatewayEndpoint,
    request: () => Promise<Response>,
  ): Promise<Response> {
    const startMs = this.#nowMs();
    const answered = (status: number | undefined): void => {
      this.#upstream.at(endpoint).observe((this.#nowMs() - startMs) / 1000);
      this.#upstreamResults.at(endpoint, outcomeOf(status)).inc();
    };
    let response: Response;
    try {
      response = await request();
    } catch (error) {
      const status = statusThrown(error);
      if (status === undefined) this.#upstreamResults.at(endpoint, failureOf(error)).inc();
      else answered(status);
      throw error;
    }
    answered(statusOfAnswer(response));
    return response;
  }

  /** How long a request waited for a free slot. */
  recordQueueWait(endpoint: GatewayEndpoint, seconds: number): void {
    this.#queueWait.at(endpoint).observe(seconds);
  }

  /** How many requests the gateway works on at a time. */
  setConcurrencyLimit(requests: number): void {
    this.#limit.at().set(requests);
  }

  #exchange(
    endpoint: GatewayEndpoint,
    request: IncomingMessage,
    response: ServerResponse,
  ): Exchange {
    const inFlight = this.#inFlight.at(endpoint);
    inFlight.count(1);
    return new Exchange(request, response, this.#nowMs, {
      onFirstByte: (seconds) => {
        this.#firstByte.at(endpoint).observe(seconds);
      },
      onEnd: ({ statusCode, phase, seconds }) => {
        this.#requests.at(endpoint, gatewayMethod(request.method), httpCode(statusCode)).inc();
        this.#durations.at(endpoint).observe(seconds);
        if (phase !== "complete") this.#aborted.at(endpoint, phase).inc();
      },
      onLeave: () => {
        inFlight.count(-1);
      },
    });
  }
}
