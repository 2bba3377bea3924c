import { sign } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { IdentityFacts } from "../../src/stir/identity-facts.js";
import { LocalCertificates } from "../../src/stir/local-certificates.js";
import type { VerifierOptions } from "../../src/stir/token-check.js";
import { TrustStore } from "../../src/stir/trust-store.js";
import { IdentityVerifier } from "../../src/stir/verify.js";
import { issue, type Issued, tnAuthList, wrapped } from "./certificates.js";
import { identity, NOW, token, type TokenPlan } from "./tokens.js";

const root = issue({ name: "Root", isAuthority: true });
const provider = issue({ name: "Provider", issuer: root, tnAuthList: tnAuthList({ spc: "709J" }) });

const CALLER = "12155550121";
const CALLEE = "12155550131";

const place = (name: string): string => `sti.example.org/${name}.pem`;
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A verifier that has these certificates, each at the place of its name. */
function verifier(
  certificates: Readonly<Record<string, Issued>> = { a: provider },
  options: Partial<VerifierOptions> = {},
): IdentityVerifier {
  return new IdentityVerifier({
    certificates: new LocalCertificates(
      Object.entries(certificates).map(([name, { pem }]) => ({
        name: place(name),
        content: bytes(pem),
      })),
    ),
    trust: new TrustStore({ anchors: [bytes(root.pem)] }),
    ...options,
  });
}

function facts(
  identities: readonly string[],
  overrides: Partial<IdentityFacts> = {},
): IdentityFacts {
  return {
    identities,
    fromUri: `sip:+${CALLER}@a.example;user=phone`,
    toUri: `sip:+${CALLEE}@b.example;user=phone`,
    assertedUris: [],
    receivedAtMs: NOW * 1000,
    ...overrides,
  };
}

const shaken = (plan: Partial<TokenPlan> = {}): string =>
  identity({ key: provider.key, ppt: "shaken", ...plan });

function reasonOf(
  identities: readonly string[],
  overrides: Partial<IdentityFacts> = {},
  by: IdentityVerifier = verifier(),
): string {
  const { status, reason } = by.verify(facts(identities, overrides));
  return reason ?? status;
}

describe("the caller", () => {
  it.each([
    { what: "From", fromUri: "sip:+1-(215)-555-0121@x", is: "verified" },
    { what: "a tel URI", fromUri: "tel:+1-215-555-0121;ext=1", is: "verified" },
    { what: "parameters in the user part", fromUri: `sip:+${CALLER};npdi@x`, is: "verified" },
    { what: "escapes", fromUri: "sip:%2B12155550121@x", is: "verified" },
    { what: "a phone-context", fromUri: "tel:5550121;phone-context=+1215", is: "verified" },
    { what: "another number", fromUri: "sip:+12155550122@x", is: "originator-mismatch" },
    { what: "a name", fromUri: "sip:alice@x", is: "originator-mismatch" },
    { what: "anonymity", fromUri: "sip:anonymous@anonymous.invalid", is: "originator-mismatch" },
    { what: "nothing", fromUri: "", is: "originator-mismatch" },
  ])("by $what: $is", ({ fromUri, is }) => {
    expect(reasonOf([shaken()], { fromUri })).toBe(is);
  });

  it("is of P-Asserted-Identity where there is one, and From does not count then", () => {
    const anonymous = { fromUri: "sip:anonymous@anonymous.invalid" };
    const assertedUris = ["sip:alice@a.example", `tel:+${CALLER}`];
    expect(reasonOf([shaken()], { ...anonymous, assertedUris })).toBe("verified");
    expect(reasonOf([shaken()], { assertedUris: ["tel:+1"] })).toBe("originator-mismatch");
  });

  it("without a country code is of the country that was said", () => {
    const national = { fromUri: "sip:2155550121@a.example" };
    expect(reasonOf([shaken()], national)).toBe("originator-mismatch");
    const american = verifier({ a: provider }, { countryCode: "1" });
    expect(reasonOf([shaken()], national, american)).toBe("verified");
    const german = shaken({ orig: { tn: "49301234567" } });
    const country49 = verifier({ a: provider }, { countryCode: "49" });
    expect(reasonOf([german], { fromUri: "sip:0301234567@x" }, country49)).toBe("verified");
    expect(reasonOf([german], { fromUri: "sip:+0301234567@x" }, country49)).toBe(
      "originator-mismatch",
    );
  });

  it("may be a URI, whose host has no case and whose parameters do not count", () => {
    const named = shaken({ orig: { uri: "sip:alice@example.com" } });
    const of = (fromUri: string): string => reasonOf([named], { fromUri });
    expect(of("sip:alice@EXAMPLE.com;transport=tcp")).toBe("verified");
    expect(of("sip:Alice@example.com")).toBe("originator-mismatch");
  });
});

