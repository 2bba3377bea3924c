/**
 * Who vouches for a call's caller, as its record tells it.
 *
 * @module
 */

import { present } from "../rtcp/present.js";
import { peerVerdict, stirResult } from "../stir/outcome.js";
import { STIR_REASONS } from "../stir/reason.js";
import { type IdentityChecker, IdentityVerifier, type IdentityVerdict } from "../stir/verify.js";
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

/** What the record says of it; nothing for a call whose INVITE was not seen. */
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
  const { status, reason, attestation, signer } = identity ?? withoutVerdict(vouching.request);
  return {
    result: stirResult(status, { ...present("statusCode", statusCode), hasProceeded }),
    ...present("attestation", attestation),
    ...present("reason", reason),
    ...present("code", reason && STIR_REASONS[reason]),
    ...present("signer", signer),
    ...present("peer", peer),
  };
}

/** Nobody vouches, which is no fault; or what they said is still being verified. */
function withoutVerdict(request: object | undefined): Omit<IdentityVerdict, "tokens"> {
  return request === undefined
    ? { status: "no-identity" }
    : { status: "unverified", reason: "not-in-time" };
}
