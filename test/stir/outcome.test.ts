import { describe, expect, it } from "vitest";

import { peerVerdict, stirResult, type VouchingEvidence } from "../../src/stir/outcome.js";

function identity(ppt: string, claims: object = {}): string {
  const encoded = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { alg: "ES256", ppt, typ: "passport", x5u: "https://a.example/1.pem" };
  const payload = { dest: { tn: ["2"] }, iat: 1_760_000_000, orig: { tn: "1" }, ...claims };
  return `${encoded(header)}.${encoded(payload)}.c2ln;info=<https://a.example/1.pem>;ppt=${ppt}`;
}

const SHAKEN = identity("shaken", { attest: "B", origid: "1" });

/** A call with a SHAKEN Identity that was answered. */
function verdict(evidence: Partial<VouchingEvidence> = {}): object | undefined {
  return peerVerdict({
    identities: [SHAKEN],
    statusCode: 200,
    reasons: [],
    hasProceeded: true,
    ...evidence,
  });
}

const refused = (statusCode: number): Partial<VouchingEvidence> => ({
  statusCode,
  hasProceeded: false,
});

describe("stirResult", () => {
  it.each([
    { what: "the callee was reached", statusCode: 200, hasProceeded: true, result: "soft-fail" },
    { what: "the callee was busy", statusCode: 486, hasProceeded: true, result: "soft-fail" },
    { what: "nobody answered", hasProceeded: true, result: "soft-fail" },
    { what: "a verifier refused", statusCode: 438, hasProceeded: false, result: "failed" },
    { what: "it rang, and one refused", statusCode: 437, hasProceeded: true, result: "failed" },
    { what: "it was refused for all", statusCode: 603, hasProceeded: false, result: "failed" },
    { what: "it went nowhere", hasProceeded: false, result: "failed" },
  ])("is $result for an identity that does not hold, where $what", ({ result, ...course }) => {
    expect(stirResult("failed", course)).toBe(result);
  });

  it("is what verification says else", () => {
    for (const status of ["verified", "unverified", "no-identity"] as const) {
      expect(stirResult(status, { statusCode: 438, hasProceeded: false })).toBe(status);
    }
  });
});

describe("peerVerdict", () => {
  it("is none while nobody says what an Identity is worth", () => {
    expect(verdict()).toBeUndefined();
    expect(verdict(refused(486))).toBeUndefined();
    expect(verdict({ identities: ["garbage"] })).toBeUndefined();
    expect(verdict({ identities: [] })).toBeUndefined();
  });

  describe("no-identity", () => {
    it("is what a 428 says", () => {
      expect(verdict({ identities: [], ...refused(428) })).toEqual({
        result: "no-identity",
        reason: "428 Use Identity Header",
        claimedBy: "response",
      });
      expect(verdict({ reasons: [{ protocol: "STIR", cause: 428 }] })).toMatchObject({
        result: "no-identity",
        claimedBy: "reason",
      });
    });

    it("is what a verifier refuses that had nothing to verify", () => {
      expect(verdict({ identities: [], ...refused(438) })).toMatchObject({ result: "no-identity" });
    });

    it("is a refusal of what a verifier ignores (RFC 8224 §6.2)", () => {
      expect(verdict({ identities: [identity("zzz")], ...refused(438) })).toMatchObject({
        result: "no-identity",
      });
      expect(verdict({ identities: [identity("zzz"), SHAKEN], ...refused(438) })).toMatchObject({
        result: "failed",
      });
    });

    it("is what No-TN-Validation says, unless somebody did vouch", () => {
      const verstat = "No-TN-Validation";
      expect(verdict({ identities: [], verstat })).toEqual({
        result: "no-identity",
        reason: verstat,
        claimedBy: "verstat",
      });
      expect(verdict({ verstat })).toMatchObject({ result: "unverified", claimedBy: "verstat" });
    });
  });

  describe("verified", () => {
    it.each([{ verstat: "TN-Validation-Passed" }, { verstat: " tn-validation-passed " }])(
      "is what $verstat says",
      ({ verstat }) => {
        expect(verdict({ verstat })).toEqual({
          result: "verified",
          reason: "TN-Validation-Passed",
          claimedBy: "verstat",
        });
      },
    );

    it("has the attestation that some networks append to it", () => {
      const verstat = "TN-Validation-Passed-C";
      expect(verdict({ identities: [], verstat })).toMatchObject({
        result: "verified",
        attestation: "C",
      });
      expect(verdict({ identities: [], verstat: "TN-Validation-Passed" })).not.toHaveProperty(
        "attestation",
      );
    });
  });

  describe("failed", () => {
    it.each([433, 436, 437, 438])("is a refusal with %i", (statusCode) => {
      expect(verdict(refused(statusCode))).toMatchObject({
        result: "failed",
        claimedBy: "response",
      });
    });

    it("is a 403 for a stale date, and no other 403", () => {
      expect(verdict({ ...refused(403), reasonPhrase: "Stale Date" })).toMatchObject({
        result: "failed",
        reason: "403 Stale Date",
      });
      expect(verdict({ ...refused(403), reasonPhrase: "Forbidden" })).toBeUndefined();
      expect(verdict(refused(403))).toBeUndefined();
    });

    it("is another refusal that gives it as its Reason (RFC 9410)", () => {
      const reasons = [{ protocol: "STIR", cause: 437 }];
      expect(verdict({ ...refused(603), reasons })).toEqual({
        result: "failed",
        reason: "437 Unsupported Credential",
        claimedBy: "reason",
      });
    });

    it("outweighs what was said on another hop", () => {
      expect(verdict({ ...refused(438), verstat: "TN-Validation-Passed" })).toMatchObject({
        result: "failed",
      });
    });
  });

  describe("soft-fail", () => {
    it("is a failed validation that was passed on", () => {
      const verstat = "TN-Validation-Failed";
      expect(verdict({ verstat })).toMatchObject({ result: "soft-fail", claimedBy: "verstat" });
      // The callee was busy: that is no word on who called.
      expect(verdict({ verstat, statusCode: 486 })).toMatchObject({ result: "soft-fail" });
    });

    it.each([
      { protocol: "STIR", cause: 436 },
      { protocol: "stir", cause: 403 },
      { protocol: "SIP", cause: 438 },
      { protocol: "SIP", cause: 403, text: "Stale Date" },
    ])("is a Reason of $protocol;cause=$cause in a call that went on", (reason) => {
      expect(verdict({ reasons: [reason] })).toMatchObject({
        result: "soft-fail",
        claimedBy: "reason",
      });
    });

    it.each([
      { protocol: "SIP", cause: 403 },
      { protocol: "SIP", cause: 200 },
      { protocol: "Q.850", cause: 438 },
      { protocol: "STIR" },
    ])("is not a Reason of $protocol;cause=$cause", (reason) => {
      expect(verdict({ reasons: [reason] })).toBeUndefined();
    });
  });
});
