/**
 * Sixteen Identity headers with certificates of their own, and what a verifier answers to each. Made
 * beside this code, with another implementation of JWS and X.509.
 *
 * @module
 */

import { readFileSync } from "node:fs";

import type { VerifierCode } from "../../src/stir/reason.js";

/** One of them. */
export interface IdentityCase {
  readonly name: string;
  readonly identity: string | null;
  readonly cert: keyof CaseFile["certs"] | null;
  /** Epoch seconds. */
  readonly now: number;
  readonly sip: VerifierCode | null;
}

interface CaseFile {
  readonly from: string;
  readonly to: string;
  readonly ca_pem: string;
  readonly certs: Readonly<Record<"good" | "expired" | "rogue_issuer" | "no_tnauthlist", string>>;
  readonly cases: readonly IdentityCase[];
}

/** The cases and what they have in common. */
export const CASE_FILE: CaseFile = JSON.parse(
  readFileSync(new URL("sixteen-cases.json", import.meta.url), "utf8"),
) as CaseFile;

/** Where every case's certificate is said to be. */
export const CASE_PLACE = "sti.example.org/709J.pem";
