/**
 * What label values there are. A label of a family names one of these lists; one list may serve under
 * several label names, and two families may use one label name with different lists.
 *
 * @module
 */

import { CONFIDENCE_KINDS, ISSUE_KINDS } from "../call/call-report.js";
import { DTLS_RESULTS } from "../dtls/association.js";
import { ALERT_NAMES, SRTP_PROFILE_NAMES } from "../dtls/names.js";
import { USER_VERDICTS } from "../quality/user-satisfaction.js";
import { STATUS_CODES } from "../sip/status-codes.js";
import { STIR_RESULTS } from "../stir/outcome.js";
import { FAILURE_REASONS, OPEN_REASONS } from "../stir/reason.js";
import { HOST_LABEL_VALUES } from "./host-label-values.js";

/** A list that is not known beforehand: the first values seen, and `other` for all further ones. */
export interface LearnedValues {
  /** How many are told apart. */
  readonly learned: number;
  /** The label may be left out: an empty value is known, and has no label. */
  readonly isOptional?: boolean;
}

/**
 * A list whose values come and go: the most recently used ones. The series of a value go when it
 * does. An empty value has no label.
 */
export interface RecentValues {
  /** How many are kept; with 0 the label is always left out. */
  readonly recent: number;
}

/** What a list can be. A closed one in which `""` stands lets the label be left out. */
export type LabelValueList = readonly string[] | LearnedValues | RecentValues;

/** Where values stand that a list does not have: in a place of its own, unseen until it is used. */
export const OTHER = "other";

/**
 * Every list of label values. What is not in a list is counted as `other`, and noted in
 * `metrics_unknown_value_total`.
 */
export const LABEL_VALUES = {
  /** Relative to the local side: of a call, who was called; of a request or stream, whom it reaches. */
  direction: ["inbound", "outbound"],
  side: ["local", "remote"],
  transport: ["sip", "webrtc"],
  "status-class": ["1xx", "2xx", "3xx", "4xx", "5xx", "6xx"],
  /** Classes of final responses; `none` where an attempt ended without one. */
  "final-class": ["2xx", "3xx", "4xx", "5xx", "6xx", "none"],
  /** Registered codes of final responses (RFC 3261 §21), and classes of all others. */
  "final-code": [
    ...STATUS_CODES.filter((code) => code >= 200).map(String),
    ...["2xx", "3xx", "4xx", "5xx", "6xx"],
  ],
  "outcome-via": ["response", "timeout", "transport-error", "local-abort", "abandoned"],
  "bye-reason-class": ["normal", "timer-expired", "error", "user-hangup"],
  "call-status": [
    "ok",
    "error",
    "dialog-hangup",
    "timer-expired",
    "ice-failed",
    "pipeline-error",
    "media-error",
    "timeout",
    "other",
  ],
  "timed-method": ["INVITE", "BYE", "UPDATE", "other"],
  "transaction-timer": ["B", "F", "H"],
  "refresh-method": ["INVITE", "UPDATE"],
  "refresh-count": ["ok", "422-bumped", "422-gave-up", "481", "role-swap"],
  "refresh-result": ["ok", "422-bumped", "422-gave-up", "481", "role-swap", "timer-off", "failed"],
  /** By the response, or `unanswered`, or `not-sent`: the session ran out before there was a refresh. */
  "refresh-failure": ["3xx", "408", "4xx", "5xx", "6xx", "unanswered", "not-sent"],
  "dtls-count": ["ok", "fail", "timeout", "fingerprint-mismatch"],
  "dtls-result": DTLS_RESULTS,
  "dtls-version": ["1.0", "1.2", "1.3", "unknown"],
  "dtls-role": ["client", "server"],
  "dtls-alert": ALERT_NAMES,
  "srtp-profile": SRTP_PROFILE_NAMES,
  "stir-count": ["verified", "failed", "soft-fail", "no-identity"],
  "stir-result": STIR_RESULTS,
  attestation: ["A", "B", "C", "none"],
  /** Why nothing could be judged. */
  "stir-open-reason": OPEN_REASONS,
  /** Why an identity does not hold, by the code a verifier answers with (RFC 8224 §6.2.2). */
  "stir-failure": FAILURE_REASONS,
  "ice-result": ["ok", "failed", "lost"],
  "issue-kind": ISSUE_KINDS,
  "confidence-kind": CONFIDENCE_KINDS,
  /** Whose word a figure is: our own count and clock, the far end's, or the stack's `getStats`. */
  view: ["measured", "reported", "stack"],
  /** The same of what no stack's statistics are taken for, and of what only packets tell. */
  "heard-view": ["measured", "reported"],
  "own-view": ["measured"],
  /** Over the calls in progress; `worst` is the lowest of scores, and the highest of all else. */
  "live-stat": ["mean", "worst"],
  "live-verdict": [...USER_VERDICTS, "unrated"],
  scale: ["narrowband", "wideband", "fullband"],
  media: ["audio", "video", "other"],
  /** Encoding names as registered; `unknown` where nothing says what a payload type stands for. */
  codec: [
    "PCMU",
    "PCMA",
    "G722",
    "opus",
    "G729",
    "AMR",
    "AMR-WB",
    "EVS",
    "iLBC",
    "GSM",
    "GSM-EFR",
    "GSM-HR-08",
    "G723",
    "G726-16",
    "G726-24",
    "G726-32",
    "G726-40",
    "G728",
    "G7221",
    "speex",
    "L16",
    "red",
    "other",
    "unknown",
  ],
  "connection-state": ["new", "connecting", "connected", "disconnected", "failed", "closed"],
  "connection-failure": [
    "ice-failed",
    "ice-lost",
    "dtls-failed",
    "dtls-timeout",
    "fingerprint-mismatch",
    "no-fingerprint",
    "no-srtp-profile",
    "timeout",
    "aborted",
    "unknown",
  ],
  "webrtc-stage": ["webrtc"],
  egress: ["egress"],
  ingress: ["ingress"],
  "traffic-direction": ["egress", "ingress"],
  "ok-failed": ["ok", "failed"],
  "true-false": ["true", "false"],
  version: { learned: 4 },
  "delay-stat": ["mean", "p50", "p99", "max"],
  "poll-kind": ["cheap", "full"],
  "poll-problem": ["timeout", "failure", "deferred", "skipped-slot"],
  /** Tables, sinks and seams of the probe, as they call themselves. */
  "probe-part": { learned: 64 },
  "attach-mode": ["cascaded", "realtime"],
  "attach-result": ["ok", "config_error"],
  "attach-from": ["cascaded", "pipeline"],
  "attach-to": ["realtime"],
  "ok-err": ["ok", "err"],
  "ok-fail": ["ok", "fail"],
  "ignored-reason": ["not-a-number", "infinite", "negative", "out-of-range"],
  "refused-reason": ["series-limit", "family-limit", "frozen", "name", "type"],
  "metric-name": { learned: 512 },
  "label-name": { learned: 64 },
  ...HOST_LABEL_VALUES,
} as const satisfies Readonly<Record<string, LabelValueList>>;

/** The name of one of the lists. */
export type LabelValuesName = keyof typeof LABEL_VALUES;

/** One value of that list. */
export type LabelValue<Name extends LabelValuesName> =
  (typeof LABEL_VALUES)[Name] extends readonly (infer Value extends string)[] ? Value : string;