describe("the time", () => {
  it.each([
    { after: 0, is: "verified" },
    { after: 60, is: "verified" },
    { after: 61, is: "stale" },
    { after: -60, is: "verified" },
    { after: -61, is: "from-the-future" },
  ])("$after s after it was issued: $is", ({ after, is }) => {
    expect(reasonOf([shaken()], { receivedAtMs: (NOW + after) * 1000 })).toBe(is);
  });

  it("counts whole seconds, as signers do, and the time that was allowed", () => {
    expect(reasonOf([shaken()], { receivedAtMs: NOW * 1000 + 60_999 })).toBe("verified");
    const patient = verifier({ a: provider }, { maxAgeSeconds: 300 });
    expect(reasonOf([shaken()], { receivedAtMs: (NOW + 300) * 1000 }, patient)).toBe("verified");
    expect(reasonOf([shaken()], { receivedAtMs: (NOW + 301) * 1000 }, patient)).toBe("stale");
  });

  it("of Date counts as well, where it can be read", () => {
    expect(reasonOf([shaken()], { date: "Thu, 09 Oct 2025 08:53:20 GMT" })).toBe("verified");
    expect(reasonOf([shaken()], { date: "Thu, 09 Oct 2025 08:52:19 GMT" })).toBe("stale");
    expect(reasonOf([shaken()], { date: "yesterday" })).toBe("verified");
  });
});

describe("what is said outside", () => {
  it.each([
    { parameters: `info=<https://${place("a")}>`, is: "verified" },
    { parameters: `info=<https://${place("a")}>;ppt=SHAKEN`, is: "verified" },
    { parameters: `info=<https://${place("a")}>;ppt=div`, is: "parameter-mismatch" },
    { parameters: `info=<https://${place("a")}>;alg=RS256`, is: "parameter-mismatch" },
    { parameters: `info=<https://${place("b")}>`, is: "info-mismatch" },
    { parameters: "ppt=shaken", is: "no-info" },
  ])("as $parameters: $is", ({ parameters, is }) => {
    const reason = reasonOf([shaken({ parameters })]);
    // A div that is none is a diversion of a call for which nobody vouches.
    expect(reason).toBe(parameters.endsWith("div") ? "broken-diversion" : is);
  });
});

describe("the header of a token", () => {
  const headed = (head: object): string => {
    const [, payload = ""] = token({ key: provider.key }).split(".");
    const base = { alg: "ES256", typ: "passport", x5u: `https://${place("a")}` };
    const encoded = Buffer.from(JSON.stringify({ ...base, ...head })).toString("base64url");
    const signature = sign("sha256", Buffer.from(`${encoded}.${payload}`), {
      key: provider.key,
      dsaEncoding: "ieee-p1363",
    });
    return `${encoded}.${payload}.${signature.toString("base64url")};info=<https://${place("a")}>`;
  };

  it.each([
    { head: {}, is: "verified" },
    { head: { alg: undefined }, is: "bad-claim" },
    { head: { alg: "none" }, is: "unsupported-algorithm" },
    { head: { alg: "HS256" }, is: "unsupported-algorithm" },
    { head: { typ: "JWT" }, is: "bad-claim" },
    { head: { crit: ["exp"] }, is: "bad-claim" },
    { head: { x5u: undefined }, is: "bad-claim" },
  ])("with $head: $is", ({ head, is }) => {
    expect(reasonOf([headed(head)])).toBe(is);
  });
});

