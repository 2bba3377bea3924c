/**
 * SIP messages as text without the people they name: every header field that says who calls, is
 * called, diverted or asserted, the claims of Identity, user names of credentials, and what SDP says
 * of its author. Via and host parts stay as they are.
 *
 * @module
 */

import { maskedIdentities } from "./identity.js";
import type { Masking } from "./masking.js";

/** Fields with addresses, in lower case, with their compact forms (RFC 3261 §7.3.3, RFC 3515 §2.1). */
const ADDRESS_FIELDS: ReadonlySet<string> = new Set([
  ...["from", "f", "to", "t", "contact", "m", "reply-to", "refer-to", "r", "referred-by", "b"],
  ...["p-asserted-identity", "p-preferred-identity", "remote-party-id", "diversion"],
  ...["cc-diversion", "history-info", "p-called-party-id", "p-associated-uri", "p-charge-info"],
  ...["p-served-user", "p-profile-key", "call-info", "route", "record-route", "path"],
  "service-route",
]);
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization"]);

/** Whether the text begins as a SIP message does (RFC 3261 §7). */
export function isSipText(text: string): boolean {
  return /^(?:SIP\/2\.0 \d|[!-~]{1,64} [^\r\n]{1,8192} SIP\/2\.0\r?\n)/.test(text);
}

/**
 * The message masked, with its Content-Length put right. What comes after a cut is masked as far as it
 * goes.
 */
export function maskedSipText(text: string, masking: Masking, byteLength: Measure): string {
  const [, head = text, gap = "", body = ""] = /^(.*?)(\r?\n\r?\n)(.*)$/s.exec(text) ?? [];
  // Once to learn every number, once more to find them in what stands before.
  maskedHead(head, masking, 0);
  maskedBody(body, masking);
  const shown = maskedBody(body, masking);
  const bytesGrown = byteLength(shown) - byteLength(body);
  return maskedHead(head, masking, bytesGrown) + gap + shown;
}

/** Bytes of a text on the wire. */
export type Measure = (text: string) => number;

function maskedHead(head: string, masking: Masking, bytesGrown: number): string {
  // A folded line belongs to the one before (RFC 3261 §7.3.1).
  const [start = "", ...fields] = head.split(/\r?\n(?![ \t])/);
  const separator = head.includes("\r\n") ? "\r\n" : "\n";
  const lines = fields.map((field) => maskedField(field, masking, bytesGrown));
  return [maskedStartLine(start, masking), ...lines].join(separator);
}

function maskedStartLine(line: string, masking: Masking): string {
  const [, method, uri, rest] = /^([^ ]+ )([^ ]+)( SIP\/2\.0\s*)$/.exec(line) ?? [];
  if (method === undefined || uri === undefined || rest === undefined) return masking.text(line);
  return method + masking.uri(uri) + rest;
}

function maskedField(field: string, masking: Masking, bytesGrown: number): string {
  const colon = field.indexOf(":");
  if (colon < 0) return masking.text(field);
  const name = field.slice(0, colon).trim().toLowerCase();
  const [space = ""] = /^\s*/.exec(field.slice(colon + 1)) ?? [];
  const value = field.slice(colon + 1 + space.length);
  return field.slice(0, colon + 1) + space + maskedValue(name, value, masking, bytesGrown);
}

function maskedValue(name: string, value: string, masking: Masking, bytesGrown: number): string {
  if (ADDRESS_FIELDS.has(name)) return masking.addresses(value);
  if (CREDENTIALS.has(name)) return maskedCredentials(value, masking);
  switch (name) {
    case "via":
    case "v":
      return masking.numbersIn(value, true);
    case "identity":
    case "y":
      return maskedIdentities(value, masking);
    case "content-length":
    case "l":
      return /^\d{1,9}\s*$/.test(value)
        ? String(Math.max(0, Number.parseInt(value, 10) + bytesGrown))
        : value;
    case "user-to-user":
      // Any encoding (RFC 7433 §4); digits in hexadecimal would not be found in it.
      return masking.text(value.replace(/^[^;]+/, "redacted"));
    default:
      return masking.text(value);
  }
}

/** `Digest username="…"` (RFC 3261 §25.1, RFC 7616 §3.4). */
function maskedCredentials(value: string, masking: Masking): string {
  const named = value.replace(
    /\b(username\*?)(\s*=\s*)("(?:[^"\\]|\\.)*"|[^\s,"]+)/gi,
    (_, parameter: string, equals: string, name: string) =>
      `${parameter}${equals}"${masking.name(userOf(name.replace(/^"|"$/g, "")))}"`,
  );
  return masking.text(named);
}

/** A user name may have its realm behind it; `UTF-8''` before it (RFC 5987). */
function userOf(name: string): string {
  return name.replace(/^UTF-8''/i, "").replace(/@.*$/s, "");
}

/** Lines of SDP that name people (RFC 8866 §5.2, §5.6); in any body what is known by its form. */
function maskedBody(body: string, masking: Masking): string {
  if (body === "") return "";
  const lines = body.replace(
    /^(o=)([^ \r\n]+)|^([ep]=)([^\r\n]+)/gm,
    (_, origin?: string, user?: string, contact?: string, who?: string) =>
      origin === undefined
        ? `${contact ?? ""}${masking.name(who ?? "")}`
        : `${origin}${masking.name(user ?? "")}`,
  );
  return masking.text(lines);
}
