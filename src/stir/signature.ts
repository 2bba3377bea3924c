/**
 * Signatures of PASSporTs: ES256 of JWS in its compact serialization (RFC 7515 §3.1, RFC 7518 §3.4).
 *
 * @module
 */

import { type KeyObject, verify } from "node:crypto";

/** r and s of P-256. */
const SIGNATURE_BYTES = 64;

/**
 * The bytes that base64url text stands for, or nothing if another text stands for the same bytes:
 * one changed character must never go unnoticed.
 */
export function canonicalBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

/** Whether all three parts of a token are canonical base64url, and none is empty. */
export function isCanonical(token: string): boolean {
  const parts = token.split(".", 4);
  return parts.length === 3 && parts.every((part) => part !== "" && canonicalBytes(part));
}

/** Whether the holder of that key signed the token. */
export function isSignedBy(token: string, key: KeyObject): boolean {
  if (!isCanonical(token)) return false;
  const dot = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(dot + 1), "base64url");
  if (signature.length !== SIGNATURE_BYTES || !isEs256Key(key)) return false;
  const signed = Buffer.from(token.slice(0, dot), "latin1");
  try {
    return verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}

/** Whether it is a public key of the P-256 curve. */
export function isEs256Key({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1";
}
