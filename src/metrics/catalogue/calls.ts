/**
 * Families about calls as a whole.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

/** How many calls there are and were, and what was wrong with them. */
export const CALL_FAMILIES = {
  voiceserver_active_calls: {
    type: "gauge",
    help: "Calls that are answered and not yet over.",
    unit: "calls",
    labels: [["transport", "transport"]],
    series: "all",
    origin: "voiceserver",
    when: "From the answer to the end. A call that began before it could be seen counts from the first sign that it is connected.",
  },
  voiceserver_calls_started_total: {
    type: "counter",
    help: "Calls that were answered.",
    unit: "calls",
    labels: [["transport", "transport"]],
    series: "all",
    origin: "voiceserver",
    when: "Once a call, at its answer, or at its end where its transport was not known before.",
  },
  voiceserver_calls_total: {
    type: "counter",
    help: "Answered calls that are over, by how they ended.",
    unit: "calls",
    labels: [
      ["transport", "transport"],
      ["status", "call-status"],
    ],
    series: "all",
    origin: "voiceserver",
    when: "Once an answered call, at its end: `ok` after a BYE of class normal or user-hangup, `timer-expired` after one that says so; else `ice-failed`, `media-error` where DTLS failed, `timeout` where nothing more came, `other` where the capture ended before the call, `error`. Attempts that were never answered are in `sip_call_result_total` only.",
  },
  call_issues_total: {
    type: "counter",
    help: "Faults found in calls.",
    unit: "events",
    labels: [["kind", "issue-kind"]],
    series: "all",
    origin: "mediaprobe",
    when: "Each issue of a call's record, at the end of the call.",
  },
  call_caveats_total: {
    type: "counter",
    help: "Call records by why they may be less than the truth.",
    unit: "calls",
    labels: [["kind", "confidence-kind"]],
    series: "all",
    origin: "mediaprobe",
    when: "Each confidence note of a call's record, at the end of the call.",
  },
} as const satisfies Catalogue;
