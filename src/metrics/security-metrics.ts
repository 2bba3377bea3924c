/**
 * How calls were secured, vouched for and connected.
 *
 * @module
 */

import type { CallReport, CallTransport, DtlsReport, StirReport } from "../call/call-report.js";
import type { DtlsResult } from "../dtls/association.js";
import { isFailure, isOpen } from "../stir/reason.js";
import type { LabelValue } from "./label-values.js";
import type { Recorder } from "./recorder.js";

/** What the family with four results makes of each. A late success does not undo its timeout. */
const DTLS_COUNTS: Readonly<Record<DtlsResult, LabelValue<"dtls-count"> | undefined>> = {
  ok: "ok",
  fail: "fail",
  timeout: "timeout",
  "fingerprint-mismatch": "fingerprint-mismatch",
  "no-srtp-profile": "fail",
  "no-fingerprint": "fail",
  aborted: undefined,
  "late-ok": "timeout",
};

const DTLS_VERSIONS = ["1.0", "1.2", "1.3"] as const;

/** Records handshakes, identities and connectivity of a call that is over. */
export class SecurityMetrics {
  readonly #dtlsCounts;
  readonly #dtlsResults;
  readonly #dtlsDuration;
  readonly #dtlsRetransmissions;
  readonly #dtlsAlerts;
  readonly #srtpProfiles;
  readonly #stirCounts;
  readonly #stirUnverified;
  readonly #stirFailures;
  readonly #stirAttestations;
  readonly #stirPeers;
  readonly #iceResults;
  readonly #iceDuration;
  readonly #iceRestarts;

  constructor(recorder: Recorder) {
    this.#dtlsCounts = recorder.counter("sip_dtls_handshake_total");
    this.#dtlsResults = recorder.counter("dtls_handshake_results_total");
    this.#dtlsDuration = recorder.histogram("dtls_handshake_duration_seconds");
    this.#dtlsRetransmissions = recorder.counter("dtls_handshake_retransmissions_total");
    this.#dtlsAlerts = recorder.counter("dtls_alerts_total");
    this.#srtpProfiles = recorder.counter("dtls_srtp_profiles_total");
    this.#stirCounts = recorder.counter("sip_stir_verify_total");
    this.#stirUnverified = recorder.counter("sip_stir_unverified_total");
    this.#stirFailures = recorder.counter("sip_stir_failure_total");
    this.#stirAttestations = recorder.counter("sip_stir_attestation_total");
    this.#stirPeers = recorder.counter("sip_stir_peer_verdict_total");
    this.#iceResults = recorder.counter("ice_results_total");
    this.#iceDuration = recorder.histogram("ice_connect_duration_seconds");
    this.#iceRestarts = recorder.counter("ice_restarts_total");
  }

  onCall({ security, ice }: CallReport, transport: CallTransport): void {
    for (const handshake of security.dtls ?? []) this.onHandshake(handshake, transport);
    if (security.stir !== undefined) this.#onIdentity(security.stir);
    if (ice === undefined) return;
    this.#iceResults.at(transport, ice.result).inc();
    if (ice.durationSeconds !== undefined) {
      this.#iceDuration.at(transport).observe(ice.durationSeconds);
    }
    this.#iceRestarts.at(transport).add(ice.restarts ?? 0);
  }

  onHandshake(handshake: DtlsReport, transport: CallTransport): void {
    const { result, durationSeconds, retransmissions, alert, srtpProfile } = handshake;
    const count = DTLS_COUNTS[result];
    if (count !== undefined) this.#dtlsCounts.at(count).inc();
    this.#dtlsResults.at(transport, result).inc();
    this.#dtlsRetransmissions.at(transport).add(retransmissions ?? 0);
    if (alert !== undefined) this.#dtlsAlerts.at(transport, alert.by, alert.name).inc();
    if (srtpProfile !== undefined) this.#srtpProfiles.at(transport, srtpProfile).inc();
    if (durationSeconds === undefined) return;
    const version = DTLS_VERSIONS.find((known) => known === handshake.version) ?? "unknown";
    this.#dtlsDuration.at(transport, version).observe(durationSeconds);
  }

  #onIdentity({ result, attestation, reason, peer }: StirReport): void {
    if (result !== "unverified") this.#stirCounts.at(result).inc();
    else if (reason !== undefined && isOpen(reason)) this.#stirUnverified.at(reason).inc();
    if (reason !== undefined && isFailure(reason)) this.#stirFailures.at(reason).inc();
    this.#stirAttestations.at(attestation ?? "none", result).inc();
    if (peer !== undefined) this.#stirPeers.at(peer.result).inc();
  }
}
