import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import {
  MAX_IDENTITIES,
  MAX_IDENTITY_LENGTH,
  parseIdentities,
  parseIdentity,
} from "../../src/stir/identity.js";
import { MAX_DESTINATIONS } from "../../src/stir/passport.js";

/** Signed for these tests with keys of our own; what is wrong with some shows only in verification. */
const IDENTITIES = JSON.parse(
  readFileSync(new URL("identities.json", import.meta.url), "utf8"),
) as { readonly name: string; readonly identity: string }[];

function named(name: string): string {
  const found = IDENTITIES.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`There is no Identity named ${name}.`);
  return found.identity;
}

const HEADER = { alg: "ES256", ppt: "shaken", typ: "passport", x5u: "https://sti.example/1.pem" };
const PAYLOAD = {
  attest: "A",
  dest: { tn: ["12155550131"] },
  iat: 1_760_000_000,
  orig: { tn: "12155550121" },
  origid: "123e4567-e89b-12d3-a456-426655440000",
};

function encoded(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
    "base64url",
  );
}

/** An Identity value with these two parts. */
function identity(header: unknown = HEADER, payload: unknown = PAYLOAD): string {
  return `${encoded(header)}.${encoded(payload)}.c2ln;info=<https://sti.example/1.pem>;alg=ES256;ppt="shaken"`;
}

