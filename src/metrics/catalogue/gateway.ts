/**
 * Families of a speech gateway: what a proxy in front of speech services did with its requests. The
 * first five have the names, labels and edges of StreamKit's gateway.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** Requests to the endpoints of a speech gateway and to what is behind them. */
export const GATEWAY_FAMILIES = {
  gateway_requests_total: {
    type: "counter",
    help: "Requests to the gateway by status code.",
    unit: "requests",
    labels: [
      ["endpoint", "gateway-endpoint"],
      ["method", "gateway-method"],
      ["code", "http-code"],
    ],
    series: "seen",
    origin: "speech-gateway",
    when: "Each request, when its response is over; an upgrade, when it is answered. `499` where the client went before there was one, `500` where the handler threw.",
  },
  gateway_request_duration_seconds: {
    type: "histogram",
    help: "Time from a request to the end of its response.",
    unit: "seconds",
    labels: [["endpoint", "gateway-endpoint"]],
    buckets: BUCKETS,
    series: "all",
    origin: "speech-gateway",
    when: "As `gateway_requests_total`, waits within the handler included.",
  },
  gateway_time_to_first_byte_seconds: {
    type: "histogram",
    help: "Time from a request to the begin of its response.",
    unit: "seconds",
    labels: [["endpoint", "gateway-endpoint"]],
    buckets: [0.005, 0.01, 0.025, ...BUCKETS],
    series: "all",
    origin: "mediaprobe",
    when: "Each request whose handler began to answer, when it handed over the header or the first piece.",
  },
  gateway_inflight_requests: {
    type: "gauge",
    help: "Requests that the gateway has not yet answered in full.",
    unit: "requests",
    labels: [["endpoint", "gateway-endpoint"]],
    series: "all",
    origin: "speech-gateway",
    when: "From a request to the end of its response, those that wait for a slot included; of an upgraded connection, to its end.",
  },
  gateway_upstream_duration_seconds: {
    type: "histogram",
    help: "Time from a request upstream to the header of its response.",
    unit: "seconds",
    labels: [["endpoint", "gateway-endpoint"]],
    buckets: BUCKETS,
    series: "all",
    origin: "speech-gateway",
    when: "Each request upstream that was answered, whatever the status.",
  },
  gateway_rejected_total: {
    type: "counter",
    help: "Requests that the gateway itself turned down.",
    unit: "requests",
    labels: [
      ["endpoint", "gateway-endpoint"],
      ["reason", "gateway-rejection"],
    ],
    series: "all",
    origin: "speech-gateway",
    when: "Each rejection, where it is decided: a 413, 415 or 502 that only passes through is none.",
  },
  gateway_upstream_results_total: {
    type: "counter",
    help: "Requests upstream by what came back.",
    unit: "requests",
    labels: [
      ["endpoint", "gateway-endpoint"],
      ["outcome", "upstream-outcome"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Each request upstream, at the header of its response or when it failed.",
  },
  gateway_aborted_total: {
    type: "counter",
    help: "Requests whose client went before the response was complete.",
    unit: "requests",
    labels: [
      ["endpoint", "gateway-endpoint"],
      ["phase", "abort-phase"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Each such request. In `gateway_requests_total` one in phase `body` has the status that was sent.",
  },
  gateway_queue_wait_seconds: {
    type: "histogram",
    help: "Time that a request waited for a free slot.",
    unit: "seconds",
    labels: [["endpoint", "gateway-endpoint"]],
    buckets: [0.001, 0.005, 0.01, ...BUCKETS],
    series: "all",
    origin: "mediaprobe",
    when: "Each request that the gateway says waited.",
  },
  gateway_concurrency_limit: {
    type: "gauge",
    help: "How many requests the gateway works on at a time.",
    unit: "requests",
    labels: [],
    series: "all",
    origin: "mediaprobe",
    when: "When the gateway says so.",
  },
} as const satisfies Catalogue;
