/**
 * What to call the two parties of a call in a line of a table.
 *
 * @module
 */

import type { CallReport, PartyReport } from "../call/call-report.js";
import { endpointKey } from "../net/endpoint.js";
import { printable, shortened } from "./display-text.js";
import { UNKNOWN } from "./quantity.js";

/** Columns for one name. */
const MAX_NAME_COLUMNS = 28;

/** The parts of a URI that tell who it is. */
interface NamedParts {
  readonly user: string;
  readonly host: string;
}

/** "alice → bob", with their hosts where the names alone would not tell them apart. */
export function partiesText(call: Pick<CallReport, "caller" | "callee">): string {
  return partyNames(call).join(" → ");
}

/** Who calls and who is called, with their hosts where the names alone would not tell them apart. */
export function partyNames({
  caller,
  callee,
}: Pick<CallReport, "caller" | "callee">): readonly [string, string] {
  const [from, to] = [partyName(caller), partyName(callee)];
  if (from !== to || from === UNKNOWN) return [from, to];
  return [partyName(caller, true), partyName(callee, true)];
}

/** The user of the URI, else its host, else where the signalling comes from; never a password. */
export function partyName(party: PartyReport | undefined, withHost = false): string {
  const { user, host } = namedParts(party?.uri ?? "");
  const endpoint = party?.endpoint === undefined ? UNKNOWN : endpointKey(party.endpoint);
  const name = user === "" ? host : withHost && host !== "" ? `${user}@${host}` : user;
  return shortened(printable(name === "" ? endpoint : name), MAX_NAME_COLUMNS);
}

/** Of `sip:`, `sips:` and `tel:` (RFC 3261 §19.1.1, RFC 3966); any other URI is a name as it is. */
function namedParts(uri: string): NamedParts {
  const [, scheme = "", rest = ""] = /^(sips?|tel):(.*)$/is.exec(uri.trim()) ?? [];
  if (scheme === "") return { user: uri.trim(), host: "" };
  if (scheme.toLowerCase() === "tel") return { user: upTo(rest, /[;?]/), host: "" };
  const at = rest.lastIndexOf("@");
  const host = rest.slice(at + 1);
  return {
    user: at < 0 ? "" : upTo(rest.slice(0, at), /[:;?]/),
    host: host.startsWith("[") ? upTo(host, /(?<=\])/) : upTo(host, /[:;?]/),
  };
}

function upTo(text: string, end: RegExp): string {
  const at = text.search(end);
  return at < 0 ? text : text.slice(0, at);
}
