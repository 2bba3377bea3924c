import { describe, expect, it } from "vitest";

import { CallEntry } from "../../src/call/call-entry.js";
import {
  identityReport,
  takeIdentity,
  WITHOUT_CERTIFICATES,
} from "../../src/call/identity-report.js";
import type { SipCall, VouchedRequest } from "../../src/sip/call.js";
import type { IdentityVerdict } from "../../src/stir/verify.js";
import { climb } from "../sip/ladder.js";

const IDENTITY = "e30.e30.c2ln;info=<https://sti.example.org/a.pem>";

function entry(lines: readonly string[], request: Partial<VouchedRequest> = {}): CallEntry {
  const [call] = climb(lines).calls as SipCall[];
  if (call === undefined) throw new Error("there is no call");
  const known = call.vouching.request;
  const vouching = known ? { ...call.vouching, request: { ...known, ...request } } : call.vouching;
  return new CallEntry({ ...call, vouching });
}

const answered = (final = "2 B>A 200 INVITE 1 to=b"): string[] => [
  `0 A>B INVITE 1 [Identity: ${IDENTITY}]`,
  "1 B>A 180 INVITE 1 to=b",
  final,
];

describe("the record of an identity", () => {
  it("is what was told, soft where the call went on", () => {
    const called = entry(answered());
    takeIdentity(called, WITHOUT_CERTIFICATES);
    expect(identityReport(called)).toEqual({ result: "soft-fail", reason: "bad-claim", code: 438 });
  });

  it("stands beside the word of others", () => {
    const refused = entry(answered("2 B>A 438 INVITE 1 to=b"));
    takeIdentity(refused, WITHOUT_CERTIFICATES);
    expect(identityReport(refused)).toEqual({
      result: "failed",
      reason: "bad-claim",
      code: 438,
      peer: { result: "failed", reason: "438 Invalid Identity Header", claimedBy: "response" },
    });
  });

  it("takes a 403 for a refusal only by its phrase, and Reasons of answers", () => {
    const peerOf = (final: string): unknown => identityReport(entry(answered(final)))?.peer;
    expect(peerOf("2 B>A 403 INVITE 1 to=b")).toBeUndefined();
    expect(peerOf("2 B>A 200 INVITE 1 to=b [Reason: STIR;cause=436]")).toMatchObject({
      result: "soft-fail",
      claimedBy: "reason",
    });
  });

  it("is asked for once a call, and open until it is told", () => {
    const called = entry(answered());
    const settles: ((verdict: IdentityVerdict) => void)[] = [];
    const checker = {
      check: (_facts: unknown, settle: (verdict: IdentityVerdict) => void): void => {
        settles.push(settle);
      },
    };
    takeIdentity(called, checker);
    takeIdentity(called, checker);
    expect(settles).toHaveLength(1);
    expect(identityReport(called)).toMatchObject({ result: "unverified", reason: "not-in-time" });
    settles[0]?.({ status: "verified", attestation: "A", tokens: [] });
    expect(identityReport(called)).toEqual({ result: "verified", attestation: "A" });
  });

  it("does not judge a message of which the capture holds a part only", () => {
    const cut = entry(answered(), { isTruncated: true });
    takeIdentity(cut, WITHOUT_CERTIFICATES);
    expect(identityReport(cut)).toMatchObject({ result: "unverified", reason: "message-cut" });
  });

  it("has no reason where nobody vouches, and is none where no INVITE was seen", () => {
    expect(identityReport(entry(["0 A>B INVITE 1", "1 B>A 200 INVITE 1 to=b"]))).toEqual({
      result: "no-identity",
    });
    expect(identityReport(entry(["0 A>B BYE 2 to=b", "1 B>A 200 BYE 2 to=b"]))).toBeUndefined();
  });
});
