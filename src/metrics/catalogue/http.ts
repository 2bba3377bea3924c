/**
 * Families about HTTP requests to the host application, as Voxray has them: its dashboards and alerts
 * work on them unchanged. The status code is a number, as its documents say.
 *
 * @module
 */

import type { Catalogue, FamilyLabel } from "../family.js";

const REQUEST = [
  ["method", "http-method"],
  ["route", "http-route"],
  ["status_code", "http-code"],
  ["session_id", "session"],
  ["stage", "stage-http"],
  ["direction", "flow-in"],
  ["status", "request-status"],
  ["model", "model"],
] as const satisfies readonly FamilyLabel[];

/** Requests, upgrades to WebSocket among them. */
export const HTTP_FAMILIES = {
  http_requests_total: {
    type: "counter",
    help: "Total number of HTTP requests.",
    unit: "requests",
    labels: REQUEST,
    series: "seen",
    origin: "voxray",
    when: "Each request, when its response is over; an upgrade, when it is answered. `499` where the client went before there was a response, `500` where the handler threw. `status` is `error` from 400 on.",
  },
  http_request_duration_seconds: {
    type: "histogram",
    help: "HTTP request duration in seconds.",
    unit: "seconds",
    labels: REQUEST,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    series: "seen",
    origin: "voxray",
    when: "As `http_requests_total`. Of an upgrade it is the time to the answer, not the life of the connection.",
  },
  http_active_connections: {
    type: "gauge",
    help: "Number of active HTTP connections.",
    unit: "connections",
    labels: [
      ["route", "http-route"],
      ["stage", "stage-http"],
      ["direction", "flow-in"],
      ["session_id", "session"],
      ["model", "model"],
    ],
    series: "seen",
    origin: "voxray",
    when: "From a request to the end of its response; of an upgraded connection, to its end.",
  },
  http_errors_total: {
    type: "counter",
    help: "Total number of HTTP errors.",
    unit: "requests",
    labels: [
      ["method", "http-method"],
      ["route", "http-route"],
      ["error_type", "http-error"],
    ],
    series: "seen",
    origin: "voxray",
    when: "Each request with a status from 400 on, by its class; `aborted` beside the class, or alone where the client went amid the body; `timeout` as `http_timeout_total`.",
  },
  http_timeout_total: {
    type: "counter",
    help: "Total number of HTTP timeouts.",
    unit: "requests",
    labels: [
      ["method", "http-method"],
      ["route", "http-route"],
    ],
    series: "seen",
    origin: "voxray",
    when: "Each request that the server gave up: its header or body did not come in time, or its connection was idle. A request whose header is not complete has the method and route `other`.",
  },
  http_timeouts_by_cause_total: {
    type: "counter",
    help: "HTTP requests that were given up, by what did not come in time.",
    unit: "requests",
    labels: [
      ["route", "http-route"],
      ["cause", "http-timeout"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Each of `http_timeout_total`. `header` and `body`: the client was slow; `response`: nothing went either way while the handler worked; `handler`: the application said that it gave up.",
  },
} as const satisfies Catalogue;
