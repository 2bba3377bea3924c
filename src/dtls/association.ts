/**
 * One DTLS handshake as the wire shows it (RFC 6347, RFC 9147, RFC 5764), before anything is known of
 * the call it belongs to.
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";

/** Who sent a ClientHello is the client. */
export type DtlsRole = "client" | "server";

/** An alert that could be read: sent before encryption began. */
export interface DtlsAlert {
  readonly level: "warning" | "fatal";
  /** RFC 8446 §6, RFC 5246 §7.2. */
  readonly code: number;
  /** As registered: `handshake_failure`; `alert-<code>` where it is not. */
  readonly name: string;
  readonly by: DtlsRole;
  readonly atMs: number;
}

/** A certificate's hashes: `sha-256` → upper-case octets separated by colons, as SDP has them. */
export type CertificateFingerprints = ReadonlyMap<string, string>;

/** What was seen of one handshake between two endpoints. */
export interface DtlsAssociation {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly startedAtMs: number;
  readonly lastPacketAtMs: number;
  /**
   * Both sides changed cipher and sent an encrypted Finished: the last of these, where a side sent
   * its own again since the other's was lost. For 1.3 see {@link isInferred}.
   */
  readonly completedAtMs?: number;
  /**
   * The end of a 1.3 handshake is encrypted and so inferred: both sides sent encrypted records, and
   * then one of them a record of epoch 3, whose keys follow the client's Finished (RFC 9147 §6.1).
   */
  readonly isInferred: boolean;
  readonly version?: "1.0" | "1.2" | "1.3";
  /** As registered: `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`; its number in hex where it is not. */
  readonly cipher?: string;
  /** The client offered `use_srtp`. */
  readonly offersSrtp: boolean;
  /** Selected by the server: `SRTP_AES128_CM_HMAC_SHA1_80`. In 1.3 it is encrypted. */
  readonly srtpProfile?: string;
  readonly alerts: readonly DtlsAlert[];
  /** Handshake messages that came again in a new record. */
  readonly retransmissions: number;
  readonly clientCertificate?: CertificateFingerprints;
  readonly serverCertificate?: CertificateFingerprints;
  /** Packets of that role were seen. */
  readonly sawClient: boolean;
  readonly sawServer: boolean;
  /** Encrypted records of that role were seen: of 1.3, or after a change of cipher. */
  readonly isClientEncrypted: boolean;
  readonly isServerEncrypted: boolean;
  /** What one side sent answers the other, of which nothing was seen: half of it was not captured. */
  readonly isOneSided: boolean;
  /** The last packet that brought something new: not a message that came again. */
  readonly lastProgressAtMs: number;
}

/** What a handshake may have come to. */
export const DTLS_RESULTS = [
  "ok",
  "fail",
  "timeout",
  "fingerprint-mismatch",
  "no-srtp-profile",
  "no-fingerprint",
  "aborted",
  "late-ok",
] as const;

/** What a handshake came to. */
export type DtlsResult = (typeof DTLS_RESULTS)[number];
