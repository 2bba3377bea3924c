/**
 * Identity headers made for a test.
 *
 * @module
 */

import { type KeyObject, sign } from "node:crypto";

/** Epoch seconds at which tokens are issued and messages come, unless said otherwise. */
export const NOW = 1_760_000_000;

/** Where certificates are said to be. */
export const PLACE = "sti.example.org/a.pem";

/** What a token says. */
export interface TokenPlan {
  readonly key: KeyObject;
  readonly place?: string;
  readonly ppt?: string;
  readonly orig?: object;
  readonly dest?: object;
  readonly iat?: number;
  readonly claims?: object;
  /** Parameters instead of those that repeat what is signed. */
  readonly parameters?: string;
}

/** A signed token: `header.payload.signature`. */
export function token(plan: TokenPlan): string {
  const { ppt, place = PLACE, claims = {} } = plan;
  const head = { alg: "ES256", ...(ppt && { ppt }), typ: "passport", x5u: `https://${place}` };
  const payload = {
    ...(ppt === "shaken" && { attest: "A" }),
    dest: plan.dest ?? { tn: ["12155550131"] },
    iat: plan.iat ?? NOW,
    orig: plan.orig ?? { tn: "12155550121" },
    ...(ppt === "shaken" && { origid: "123e4567-e89b-12d3-a456-426614174000" }),
    ...claims,
  };
  const signed = `${encoded(head)}.${encoded(payload)}`;
  const signature = sign("sha256", Buffer.from(signed), {
    key: plan.key,
    dsaEncoding: "ieee-p1363",
  });
  return `${signed}.${signature.toString("base64url")}`;
}

/** A signed token as an Identity value. */
export function identity(plan: TokenPlan): string {
  const { ppt, place = PLACE } = plan;
  const repeated = `info=<https://${place}>;alg=ES256${ppt ? `;ppt="${ppt}"` : ""}`;
  return `${token(plan)};${plan.parameters ?? repeated}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
