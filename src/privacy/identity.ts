/**
 * Identity header fields without those whom they are about.
 *
 * @module
 */

import { parseIdentities } from "../stir/identity.js";
import type { Masking } from "./masking.js";

/**
 * In place of a signature. With the signature of what was signed, and the certificate that anyone can
 * fetch, every number there is could be tried until one fits.
 */
const NO_SIGNATURE = "redacted";
/** Claims that name nobody: who signed when, what for and how sure (RFC 8225 §5.1, RFC 8588 §4). */
const IMPERSONAL: ReadonlySet<string> = new Set(["attest", "iat", "exp", "jti", "origid", "mky"]);
/** PASSporTs in PASSporTs, and claims in claims, that are gone into. */
const MAX_DEPTH = 8;

/** The values of the field: claims masked, signatures gone, `info` and the like as they were. */
export function maskedIdentities(value: string, masking: Masking): string {
  return parseIdentities([value])
    .map(({ token, parameters }) => {
      const rest = Array.from(parameters, ([name, text]) =>
        name === "info" ? `info=<${text}>` : `${name}=${masking.text(text)}`,
      );
      return [maskedToken(token, masking, 0), ...rest].join(";");
    })
    .join(", ");
}

function maskedToken(token: string, masking: Masking, depth: number): string {
  const [header = "", payload = ""] = token.split(".", 3);
  const claims = jsonOf(payload);
  const shown = claims === undefined ? "" : base64url(maskedClaims(claims, masking, depth));
  return `${jsonOf(header) === undefined ? "" : header}.${shown}.${NO_SIGNATURE}`;
}

/** Every string but those of {@link IMPERSONAL} claims names someone, or may. */
function maskedClaims(value: unknown, masking: Masking, depth: number): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof value === "string") return masking.uri(value);
  if (Array.isArray(value)) return value.map((one) => maskedClaims(one, masking, depth + 1));
  if (typeof value !== "object" || value === null) {
    return typeof value === "number" ? masking.name(String(value)) : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) => {
      if (IMPERSONAL.has(name)) return [name, one];
      if (name === "opt" && typeof one === "string") {
        return [name, maskedToken(one, masking, depth + 1)];
      }
      return [name, maskedClaims(one, masking, depth + 1)];
    }),
  );
}

function jsonOf(part: string): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
