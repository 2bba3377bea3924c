import { describe, expect, it } from "vitest";

import { Engine } from "../../src/native/engine.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { stirOutcome, type VouchingEvidence } from "../../src/stir/outcome.js";
import { fixtureBytes } from "../dtls/observed-capture.js";

function identity(ppt: string, claims: object = {}): string {
  const encoded = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { alg: "ES256", ppt, typ: "passport", x5u: "https://a.example/1.pem" };
  const payload = { dest: { tn: ["2"] }, iat: 1_760_000_000, orig: { tn: "1" }, ...claims };
  return `${encoded(header)}.${encoded(payload)}.c2ln;info=<https://a.example/1.pem>;ppt=${ppt}`;
}

const SHAKEN = identity("shaken", { attest: "B", origid: "1" });

/** A call with a SHAKEN Identity that was answered. */
function outcome(evidence: Partial<VouchingEvidence> = {}): object {
  return stirOutcome({
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

describe("stirOutcome", () => {
  it("is unverified while nobody says what an Identity is worth", () => {
    expect(outcome()).toEqual({ result: "unverified", attestation: "B" });
    expect(outcome(refused(486))).toEqual({ result: "unverified", attestation: "B" });
    expect(outcome({ identities: ["garbage"] })).toEqual({
      result: "unverified",
      reason: "not-a-passport",
    });
  });

  describe("no-identity", () => {
    it("is none, or only what a verifier ignores (RFC 8224 §6.2)", () => {
      expect(outcome({ identities: [] })).toEqual({ result: "no-identity" });
      expect(outcome({ identities: [identity("zzz")] })).toEqual({
        result: "no-identity",
        reason: "unknown ppt zzz",
      });
      expect(outcome({ identities: [identity("zzz"), SHAKEN] })).toMatchObject({
        result: "unverified",
      });
    });

    it("is what a 428 says", () => {
      expect(outcome({ identities: [], ...refused(428) })).toEqual({
        result: "no-identity",
        reason: "428 Use Identity Header",
        claimedBy: "response",
      });
      expect(outcome({ reasons: [{ protocol: "STIR", cause: 428 }] })).toMatchObject({
        result: "no-identity",
        claimedBy: "reason",
      });
    });

    it("is what a verifier refuses that had nothing to verify", () => {
      expect(outcome({ identities: [], ...refused(438) })).toMatchObject({ result: "no-identity" });
    });

    it("is what No-TN-Validation says, unless somebody did vouch", () => {
      const verstat = "No-TN-Validation";
      expect(outcome({ identities: [], verstat })).toEqual({
        result: "no-identity",
        reason: verstat,
        claimedBy: "verstat",
      });
      expect(outcome({ verstat })).toMatchObject({ result: "unverified", claimedBy: "verstat" });
    });
  });

  describe("verified", () => {
    it.each([
      { verstat: "TN-Validation-Passed", attestation: "B" },
      { verstat: " tn-validation-passed ", attestation: "B" },
    ])(
      "is what $verstat says, with the attestation of the Identity",
      ({ verstat, attestation }) => {
        expect(outcome({ verstat })).toEqual({
          result: "verified",
          reason: "TN-Validation-Passed",
          claimedBy: "verstat",
          attestation,
        });
      },
    );

    it("has the attestation of verstat where the network kept the Identity to itself", () => {
      const verstat = "TN-Validation-Passed-C";
      expect(outcome({ identities: [], verstat })).toMatchObject({
        result: "verified",
        attestation: "C",
      });
      expect(outcome({ identities: [], verstat: "TN-Validation-Passed" })).not.toHaveProperty(
        "attestation",
      );
    });
  });

  describe("failed", () => {
    it.each([433, 436, 437, 438])("is a refusal with %i", (statusCode) => {
      expect(outcome(refused(statusCode))).toMatchObject({
        result: "failed",
        claimedBy: "response",
        attestation: "B",
      });
    });

    it("is a 403 for a stale date, and no other 403", () => {
      expect(outcome({ ...refused(403), reasonPhrase: "Stale Date" })).toMatchObject({
        result: "failed",
        reason: "403 Stale Date",
      });
      expect(outcome({ ...refused(403), reasonPhrase: "Forbidden" })).toMatchObject({
        result: "unverified",
      });
      expect(outcome(refused(403))).toMatchObject({ result: "unverified" });
    });

    it("is another refusal that gives it as its Reason (RFC 9410)", () => {
      const reasons = [{ protocol: "STIR", cause: 437 }];
      expect(outcome({ ...refused(603), reasons })).toEqual({
        result: "failed",
        reason: "437 Unsupported Credential",
        claimedBy: "reason",
        attestation: "B",
      });
    });

    it("outweighs what was said on another hop", () => {
      expect(outcome({ ...refused(438), verstat: "TN-Validation-Passed" })).toMatchObject({
        result: "failed",
      });
    });
  });

  describe("soft-fail", () => {
    it("is a failed validation that was passed on", () => {
      const verstat = "TN-Validation-Failed";
      expect(outcome({ verstat })).toMatchObject({ result: "soft-fail", claimedBy: "verstat" });
      // The callee was busy: that is no word on who called.
      expect(outcome({ verstat, statusCode: 486 })).toMatchObject({ result: "soft-fail" });
    });

    it.each([
      { protocol: "STIR", cause: 436 },
      { protocol: "stir", cause: 403 },
      { protocol: "SIP", cause: 438 },
      { protocol: "SIP", cause: 403, text: "Stale Date" },
    ])("is a Reason of $protocol;cause=$cause in a call that went on", (reason) => {
      expect(outcome({ reasons: [reason] })).toMatchObject({
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
      expect(outcome({ reasons: [reason] })).toMatchObject({ result: "unverified" });
    });
  });
});

/** By the user called: Identity of the first INVITE that has one, and the first final response. */
async function calls(capture: Uint8Array): Promise<Map<string, VouchingEvidence>> {
  const engine = new Engine();
  const input = engine.addFeed();
  engine.feed(input, capture);
  const identities = new Map<string, string[]>();
  const finals = new Map<string, { statusCode: number; reasonPhrase: string }>();
  for (let pause = ""; pause !== "ended";) {
    pause = await engine.scan();
    for (const { kind, payload } of engine.takeEvents()) {
      const message = kind === "sip" ? scanSipMessage(payload) : undefined;
      if (typeof message !== "object" || message.cseq?.method !== "INVITE") continue;
      const user = /sip:(\d+)@/.exec(message.header("to") ?? "")?.[1] ?? "";
      if (message.kind === "request") {
        const values = message.headers("identity");
        if (values.length > 0 && !identities.has(user)) identities.set(user, values);
      } else if (message.statusCode >= 200 && !finals.has(user)) {
        const { statusCode, reasonPhrase } = message;
        finals.set(user, { statusCode, reasonPhrase });
      }
    }
    if (pause === "hungry") engine.endFeed(input);
  }
  return new Map(
    [...finals].map(([user, final]) => {
      const hasProceeded = final.statusCode < 300;
      return [
        user,
        { identities: identities.get(user) ?? [], reasons: [], hasProceeded, ...final },
      ];
    }),
  );
}

describe("fixtures/kamailio-stir", () => {
  it.each([
    { user: "1001", result: "unverified", attestation: "A" },
    { user: "1002", result: "unverified", attestation: "B" },
    { user: "1003", result: "unverified", attestation: "C" },
    { user: "1004", result: "failed", what: "signed with another key" },
    { user: "1005", result: "failed", what: "a day old" },
    { user: "1006", result: "failed", what: "its signature altered" },
    { user: "1007", result: "failed", what: "no PASSporT" },
    { user: "1008", result: "unverified", attestation: "C" },
    { user: "1009", result: "no-identity", what: "428" },
    { user: "1010", result: "failed", what: "in the compact field name" },
  ])("user $user: $result", async ({ user, result, attestation }) => {
    const evidence = (await calls(fixtureBytes("kamailio-stir"))).get(user);
    expect(evidence && stirOutcome(evidence)).toMatchObject({
      result,
      ...(attestation === undefined ? {} : { attestation }),
    });
  });
});
