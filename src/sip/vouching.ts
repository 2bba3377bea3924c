/**
 * What an INVITE and its answers say of who vouches for its caller (RFC 8224, RFC 9410, 3GPP TS 24.229
 * §7.2A.20).
 *
 * @module
 */

import { parseAddress, parseNameAndUri } from "./address.js";
import type { SeenMessage, VouchedRequest, VouchingFacts } from "./call.js";
import type { SipMessage, SipRequest } from "./message.js";
import { MAX_REASONS, messageReasons } from "./reason.js";
import { detached } from "./wire-text.js";

/** Identity values of one INVITE that are kept. */
export const MAX_IDENTITIES = 16;

/** Characters of one Identity value that are kept; more is no PASSporT. */
export const MAX_IDENTITY_LENGTH = 16_384;

const VERSTAT = /;\s*verstat\s*=\s*"?([\w.-]{1,64})/i;
const PERCENT_ENCODED = /%([0-9a-f]{2})/gi;

/** P-Asserted-Identity has one or two values (RFC 3325 §9.1). */
const MAX_ASSERTED = 4;

/** Characters of a reason phrase that are kept. */
const MAX_PHRASE_LENGTH = 64;

const FORBIDDEN = 403;

/** What is known after this INVITE: what was known before is not replaced. */
export function vouchingAfter(
  known: VouchingFacts,
  { message: invite, atMs, isTruncated }: SeenMessage,
): VouchingFacts {
  const verstat = known.verstat ?? verstatOf(invite);
  const vouching = verstat === undefined ? known : { ...known, verstat };
  if (known.identities.length > 0 || invite.kind !== "request") return vouching;
  const identities = identitiesOf(invite);
  if (identities.length === 0) {
    const isHeaderCut = isTruncated === true && invite.damage.has("truncated-header");
    return isHeaderCut ? { ...vouching, isHeaderCut } : vouching;
  }
  return { ...vouching, identities, request: vouchedRequest(invite, atMs, isTruncated) };
}

/** What is known after this response to the INVITE. */
export function vouchingAnswered(known: VouchingFacts, response: SipMessage): VouchingFacts {
  if (response.kind !== "response") return known;
  const isForbidden = response.statusCode === FORBIDDEN && response.reasonPhrase !== "";
  const told = messageReasons(response).filter(
    ({ protocol }) => protocol === "SIP" || protocol === "STIR",
  );
  if (!isForbidden && told.length === 0) return known;
  const responseReasons = [...(known.responseReasons ?? []), ...told].slice(0, MAX_REASONS);
  const forbiddenPhrase = isForbidden
    ? detached(response.reasonPhrase.slice(0, MAX_PHRASE_LENGTH))
    : known.forbiddenPhrase;
  return {
    ...known,
    ...(responseReasons.length > 0 && { responseReasons }),
    ...(forbiddenPhrase !== undefined && { forbiddenPhrase }),
  };
}

/** Another attempt is made: what was answered to the one before is not its outcome. */
export function vouchingAgain({
  identities,
  request,
  isHeaderCut,
  verstat,
}: VouchingFacts): VouchingFacts {
  return {
    identities,
    ...(request !== undefined && { request }),
    ...(isHeaderCut !== undefined && { isHeaderCut }),
    ...(verstat !== undefined && { verstat }),
  };
}

function vouchedRequest(
  invite: SipRequest,
  atMs: number,
  isTruncated: boolean | undefined,
): VouchedRequest {
  const date = invite.header("date");
  const asserted = invite.headerList("p-asserted-identity").slice(0, MAX_ASSERTED);
  return {
    atMs,
    fromUri: uriOf(invite.header("from")),
    toUri: uriOf(invite.header("to")),
    requestUri: detached(invite.requestUri),
    assertedUris: asserted.map(uriOf),
    ...(date !== undefined && { date: detached(date) }),
    ...(isTruncated === true && { isTruncated }),
  };
}

function uriOf(address: string | undefined): string {
  return address === undefined ? "" : detached(parseNameAndUri(address).uri);
}

function identitiesOf(invite: SipMessage): readonly string[] {
  if (invite.header("identity") === undefined) return [];
  return invite
    .headerList("identity")
    .filter((value) => value.length <= MAX_IDENTITY_LENGTH)
    .slice(0, MAX_IDENTITIES)
    .map(detached);
}

function verstatOf(invite: SipMessage): string | undefined {
  for (const value of invite.headerList("p-asserted-identity").slice(0, MAX_IDENTITIES)) {
    const verstat = addressVerstat(value);
    if (verstat !== undefined) return verstat;
  }
  const from = invite.header("from");
  return from === undefined ? undefined : addressVerstat(from);
}

/** The parameter stands in the user part, after the host, or after the address; also escaped. */
function addressVerstat(value: string): string | undefined {
  if (!value.toLowerCase().includes("verstat")) return undefined;
  const { uri, parameters } = parseAddress(value);
  const verstat = VERSTAT.exec(unescaped(uri))?.[1] ?? parameters.get("verstat");
  return verstat ? detached(verstat.slice(0, 64)) : undefined;
}

function unescaped(uri: string): string {
  return uri.replace(PERCENT_ENCODED, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
