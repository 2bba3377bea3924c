/**
 * The value of Content-Type (RFC 3261 §20.15, which takes it from RFC 2045 §5.1).
 *
 * @module
 */

import { parseParameters } from "./parameters.js";

/** A media type, taken apart. */
export interface ContentType {
  /** In lower case, without parameters: `application/sdp`. */
  readonly type: string;
  /** By lower-case name: `boundary`, `charset`, … */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Takes a media type apart. Never fails: what is no media type comes back as its `type`. */
export function parseContentType(value: string): ContentType {
  const semicolon = value.indexOf(";");
  const end = semicolon < 0 ? value.length : semicolon;
  return {
    type: value.slice(0, end).replace(/\s+/g, "").toLowerCase(),
    parameters: parseParameters(value, end),
  };
}