describe("a certificate", () => {
  const one = (plan: object): Issued => issue({ name: "One", issuer: root, ...plan });
  const verdictBy = (certificate: Issued, plan: Partial<TokenPlan> = {}): string =>
    reasonOf([shaken({ key: certificate.key, ...plan })], {}, verifier({ a: certificate }));

  it("that lists numbers is for these alone", () => {
    expect(verdictBy(one({ tnAuthList: tnAuthList({ one: CALLER }) }))).toBe("verified");
    const range = { start: "12155550100", count: 50 };
    expect(verdictBy(one({ tnAuthList: tnAuthList(range) }))).toBe("verified");
    const others = one({ tnAuthList: tnAuthList({ one: "12155550122" }) });
    expect(verdictBy(others)).toBe("not-authoritative");
    const both = one({ tnAuthList: tnAuthList({ spc: "1" }, { one: "12155550122" }) });
    expect(verdictBy(both)).toBe("verified");
  });

  it("must be of the P-256 curve and for signing", () => {
    const tn = { tnAuthList: tnAuthList({ spc: "1" }) };
    expect(verdictBy(one({ ...tn, usage: 32 }))).toBe("unsupported-key");
    const large = one({ ...tn, curve: "secp384r1" });
    expect(reasonOf([shaken()], {}, verifier({ a: large }))).toBe("unsupported-key");
  });

  it("without TNAuthList may be for a domain, if no extension asks for more", () => {
    const domain = one({ hosts: ["example.com"] });
    const by = verifier({ a: domain });
    const of = (plan: Partial<TokenPlan>, fromUri: string): string =>
      reasonOf([identity({ key: domain.key, ...plan })], { fromUri }, by);
    const alice = { orig: { uri: "sip:alice@example.com" } };
    expect(of(alice, "sip:alice@example.com")).toBe("verified");
    const bob = { orig: { uri: "sip:bob@example.org" } };
    expect(of(bob, "sip:bob@example.org")).toBe("not-authoritative");
    expect(of({}, `tel:+${CALLER}`)).toBe("no-tnauthlist");
    expect(of({ ...alice, ppt: "shaken" }, "sip:alice@example.com")).toBe("no-tnauthlist");
  });

  it("may forbid claims (RFC 8226 §8)", () => {
    const text = (value: string): string => Buffer.from(value).toString("hex");
    const permitted = wrapped(
      "30",
      wrapped("16", text("attest")) + wrapped("30", wrapped("0c", text("B"))),
    );
    const mustInclude = wrapped("a0", wrapped("30", wrapped("16", text("rcd"))));
    const tn = { tnAuthList: tnAuthList({ spc: "1" }) };
    const onlyB = one({
      ...tn,
      constraints: wrapped("30", wrapped("a1", wrapped("30", permitted))),
    });
    const needsRcd = one({ ...tn, constraints: wrapped("30", mustInclude) });
    expect(verdictBy(onlyB)).toBe("claim-not-allowed");
    expect(verdictBy(onlyB, { claims: { attest: "B" } })).toBe("verified");
    expect(verdictBy(needsRcd)).toBe("claim-not-allowed");
    expect(verdictBy(needsRcd, { claims: { rcd: { nam: "x" } } })).toBe("verified");
    expect(verdictBy(one({ ...tn, constraints: "0500" }))).toBe("claim-not-allowed");
  });

  it("that may or may not be the one cannot prove a signature wrong", () => {
    const guessed = (files: readonly { name: string; content: Uint8Array }[]): IdentityVerifier =>
      verifier({}, { certificates: new LocalCertificates(files) });
    const other = one({ tnAuthList: tnAuthList({ spc: "1" }) });
    const bundle = bytes(other.pem + provider.pem);
    expect(reasonOf([shaken()], {}, guessed([{ name: "all.pem", content: bundle }]))).toBe(
      "verified",
    );
    const flat = { name: "a.pem", content: bytes(other.pem) };
    expect(reasonOf([shaken()], {}, guessed([flat]))).toBe("no-certificate");
    const underscores = { name: "sti.example.org_a.pem", content: bytes(other.pem) };
    expect(reasonOf([shaken()], {}, guessed([underscores]))).toBe("bad-signature");
    const labelled = { name: "x.pem", content: bytes(`https://${place("a")}\n${other.pem}`) };
    expect(reasonOf([shaken()], {}, guessed([labelled]))).toBe("bad-signature");
    const garbage = { name: place("a"), content: bytes("<html>") };
    expect(reasonOf([shaken()], {}, guessed([garbage]))).toBe("bad-certificate");
  });

  it("is told with the verdict if its key made the signature, trusted or not", () => {
    expect(verifier().verify(facts([shaken()]))).toMatchObject({
      status: "verified",
      attestation: "A",
      signer: { subject: "CN=Provider", serviceProviderCode: "709J" },
    });
    const nobody = verifier({ a: provider }, { trust: new TrustStore({ anchors: [] }) });
    expect(nobody.verify(facts([shaken()]))).toMatchObject({
      status: "unverified",
      reason: "no-trust-anchor",
      signer: { subject: "CN=Provider" },
    });
    const stolen = shaken({ key: root.key });
    expect(verifier().verify(facts([stolen]))).not.toHaveProperty("signer");
  });
});

