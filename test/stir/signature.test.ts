import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";

import { CompactSign, compactVerify } from "jose";
import { describe, expect, it } from "vitest";

import { dateSeconds } from "../../src/stir/identity-facts.js";
import { parsePassport } from "../../src/stir/passport.js";
import { canonicalBytes, isSignedBy } from "../../src/stir/signature.js";
import { canonicalParty } from "../../src/stir/telephone-number.js";
import { generator } from "../sdp/random.js";
import { token } from "./tokens.js";

/** Published elsewhere; see each use. */
const PUBLISHED = JSON.parse(readFileSync(new URL("published.json", import.meta.url), "utf8")) as {
  readonly draft: { readonly token: string; readonly public_pem: string };
  readonly rfc8225: string;
  readonly canonical: readonly {
    readonly uri: string;
    readonly tn?: string;
    readonly uri_claim?: string;
  }[];
};

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("published signatures", () => {
  const key = createPublicKey(PUBLISHED.draft.public_pem);

  it("of draft-ietf-stir-passport verifies, though its iat is text and no claim today", () => {
    expect(isSignedBy(PUBLISHED.draft.token, key)).toBe(true);
    expect(parsePassport(PUBLISHED.draft.token)).toMatchObject({ damage: "bad-claim" });
  });

  it("of RFC 8225 appendix A was made with another key", () => {
    expect(isSignedBy(PUBLISHED.rfc8225, key)).toBe(false);
    expect(parsePassport(PUBLISHED.rfc8225)).not.toHaveProperty("damage");
  });

  it("of RFC 7515 appendix A.3 verifies", () => {
    const jwk = {
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    };
    const jws =
      "eyJhbGciOiJFUzI1NiJ9" +
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    expect(isSignedBy(jws, createPublicKey({ key: jwk, format: "jwk" }))).toBe(true);
  });
});

describe("jose", () => {
  it("verifies what we would, and signs what we verify", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const ours = token({ key: privateKey, ppt: "shaken" });
    await expect(compactVerify(ours, publicKey, { algorithms: ["ES256"] })).resolves.toBeDefined();
    for (let round = 0; round < 50; round += 1) {
      const payload = new TextEncoder().encode(JSON.stringify({ iat: round }));
      const theirs = await new CompactSign(payload)
        .setProtectedHeader({ alg: "ES256", typ: "passport", x5u: "https://x.example/a" })
        .sign(privateKey);
      expect(isSignedBy(theirs, publicKey)).toBe(true);
    }
  });

  it("agrees on tokens with one bit changed", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const pick = generator(11);
    const whole = token({ key: privateKey, ppt: "shaken" });
    for (let round = 0; round < 100; round += 1) {
      const at = pick(whole.length);
      const changed = whole.slice(0, at) + (ALPHABET[pick(64)] ?? "") + whole.slice(at + 1);
      const theirs = await compactVerify(changed, publicKey, { algorithms: ["ES256"] }).then(
        () => true,
        () => false,
      );
      // Where they differ, they take what is not canonical base64url.
      if (!theirs || changed === whole) expect(isSignedBy(changed, publicKey)).toBe(theirs);
    }
  });
});

describe("a signed token", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const whole = token({ key: privateKey, ppt: "shaken" });

  it("never verifies with any single character changed to any other of base64url, or to none of it", () => {
    const others = [...ALPHABET.split(""), ".", "=", "+", "/", " "];
    for (let at = 0; at < whole.length; at += 1) {
      for (const other of others) {
        if (other === whole[at]) continue;
        const changed = whole.slice(0, at) + other + whole.slice(at + 1);
        if (isSignedBy(changed, publicKey)) expect.fail(`${at} ${other}`);
      }
    }
    expect(isSignedBy(whole, publicKey)).toBe(true);
  }, 60_000);

  it("never verifies with a character more or less", () => {
    for (let at = 0; at <= whole.length; at += 1) {
      const less = whole.slice(0, at) + whole.slice(at + 1);
      const more = `${whole.slice(0, at)}A${whole.slice(at)}`;
      const isSame = (text: string): boolean => text === whole;
      if (!isSame(less) && isSignedBy(less, publicKey)) expect.fail(`less ${at}`);
      if (isSignedBy(more, publicKey)) expect.fail(`more ${at}`);
    }
  });

  it("is of a P-256 key and in the form of RFC 7518, not DER", () => {
    const large = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    expect(isSignedBy(whole, large.publicKey)).toBe(false);
    expect(isSignedBy(whole, rsa.publicKey)).toBe(false);
    const [header, payload] = whole.split(".");
    for (const signature of ["", "AA", "A".repeat(86), "A".repeat(94)]) {
      expect(isSignedBy(`${header}.${payload}.${signature}`, publicKey)).toBe(false);
    }
  });
});

describe("canonical forms", () => {
  it("of base64url are one for each sequence of bytes", () => {
    expect(canonicalBytes("c2ln")?.toString()).toBe("sig");
    for (const other of ["c2ln=", "c2l+", "c2k", "c2l n", "c2ln\n"]) {
      const bytes = canonicalBytes(other);
      expect(bytes === undefined || bytes.toString("base64url") === other).toBe(true);
    }
    expect(canonicalBytes("c2k")?.toString()).toBe("si");
    expect(canonicalBytes("c2l")).toBeUndefined();
  });

  it.each(PUBLISHED.canonical)("of $uri", ({ uri, tn, uri_claim: claim }) => {
    const party = canonicalParty(uri);
    if (tn !== undefined) expect(party.number).toBe(tn);
    if (claim !== undefined) expect(party.uri).toBe(claim);
  });

  it.each([
    { date: "Sat, 13 Nov 2010 23:29:00 GMT", seconds: 1_289_690_940 },
    { date: " Thu, 01 Jan 1970 00:00:00 GMT ", seconds: 0 },
    { date: "2010-11-13T23:29:00Z", seconds: undefined },
    { date: "Sat, 13 Foo 2010 23:29:00 GMT", seconds: undefined },
    { date: undefined, seconds: undefined },
  ])("of the Date $date", ({ date, seconds }) => {
    expect(dateSeconds(date)).toBe(seconds);
  });
});
