/**
 * What verification of a caller's identity found, in words.
 *
 * @module
 */

import type { StirReason } from "../stir/reason.js";
import type { CheckName } from "../stir/token-check.js";

/** Each reason, to stand after a colon. */
export const REASON_WORDS: Readonly<Record<StirReason, string>> = {
  stale: "it is older than allowed when the message came",
  "from-the-future": "it is from later than the message came",
  "no-identity-header": "there is no Identity header",
  "unknown-ppt": "every Identity is of an extension that verifiers skip",
  "bad-info-uri": "its certificate is not at an https address",
  "no-certificate": "the signer's certificate is not at hand",
  "fetch-refused": "fetching from that address is not allowed",
  "fetch-failed": "the certificate could not be fetched",
  "queue-full": "too many identities waited to be verified",
  "not-in-time": "the call was over before it was verified",
  "message-cut": "the capture holds only a part of the message",
  "bad-certificate": "what lies at its address is no certificate",
  "unsupported-key": "the certificate's key is not P-256, or not for signing",
  "certificate-expired": "a certificate had expired when the message came",
  "certificate-not-yet-valid": "a certificate was not yet valid when the message came",
  "untrusted-certificate": "no chain leads from the certificate to a trust anchor",
  "no-trust-anchor": "there are no trust anchors to judge the certificate by",
  "certificate-revoked": "a certificate had been revoked when the message came",
  "no-tnauthlist": "the certificate says nothing of telephone numbers",
  "not-authoritative": "the certificate is for other numbers",
  "claim-not-allowed": "the certificate does not allow what is claimed",
  "too-long": "it is longer than is read",
  "not-a-passport": "it is no PASSporT of three parts",
  "bad-encoding": "a part is not base64url in canonical form",
  "bad-json": "header or payload is no JSON object",
  "bad-claim": "a claim is missing or of the wrong type",
  "no-info": "the info parameter is missing",
  "info-mismatch": "info and x5u name different places",
  "parameter-mismatch": "a parameter contradicts the PASSporT",
  "compact-form": "the compact form leaves out what verification needs",
  "unsupported-algorithm": "the algorithm is not ES256",
  "bad-signature": "the certificate's key did not make the signature",
  "originator-mismatch": "it vouches for another caller",
  "destination-mismatch": "it was made for a call to somebody else",
  "broken-diversion": "no chain of diversions leads to who was called",
};

/** Each check, as what holds where it does. */
export const CHECK_WORDS: Readonly<Record<CheckName, string>> = {
  syntax: "can be read",
  form: "has a form that allows verification",
  parameters: "says the same inside and outside",
  algorithm: "is signed with ES256",
  place: "names an https address for the certificate",
  time: "is fresh",
  originator: "is about this caller",
  destination: "is for this callee",
  certificate: "has its certificate at hand",
  key: "is of a key that may sign",
  trust: "is of a signer who is trusted",
  signature: "is signed by that certificate's key",
  authority: "is of a signer who may speak for this number",
  constraints: "claims nothing that the certificate forbids",
};
