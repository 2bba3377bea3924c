/**
 * What came of a connection with several transports, and why it failed.
 *
 * @module
 */

import type { IceReport } from "../call/call-report.js";
import type { DtlsResult } from "../dtls/association.js";
import type {
  AttachedHandshake,
  ConnectionFailureReason,
  PeerConnectionState,
} from "../call/connection.js";

/** The worst first. */
const DTLS_BY_HARM: readonly DtlsResult[] = [
  "fingerprint-mismatch",
  "no-fingerprint",
  "no-srtp-profile",
  "fail",
  "timeout",
  "aborted",
  "late-ok",
  "ok",
];

const ICE_BY_HARM: readonly IceReport["result"][] = ["failed", "lost", "ok"];

const STATES: ReadonlySet<unknown> = new Set<PeerConnectionState>([
  "new",
  "connecting",
  "connected",
  "disconnected",
  "failed",
  "closed",
]);

/** Whether a stack's word for the state of a connection is one of W3C webrtc. */
export function isConnectionState(state: unknown): state is PeerConnectionState {
  return STATES.has(state);
}

/** The handshake that did most harm; of equal ones the slowest. */
export function worstHandshake(
  reports: readonly AttachedHandshake[],
): AttachedHandshake | undefined {
  return worst(reports, ({ result }) => DTLS_BY_HARM.indexOf(result));
}

/** The path that did most harm; of equal ones the slowest. */
export function worstIce(reports: readonly IceReport[]): IceReport | undefined {
  return worst(reports, ({ result }) => ICE_BY_HARM.indexOf(result));
}

/** Why a connection failed whose handshake came to this. */
export function failureOfDtls(result: DtlsResult): ConnectionFailureReason {
  switch (result) {
    case "timeout":
      return "dtls-timeout";
    case "fingerprint-mismatch":
    case "no-fingerprint":
    case "no-srtp-profile":
    case "aborted":
      return result;
    case "fail":
      return "dtls-failed";
    case "ok":
    case "late-ok":
      return "unknown";
  }
}

function worst<Report extends { readonly durationSeconds?: number }>(
  reports: readonly Report[],
  rank: (report: Report) => number,
): Report | undefined {
  return reports.toSorted(
    (a, b) => rank(a) - rank(b) || (b.durationSeconds ?? 0) - (a.durationSeconds ?? 0),
  )[0];
}
