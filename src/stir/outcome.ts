/**
 * What came of the vouching for a caller: by our own verification, and as the network says (RFC 8224
 * §6.2, RFC 9410, and `verstat` of 3GPP TS 24.229 §7.2A.20).
 *
 * @module
 */

import { parseIdentities, type ParsedIdentity } from "./identity.js";
import type { Attestation } from "./passport.js";
import { type IdentityVerdict, isSupported } from "./verify.js";

/** What verification may have come to. */
export const STIR_RESULTS = [
  "verified",
  "failed",
  "soft-fail",
  "no-identity",
  "unverified",
] as const;

/** Whether somebody vouched for the caller, and whether that held. */
export type StirResult = (typeof STIR_RESULTS)[number];

/** Where others say what they made of it: the network's `verstat`, a final code, or a Reason. */
export type IdentityClaim = "verstat" | "response" | "reason";

/** One value of a Reason header field. */
export interface StatedReason {
  /** In upper case: `SIP`, `STIR`. */
  readonly protocol: string;
  readonly cause?: number;
  readonly text?: string;
}

/** What a call shows. */
export interface VouchingEvidence {
  /** Every Identity header field of the first INVITE, as written. */
  readonly identities: readonly string[];
  /** As written: `TN-Validation-Passed`. From the verifier's side of the network to be believed. */
  readonly verstat?: string;
  /** Of the final response to the INVITE. */
  readonly statusCode?: number;
  /** Its reason phrase: without `Stale Date` a 403 says nothing of the caller. */
  readonly reasonPhrase?: string;
  /** Reason values of the INVITE's provisional and final responses. */
  readonly reasons: readonly StatedReason[];
  /** The INVITE was passed on to the callee: a 18x or 2xx came. */
  readonly hasProceeded: boolean;
}

/** What somebody else made of it. */
export interface PeerVerdict {
  /** `unverified`: an Identity is there, and whoever should have verified it says that it did not. */
  readonly result: StirResult;
  /** Only where `verstat` names it. */
  readonly attestation?: Attestation;
  /** A code with its name, or a `verstat`. */
  readonly reason: string;
  readonly claimedBy: IdentityClaim;
}

const STALE_DATE = 403;
const USE_IDENTITY = 428;
const INVALID_IDENTITY = 438;

/** Status codes of a verifier and their names (RFC 8224 §6.2.2, RFC 5079). */
const CODES: ReadonlyMap<number, string> = new Map([
  [STALE_DATE, "Stale Date"],
  [USE_IDENTITY, "Use Identity Header"],
  [433, "Anonymity Disallowed"],
  [436, "Bad Identity Info"],
  [437, "Unsupported Credential"],
  [INVALID_IDENTITY, "Invalid Identity Header"],
]);

/**
 * What our own verification comes to in a call that went on or not.
 *
 * - `failed`: what we found wrong was refused, or went nowhere.
 * - `soft-fail`: the call went on to the callee all the same.
 */
export function stirResult(
  status: IdentityVerdict["status"],
  { statusCode = 0, hasProceeded }: Pick<VouchingEvidence, "statusCode" | "hasProceeded">,
): StirResult {
  if (status !== "failed") return status;
  const isRefused = statusCode !== STALE_DATE && CODES.has(statusCode);
  return hasProceeded && !isRefused ? "soft-fail" : "failed";
}

/**
 * The strongest word of others there is: a verifier's refusal, its `verstat`, its Reason.
 *
 * - `no-identity`: a 428, or a `verstat` of none where there is no Identity.
 * - `verified`: `verstat` says that validation passed.
 * - `failed`: the verifier refused: a final 433, 436, 437 or 438 to an INVITE with an Identity, a 403
 *   for a stale date, or another refusal that gives one of these as its Reason.
 * - `soft-fail`: validation failed, by `verstat` or a Reason, and the call went on to the callee.
 * - `unverified`: `verstat` says that nobody validated the Identity there is.
 *
 * @returns Nothing where nobody says anything.
 */
export function peerVerdict(evidence: VouchingEvidence): PeerVerdict | undefined {
  const hasIdentity = parseIdentities(evidence.identities).some(isUsable);
  return (
    byResponse(evidence, hasIdentity) ?? byVerstat(evidence, hasIdentity) ?? byReason(evidence)
  );
}

/** One that cannot be read is one that a verifier would refuse, not one it would ignore. */
function isUsable(identity: ParsedIdentity): boolean {
  return identity.ppt === undefined || isSupported(identity);
}

function byResponse(evidence: VouchingEvidence, hasIdentity: boolean): PeerVerdict | undefined {
  const { statusCode, reasonPhrase = "" } = evidence;
  if (statusCode === undefined || !CODES.has(statusCode)) return undefined;
  if (statusCode === STALE_DATE && !isStaleDate(reasonPhrase)) return undefined;
  const claim = { reason: codeText(statusCode), claimedBy: "response" } as const;
  if (statusCode === USE_IDENTITY) return { result: "no-identity", ...claim };
  if (hasIdentity) return { result: "failed", ...claim };
  // Some verifiers answer 438 where there is nothing to verify.
  return statusCode === INVALID_IDENTITY ? { result: "no-identity", ...claim } : undefined;
}

function byVerstat(
  { verstat = "" }: VouchingEvidence,
  hasIdentity: boolean,
): PeerVerdict | undefined {
  const value = verstat.trim().toLowerCase();
  const claimedBy = "verstat";
  // Some networks append the attestation.
  if (value.startsWith("tn-validation-passed")) {
    const attestation = verstatAttestation(verstat);
    const verdict = { result: "verified", reason: "TN-Validation-Passed", claimedBy } as const;
    return attestation === undefined ? verdict : { ...verdict, attestation };
  }
  // It is there to be read because the call was passed on.
  if (value.startsWith("tn-validation-failed")) {
    return { result: "soft-fail", reason: "TN-Validation-Failed", claimedBy };
  }
  if (value !== "no-tn-validation") return undefined;
  // Somebody may have vouched, and the verifier says that it did not look.
  const result = hasIdentity ? "unverified" : "no-identity";
  return { result, reason: "No-TN-Validation", claimedBy };
}

function byReason(evidence: VouchingEvidence): PeerVerdict | undefined {
  for (const { protocol, cause, text = "" } of evidence.reasons) {
    const isStir = protocol.toUpperCase() === "STIR";
    if (cause === undefined || !CODES.has(cause)) continue;
    if (!isStir && protocol.toUpperCase() !== "SIP") continue;
    if (!isStir && cause === STALE_DATE && !isStaleDate(text)) continue;
    const isRefused = !evidence.hasProceeded && (evidence.statusCode ?? 0) >= 400;
    const failure = isRefused ? "failed" : "soft-fail";
    const result = cause === USE_IDENTITY ? "no-identity" : failure;
    return { result, reason: codeText(cause), claimedBy: "reason" };
  }
  return undefined;
}

function isStaleDate(text: string): boolean {
  return /stale\s*date/i.test(text);
}

function codeText(code: number): string {
  return `${String(code)} ${CODES.get(code) ?? ""}`;
}

/** `TN-Validation-Passed-A`. */
function verstatAttestation(verstat: string): Attestation | undefined {
  return /^\s*TN-Validation-Passed-([ABC])\s*$/i.exec(verstat)?.[1]?.toUpperCase() as
    Attestation | undefined;
}
