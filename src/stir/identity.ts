/**
 * What Identity header fields claim (RFC 8224, RFC 8225, RFC 8588), before anything is verified.
 *
 * @module
 */

import { type Passport, parsePassport, type PassportDamage } from "./passport.js";

/** Characters of one Identity value that are read. A full one with `rcd` claims has some 2,000. */
export const MAX_IDENTITY_LENGTH = 16_384;

/** Values that are read of one message. */
export const MAX_IDENTITIES = 16;

/** Parameters of one value that are kept. */
export const MAX_PARAMETERS = 32;

/** Why an Identity value is not what RFC 8224 §4 asks for. What could be read is there. */
export type IdentityDamage =
  | PassportDamage
  /** More than {@link MAX_IDENTITY_LENGTH}; nothing is read. */
  | "too-long"
  /** No `info` with a URI, which is mandatory. */
  | "no-info";

/** One Identity value. */
export interface ParsedIdentity {
  /** `compact`: header and payload are left out and to be built from the request (RFC 8224 §7). */
  readonly form: "full" | "compact";
  /** The PASSporT as written: `header.payload.signature`. */
  readonly token: string;
  /** Claims that nobody here has verified. Absent in the compact form. */
  readonly passport?: Passport;
  /** Where the certificate is: the URI of `info`. */
  readonly infoUri?: string;
  /** Of the parameter, else of the PASSporT; `ES256` is the default (RFC 8224 §4). */
  readonly algorithm: string;
  /** Extension, in lower case: `shaken`, `div`. Of the parameter, else of the PASSporT. */
  readonly ppt?: string;
  /** By name in lower case, without quotes or angle brackets. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly damage?: IdentityDamage;
}

const COMMA = ",";
const SEMICOLON = ";";

/**
 * The Identity values of a message's header fields; several may stand in one field, separated by
 * commas. At most {@link MAX_IDENTITIES}.
 */
export function parseIdentities(fields: readonly string[]): readonly ParsedIdentity[] {
  const identities: ParsedIdentity[] = [];
  for (const field of fields) {
    // Not taken apart: what is too long is one damaged value.
    const values = field.length > MAX_IDENTITY_LENGTH ? [field] : split(field, COMMA);
    for (const value of values) {
      if (identities.length === MAX_IDENTITIES) return identities;
      if (value !== "") identities.push(parseIdentity(value));
    }
  }
  return identities;
}

/** Reads one Identity value (`signed-identity-digest SEMI ident-info`, RFC 8224 §4). */
export function parseIdentity(value: string): ParsedIdentity {
  if (value.length > MAX_IDENTITY_LENGTH) {
    const parameters = new Map<string, string>();
    return { form: "full", token: "", algorithm: "ES256", parameters, damage: "too-long" };
  }
  const [written = "", ...rest] = split(value, SEMICOLON);
  // The PASSporT was quoted in RFC 4474 and is so by some who never stopped.
  const token = unquoted(written);
  const parameters = parseParameters(rest);
  const isCompact = token.startsWith("..");
  const result = isCompact ? parseCompact(token) : parsePassport(token);
  const passport = typeof result === "object" && !isCompact ? result : undefined;
  const infoUri = parameters.get("info") ?? "";
  const ppt = (parameters.get("ppt") ?? passport?.ppt ?? "").toLowerCase();
  const damage = damageOf(result) ?? (infoUri === "" ? "no-info" : undefined);
  return {
    form: isCompact ? "compact" : "full",
    token,
    ...(passport === undefined ? {} : { passport }),
    ...(infoUri === "" ? {} : { infoUri }),
    algorithm: parameters.get("alg") ?? passport?.algorithm ?? "ES256",
    ...(ppt === "" ? {} : { ppt }),
    parameters,
    ...(damage === undefined ? {} : { damage }),
  };
}

function damageOf(result: Passport | PassportDamage | undefined): PassportDamage | undefined {
  return typeof result === "object" ? result.damage : result;
}

/** Only a signature (RFC 8224 §7). */
function parseCompact(token: string): PassportDamage | undefined {
  return /^\.\.[\w-]+$/.test(token) ? undefined : "not-a-passport";
}

function parseParameters(parts: readonly string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of parts) {
    if (parameters.size === MAX_PARAMETERS) break;
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === "" || parameters.has(name)) continue;
    parameters.set(name, equals < 0 ? "" : unwrapped(part.slice(equals + 1).trim()));
  }
  return parameters;
}

/** Without quotes, and without the angle brackets of `info`. */
function unwrapped(text: string): string {
  const plain = unquoted(text);
  return plain.startsWith("<") && plain.endsWith(">") ? plain.slice(1, -1).trim() : plain;
}

function unquoted(text: string): string {
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  return isQuoted ? text.slice(1, -1).replace(/\\([^])/g, "$1") : text;
}

/** The parts between separators that stand outside quotes and angle brackets, trimmed. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let closer: string | undefined;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (closer !== undefined) {
      if (character === "\\" && closer === '"') i += 1;
      else if (character === closer) closer = undefined;
    } else if (character === '"') closer = '"';
    else if (character === "<") closer = ">";
    else if (character === separator) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
