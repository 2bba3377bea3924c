/**
 * The certificate of a Certificate message (RFC 5246 §7.4.2) and its fingerprints (RFC 8122 §5).
 *
 * @module
 */

import { createHash } from "node:crypto";

import type { CertificateFingerprints } from "./association.js";
import { WireReader } from "./wire-reader.js";

/** Hash functions by their names in SDP (RFC 8122 §5), the strongest first. */
export const FINGERPRINT_ALGORITHMS = [
  "sha-512",
  "sha-384",
  "sha-256",
  "sha-224",
  "sha-1",
] as const;

/** What a Certificate message carries: the sender's own certificate, or none at all. */
export interface CertificateMessage {
  /** In DER, not copied. Absent where the sender has none to show. */
  readonly leaf?: Uint8Array;
}

/** @returns Nothing where the body is no list of certificates. */
export function parseCertificateMessage(body: Uint8Array): CertificateMessage | undefined {
  const reader = new WireReader(body);
  const list = new WireReader(reader.take(reader.uint24()));
  if (reader.isShort) return undefined;
  if (list.remaining === 0) return {};
  const leaf = list.take(list.uint24());
  return list.isShort || leaf.length === 0 ? undefined : { leaf };
}

/** The hashes of a certificate in DER, with every function of {@link FINGERPRINT_ALGORITHMS}. */
export function fingerprintsOf(certificate: Uint8Array): CertificateFingerprints {
  return new Map(
    FINGERPRINT_ALGORITHMS.map((algorithm) => {
      const digest = createHash(algorithm.replace("-", "")).update(certificate).digest("hex");
      return [algorithm, (digest.toUpperCase().match(/../g) ?? []).join(":")];
    }),
  );
}
