import { describe, expect, it } from "vitest";

import { Masking } from "../../src/privacy/masking.js";
import { pseudonyms } from "../../src/privacy/pseudonyms.js";

const KEY = Buffer.from("0123456789abcdef0123456789abcdef");
const hash = pseudonyms({ mode: "hash", key: KEY });
const redact = pseudonyms({ mode: "redact" });

const masking = (): Masking => new Masking(redact);

describe("pseudonyms", () => {
  it("are the first 64 bits of HMAC-SHA-256, in letters", () => {
    // printf 'number:12155550121' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    expect(hash("+12155550121")).toBe("anon-dokmljfbcbepmgnk");
  });

  it("are the same for a number however it is written, and for no other", () => {
    expect(hash("+1 (215) 555-0121")).toBe(hash("12155550121"));
    expect(hash("12155550122")).not.toBe(hash("12155550121"));
  });

  it("depend on the key", () => {
    const other = pseudonyms({ mode: "hash", key: Buffer.alloc(16, 1) });
    expect(other("12155550121")).not.toBe(hash("12155550121"));
  });

  it("have no digit", () => {
    for (let i = 0; i < 500; i += 1) expect(hash(String(i))).toMatch(/^anon-[a-p]{16}$/);
  });

  it.each(["redacted", "anonymous"])("leave %s as it is", (name) => {
    expect([redact(name), hash(name)]).toEqual([name, name]);
  });

  it("leave a pseudonym as it is, so that masking twice is masking once", () => {
    expect(hash(hash("alice"))).toBe(hash("alice"));
  });

  it("refuse a key that can be guessed", () => {
    expect(() => pseudonyms({ mode: "hash", key: Buffer.from("secret") })).toThrow(
      new RangeError("The key to hash numbers with has 6 bytes; give it at least 16."),
    );
  });
});

describe("a URI", () => {
  it.each([
    ["sip:alice@example.com", "sip:redacted@example.com"],
    ["sips:+12155550121@10.0.0.1:5061;user=phone", "sips:redacted@10.0.0.1:5061;user=phone"],
    ["sip:alice:secret@example.com", "sip:redacted@example.com"],
    ["sip:+1215;phone-context=+1@gw.example", "sip:redacted@gw.example"],
    ["sip:%2B12155550121@gw.example", "sip:redacted@gw.example"],
    ["sip:bob@[2001:db8::1]:5060;transport=tcp", "sip:redacted@[2001:db8::1]:5060;transport=tcp"],
    ["sip:example.com", "sip:example.com"],
    ["sip:12155550121", "sip:redacted"],
    ["sip:10.0.0.1:5060", "sip:10.0.0.1:5060"],
    ["tel:+1-215-555-0121", "tel:redacted"],
    ["tel:0121;phone-context=+1215555", "tel:redacted"],
    ["tel:+12155550121;ext=77;cpc=ordinary", "tel:redacted;cpc=ordinary"],
    ["urn:service:sos", "urn:service:sos"],
    ["http://example.com/people/alice.png", "http://example.com/redacted"],
    ["sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid"],
    ["sip:b@x.example?Replaces=a1%40x&Subject=hi", "sip:redacted@x.example?Replaces=a1%40x"],
    ["alice", "redacted"],
  ])("%s becomes %s", (uri, expected) => {
    expect(masking().uri(uri)).toBe(expected);
  });
});

describe("addresses", () => {
  it.each([
    ['"Alice A." <sip:alice@a.example>;tag=9', '"redacted" <sip:redacted@a.example>;tag=9'],
    ["Alice <sip:alice@a.example>;tag=9", "redacted <sip:redacted@a.example>;tag=9"],
    ["sip:alice@a.example;tag=9", "sip:redacted@a.example;tag=9"],
    ["<sip:a@b>, Bob <tel:+12155550121>;q=0.5", "<sip:redacted@b>, redacted <tel:redacted>;q=0.5"],
    ['"a, \\"b\\" <c>" <sip:a@b>', '"redacted" <sip:redacted@b>'],
    ["*", "*"],
    ['"unclosed <sip:a@b>', '"redacted"'],
    ["<sip:a@b", "<sip:redacted@b"],
  ])("%s become %s", (value, expected) => {
    expect(masking().addresses(value)).toBe(expected);
  });

  it("of 64 KiB of brackets and quotes are read in one pass", () => {
    for (const part of ["<", '"', ",", "<>", '""', "a<", ";", " <"]) {
      const value = part.repeat(65_536 / part.length);
      expect(masking().addresses(value).length).toBeGreaterThan(0);
    }
  });
});

describe("a canonical name of a media source", () => {
  it.each([
    ["alice@10.0.0.1", "redacted@10.0.0.1"],
    ["sip:alice@10.0.0.1", "sip:redacted@10.0.0.1"],
    ["dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZQ=="],
  ])("%s becomes %s", (cname, expected) => {
    expect(masking().canonicalName(cname)).toBe(expected);
  });
});

describe("a known number", () => {
  const masked = (number: string, text: string): string => {
    const known = masking();
    known.uri(`tel:${number}`);
    return known.text(text);
  };

  it.each([
    ["12155550121", "id-2155550121-7@host", "id-redacted-7@host"],
    ["12155550121", "call +1 (215) 555-0121 now", "call +redacted now"],
    ["12155550121", "1700000000-2155550121", "1700000000-redacted"],
    ["12155550121", "at 10.0.0.1:5060", "at 10.0.0.1:5060"],
    ["12155550121", "15550 121", "1redacted"],
    ["486", "486 Busy Here", "486 Busy Here"],
  ])("%s is found in: %s", (number, text, expected) => {
    expect(masked(number, text)).toBe(expected);
  });
});
