/**
 * Why a caller's identity was not verified, and how a verifier would answer (RFC 8224 §6.2.2).
 *
 * @module
 */

/** What a verifier answers: Stale Date, Use Identity Header, Bad Identity Info, and so on. */
export type VerifierCode = 403 | 428 | 436 | 437 | 438;

/**
 * Every reason there is, with the code a verifier would answer with. Where the standards leave room:
 * a certificate that says nothing of the caller's number is a credential that does not serve (437).
 */
export const STIR_REASONS = {
  /** `iat` or Date is older than the time allowed. */
  stale: 403,
  /** `iat` or Date is further ahead than the time allowed. */
  "from-the-future": 403,
  /** Nobody vouches. */
  "no-identity-header": 428,
  /** Every Identity is of an extension that verifiers skip. */
  "unknown-ppt": 428,
  /** The certificate's place is no https URI. */
  "bad-info-uri": 436,
  /** The signer's certificate is not at hand. */
  "no-certificate": 436,
  /** Fetching certificates from there is not allowed. */
  "fetch-refused": 436,
  /** The certificate could not be fetched. */
  "fetch-failed": 436,
  /** Too many identities waited to be verified. */
  "queue-full": 436,
  /** The call was over before the certificate came. */
  "not-in-time": 436,
  /** The capture holds a part of the message only. */
  "message-cut": 438,
  /** What lies at the certificate's place is none. */
  "bad-certificate": 437,
  /** Its key is not of the P-256 curve, or may not sign. */
  "unsupported-key": 437,
  "certificate-expired": 437,
  "certificate-not-yet-valid": 437,
  /** No chain leads to a trust anchor. */
  "untrusted-certificate": 437,
  /** There are no trust anchors to judge it by. */
  "no-trust-anchor": 437,
  "certificate-revoked": 437,
  /** It says nothing of telephone numbers (RFC 8226 §9). */
  "no-tnauthlist": 437,
  /** It is for other numbers or another domain. */
  "not-authoritative": 437,
  /** It does not allow what the PASSporT claims (RFC 8226 §8). */
  "claim-not-allowed": 437,
  /** The value is longer than is read. */
  "too-long": 438,
  "not-a-passport": 438,
  "bad-encoding": 438,
  "bad-json": 438,
  "bad-claim": 438,
  /** The mandatory `info` is missing. */
  "no-info": 438,
  /** `info` and `x5u` name different places. */
  "info-mismatch": 438,
  /** A parameter contradicts the PASSporT. */
  "parameter-mismatch": 438,
  /** The compact form leaves out claims that this extension needs, or no Date tells its time. */
  "compact-form": 438,
  /** Not ES256. */
  "unsupported-algorithm": 438,
  "bad-signature": 438,
  /** The caller is another one. */
  "originator-mismatch": 438,
  /** It was made for a call to somebody else. */
  "destination-mismatch": 438,
  /** No chain of diversions leads from whom it was made for to who was called (RFC 8946). */
  "broken-diversion": 438,
} as const satisfies Readonly<Record<string, VerifierCode>>;

/** Why an identity was not verified. */
export type StirReason = keyof typeof STIR_REASONS;

/** Reasons for which nothing could be judged, so that no failure may be told. */
export const OPEN_REASONS = [
  "no-certificate",
  "no-trust-anchor",
  "fetch-refused",
  "fetch-failed",
  "queue-full",
  "not-in-time",
  "message-cut",
] as const satisfies readonly StirReason[];

/** Why nothing could be judged. */
export type OpenReason = (typeof OPEN_REASONS)[number];

/** Why an identity fails, or is none. */
export type FailureReason = Exclude<StirReason, OpenReason | "no-identity-header" | "unknown-ppt">;

const OPEN: ReadonlySet<string> = new Set(OPEN_REASONS);

/** Whether it stands for something that could not be judged. */
export function isOpen(reason: StirReason): reason is OpenReason {
  return OPEN.has(reason);
}

/** Whether it stands for an identity that does not hold. */
export function isFailure(reason: StirReason): reason is FailureReason {
  return !isOpen(reason) && reason !== "no-identity-header" && reason !== "unknown-ppt";
}

/** Why an identity does not hold, each reason for which it may. */
export const FAILURE_REASONS: readonly FailureReason[] = (
  Object.keys(STIR_REASONS) as StirReason[]
).filter(isFailure);
