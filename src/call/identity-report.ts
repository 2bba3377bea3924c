/**
 * Who vouches for a call's caller, as its record tells it.
 *
 * @module
 */

import { present } from "../rtcp/present.js";
import { peerVerdict, stirResult } from "../stir/outcome.js";
import { STIR_REASONS } from "../stir/reason.js";
import { type IdentityChecker, IdentityVerifier, type IdentityVerdict } from "../stir/verify.js";
import type { VouchingFacts } from "../sip/call.js";
import type { CallEntry } from "./call-entry.js";
import type { StirReport } from "./call-report.js";

/** Finds what is wrong without a certificate, and leaves open what is not. */
export const WITHOUT_CERTIFICATES: IdentityChecker = new IdentityVerifier({
  certificates: { find: () => ({ kind: "missing", reason: "no-certificate" }) },
  trust: { distrust: () => "no-trust-anchor" },
});

/** Has a call's identities verified, once, as soon as there are any. */
export function takeIdentity(entry: CallEntry, checker: IdentityChecker): void {
  const { identities, request } = entry.call.vouching;
  if (request === undefined || entry.isIdentityTaken) return;
  entry.isIdentityTaken = true;
  if (request.isTruncated === true) {
    entry.identity = { status: "unverified", reason: "message-cut" };
    return;
  }
  const { atMs, ...facts } = request;
  checker.check({ identities, ...facts, receivedAtMs: atMs }, (verdict) => {
    const { status, reason, attestation, signer } = verdict;
    entry.identity = {
      status,
      ...present("reason", reason),
      ...present("attestation", attestation),
      ...present("signer", signer),
    };
  });
}

/** What the record says of it; nothing where the INVITE was not seen, or not as far as it would stand. */
export function identityReport({ call, identity }: CallEntry): StirReport | undefined {
  if (!call.hasInvite) return undefined;
  const { vouching, statusCode } = call;
  const hasProceeded = call.answeredAtMs !== undefined || call.progressAtMs !== undefined;
  const peer = peerVerdict({
    identities: vouching.identities,
    ...present("verstat", vouching.verstat),
    ...present("statusCode", statusCode),
    ...present("reasonPhrase", vouching.forbiddenPhrase),
    reasons: [...(vouching.responseReasons ?? []), ...call.reasons],
    hasProceeded,
  });
  const isUnseen = vouching.request === undefined && vouching.isHeaderCut === true;
  if (isUnseen && peer === undefined) return undefined;
  const { status, reason, attestation, signer } = identity ?? withoutVerdict(vouching);
  return {
    result: stirResult(status, { ...present("statusCode", statusCode), hasProceeded }),
    ...present("attestation", attestation),
    ...present("reason", reason),
    ...present("code", reason && STIR_REASONS[reason]),
    ...present("signer", signer),
    ...present("peer", peer),
  };
}

/** Nobody vouches, which is no fault; or what they said was not seen, or is still being verified. */
function withoutVerdict({ request, isHeaderCut }: VouchingFacts): Omit<IdentityVerdict, "tokens"> {
  if (request !== undefined) return { status: "unverified", reason: "not-in-time" };
  return isHeaderCut === true
    ? { status: "unverified", reason: "message-cut" }
    : { status: "no-identity" };
}
