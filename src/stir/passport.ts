/**
 * The claims of a PASSporT in the full form (RFC 8225), those of SHAKEN (RFC 8588) and of diverted
 * calls (RFC 8946) included. Nothing is verified.
 *
 * @module
 */

import { canonicalBytes } from "./signature.js";

/** How well the originating provider knows the caller (RFC 8588 §4): full, partial, gateway. */
export type Attestation = "A" | "B" | "C";

/** Numbers or URIs that `dest` names, of each. */
export const MAX_DESTINATIONS = 32;

/** Why a token is no PASSporT, or not a sound one. */
export type PassportDamage =
  /** Not three parts with a dot between. */
  | "not-a-passport"
  /** A part is not base64url (RFC 7515 §2) in its one canonical form. */
  | "bad-encoding"
  /** Header or payload is no JSON object. */
  | "bad-json"
  /** A claim that RFC 8225 or RFC 8588 demands is missing or of the wrong type. */
  | "bad-claim";

/** Who calls or is called: a telephone number in canonical form, or a URI (RFC 8225 §5.2.1). */
export interface PartyClaim {
  readonly numbers: readonly string[];
  readonly uris: readonly string[];
}

/** What a PASSporT claims. What is absent is not there, or not of the type it should have. */
export interface Passport {
  readonly algorithm?: string;
  /** `passport`, where it is right. */
  readonly type?: string;
  readonly ppt?: string;
  /** Where the certificate is. */
  readonly x5u?: string;
  readonly attestation?: Attestation;
  readonly destination: PartyClaim;
  /** Epoch seconds. */
  readonly issuedAtSeconds?: number;
  readonly originator: PartyClaim;
  /** Tells the originating party or trunk apart (RFC 8588 §5). */
  readonly originId?: string;
  /** The party that diverted the call (RFC 8946 §4). */
  readonly diverter?: PartyClaim;
  /** The PASSporT that this one diverts, nested in it as `opt` (RFC 8946 §5). */
  readonly original?: string;
  readonly damage?: PassportDamage;
}

/** Claims by name, as JSON has them. */
export type Claims = Readonly<Record<string, unknown>>;

const PART = /^[A-Za-z0-9_-]+$/;

/** Reads `header.payload.signature`. Its length is for the caller to bound. */
export function parsePassport(token: string): Passport | PassportDamage {
  const parts = token.split(".", 4);
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3 || header === "" || payload === "") return "not-a-passport";
  if (!isPart(header) || !isPart(payload)) return "bad-encoding";
  const head = claimsOf(header);
  const body = claimsOf(payload);
  if (head === undefined || body === undefined) return "bad-json";
  const passport = passportOf(head, body);
  if (signature === "") return { ...passport, damage: "not-a-passport" };
  if (!isPart(signature)) return { ...passport, damage: "bad-encoding" };
  // What is critical and not understood must be refused (RFC 7515 §4.1.11).
  return isSound(passport) && head["crit"] === undefined
    ? passport
    : { ...passport, damage: "bad-claim" };
}

/** All that the payload of a token claims, or nothing if it cannot be read. */
export function claimsIn(token: string): Claims | undefined {
  return claimsOf(token.split(".", 2)[1] ?? "");
}

function isPart(text: string): boolean {
  return PART.test(text) && canonicalBytes(text) !== undefined;
}

function claimsOf(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function passportOf(head: Claims, body: Claims): Passport {
  const { iat, attest } = body as { iat?: unknown; attest?: unknown };
  const isAttestation = attest === "A" || attest === "B" || attest === "C";
  return {
    ...textClaim("algorithm", head["alg"]),
    ...textClaim("type", head["typ"]),
    ...textClaim("ppt", head["ppt"]),
    ...textClaim("x5u", head["x5u"]),
    ...(isAttestation ? { attestation: attest } : {}),
    destination: partyOf(body["dest"]),
    ...(typeof iat === "number" && Number.isFinite(iat) ? { issuedAtSeconds: iat } : {}),
    originator: partyOf(body["orig"]),
    ...textClaim("originId", body["origid"]),
    ...(body["div"] === undefined ? {} : { diverter: partyOf(body["div"]) }),
    ...textClaim("original", body["opt"]),
  };
}

/** Base claims of RFC 8225 §5, those of SHAKEN (RFC 8588 §4, §5) and of diversion (RFC 8946 §4). */
function isSound({ ppt, x5u, type, issuedAtSeconds, ...claims }: Passport): boolean {
  const hasDestination = partiesIn(claims.destination) > 0;
  const isSigned = claims.algorithm !== undefined && type === "passport" && x5u !== undefined;
  const isBase = isSigned && issuedAtSeconds !== undefined;
  if (!isBase || partiesIn(claims.originator) !== 1 || !hasDestination) return false;
  const extension = ppt?.toLowerCase();
  if (extension === "shaken") {
    return claims.attestation !== undefined && claims.originId !== undefined;
  }
  if (extension === "div") return claims.diverter !== undefined && partiesIn(claims.diverter) === 1;
  return extension !== "div-o" || claims.original !== undefined;
}

function partiesIn({ numbers, uris }: PartyClaim): number {
  return numbers.length + uris.length;
}

/** A claim may name one or, in `dest`, a list. */
function partyOf(value: unknown): PartyClaim {
  if (!isObject(value)) return { numbers: [], uris: [] };
  return { numbers: textsOf(value["tn"]), uris: textsOf(value["uri"]) };
}

function textsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts: string[] = [];
  for (const item of list) {
    if (texts.length === MAX_DESTINATIONS) break;
    if (typeof item === "string") texts.push(item);
  }
  return texts;
}

function textClaim<Name extends string>(name: Name, value: unknown): { [Key in Name]?: string } {
  return (typeof value === "string" ? { [name]: value } : {}) as { [Key in Name]?: string };
}

function isObject(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
