/**
 * Label values of the families that a host application feeds.
 *
 * @module
 */

import type { LabelValueList } from "./label-values.js";

/** Part of `LABEL_VALUES`. */
export const HOST_LABEL_VALUES = {
  /** Of a speech or language model, as its host calls it. */
  model: { learned: 64, isOptional: true },
  "model-provider": { learned: 32, isOptional: true },
  /** A sampled hash of a session; left out unless a recorder is told how many to keep. */
  session: { recent: 0 },
  "optional-transport": ["", "sip", "webrtc"],
  boolean: ["true", "false"],
  "request-status": ["success", "error"],
  /** Which part of a pipeline a family is about. */
  "voice-stage": ["stt", "llm", "tts"],
  "stage-http": ["http"],
  "stage-stt": ["stt"],
  "stage-llm": ["llm"],
  "stage-tts": ["tts"],
  "flow-in": ["ingress"],
  "flow-out": ["egress"],
  "provider-error": [
    "provider_error",
    "timeout",
    "rate_limited",
    "unauthorized",
    "invalid_request",
    "network",
    "cancelled",
    "other",
  ],
  "http-route": { learned: 64 },
  "http-method": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"],
  "http-error": ["4xx", "5xx", "timeout", "aborted"],
  /** What did not come in time; `handler` where the application says that it gave up. */
  "http-timeout": ["header", "body", "response", "handler"],
  /** Registered status codes, 499 of nginx, and classes of all others. */
  "http-code": [
    ...["100", "101", "102", "103", "200", "201", "202", "203", "204", "205", "206", "207", "208"],
    ...["226", "300", "301", "302", "303", "304", "305", "307", "308", "400", "401", "402", "403"],
    ...["404", "405", "406", "407", "408", "409", "410", "411", "412", "413", "414", "415", "416"],
    ...["417", "418", "421", "422", "423", "424", "425", "426", "428", "429", "431", "451", "499"],
    ...["500", "501", "502", "503", "504", "505", "506", "507", "508", "509", "510", "511"],
    ...["1xx", "2xx", "3xx", "4xx", "5xx", "other"],
  ],
  "gateway-endpoint": ["tts", "stt"],
  "gateway-method": ["GET", "HEAD", "POST", "PUT", "other"],
  "gateway-rejection": ["too_large", "bad_content_type", "upstream_error"],
  "upstream-outcome": ["ok", "client-error", "server-error", "timeout", "aborted", "failed"],
  /** Where a response was when its client went. */
  "abort-phase": ["header", "body"],
  "job-result": ["success", "failed"],
} as const satisfies Readonly<Record<string, LabelValueList>>;