describe("parseIdentity", () => {
  it("reads all claims of SHAKEN (RFC 8588)", () => {
    const value = named("valid");
    const parsed = parseIdentity(value);
    expect(parsed).toMatchObject({
      form: "full",
      token: value.slice(0, value.indexOf(";")),
      infoUri: "https://sti.example.org/709J.pem",
      algorithm: "ES256",
      ppt: "shaken",
    });
    expect(parsed.passport).toEqual({
      algorithm: "ES256",
      type: "passport",
      ppt: "shaken",
      x5u: "https://sti.example.org/709J.pem",
      attestation: "A",
      destination: { numbers: ["12155550131"], uris: [] },
      issuedAtSeconds: 1_760_000_000,
      originator: { numbers: ["12155550121"], uris: [] },
      originId: "123e4567-e89b-12d3-a456-426655440000",
    });
    expect(parsed.damage).toBeUndefined();
  });

  it.each(IDENTITIES)("sees what the eye can see in: $name", ({ name, identity: value }) => {
    const { damage } = parseIdentity(value);
    expect(damage).toBe(name === "missing attest" ? "bad-claim" : undefined);
  });

  it("reads the compact form, which claims nothing itself (RFC 8224 §7)", () => {
    const parsed = parseIdentity(named("compact form"));
    expect(parsed).toMatchObject({ form: "compact", ppt: "shaken" });
    expect(parsed.passport).toBeUndefined();
  });

  it("does not take a draft's iat in quotes for a time (RFC 8225 §5.1.1)", () => {
    // The example of draft-ietf-stir-passport, whose signature is right.
    const token =
      "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9." +
      "eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6IjE0NDMyMDgzNDUiLCJvcmlnIjp7InRuIjoiMTIxNTU1NTEyMTIifX0." +
      "rq3pjT1hoRwakEGjHCnWSwUnshd0-zJ6F1VOgFWSjHBr8Qjpjlk-cpFYpFYsojNCpTzO3QfPOlckGaS6hEck7w";
    const parsed = parseIdentity(`${token};info=<https://cert.example.org/passport.cer>`);
    expect(parsed.damage).toBe("bad-claim");
    expect(parsed.passport).toMatchObject({
      destination: { numbers: [], uris: ["sip:alice@example.com"] },
      originator: { numbers: ["12155551212"], uris: [] },
    });
    expect(parsed.passport?.issuedAtSeconds).toBeUndefined();
    expect(parsed.ppt).toBeUndefined();
  });

  it("reads the final example of RFC 8225 appendix A", () => {
    const token =
      "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9." +
      "eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6MTQ3MTM3NTQxOCwib3JpZyI6eyJ0biI6IjEyMTU1NTUxMjEyIn19." +
      "VLBCIVDCaeK6M4hLJb6SHQvacAQVvoiiEOWQ_iUkqk79UD81fHQ0E1b3_GluIkba7UWYRM47ZbNFdOJquE35cw";
    const parsed = parseIdentity(`${token};info=<https://cert.example.org/passport.cer>`);
    expect(parsed.damage).toBeUndefined();
    expect(parsed.passport?.issuedAtSeconds).toBe(1_471_375_418);
  });

  it("reads who diverted a call (RFC 8946)", () => {
    const header = { ...HEADER, ppt: "div" };
    const payload = {
      ...PAYLOAD,
      attest: undefined,
      origid: undefined,
      div: { tn: "12155550140" },
    };
    const value = identity(header, payload).replace('ppt="shaken"', 'ppt="div"');
    expect(parseIdentity(value)).toMatchObject({
      ppt: "div",
      passport: { diverter: { numbers: ["12155550140"], uris: [] } },
    });
    expect(parseIdentity(value).damage).toBeUndefined();
  });

  it.each([
    { written: ";info=<https://a.example/x>", infoUri: "https://a.example/x" },
    {
      written: "; info = <https://a.example/x;y=1,2> ;ppt=shaken",
      infoUri: "https://a.example/x;y=1,2",
    },
    { written: ";INFO=https://a.example/x", infoUri: "https://a.example/x" },
    {
      written: ";info=<https://a.example/x>;info=<https://b.example/>",
      infoUri: "https://a.example/x",
    },
  ])("finds the certificate's URI in $written", ({ written, infoUri }) => {
    const token = identity().split(";", 1)[0] ?? "";
    expect(parseIdentity(token + written).infoUri).toBe(infoUri);
  });

  it("takes the PASSporT's word for the extension where no parameter has one", () => {
    const token = identity().split(";", 1)[0] ?? "";
    expect(parseIdentity(`${token};info=<https://a.example/>`)).toMatchObject({
      ppt: "shaken",
      algorithm: "ES256",
    });
  });

  it.each([
    { what: "nothing", value: "", damage: "not-a-passport" },
    { what: "one word", value: "garbage;info=<https://a.example/>", damage: "not-a-passport" },
    { what: "two parts", value: "e30.e30;info=<https://a.example/>", damage: "not-a-passport" },
    {
      what: "four parts",
      value: "e30.e30.c2ln.x;info=<https://a.example/>",
      damage: "not-a-passport",
    },
    { what: "no signature", value: "e30.e30.;info=<https://a.example/>", damage: "not-a-passport" },
    {
      what: "an empty compact form",
      value: "..;info=<https://a.example/>",
      damage: "not-a-passport",
    },
    {
      what: "a character of plain base64",
      value: "e3+.e30.c2ln;info=<x:>",
      damage: "bad-encoding",
    },
    { what: "text for JSON", value: `${encoded("no")}.e30.c2ln;info=<x:>`, damage: "bad-json" },
    {
      what: "a list for an object",
      value: `${encoded("[]")}.e30.c2ln;info=<x:>`,
      damage: "bad-json",
    },
    { what: "no info", value: identity().replace(/;info=[^;]*/, ""), damage: "no-info" },
    { what: "an empty info", value: identity().replace(/<[^>]*>/, "<>"), damage: "no-info" },
    { what: "no x5u", value: identity({ ...HEADER, x5u: undefined }), damage: "bad-claim" },
    { what: "another type", value: identity({ ...HEADER, typ: "JWT" }), damage: "bad-claim" },
    { what: "no caller", value: identity(HEADER, { ...PAYLOAD, orig: {} }), damage: "bad-claim" },
    {
      what: "two callers",
      value: identity(HEADER, { ...PAYLOAD, orig: { tn: ["1", "2"] } }),
      damage: "bad-claim",
    },
    {
      what: "no callee",
      value: identity(HEADER, { ...PAYLOAD, dest: { tn: [] } }),
      damage: "bad-claim",
    },
    {
      what: "attestation D",
      value: identity(HEADER, { ...PAYLOAD, attest: "D" }),
      damage: "bad-claim",
    },
    {
      what: "no origid",
      value: identity(HEADER, { ...PAYLOAD, origid: undefined }),
      damage: "bad-claim",
    },
    { what: "too much", value: "x".repeat(MAX_IDENTITY_LENGTH + 1), damage: "too-long" },
  ])("says what is wrong with $what", ({ value, damage }) => {
    expect(parseIdentity(value).damage).toBe(damage);
  });

  it("reads no more callees than there may be", () => {
    const tn = Array.from({ length: 500 }, (_, i) => String(i));
    const value = identity(HEADER, { ...PAYLOAD, dest: { tn } });
    expect(parseIdentity(value).passport?.destination.numbers).toEqual(
      tn.slice(0, MAX_DESTINATIONS),
    );
  });

  it("takes names of JavaScript's own for what they are", () => {
    const header = '{"__proto__":{"ppt":"shaken"},"alg":"ES256"}';
    expect(parseIdentity(identity(header).replace(/;alg.*/, "")).ppt).toBeUndefined();
  });
});

describe("parseIdentities", () => {
  it("reads several fields, and several values in one", () => {
    const [a, b, c] = [named("valid"), named("compact form"), named("missing attest")];
    const parsed = parseIdentities([`${a}, ${b}`, c]);
    expect(parsed).toEqual([parseIdentity(a), parseIdentity(b), parseIdentity(c)]);
  });

  it("leaves out empty values, and reads no more than there may be", () => {
    expect(parseIdentities([" , ,", ""])).toEqual([]);
    expect(parseIdentities([",x".repeat(100)])).toHaveLength(MAX_IDENTITIES);
  });
});
