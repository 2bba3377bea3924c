/**
 * Families about signalling: RFC 3261 transactions and dialogs, RFC 4028 session timers, and the
 * durations of RFC 6076.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** What SIP messages tell. */
export const SIP_FAMILIES = {
  sip_invite_result_total: {
    type: "counter",
    help: "Responses to INVITE and re-INVITE by class, provisional ones included.",
    unit: "responses",
    labels: [
      ["direction", "direction"],
      ["class", "status-class"],
    ],
    series: "all",
    origin: "voiceserver",
    when: "Each distinct response; a retransmission or a copy on a further hop is not another. `inbound`: the request came to the local side.",
  },
  sip_call_result_total: {
    type: "counter",
    help: "Call attempts by how they came out.",
    unit: "calls",
    labels: [
      ["direction", "direction"],
      ["class", "final-class"],
      ["via", "outcome-via"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Once an attempt, when its outcome is known. An INVITE sent again after a challenge (401, 407) or for a longer session interval (422) is the same attempt.",
  },
  sip_final_codes_total: {
    type: "counter",
    help: "Call attempts by the exact code of their final response.",
    unit: "calls",
    labels: [
      ["direction", "direction"],
      ["code", "final-code"],
    ],
    series: "seen",
    origin: "mediaprobe",
    when: "With `sip_call_result_total`, where there was a response. A code that is not registered counts as its class. `topk(10, sum by (code) (increase(sip_final_codes_total[1h])))` are the most frequent ones.",
  },
  sip_bye_total: {
    type: "counter",
    help: "Calls hung up, by who hung up and why.",
    unit: "calls",
    labels: [
      ["direction", "direction"],
      ["by", "side"],
      ["reason_class", "bye-reason-class"],
    ],
    series: "all",
    origin: "voiceserver",
    when: "Each BYE, not its retransmissions. `direction` is that of the call, `by` who sent the BYE; the class is read from its Reason (RFC 3326), and is `normal` without one.",
  },
  sip_transaction_timeout_total: {
    type: "counter",
    help: "Requests without a final response in time, by method.",
    unit: "requests",
    labels: [["method", "timed-method"]],
    series: "all",
    origin: "voiceserver",
    when: "Timer B or F ran out (RFC 3261 §17.1). An attempt that its caller cancelled is not a timeout.",
  },
  sip_transaction_timer_expired_total: {
    type: "counter",
    help: "Transaction timers that ran out: no final response (B, F), or no ACK for one (H).",
    unit: "requests",
    labels: [
      ["timer", "transaction-timer"],
      ["method", "timed-method"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Each timer of RFC 3261 §17 that ran out.",
  },
  sip_session_timer_refresh_total: {
    type: "counter",
    help: "Session timer refreshes that came out in one of five common ways.",
    unit: "requests",
    labels: [["result", "refresh-count"]],
    series: "all",
    origin: "voiceserver",
    when: "Each refresh by either side (RFC 4028). What came out otherwise is in `sip_session_refreshes_total` only.",
  },
  sip_session_refreshes_total: {
    type: "counter",
    help: "Session timer refreshes by who sent them and what came of them.",
    unit: "requests",
    labels: [
      ["by", "side"],
      ["method", "refresh-method"],
      ["result", "refresh-result"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Each refresh (RFC 4028).",
  },
  sip_session_refresh_failures_total: {
    type: "counter",
    help: "Session timer refreshes that failed, by who should have had one and how.",
    unit: "requests",
    labels: [
      ["by", "side"],
      ["method", "refresh-method"],
      ["reason", "refresh-failure"],
    ],
    series: "all",
    origin: "mediaprobe",
    when: "Each refresh that `sip_session_refreshes_total` counts as `failed`. `by` is who refreshed or was to; `4xx` are those without 408, and without 422 and 481, which have results of their own.",
  },
  sip_post_dial_delay_seconds: {
    type: "histogram",
    help: "Time from the first INVITE to ringing or to the final response.",
    unit: "seconds",
    labels: [["direction", "direction"]],
    buckets: [0.1, 0.25, 0.5, 1, 2, 3, 5, 6, 8, 11, 15, 20, 30],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call, at its end (RFC 6076 §4.3). Edges at 3, 5, 6, 8 and 11 s are the targets of ITU-T E.721.",
  },
  sip_ring_seconds: {
    type: "histogram",
    help: "Time from ringing to the answer.",
    unit: "seconds",
    labels: [["direction", "direction"]],
    buckets: [0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 180],
    series: "all",
    origin: "mediaprobe",
    when: "Once an answered call that rang, at its end.",
  },
  sip_setup_seconds: {
    type: "histogram",
    help: "Time from the first INVITE to the answer.",
    unit: "seconds",
    labels: [["direction", "direction"]],
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 180],
    series: "all",
    origin: "mediaprobe",
    when: "Once an answered call, at its end.",
  },
  sip_disconnect_delay_seconds: {
    type: "histogram",
    help: "Time from the BYE to its final response.",
    unit: "seconds",
    labels: [["direction", "direction"]],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32],
    series: "all",
    origin: "mediaprobe",
    when: "Once a call whose BYE was answered, at its end (RFC 6076 §4.4). Timer F ends the wait at 32 s.",
  },
  sip_call_duration_seconds: {
    type: "histogram",
    help: "Time from the answer to the end of the call.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
    ],
    buckets: [1, 5, 10, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600, 7200, 14400],
    series: "all",
    origin: "mediaprobe",
    when: "Once an answered call, at its end (RFC 6076 §4.5).",
  },
  sip_first_media_delay_seconds: {
    type: "histogram",
    help: "Time from the answer until media flows in both directions; 0 where it did already.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["direction", "direction"],
    ],
    buckets: [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10],
    series: "all",
    origin: "mediaprobe",
    when: "Once an answered call with media in both directions, at its end.",
  },
} as const satisfies Catalogue;
