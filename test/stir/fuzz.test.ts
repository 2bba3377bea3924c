/** Hostile and random Identity values: nothing is thrown, everything stays bounded. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { StirCertificate } from "../../src/stir/certificate.js";
import type { IdentityFacts } from "../../src/stir/identity-facts.js";
import { MAX_IDENTITIES, MAX_PARAMETERS, parseIdentities } from "../../src/stir/identity.js";
import { peerVerdict } from "../../src/stir/outcome.js";
import { LocalCertificates, MAX_CANDIDATES } from "../../src/stir/local-certificates.js";
import { MAX_DESTINATIONS } from "../../src/stir/passport.js";
import { RevocationList } from "../../src/stir/revocation-list.js";
import { TrustStore } from "../../src/stir/trust-store.js";
import { IdentityVerifier } from "../../src/stir/verify.js";
import { mutated } from "../sdp/mutation.js";
import { generator } from "../sdp/random.js";
import { issue, tnAuthList } from "./certificates.js";
import { identity, NOW } from "./tokens.js";

const SAMPLES = (
  JSON.parse(readFileSync(new URL("identities.json", import.meta.url), "utf8")) as {
    readonly identity: string;
  }[]
).map(({ identity }) => identity);

/** `expect` in a loop of thousands costs more than what it checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function checkInvariants(value: string): void {
  const identities = parseIdentities([value, value]);
  must(identities.length <= MAX_IDENTITIES, "values are bounded");
  for (const { parameters, passport, damage } of identities) {
    must(parameters.size <= MAX_PARAMETERS, "parameters are bounded");
    if (passport === undefined) continue;
    must((passport.damage ?? damage) === damage, "damage is told");
    for (const { numbers, uris } of [passport.destination, passport.originator]) {
      must(numbers.length <= MAX_DESTINATIONS && uris.length <= MAX_DESTINATIONS, "bounded");
    }
  }
  peerVerdict({ identities: [value], verstat: value, reasons: [], hasProceeded: true });
}

/** The value with its payload decoded, mutated and encoded again. */
function mutatedInside(value: string, pick: (limit: number) => number): string {
  const parts = value.split(".");
  const at = pick(2);
  const text = Buffer.from(parts[at] ?? "", "base64url").toString();
  parts[at] = Buffer.from(mutated(text, pick)).toString("base64url");
  return parts.join(".");
}

describe("an Identity value", () => {
  it("mutated at random does no harm, outside or inside", () => {
    const pick = generator(3);
    for (let round = 0; round < 4000; round += 1) {
      const sample = SAMPLES[pick(SAMPLES.length)] ?? "";
      checkInvariants(pick(2) === 0 ? mutated(sample, pick) : mutatedInside(sample, pick));
    }
  });

  it.each([
    { what: "separators", unit: ";" },
    { what: "commas", unit: "," },
    { what: "open quotes", unit: '"' },
    { what: "open brackets", unit: "<" },
    { what: "backslashes in quotes", unit: '"\\' },
    { what: "dots", unit: "." },
    { what: "parameters", unit: ";a=b" },
  ])("of a megabyte of $what is refused or read once", ({ unit }) => {
    checkInvariants(unit.repeat(1_000_000 / unit.length));
    checkInvariants(unit.repeat(16_000 / unit.length));
  });

  it("of JSON nested without end is no object that counts", () => {
    const deep = Buffer.from(`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`).toString("base64url");
    const [parsed] = parseIdentities([`${deep}.e30.c2ln;info=<https://a.example/>`]);
    expect(["bad-claim", "bad-json"]).toContain(parsed?.damage);
  });
});

describe("verification", () => {
  const signer = issue({ name: "Provider", tnAuthList: tnAuthList({ spc: "1" }) });
  const many = Array.from({ length: 40 }, (_, index) =>
    issue({ name: `P${index}`, tnAuthList: tnAuthList({ spc: "1" }) }),
  );
  const content = Buffer.from([...many, signer].map(({ pem }) => pem).join(""));
  const certificates = new LocalCertificates([{ name: "all.pem", content }]);
  const trust = new TrustStore({ anchors: [Buffer.from(signer.pem)] });
  const verifier = new IdentityVerifier({ certificates, trust });
  const factsOf = (identities: readonly string[], text = "sip:1@x"): IdentityFacts => ({
    identities,
    fromUri: text,
    toUri: text,
    assertedUris: [text, text],
    requestUri: text,
    date: text,
    receivedAtMs: NOW * 1000,
  });

  it("never throws and never verifies what is mutated, whatever the request says", () => {
    const pick = generator(17);
    const samples = [...SAMPLES, identity({ key: signer.key, ppt: "shaken" })];
    for (let round = 0; round < 1500; round += 1) {
      const sample = samples[pick(samples.length)] ?? "";
      const value = pick(2) === 0 ? mutated(sample, pick) : mutatedInside(sample, pick);
      const { status } = verifier.verify(factsOf([value], mutated("sip:+1-2@x;a=b", pick)), true);
      must(status !== "verified", "mutated");
    }
  });

  it("never throws on arbitrary bytes, as identity, certificate or list", () => {
    const pick = generator(23);
    for (let round = 0; round < 500; round += 1) {
      const bytes = Buffer.from(Array.from({ length: pick(200) }, () => pick(256)));
      verifier.verify(factsOf([bytes.toString("latin1")], bytes.toString("latin1")), true);
      const der = Buffer.from(signer.der);
      for (let i = 0; i < 3; i += 1) der[pick(der.length)] = pick(256);
      StirCertificate.parse(der);
      StirCertificate.parse(bytes);
      RevocationList.parse(bytes);
      new LocalCertificates([{ name: "x.pem", content: bytes }]).find("https://x.example/x.pem");
    }
  });

  it.each([
    { what: "sixteen identities", count: 16 },
    { what: "a thousand identities", count: 1000 },
  ])("tries a bounded number of certificates for $what of a signer who is not among 41", (of) => {
    let tried = 0;
    const counted = new IdentityVerifier({
      certificates: {
        find: (uri) => {
          const answer = certificates.find(uri);
          tried += answer.kind === "candidates" ? answer.chains.length : 0;
          return answer;
        },
      },
      trust,
    });
    const stranger = issue({ name: "x" });
    const one = identity({ key: stranger.key, ppt: "shaken" });
    const many = Array.from({ length: of.count }, () => one);
    const { status } = counted.verify(factsOf(many, "sip:+12155550121@x"), true);
    expect(status).not.toBe("verified");
    expect(tried).toBeGreaterThan(0);
    expect(tried).toBeLessThanOrEqual(MAX_IDENTITIES * MAX_CANDIDATES);
  });

  // What takes time by the square of its length does not end within a test's time.
  it.each(["(", "+", ";phone-context=+", "%2", "@", "1"])(
    "comes to its end for a request of nothing but %s",
    (unit) => {
      const text = `tel:${unit.repeat(300_000)}`;
      const { status } = verifier.verify(factsOf(SAMPLES, text), true);
      expect(status).not.toBe("verified");
    },
  );
});
