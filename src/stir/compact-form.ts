/**
 * The PASSporT that a compact Identity leaves out, built from the request (RFC 8224 §7).
 *
 * @module
 */

import { dateSeconds, type IdentityFacts } from "./identity-facts.js";
import type { ParsedIdentity } from "./identity.js";
import { canonicalParty } from "./telephone-number.js";

/** Ways to read who calls and who is called that are tried. */
const MAX_READINGS = 8;

/**
 * The full tokens that a compact Identity may stand for: whether a party is claimed as a number or as
 * a URI cannot be seen. None where the request has no Date.
 */
export function fullTokens(
  { token, infoUri = "", algorithm }: ParsedIdentity,
  facts: IdentityFacts,
): readonly string[] {
  const issuedAt = dateSeconds(facts.date);
  if (issuedAt === undefined) return [];
  const { assertedUris, fromUri, toUri } = facts;
  const callers = (assertedUris.length > 0 ? assertedUris : [fromUri]).flatMap(claims);
  // Members in lexicographic order, without whitespace (RFC 8225 §9).
  const header = encoded({ alg: algorithm, typ: "passport", x5u: infoUri });
  const tokens = callers.flatMap(([callerKind, caller]) =>
    claims(toUri).map(([calleeKind, callee]) => {
      const dest = { [calleeKind]: [callee] };
      const payload = encoded({ dest, iat: issuedAt, orig: { [callerKind]: caller } });
      return `${header}.${payload}.${token.slice("..".length)}`;
    }),
  );
  return tokens.slice(0, MAX_READINGS);
}

function claims(uri: string): (readonly ["tn" | "uri", string])[] {
  const { number, uri: canonical } = canonicalParty(uri);
  return [
    ...(number === undefined ? [] : [["tn", number] as const]),
    ...(canonical === undefined ? [] : [["uri", canonical] as const]),
  ];
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