describe("the compact form (RFC 8224 §7)", () => {
  const date = "Thu, 09 Oct 2025 08:53:20 GMT";
  const compact = (plan: Partial<TokenPlan> = {}): string => {
    const full = token({ key: provider.key, ...plan });
    return `..${full.split(".")[2] ?? ""};info=<https://${place("a")}>`;
  };

  it("is built from the request, as a number or as a URI", () => {
    expect(reasonOf([compact()], { date })).toBe("verified");
    const uris = { orig: { uri: "sip:alice@a.example" }, dest: { uri: ["sip:bob@b.example"] } };
    const named = { date, fromUri: "sip:alice@A.example", toUri: "sip:bob@b.example" };
    expect(reasonOf([compact(uris)], named)).toBe("verified");
  });

  it("fails where the request is another one", () => {
    expect(reasonOf([compact()], { date, toUri: "tel:+1" })).toBe("bad-signature");
    expect(reasonOf([compact()], { date: "Thu, 09 Oct 2025 08:53:21 GMT" })).toBe("bad-signature");
    expect(reasonOf([compact()])).toBe("compact-form");
    expect(reasonOf([compact()], { date, receivedAtMs: (NOW + 61) * 1000 })).toBe("stale");
  });
});

describe("several identities", () => {
  const forger = shaken({ key: root.key });
  const unknown = identity({ key: provider.key, ppt: "zzz" });

  it("are verified if one is, and unknown extensions are skipped (RFC 8224 §6.2)", () => {
    expect(reasonOf([unknown, shaken()])).toBe("verified");
    expect(reasonOf([`${unknown}, ${shaken()}`])).toBe("verified");
    expect(reasonOf([forger, shaken()])).toBe("verified");
    expect(reasonOf([unknown])).toBe("unknown-ppt");
    expect(reasonOf([unknown, forger])).toBe("bad-signature");
  });

  it("are decided by SHAKEN where there is one", () => {
    expect(reasonOf([identity({ key: provider.key }), forger])).toBe("bad-signature");
    expect(reasonOf([identity({ key: provider.key })])).toBe("verified");
  });

  it("are open where one is that could hold", () => {
    const elsewhere = shaken({ key: issue({ name: "x" }).key, place: place("b") });
    expect(reasonOf([forger, elsewhere])).toBe("no-certificate");
  });
});

