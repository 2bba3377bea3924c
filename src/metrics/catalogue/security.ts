/**
 * Families about how a call is secured, vouched for and connected: DTLS-SRTP (RFC 5764), STIR
 * (RFC 8224), ICE (RFC 8445).
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** What handshakes, identities and connectivity checks tell. */
export const SECURITY_FAMILIES = {
  sip_dtls_handshake_total: {
    type: "counter",
    help: "DTLS handshakes of calls that came out in one of four common ways.",
    unit: "handshakes",
    labels: [["result", "dtls-count"]],
    series: "all",
    origin: "voiceserver",
    when: "Each handshake, at the end of its call. `no-srtp-profile` and `no-fingerprint` count as `fail`, `late-ok` as the `timeout` it was; `aborted` is not counted.",
  },
  dtls_handshake_results_total: {
    type: "counter",
    help: "DTLS handshakes of calls by everything they can come to.",
    unit: "handshakes",
    labels: [
      ["transport", "transport"],
      ["result", "dtls-result"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Each handshake, at the end of its call.",
  },
  dtls_handshake_duration_seconds: {
    type: "histogram",
    help: "Time from the first ClientHello to the completed handshake.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["version", "dtls-version"],
    ],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30],
    series: "all",
    origin: "mediaprobe",
    when: "Each completed handshake, at the end of its call. Retransmission begins at 1 s by default (RFC 6347 §4.2.4.1).",
  },
  dtls_handshake_retransmissions_total: {
    type: "counter",
    help: "DTLS handshake messages that were sent again.",
    unit: "packets",
    labels: [["transport", "transport"]],
    series: "all",
    origin: "mediaprobe",
    when: "With each handshake, at the end of its call.",
  },
  sip_stir_verify_total: {
    type: "counter",
    help: "Verifications of a caller's identity that came out in one of four common ways.",
    unit: "calls",
    labels: [["result", "stir-count"]],
    series: "all",
    origin: "voiceserver",
    when: "Once a call that tells, at its end. An identity that nobody verified (`unverified`) is in `stir_results_total` only.",
  },
  stir_results_total: {
    type: "counter",
    help: "Calls by whether somebody vouched for the caller, how far, and whether that held.",
    unit: "calls",
    labels: [
      ["result", "stir-result"],
      ["attestation", "attestation"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call that tells, at its end. The attestation is what the PASSporT claims (RFC 8588), whether or not it was verified.",
  },
  ice_results_total: {
    type: "counter",
    help: "Calls by whether ICE found and kept a path for their media.",
    unit: "calls",
    labels: [
      ["transport", "transport"],
      ["result", "ice-result"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call with ICE, at its end.",
  },
  ice_connect_duration_seconds: {
    type: "histogram",
    help: "Time from the first connectivity check to the first that succeeded.",
    unit: "seconds",
    labels: [["transport", "transport"]],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call with ICE that found a path, at its end.",
  },
  ice_restarts_total: {
    type: "counter",
    help: "ICE restarts within calls.",
    unit: "events",
    labels: [["transport", "transport"]],
    series: "all",
    origin: "mediaprobe",
    when: "With each call, at its end (RFC 8445 §9).",
  },
} as const satisfies Catalogue;
