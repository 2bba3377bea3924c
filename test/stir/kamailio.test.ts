/** Calls that kamailio's secsipid signed and checked, verified from the capture of them. */
import { dirname, join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import type { StirReport } from "../../src/call/call-report.js";
import { analyseCapture } from "../../src/capture/analyse.js";
import { type CertificatePaths, readCertificates } from "../../src/capture/certificate-folder.js";
import { CertificateFilesError } from "../../src/errors.js";
import { fixtureCapture } from "../support/fixtures.js";

const capture = fixtureCapture("kamailio-stir-verified");
const paths: CertificatePaths = {
  certificates: [join(dirname(capture), "certificates")],
  trust: [join(dirname(capture), "anchors.pem")],
};

async function verified(path: string): Promise<Map<string, StirReport | undefined>> {
  const { calls } = await analyseCapture({ path }, { stir: await readCertificates(paths) });
  return new Map(calls.map(({ callId, security }) => [callId, security.stir]));
}

const signer = { subject: "O=Example Telephone, CN=SHAKEN 709J", serviceProviderCode: "709J" };

describe("what kamailio signed", () => {
  let found: Map<string, StirReport | undefined>;
  beforeAll(async () => {
    found = await verified(capture);
  });

  it.each([
    { call: 1, attestation: "A" },
    { call: 2, attestation: "B" },
    { call: 3, attestation: "C" },
  ])(
    "verifies, as of the time of the capture: attestation $attestation",
    ({ call, attestation }) => {
      expect(found.get(`${call}@lab.example`)).toEqual({ result: "verified", attestation, signer });
    },
  );

  it("fails where it was signed with another key, as kamailio says too", () => {
    expect(found.get("4@lab.example")).toEqual({
      result: "failed",
      attestation: "A",
      reason: "bad-signature",
      code: 438,
      peer: { result: "failed", reason: "438 Invalid Identity Header", claimedBy: "response" },
    });
  });

  it("fails softly where it was made for another callee, which kamailio does not compare", () => {
    expect(found.get("5@lab.example")).toEqual({
      result: "soft-fail",
      attestation: "A",
      reason: "destination-mismatch",
      code: 438,
      signer,
    });
  });

  it("is open without certificates, but for what is wrong without one", async () => {
    const { calls } = await analyseCapture({ path: capture });
    expect(calls.map(({ security }) => security.stir?.reason)).toEqual([
      "no-certificate",
      "no-certificate",
      "no-certificate",
      "no-certificate",
      "destination-mismatch",
    ]);
  });
});

describe("what kamailio signed with a key that is lost", () => {
  it("is open, failed or none as far as that can be told, and kamailio's word stands beside", async () => {
    const { calls } = await analyseCapture({ path: fixtureCapture("kamailio-stir") });
    const told = calls.map(({ security }) => security.stir);
    expect(told.map((stir) => [stir?.result, stir?.reason, stir?.peer?.result])).toEqual([
      ["unverified", "no-certificate", undefined],
      ["unverified", "no-certificate", undefined],
      ["unverified", "no-certificate", undefined],
      ["unverified", "no-certificate", "failed"],
      ["no-identity", undefined, "no-identity"],
      ["failed", "stale", "failed"],
      ["unverified", "no-certificate", "failed"],
      ["failed", "not-a-passport", "failed"],
      ["unverified", "no-certificate", undefined],
      ["unverified", "no-certificate", "failed"],
    ]);
  });
});

describe("files with certificates", () => {
  it.each([
    { certificates: ["/nowhere"], trust: [] },
    { certificates: [dirname(capture) + "/README.md"], trust: [] },
    { certificates: [], trust: [dirname(capture) + "/README.md"] },
    { ...paths, revocationLists: [dirname(capture) + "/anchors.pem", capture] },
  ])("are refused as a whole where one is unusable: %o", async (wrong) => {
    await expect(readCertificates(wrong)).rejects.toThrow(CertificateFilesError);
  });
});
