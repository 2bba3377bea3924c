/**
 * What came of the vouching for a caller, as the network says (RFC 8224 §6.2, RFC 9410, and `verstat`
 * of 3GPP TS 24.229 §7.2A.20). Our own verification is not part of it.
 *
 * @module
 */

import {
  type IdentityClaim,
  parseIdentities,
  type ParsedIdentity,
  type StirResult,
} from "./identity.js";
import type { Attestation } from "./passport.js";

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

/** What it comes to. */
export interface StirOutcome {
  /**
   * `unverified`: an Identity is there and nobody said what it is worth.
   */
  readonly result: StirResult;
  /** As claimed. Nobody has verified it unless `result` is `verified`. */
  readonly attestation?: Attestation;
  /** Why: a code with its name, a `verstat`, or what is wrong with the Identity. */
  readonly reason?: string;
  /** Whose word the result is. Absent where nobody said anything. */
  readonly claimedBy?: IdentityClaim;
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

/** Extensions whose PASSporTs vouch for somebody; one of another kind is ignored (RFC 8224 §6.2). */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set([
  "shaken", // RFC 8588
  "div", // RFC 8946
  "div-o", // RFC 8946
  "rph", // RFC 8443
  "rcd", // RFC 9795
]);

type Verdict = Pick<StirOutcome, "result" | "reason" | "claimedBy">;

/**
 * The outcome by the strongest word there is: a verifier's refusal, its `verstat`, its Reason.
 *
 * - `no-identity`: no Identity, or none of a known extension; also a 428.
 * - `verified`: `verstat` says that validation passed.
 * - `failed`: the verifier refused: a final 433, 436, 437 or 438 to an INVITE with an Identity, a 403
 *   for a stale date, or another refusal that gives one of these as its Reason.
 * - `soft-fail`: validation failed, by `verstat` or a Reason, and the call went on to the callee.
 * - `unverified`: none of these.
 */
export function stirOutcome(evidence: VouchingEvidence): StirOutcome {
  const identities = parseIdentities(evidence.identities);
  const usable = identities.filter(isUsable);
  const verdict =
    byResponse(evidence, usable.length > 0) ??
    byVerstat(evidence, usable.length > 0) ??
    byReason(evidence) ??
    bySilence(identities, usable);
  const attestation = claimedAttestation(usable) ?? verstatAttestation(evidence.verstat);
  return { ...verdict, ...(attestation === undefined ? {} : { attestation }) };
}

/** One that cannot be read is one that a verifier would refuse, not one it would ignore. */
function isUsable({ ppt }: ParsedIdentity): boolean {
  return ppt === undefined || KNOWN_EXTENSIONS.has(ppt);
}

function byResponse(evidence: VouchingEvidence, hasIdentity: boolean): Verdict | undefined {
  const { statusCode, reasonPhrase = "" } = evidence;
  if (statusCode === undefined || !CODES.has(statusCode)) return undefined;
  if (statusCode === STALE_DATE && !isStaleDate(reasonPhrase)) return undefined;
  const claim = { reason: codeText(statusCode), claimedBy: "response" } as const;
  if (statusCode === USE_IDENTITY) return { result: "no-identity", ...claim };
  if (hasIdentity) return { result: "failed", ...claim };
  // Some verifiers answer 438 where there is nothing to verify.
  return statusCode === INVALID_IDENTITY ? { result: "no-identity", ...claim } : undefined;
}

function byVerstat({ verstat = "" }: VouchingEvidence, hasIdentity: boolean): Verdict | undefined {
  const value = verstat.trim().toLowerCase();
  const claimedBy = "verstat";
  // Some networks append the attestation.
  if (value.startsWith("tn-validation-passed")) {
    return { result: "verified", reason: "TN-Validation-Passed", claimedBy };
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

function byReason(evidence: VouchingEvidence): Verdict | undefined {
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

function bySilence(
  identities: readonly ParsedIdentity[],
  usable: readonly ParsedIdentity[],
): Verdict {
  const [first] = usable;
  if (first === undefined) {
    const [ignored] = identities;
    if (ignored === undefined) return { result: "no-identity" };
    return { result: "no-identity", reason: `unknown ppt ${ignored.ppt?.slice(0, 32) ?? ""}` };
  }
  const { damage } = first;
  return { result: "unverified", ...(damage === undefined ? {} : { reason: damage }) };
}

function isStaleDate(text: string): boolean {
  return /stale\s*date/i.test(text);
}

function codeText(code: number): string {
  return `${String(code)} ${CODES.get(code) ?? ""}`;
}

function claimedAttestation(identities: readonly ParsedIdentity[]): Attestation | undefined {
  return identities.find(({ passport }) => passport?.attestation !== undefined)?.passport
    ?.attestation;
}

/** `TN-Validation-Passed-A`. */
function verstatAttestation(verstat: string | undefined): Attestation | undefined {
  return /^\s*TN-Validation-Passed-([ABC])\s*$/i.exec(verstat ?? "")?.[1]?.toUpperCase() as
    Attestation | undefined;
}
