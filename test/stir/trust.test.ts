import { describe, expect, it } from "vitest";

import { certificatesIn, TrustStore } from "../../src/stir/trust-store.js";
import type { CertificateChain } from "../../src/stir/certificate-source.js";
import { StirCertificate } from "../../src/stir/certificate.js";
import { listsNumber } from "../../src/stir/telephone-authority.js";
import { issue, type Issued, revocationList, tnAuthList, wrapped } from "./certificates.js";

const AT = Date.parse("2025-10-09T08:53:20Z");
const AUTH = tnAuthList({ spc: "709J" });

const root = issue({ name: "Root", isAuthority: true });
const middle = issue({ name: "Middle", issuer: root, isAuthority: true });
const leaf = issue({ name: "Leaf", issuer: middle, tnAuthList: AUTH, serialNumber: 7 });

function chain(signer: Issued, ...others: readonly Issued[]): CertificateChain {
  const read = ({ der }: Issued): StirCertificate => {
    const certificate = StirCertificate.parse(der);
    if (certificate === undefined) throw new Error("unreadable");
    return certificate;
  };
  return { signer: read(signer), others: others.map(read) };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const pem = (...all: readonly Issued[]): Uint8Array => bytes(all.map((one) => one.pem).join(""));

function distrust(of: CertificateChain, anchors: readonly Issued[], atMs = AT): string | undefined {
  return new TrustStore({ anchors: [pem(...anchors)] }).distrust(of, atMs);
}

describe("trust", () => {
  it("needs a chain to an anchor, by what comes with the certificate or is at hand", () => {
    expect(distrust(chain(leaf, middle), [root])).toBeUndefined();
    expect(distrust(chain(leaf, root, leaf, middle), [root])).toBeUndefined();
    expect(distrust(chain(leaf), [middle])).toBeUndefined();
    expect(distrust(chain(leaf), [leaf])).toBeUndefined();
    expect(distrust(chain(leaf), [root])).toBe("untrusted-certificate");
    expect(distrust(chain(leaf, middle), [])).toBe("no-trust-anchor");
    const store = new TrustStore({ anchors: [pem(root)], intermediates: [pem(middle)] });
    expect(store.distrust(chain(leaf), AT)).toBeUndefined();
    expect(store.path(chain(leaf))?.map(({ subject }) => subject)).toEqual([
      "CN=Leaf",
      "CN=Middle",
      "CN=Root",
    ]);
  });

  it("is not of a name alone: the signature decides", () => {
    const other = issue({ name: "Root", isAuthority: true });
    expect(distrust(chain(leaf, middle), [other])).toBe("untrusted-certificate");
  });

  it.each([
    { what: "one that is no authority", plan: { isAuthority: false } },
    { what: "one that may not certify", plan: { isAuthority: true, usage: 1 } },
    {
      what: "one with a critical extension unknown",
      plan: { isAuthority: true, unknownCritical: true },
    },
  ])("does not go through $what", ({ plan }) => {
    const between = issue({ name: "Between", issuer: root, ...plan });
    const signer = issue({ name: "Leaf", issuer: between, tnAuthList: AUTH });
    expect(distrust(chain(signer, between), [root])).toBe("untrusted-certificate");
  });

  it("heeds how long a chain may be (RFC 5280 §4.2.1.9)", () => {
    const strict = issue({ name: "Strict", isAuthority: true, pathLength: 0 });
    const below = issue({ name: "Below", issuer: strict, isAuthority: true });
    const direct = issue({ name: "Direct", issuer: strict });
    const indirect = issue({ name: "Indirect", issuer: below });
    expect(distrust(chain(direct), [strict])).toBeUndefined();
    expect(distrust(chain(indirect, below), [strict])).toBe("untrusted-certificate");
  });

  it("holds at the time of the message, in the whole chain", () => {
    const short = { from: "2025-01-01T00:00:00Z", to: "2025-12-31T00:00:00Z" };
    const between = issue({ name: "Between", issuer: root, isAuthority: true, ...short });
    const signer = issue({ name: "Leaf", issuer: between });
    const at = (text: string): string | undefined =>
      distrust(chain(signer, between), [root], Date.parse(text));
    expect(at("2025-01-01T00:00:00Z")).toBeUndefined();
    expect(at("2025-12-31T00:00:00Z")).toBeUndefined();
    expect(at("2024-12-31T23:59:59Z")).toBe("certificate-not-yet-valid");
    expect(at("2025-12-31T00:00:01Z")).toBe("certificate-expired");
  });

  it("takes another chain where the first does not hold", () => {
    const expired = issue({ name: "Twin", isAuthority: true, to: "2025-01-01T00:00:00Z" });
    const signer = issue({ name: "Leaf", issuer: expired });
    expect(distrust(chain(signer), [expired, root])).toBe("certificate-expired");
    expect(distrust(chain(signer), [expired, signer])).toBeUndefined();
  });

  it("does not run in circles", () => {
    const one = issue({ name: "One", isAuthority: true });
    const two = issue({ name: "Two", issuer: one, isAuthority: true });
    const again = issue({ name: "One", issuer: two, isAuthority: true });
    expect(distrust(chain(two, one, again), [root])).toBe("untrusted-certificate");
  });
});

describe("revocation", () => {
  const store = (list: string, ...anchors: readonly Issued[]): TrustStore =>
    new TrustStore({ anchors: [pem(...anchors)], revocationLists: [bytes(list)] });

  it("counts from its date on, and for that certificate alone", () => {
    const list = revocationList({
      issuer: middle,
      revoked: [{ serialNumber: 7, at: "2025-06-01T00:00:00Z" }],
    });
    const trust = store(list, root, middle);
    const sibling = issue({ name: "Sibling", issuer: middle, serialNumber: 8 });
    expect(trust.size.revocationLists).toBe(1);
    expect(trust.distrust(chain(leaf, middle), Date.parse("2025-05-31T00:00:00Z"))).toBeUndefined();
    expect(trust.distrust(chain(leaf, middle), AT)).toBe("certificate-revoked");
    expect(trust.distrust(chain(sibling, middle), AT)).toBeUndefined();
  });

  it("reaches those that a revoked authority certified", () => {
    const authority = issue({ name: "A", issuer: root, isAuthority: true, serialNumber: 9 });
    const signer = issue({ name: "Leaf", issuer: authority });
    const list = revocationList({
      issuer: root,
      revoked: [{ serialNumber: 9, at: "2025-06-01T00:00:00Z" }],
    });
    expect(store(list, root).distrust(chain(signer, authority), AT)).toBe("certificate-revoked");
  });

  it("is not believed of anybody: the list must be signed by one who is trusted", () => {
    const stranger = issue({ name: "Middle", isAuthority: true });
    const list = revocationList({
      issuer: stranger,
      revoked: [{ serialNumber: 7, at: "2025-06-01T00:00:00Z" }],
    });
    const trust = store(list, root, middle);
    expect(trust.unusable).toBe(1);
    expect(trust.distrust(chain(leaf, middle), AT)).toBeUndefined();
  });

  it("may be listed for many by one whom their certificates name (RFC 5280 §5.3.3)", () => {
    const keeper = issue({ name: "Keeper", isAuthority: true });
    const listed = issue({
      name: "Leaf",
      issuer: middle,
      serialNumber: 11,
      revocationIssuer: "Keeper",
    });
    const list = revocationList({
      issuer: keeper,
      isIndirect: true,
      revoked: [
        { serialNumber: 1, at: "2025-06-01T00:00:00Z", issuer: "Somebody" },
        { serialNumber: 11, at: "2025-06-01T00:00:00Z", issuer: "Middle" },
        { serialNumber: 7, at: "2025-06-01T00:00:00Z" },
      ],
    });
    const trust = store(list, root, middle, keeper);
    expect(trust.distrust(chain(listed, middle), AT)).toBe("certificate-revoked");
    // It names no other list than its issuer's.
    expect(trust.distrust(chain(leaf, middle), AT)).toBeUndefined();
    const direct = revocationList({
      issuer: keeper,
      revoked: [{ serialNumber: 11, at: "2025-06-01T00:00:00Z", issuer: "Middle" }],
    });
    expect(store(direct, root, middle, keeper).distrust(chain(listed, middle), AT)).toBeUndefined();
  });

  it("is refused without the time of the next list, which is mandatory (RFC 5280 §5.1.2.5)", () => {
    const revoked = [{ serialNumber: 7, at: "2025-06-01T00:00:00Z" }];
    const list = revocationList({ issuer: middle, revoked, hasNextUpdate: false });
    expect(store(list, root, middle)).toMatchObject({
      unusable: 1,
      size: { revocationLists: 0 },
    });
  });

  it("is counted where a list cannot be read", () => {
    const trust = new TrustStore({
      anchors: [pem(root), bytes("no certificate")],
      revocationLists: [bytes("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")],
    });
    expect(trust.unusable).toBe(2);
  });
});

describe("names", () => {
  it("of issuers are compared: the same key under another name certifies nobody", () => {
    expect(chain(leaf).signer.issuerName).toBe("2.5.4.3=middle");
    expect(chain(leaf).signer.subjectName).toBe("2.5.4.3=leaf");
  });
});

describe("a TNAuthList (RFC 8226 §9)", () => {
  const authorityOf = (hex: string): StirCertificate["authority"] =>
    StirCertificate.parse(issue({ name: "x", tnAuthList: hex }).der)?.authority;

  it.each([
    { hex: "3008a00616043730394a", codes: ["709J"] },
    { hex: "3008a006160431323334", codes: ["1234"] },
    { hex: tnAuthList({ spc: "1" }, { spc: "2" }), codes: ["1", "2"] },
  ])("names the service providers $codes", ({ hex, codes }) => {
    expect(authorityOf(hex)).toMatchObject({ serviceProviderCodes: codes });
  });

  it("names numbers and ranges of numbers of the same length", () => {
    const hex = tnAuthList({ one: "12155551212" }, { start: "12155550100", count: 50 });
    const authority = authorityOf(hex);
    if (typeof authority !== "object") throw new Error("unreadable");
    const listed = ["12155551212", "12155550100", "12155550149"];
    const unlisted = [
      "12155550150",
      "12155550099",
      "012155550100",
      "2155551212",
      "",
      "12155551213",
    ];
    expect(listed.filter((number) => listsNumber(authority, number))).toEqual(listed);
    expect(unlisted.filter((number) => listsNumber(authority, number))).toEqual([]);
  });

  it.each([
    { what: "nothing", hex: "3000" },
    { what: "a sequence cut short", hex: "3008a006160431" },
    { what: "a range of one", hex: tnAuthList({ start: "1", count: 1 }) },
    { what: "a number with letters", hex: tnAuthList({ one: "555-1212" }) },
    { what: "an unknown choice", hex: wrapped("30", wrapped("a3", wrapped("16", "31"))) },
    { what: "something else", hex: "0500" },
  ])("is unreadable if it holds $what", ({ hex }) => {
    expect(authorityOf(hex)).toBe("unreadable");
  });
});

describe("a certificate file", () => {
  it("may be DER, or PEM with anything between", () => {
    expect(certificatesIn(root.der)).toMatchObject({ unreadable: 0, certificates: [{}] });
    const mixed = `text\n${root.pem}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${leaf.pem}`;
    expect(certificatesIn(bytes(mixed))).toMatchObject({ unreadable: 0, certificates: [{}, {}] });
    expect(certificatesIn(bytes("nothing"))).toEqual({ unreadable: 1, certificates: [] });
  });
});
