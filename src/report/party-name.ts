/**
 * What to call the two parties of a call in a line of a table.
 *
 * @module
 */

import type { CallReport, PartyReport } from "../call/call-report.js";
import { endpointKey } from "../net/endpoint.js";
import { printable, shortened } from "./display-text.js";
import { UNKNOWN } from "./quantity.js";

/** Columns for one name in a table. */
const MAX_NAME_COLUMNS = 28;

/** How a party is named. */
export interface NameForm {
  /** The host as well, where there is a user. Default false. */
  readonly withHost?: boolean;
  /** Columns for the name, which is cut beyond. Default 28. */
  readonly columns?: number;
}

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
export function partyNames(
  { caller, callee }: Pick<CallReport, "caller" | "callee">,
  form: Omit<NameForm, "withHost"> = {},
): readonly [string, string] {
  const [from, to] = [partyName(caller, form), partyName(callee, form)];
  if (from !== to || from === UNKNOWN) return [from, to];
  const whole = { ...form, withHost: true };
  return [partyName(caller, whole), partyName(callee, whole)];
}

/** The user of the URI, else its host, else where the signalling comes from; never a password. */
export function partyName(
  party: PartyReport | undefined,
  { withHost = false, columns = MAX_NAME_COLUMNS }: NameForm = {},
): string {
  const { user, host } = namedParts(party?.uri ?? "");
  const endpoint = party?.endpoint === undefined ? UNKNOWN : endpointKey(party.endpoint);
  const name = user === "" ? host : withHost && host !== "" ? `${user}@${host}` : user;
  return shortened(printable(name === "" ? endpoint : name), columns);
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
