/**
 * IP addresses of SDP in the one spelling that endpoints are compared in.
 *
 * @module
 */

import { addressBytes, addressText } from "../net/address.js";

/** 45 characters of address, 2 of brackets, and a zone. */
const MAX_TEXT_LENGTH = 80;

/**
 * The address as RFC 5952 spells it, without brackets or zone; IPv4 without leading zeros. Nothing
 * if the text is no address, such as a host name.
 */
export function canonicalAddress(text: string): string | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  const bare = text.includes(":") ? text.replace(/^\[|\]$/g, "").split("%", 1)[0] : text;
  const address = addressBytes(bare ?? "");
  return address && addressText(address.bytes, address.isIpv6);
}

/** Whether it is `0.0.0.0` or `::`: no address to send to, which is how RFC 2543 put on hold. */
export function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
