/**
 * The way a request has come, by the elements that it passed.
 *
 * @module
 */

import type { SipMessage } from "./message.js";
import { viaKey } from "./via.js";
import { detached } from "./wire-text.js";

/** Via elements that are read. RFC 3261 §16.3 lets a request pass 70 proxies; few pass five. */
export const MAX_VIAS = 32;

/** A key for each Via element of a message, topmost first. */
export function viaKeysOf(message: SipMessage): readonly string[] {
  const keys: string[] = [];
  for (const element of message.headerList("via").slice(0, MAX_VIAS)) {
    const key = viaKey(element);
    if (key !== undefined) keys.push(detached(key));
  }
  // As long as it is, without room for more.
  return keys.slice();
}

/** The element that a key is of. */
export function sentByOf(key: string | undefined): string {
  return key === undefined ? "" : key.slice(0, key.indexOf(";"));
}