describe("diverted calls (RFC 8946)", () => {
  const SECOND = "12155550142";
  const THIRD = "12155550153";
  const diverter = issue({
    name: "Diverter",
    issuer: root,
    tnAuthList: tnAuthList({ one: CALLEE }, { one: SECOND }),
  });
  const by = verifier({ a: provider, d: diverter });
  const div = (from: string, to: string, plan: Partial<TokenPlan> = {}): string =>
    identity({
      key: diverter.key,
      place: place("d"),
      ppt: "div",
      dest: { tn: [to] },
      claims: { div: { tn: from } },
      ...plan,
    });
  const to = (number: string): Partial<IdentityFacts> => ({
    toUri: `tel:+${number}`,
    requestUri: `sip:+${number}@c.example`,
  });

  it("hold if a chain leads from whom it was for to who is called", () => {
    expect(reasonOf([shaken(), div(CALLEE, SECOND)], to(SECOND), by)).toBe("verified");
    const twice = [shaken(), div(SECOND, THIRD), div(CALLEE, SECOND)];
    expect(reasonOf(twice, to(THIRD), by)).toBe("verified");
    const left = { toUri: `tel:+${CALLEE}`, requestUri: `sip:+${SECOND}@c.example` };
    expect(reasonOf([shaken(), div(CALLEE, SECOND)], left, by)).toBe("verified");
    const registered = { toUri: `tel:+${CALLEE}`, requestUri: "sip:x7f@10.0.0.1" };
    expect(reasonOf([shaken(), div(CALLEE, SECOND)], registered, by)).toBe("verified");
  });

  it.each([
    { what: "it leads elsewhere", identities: [shaken(), div(CALLEE, THIRD)] },
    { what: "a link is missing", identities: [shaken(), div(THIRD, SECOND)] },
    {
      what: "it is of another caller",
      identities: [shaken(), div(CALLEE, SECOND, { orig: { tn: "1" } })],
    },
    { what: "it is forged", identities: [shaken(), div(CALLEE, SECOND, { key: root.key })] },
    {
      what: "the diverter speaks for others",
      identities: [shaken(), div(THIRD, SECOND), div(CALLEE, THIRD)],
    },
    { what: "nobody vouches for the caller", identities: [div(CALLEE, SECOND)] },
  ])("do not hold if $what", ({ identities }) => {
    expect(reasonOf(identities, to(SECOND), by)).toBe("broken-diversion");
  });

  it("do not hold if the original was for somebody and nobody says who diverted it", () => {
    expect(reasonOf([shaken()], to(SECOND), by)).toBe("destination-mismatch");
  });

  it("are open while the diverter's certificate is not at hand", () => {
    expect(reasonOf([shaken(), div(CALLEE, SECOND)], to(SECOND))).toBe("no-certificate");
  });

  it("may nest the original in the diversion (RFC 8946 §5)", () => {
    const original = token({ key: provider.key, ppt: "shaken" });
    const nested = div(CALLEE, SECOND, {
      ppt: "div-o",
      claims: { div: { tn: CALLEE }, opt: original },
    });
    expect(reasonOf([nested], to(SECOND), by)).toBe("verified");
    const broken = div(CALLEE, SECOND, { ppt: "div-o", claims: { div: { tn: CALLEE }, opt: "x" } });
    expect(reasonOf([broken], to(SECOND), by)).toBe("not-a-passport");
  });
});

describe("options", () => {
  it.each([
    { maxAgeSeconds: -1 },
    { maxAgeSeconds: NaN },
    { countryCode: "" },
    { countryCode: "0" },
    { countryCode: "1234" },
  ])("refuse $maxAgeSeconds $countryCode", (options) => {
    expect(() => verifier({}, options)).toThrow(RangeError);
  });
});
