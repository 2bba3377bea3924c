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
  dtls_alerts_total: {
    type: "counter",
    help: "DTLS alerts that handshakes of calls ended with.",
    unit: "handshakes",
    labels: [
      ["transport", "transport"],
      ["by", "dtls-role"],
      ["alert", "dtls-alert"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Each handshake of which an alert was seen, at the end of its call, by who sent it and its registered name (RFC 8446 §6).",
  },
  dtls_srtp_profiles_total: {
    type: "counter",
    help: "DTLS handshakes of calls by the SRTP protection profile that was agreed on.",
    unit: "handshakes",
    labels: [
      ["transport", "transport"],
      ["profile", "srtp-profile"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "Each handshake whose profile is known, at the end of its call, by its registered name (RFC 5764 §4.1.2). In DTLS 1.3 it is encrypted, and only a stack tells it.",
  },
  sip_stir_verify_total: {
    type: "counter",
    help: "Verifications of a caller's identity that came out in one of four common ways.",
    unit: "calls",
    labels: [["result", "stir-count"]],
    series: "all",
    origin: "voiceserver",
    when: "Once a call whose INVITE was seen, at its end, by our own verification alone. What could not be judged is in `sip_stir_unverified_total`, what others say in `sip_stir_peer_verdict_total`.",
  },
  sip_stir_unverified_total: {
    type: "counter",
    help: "Calls whose caller's identity could not be judged, by why.",
    unit: "calls",
    labels: [["reason", "stir-open-reason"]],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call that `sip_stir_verify_total` leaves out, at its end.",
  },
  sip_stir_failure_total: {
    type: "counter",
    help: "Calls whose caller's identity does not hold, by why.",
    unit: "calls",
    labels: [["reason", "stir-failure"]],
    series: "seen",
    origin: "mediaprobe",
    when: "Once a call that `sip_stir_verify_total` counts as `failed` or `soft-fail`, at its end. Each reason stands for one of 403, 436, 437 and 438, which a verifier would answer.",
  },
  sip_stir_attestation_total: {
    type: "counter",
    help: "Calls by how far somebody vouched for the caller, and whether that held.",
    unit: "calls",
    labels: [
      ["attestation", "attestation"],
      ["result", "stir-result"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call whose INVITE was seen, at its end. The attestation is what the PASSporT claims (RFC 8588), whether or not it was verified; `none` where it claims none.",
  },
  sip_stir_peer_verdict_total: {
    type: "counter",
    help: "Calls by what others made of the caller's identity.",
    unit: "calls",
    labels: [["result", "stir-result"]],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call of which a `verstat` parameter, a final 403, 428, 433, 436, 437 or 438, or a Reason tells, at its end.",
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
