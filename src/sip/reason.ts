/**
 * Reason header fields (RFC 3326, RFC 9366) and what those of a BYE say of the hang-up.
 *
 * @module
 */

import type { ByeReasonClass, Reason } from "./call.js";
import type { SipMessage } from "./message.js";
import { parseParameters } from "./parameters.js";
import { detached } from "./wire-text.js";

/** Values of one message that are kept. */
export const MAX_REASONS = 16;

/** Characters of a text that are kept. */
export const MAX_REASON_TEXT = 256;

/** As IANA registers them, for those written in another case. */
const REGISTERED = ["SIP", "Q.850", "STIR", "Preemption"];

/** The reasons a message gives, in order, at most {@link MAX_REASONS}. */
export function messageReasons(message: SipMessage): readonly Reason[] {
  if (message.header("reason") === undefined) return NO_REASONS;
  const reasons: Reason[] = [];
  for (const value of message.headerList("reason")) {
    if (reasons.length === MAX_REASONS) break;
    const reason = parseReason(value);
    if (reason !== undefined) reasons.push(reason);
  }
  return reasons;
}

const NO_REASONS: readonly Reason[] = [];

/** One value of a Reason header field, or nothing if it names no protocol. */
export function parseReason(value: string): Reason | undefined {
  const semicolon = value.indexOf(";");
  const written = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  if (written === "") return undefined;
  const parameters = parseParameters(value, semicolon < 0 ? value.length : semicolon);
  const cause = causeOf(parameters.get("cause"));
  const text = parameters.get("text");
  return {
    protocol: protocolName(written),
    ...(cause === undefined ? {} : { cause }),
    ...(text ? { text: detached(text.slice(0, MAX_REASON_TEXT)) } : {}),
  };
}

function protocolName(written: string): string {
  const lower = written.toLowerCase();
  const registered = REGISTERED.find((name) => name.toLowerCase() === lower);
  return registered ?? detached(written.slice(0, MAX_REASON_TEXT));
}

function causeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** Causes of ITU-T Q.850 that tell why a call was hung up. */
const Q850_CLASSES: ReadonlyMap<number, ByeReasonClass> = new Map([
  [16, "normal"], // Normal call clearing
  [17, "normal"], // User busy
  [18, "normal"], // No user responding
  [19, "normal"], // No answer from user
  [21, "user-hangup"], // Call rejected
  [31, "normal"], // Normal, unspecified
  [34, "error"], // No circuit available
  [38, "error"], // Network out of order
  [41, "error"], // Temporary failure
  [42, "error"], // Switching equipment congestion
  [47, "error"], // Resource unavailable
  [102, "timer-expired"], // Recovery on timer expiry
  [127, "error"], // Interworking, unspecified
]);

/** Why a call was hung up: what the first reason says that says anything, else nothing. */
export function byeReasonClass(reasons: readonly Reason[]): ByeReasonClass | undefined {
  for (const { protocol, cause } of reasons) {
    if (cause === undefined) continue;
    if (protocol === "Q.850") {
      const known = Q850_CLASSES.get(cause);
      if (known !== undefined) return known;
    } else if (protocol === "SIP") {
      if (cause >= 200 && cause < 300) return "normal";
      if (cause === 408) return "timer-expired";
      if (cause >= 400) return "error";
    }
  }
  return undefined;
}
