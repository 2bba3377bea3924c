/**
 * What an INVITE says of who vouches for its caller (RFC 8224, 3GPP TS 24.229 §7.2A.20).
 *
 * @module
 */

import { parseAddress } from "./address.js";
import type { VouchingFacts } from "./call.js";
import type { SipMessage } from "./message.js";
import { detached } from "./wire-text.js";

/** Identity values of one INVITE that are kept. */
export const MAX_IDENTITIES = 16;

/** Characters of one Identity value that are kept; more is no PASSporT. */
export const MAX_IDENTITY_LENGTH = 16_384;

const VERSTAT = /;\s*verstat\s*=\s*"?([\w.-]{1,64})/i;
const PERCENT_ENCODED = /%([0-9a-f]{2})/gi;

/** What is known after this INVITE: what was known before is not replaced. */
export function vouchingAfter(known: VouchingFacts, invite: SipMessage): VouchingFacts {
  const identities = known.identities.length > 0 ? known.identities : identitiesOf(invite);
  const verstat = known.verstat ?? verstatOf(invite);
  return verstat === undefined ? { identities } : { identities, verstat };
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
