import { describe, expect, it } from "vitest";

import type { IdentityFacts } from "../../src/stir/identity-facts.js";
import { LocalCertificates } from "../../src/stir/local-certificates.js";
import { STIR_REASONS } from "../../src/stir/reason.js";
import { TrustStore } from "../../src/stir/trust-store.js";
import { IdentityVerifier } from "../../src/stir/verify.js";
import { CASE_FILE, CASE_PLACE, type IdentityCase } from "./cases.js";

const bytes = (text: string): Uint8Array => Buffer.from(text);

function factsOf({ identity, now }: IdentityCase): IdentityFacts {
  return {
    identities: identity === null ? [] : [identity],
    fromUri: CASE_FILE.from,
    toUri: CASE_FILE.to,
    assertedUris: [],
    receivedAtMs: now * 1000,
  };
}

function verifierOf({ cert }: IdentityCase): IdentityVerifier {
  const files = cert === null ? [] : [{ name: CASE_PLACE, content: bytes(CASE_FILE.certs[cert]) }];
  return new IdentityVerifier({
    certificates: new LocalCertificates(files),
    trust: new TrustStore({ anchors: [bytes(CASE_FILE.ca_pem)] }),
  });
}

/** What is told beyond the code. */
const REASONS: Readonly<Record<string, string | undefined>> = {
  valid: undefined,
  "stale iat": "stale",
  "bad signature": "bad-signature",
  "signed by other key": "bad-signature",
  "orig tn mismatch": "originator-mismatch",
  "dest tn mismatch": "destination-mismatch",
  "missing attest": "bad-claim",
  "info != x5u": "info-mismatch",
  "expired cert": "certificate-expired",
  "untrusted issuer": "untrusted-certificate",
  "no TNAuthList": "no-tnauthlist",
  "cert not retrievable": "no-certificate",
  "no Identity header": "no-identity-header",
  "unsupported ppt only": "unknown-ppt",
  "x5u http scheme": "bad-info-uri",
  "compact form": "compact-form",
};

describe("the sixteen cases", () => {
  it.each(CASE_FILE.cases)("$name: $sip", (one) => {
    const { reason, status } = verifierOf(one).verify(factsOf(one));
    expect(reason).toBe(REASONS[one.name]);
    // An unknown ppt is ignored, so that a verifier which asks for an Identity has none.
    const expected = one.name === "unsupported ppt only" ? 428 : one.sip;
    expect(reason === undefined ? null : STIR_REASONS[reason]).toBe(expected);
    expect(status).toBe(
      expected === null
        ? "verified"
        : expected === 428
          ? "no-identity"
          : reason === "no-certificate"
            ? "unverified"
            : "failed",
    );
  });
});
