/**
 * Who talks to whom, as the header fields of a call's messages name them. What is kept shares no
 * memory with the message.
 *
 * @module
 */

import { parseNameAndUri } from "./address.js";
import type { PartyFacts } from "./call.js";
import type { SipMessage } from "./message.js";
import { detached } from "./wire-text.js";

/** Characters of a URI, name or product that are kept. */
export const MAX_FACT_LENGTH = 1024;

const NULL_SESSION = "0".repeat(32);

/** Where equipment names the Call-ID of another leg; none of them is standard. */
const LINK_FIELDS = [
  "x-call-id",
  "x-callid",
  "x-cid",
  "x-original-call-id",
  "x-orig-call-id",
  "x-related-call-id",
  "x-aleg-call-id",
  "x-leg-call-id",
];

/** Where a standard has it, tags behind it: of the call that this one takes the place of, or joins. */
const DIALOG_FIELDS = ["replaces", "join", "target-dialog"];

/** The party that a From or To field names. */
export function partyOf(field: string | undefined): PartyFacts {
  if (field === undefined) return { uri: "" };
  const { uri, displayName } = parseNameAndUri(field);
  return {
    uri: kept(uri),
    ...(displayName ? { displayName: kept(displayName) } : {}),
  };
}

/** User-Agent, else Server, as written. */
export function productOf(message: SipMessage): string | undefined {
  const product = message.header("user-agent") ?? message.header("server");
  return product ? kept(product) : undefined;
}

/**
 * The identifier that the caller gave the session: the local one of RFC 7989 in what the caller
 * sends, the remote one in what comes back; or the only one, of RFC 7329. 32 hexadecimal digits in
 * lower case.
 */
export function sessionIdOf(message: SipMessage, isFromCaller: boolean): string | undefined {
  const value = message.header("session-id");
  if (value === undefined) return undefined;
  const local = sessionUuid(/^\s*([0-9a-f]{32})\s*(?:;|$)/i.exec(value)?.[1]);
  if (isFromCaller) return local;
  const remote = /;\s*remote\s*=\s*([0-9a-f]{32})\s*(?:;|$)/i.exec(value)?.[1];
  return remote === undefined ? local : sessionUuid(remote);
}

function sessionUuid(digits: string | undefined): string | undefined {
  const uuid = digits?.toLowerCase();
  return uuid === undefined || uuid === NULL_SESSION ? undefined : detached(uuid);
}

/** The Call-ID of another leg, where a field names one (RFC 3891, RFC 3911, RFC 4538, or equipment's own). */
export function linkedCallIdOf(message: SipMessage): string | undefined {
  const named = [
    ...LINK_FIELDS.map((name) => message.header(name)),
    ...DIALOG_FIELDS.map((name) => message.header(name)?.split(";", 1)[0]),
  ];
  const other = named.map((value) => value?.trim()).find((id) => id && id !== message.callId);
  return other && kept(other);
}

function kept(text: string): string {
  return detached(text.slice(0, MAX_FACT_LENGTH));
}
