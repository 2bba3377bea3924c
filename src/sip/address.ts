/**
 * The value of From, To, Contact and their like: `name-addr` or `addr-spec` and its parameters
 * (RFC 3261 §20.10, §20.20, §20.39 and §25.1).
 *
 * @module
 */

import { findParameter, parseParameters, quotedStringEnd, unquoted } from "./parameters.js";

/** An address of a header field, taken apart. */
export interface SipAddress {
  /** Without its quotes; absent where there is none. */
  readonly displayName?: string;
  /** As written, without angle brackets. Its own parameters stay in it if it stood in them. */
  readonly uri: string;
  /** The field's parameters, such as `tag` or `q`, by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** False if a quotation mark or angle bracket is never closed, so that the rest is a guess. */
  readonly isClosed: boolean;
}

interface AddressPlaces {
  readonly uriStart: number;
  readonly uriEnd: number;
  readonly displayEnd: number;
  readonly parametersStart: number;
  readonly isClosed: boolean;
}

/** Takes an address apart. Never fails: what is not closed runs to the end. */
export function parseAddress(value: string): SipAddress {
  const places = addressPlaces(value);
  const display = value.slice(0, places.displayEnd).trim();
  return {
    ...(display === "" ? {} : { displayName: unquoted(display) }),
    uri: value.slice(places.uriStart, places.uriEnd).trim(),
    parameters: parseParameters(value, places.parametersStart),
    isClosed: places.isClosed,
  };
}

/** An address without its parameters, at a fraction of the cost. */
export function parseNameAndUri(value: string): Pick<SipAddress, "displayName" | "uri"> {
  const { displayEnd, uriStart, uriEnd } = addressPlaces(value);
  const display = value.slice(0, displayEnd).trim();
  const uri = value.slice(uriStart, uriEnd).trim();
  return display === "" ? { uri } : { displayName: unquoted(display), uri };
}

/** The `tag` of From or To, or nothing where there is none or it is empty. */
export function addressTag(value: string): string | undefined {
  const tag = findParameter(value, addressPlaces(value).parametersStart, "tag");
  return tag === "" ? undefined : tag;
}

/** Whether every quotation mark and angle bracket that opens is closed. */
export function isClosedAddress(value: string): boolean {
  return addressPlaces(value).isClosed;
}

function addressPlaces(value: string): AddressPlaces {
  const quoted = value.startsWith('"') ? quotedStringEnd(value, 0) : 0;
  const open = value.indexOf("<", Math.max(quoted, 0));
  if (open < 0) {
    // Without brackets, parameters are the field's, not the URI's (RFC 3261 §20).
    const semicolon = value.indexOf(";", Math.max(quoted, 0));
    const end = semicolon < 0 ? value.length : semicolon;
    return {
      uriStart: Math.max(quoted, 0),
      uriEnd: end,
      displayEnd: Math.max(quoted, 0),
      parametersStart: end,
      isClosed: quoted >= 0,
    };
  }
  const close = value.indexOf(">", open);
  const end = close < 0 ? value.length : close;
  return {
    uriStart: open + 1,
    uriEnd: end,
    displayEnd: open,
    // A bracket that is never closed must not take the tag with it.
    parametersStart: close < 0 ? open : close,
    isClosed: close >= 0 && quoted >= 0,
  };
}
