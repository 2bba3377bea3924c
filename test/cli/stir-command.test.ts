import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { run } from "../../src/cli/run.js";
import { fixtureCapture } from "../support/fixtures.js";
import { CASE_FILE, CASE_PLACE } from "../stir/cases.js";
import { fakeIo } from "./fake-io.js";

const IDENTITY = CASE_FILE.cases.find(({ name }) => name === "valid")?.identity ?? "";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mediaprobe-stir-"));
  mkdirSync(join(folder, "certificates/sti.example.org"), { recursive: true });
  writeFileSync(join(folder, "certificates", CASE_PLACE), CASE_FILE.certs.good);
  writeFileSync(join(folder, "anchors.pem"), CASE_FILE.ca_pem);
  writeFileSync(join(folder, "empty.pem"), "nothing");
  const lines = [
    `INVITE ${CASE_FILE.to} SIP/2.0`,
    "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1",
    `From: <${CASE_FILE.from}>;tag=1`,
    `To: <${CASE_FILE.to}>`,
    "Call-ID: 1",
    "CSeq: 1 INVITE",
    "Max-Forwards: 70",
    `Identity: ${IDENTITY}`,
    "",
    "",
  ];
  writeFileSync(join(folder, "invite.txt"), lines.join("\r\n"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function said(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo();
  const code = await run(["stir", ...argv], io);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

const files = (): string[] => [
  "--stir-certs",
  join(folder, "certificates"),
  "--stir-trust",
  join(folder, "anchors.pem"),
];

describe("mediaprobe stir", () => {
  it("explains every step of an Identity that is given as it is", async () => {
    const { code, out } = await said(
      IDENTITY,
      ...files(),
      "--from",
      "+1 (215) 555-0121".replaceAll(" ", ""),
      "--to",
      CASE_FILE.to,
    );
    expect(code).toBe(0);
    expect(out).toBe(
      [
        "Identity 1 of 1: shaken, full form, attestation A",
        "  from 12155550121 to 12155550131",
        "  issued 2025-10-09T08:53:20.000000Z",
        "  certificate at https://sti.example.org/709J.pem",
        "  signed by CN=SHAKEN 709J, service provider 709J, valid 2024-01-01T00:00:00.000000Z to 2044-01-01T00:00:00.000000Z",
        "  ✓ can be read",
        "  ✓ has a form that allows verification",
        "  ✓ says the same inside and outside",
        "  ✓ is signed with ES256",
        "  ✓ names an https address for the certificate",
        "  ✓ is fresh",
        "  ✓ is about this caller",
        "  ✓ is for this callee",
        "  ✓ has its certificate at hand",
        "  ✓ is of a key that may sign",
        "  ✓ is of a signer who is trusted",
        "  ✓ is signed by that certificate's key",
        "  ✓ is of a signer who may speak for this number",
        "  ✓ claims nothing that the certificate forbids",
        "",
        "Judged as of 2025-10-09T08:53:25.000000Z.",
        "verified",
        "",
      ].join("\n"),
    );
  });

  it("makes every check that can be made, though one has failed", async () => {
    const { out } = await said(IDENTITY, ...files(), "--from", "+49301234", "--at", "1760000100");
    expect(out).toContain("✗ is fresh: it is older than allowed when the message came (403)");
    expect(out).toContain("✗ is about this caller: it vouches for another caller (438)");
    expect(out).toContain("– is for this callee (not checked)");
    expect(out).toContain("✓ is signed by that certificate's key");
    expect(out).toMatch(/\nfailed: it is older than allowed when the message came \(403\)\n$/);
  });

  it("takes the parties of a SIP request from a file, as JSON", async () => {
    const { code, out } = await said(join(folder, "invite.txt"), ...files(), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: "mediaprobe.identity/1",
      at: "2025-10-09T08:53:25.000000Z",
      result: "verified",
      attestation: "A",
      signer: { subject: "CN=SHAKEN 709J", serviceProviderCode: "709J" },
      identities: [{ ppt: "shaken", originator: { numbers: ["12155550121"], uris: [] } }],
    });
  });

  it("says what is open without certificates", async () => {
    const { out } = await said(IDENTITY);
    expect(out).toContain(
      "? has its certificate at hand: the signer's certificate is not at hand (436)",
    );
    expect(out).toContain("– is signed by that certificate's key (not checked)");
    expect(out).toMatch(/\nunverified: /);
  });

  it.each([
    {
      argv: [fixtureCapture("sipp-rejects")],
      code: 2,
      err: /capture\.pcap: it is a capture; mediaprobe \S+capture\.pcap verifies the callers/,
    },
    {
      argv: [fixtureCapture("aiortc-audio")],
      code: 2,
      err: /capture\.pcap\.gz: it is a capture/,
    },
    { argv: ["/"], code: 2, err: /stir \/: it cannot be read: it is a folder/ },
    { argv: ["nowhere.txt"], code: 2, err: /no such file, and it is no Identity/ },
    { argv: [], code: 2, err: /stir needs an Identity header or a file/ },
    { argv: ["a", "b"], code: 2, err: /quote it/ },
    { argv: [IDENTITY, "--merge"], code: 2, err: /stir takes no --merge/ },
    { argv: [IDENTITY, "--from", "Alice"], code: 2, err: /--from Alice: it must be a number/ },
    { argv: [IDENTITY, "--at", "noon"], code: 2, err: /--at noon: it must be a time/ },
    { argv: [IDENTITY, "--stir-country", "0"], code: 2, err: /--stir-country 0/ },
    {
      argv: [IDENTITY, "--stir-trust", "nowhere.pem"],
      code: 3,
      err: /nowhere.pem: It cannot be read: there is no such file or folder\./,
    },
  ])("ends with $code for $argv", async ({ argv, code, err }) => {
    const outcome = await said(...argv);
    expect(outcome.code).toBe(code);
    expect(outcome.err).toMatch(err);
  });

  it("ends with 3 where a file holds no certificate", async () => {
    const { code, err } = await said(IDENTITY, "--stir-trust", join(folder, "empty.pem"));
    expect(code).toBe(3);
    expect(err).toContain("There is no certificate in it.");
  });
});
