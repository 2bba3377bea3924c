/**
 * The options of the command line, and what each takes.
 *
 * @module
 */

import type { ParseArgsConfig } from "node:util";

import { ASSERT_EXAMPLES, ASSERT_OPTIONS } from "./assert-invocation.js";

/** All options of the command line; which command takes which, the commands say. */
export const OPTIONS = {
  json: { type: "boolean" },
  metrics: { type: "boolean" },
  html: { type: "string" },
  merge: { type: "boolean" },
  all: { type: "boolean" },
  intervals: { type: "boolean" },
  local: { type: "string", multiple: true },
  payload: { type: "string", multiple: true },
  buffer: { type: "string" },
  adaptive: { type: "string" },
  interval: { type: "string" },
  streams: { type: "string" },
  "stir-certs": { type: "string", multiple: true },
  "stir-trust": { type: "string", multiple: true },
  "stir-crl": { type: "string", multiple: true },
  "stir-max-age": { type: "string" },
  "stir-country": { type: "string" },
  records: { type: "string" },
  privacy: { type: "string" },
  "privacy-key-file": { type: "string" },
  "call-id": { type: "string" },
  number: { type: "string" },
  "mos-below": { type: "string" },
  issue: { type: "string" },
  outcome: { type: "string" },
  limit: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  at: { type: "string" },
  ...ASSERT_OPTIONS,
  port: { type: "string" },
  host: { type: "string" },
  allow: { type: "string", multiple: true },
  for: { type: "string" },
  hep: { type: "string" },
  "hep-to": { type: "string" },
  "hep-id": { type: "string" },
  "hep-key": { type: "string" },
  width: { type: "string" },
  "no-color": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const satisfies ParseArgsConfig["options"];

export type OptionName = keyof typeof OPTIONS;

/** What an option takes, by an example that the message about a missing value gives. */
export const EXAMPLES: Readonly<Partial<Record<OptionName, string>>> = {
  html: "report.html",
  local: "10.0.0.0/8",
  payload: "96=opus/48000",
  buffer: "60",
  adaptive: "20-200",
  interval: "5",
  streams: "1000",
  "stir-certs": "certificates/",
  "stir-trust": "anchors.pem",
  "stir-crl": "revoked.crl",
  "stir-max-age": "60",
  "stir-country": "49",
  records: "calls.sqlite",
  privacy: "redact",
  "privacy-key-file": "key.txt",
  "call-id": "a84b4c76e66710",
  number: "+12155550121",
  "mos-below": "3.6",
  issue: "one-way-audio",
  outcome: "4xx",
  limit: "100",
  from: "tel:+12155550121",
  to: "tel:+12155550131",
  at: "2026-01-31T09:00:00Z",
  ...ASSERT_EXAMPLES,
  port: "9464",
  host: "0.0.0.0",
  allow: "10.0.0.0/8",
  for: "20s",
  hep: "9060",
  "hep-to": "udp://homer.example:9060",
  "hep-id": "2001",
  "hep-key": "password",
  width: "120",
};
